import { describe, expect, it } from 'vitest';
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
