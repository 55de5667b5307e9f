import { describe, expect, it } from 'vitest';
import type { CallOptions } from '../../../src/client/index.ts';
import {
  writeCreateResponse,
  writeGetChildrenResponse,
  writeStatOf,
} from '../../../src/codec/records.gen.ts';
import type { RequestError } from '../../../src/errors.ts';
import { dataReply, reply, STAT } from '../pipeline/frames.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { scriptedClient } from './scripted-client.ts';

const stat = (xid: number): Buffer => reply(xid, { body: (writer) => writeStatOf(writer, STAT) });

describe('the lending client', () => {
  it('calls back with values in wire order', async () => {
    const { zk, link, sent } = await scriptedClient();
    const log: unknown[] = [];
    const note =
      (name: string) =>
      (error: RequestError | null, value: unknown): void => {
        log.push([name, error === null ? value : shown(error)]);
      };
    zk.lending.get('/a', (error, value) => note('get')(error, value?.data?.toString()));
    zk.lending.set('/a', 'x', -1, note('set'));
    zk.lending.exists('/a', note('exists'));
    zk.lending.create('/a', 'x', note('create'));
    zk.lending.delete('/a', 3, note('delete'));
    zk.lending.getChildren('/a', note('children'));
    zk.lending.sync('/a', note('sync'));
    await settled();
    expect(sent().map(({ op }) => op)).toEqual([4, 5, 3, 1, 2, 8, 9]);
    link.deliver(
      dataReply(1, 'x'),
      stat(2),
      reply(3, { err: -101 }),
      reply(4, { body: (writer) => writeCreateResponse(writer, '/a') }),
      reply(5),
      reply(6, { body: (writer) => writeGetChildrenResponse(writer, []) }),
      reply(7, { body: (writer) => writer.ustring('/a') }),
    );
    expect(log).toEqual([
      ['get', 'x'],
      ['set', STAT],
      ['exists', 'NONODE/rejected'],
      ['create', '/a'],
      ['delete', undefined],
      ['children', []],
      ['sync', undefined],
    ]);
  });

  it('reports what an async callback throws as what any other does', async () => {
    const failures: unknown[] = [];
    const onCallbackError = (error: unknown, where: string): void => {
      failures.push([(error as Error).message, where]);
    };
    const { zk, link } = await scriptedClient({ onCallbackError });
    zk.lending.get('/a', async (_, value) => {
      throw new Error(`mine of ${value?.data}`);
    });
    zk.lending.exists('/b', async (error) => {
      throw new Error(`mine of ${error?.code}`);
    });
    await settled();
    link.deliver(dataReply(1, 'x'), reply(2, { err: -101 }));
    await settled();
    expect(failures).toEqual([
      ['mine of x', 'getData'],
      ['mine of NONODE', 'exists'],
    ]);
  });

  it('keeps to the limits of a call, and has no others', async () => {
    const { zk, link, clock } = await scriptedClient({ requestTimeoutMs: 100 });
    const { lending } = zk;
    const ending = new AbortController();
    const log: string[] = [];
    const told = (error: RequestError | null): void => void log.push(shown(error));
    const calls: ((options?: CallOptions) => void)[] = [
      (options) => lending.get('/a', told, options),
      (options) => lending.set('/a', 'x', -1, told, options),
      (options) => lending.exists('/a', told, options),
      (options) => lending.create('/a', 'x', told, options),
      (options) => lending.delete('/a', -1, told, options),
      (options) => lending.getChildren('/a', told, options),
      (options) => lending.sync('/a', told, options),
    ];
    for (const call of calls) call({ timeoutMs: 1000 });
    for (const call of calls) call({ signal: ending.signal });
    for (const call of calls) call();
    await settled();
    clock.advance(900);
    expect(log.splice(0)).toEqual([]);
    clock.advance(200);
    expect(log.splice(0)).toEqual(calls.map(() => 'REQUEST_TIMEOUT/unknown'));
    ending.abort();
    expect(log.splice(0)).toEqual(calls.map(() => 'ABORTED/unknown'));
    for (const call of calls) {
      for (const options of [{ timeoutMs: 0 }, { signal: ending.signal }]) {
        expect(() => call(options)).toThrowError(/outcome not-sent/);
      }
    }
    link.over();
    expect(log).toEqual(calls.map(() => 'CONNECTION_LOSS/unknown'));
  });

  it('throws what cannot be made into a request', async () => {
    const { zk, link } = await scriptedClient();
    const never = (): void => expect.unreachable();
    expect(() => zk.lending.get('a', never)).toThrowError(/must start with/);
    expect(() => zk.lending.set('/a', 'x', 0.5, never)).toThrowError(/version 0.5/);
    void zk.close();
    link.over();
    expect(() => zk.lending.sync('/a', never)).toThrowError(/CONNECTION_CLOSED/);
  });
});
