import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/connect.ts';
import { reply } from '../pipeline/frames.ts';
import { settled } from '../pipeline/pipelines.ts';
import { type ScriptedClient, scriptedClient } from './scripted-client.ts';

/** V8 keeps with an error the objects whose methods were running, until somebody reads its stack. */

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function collectAll(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collect();
  }
}

const ERRORS = 100;

function bytesInUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const ACCEPTED = Buffer.from(
  `00000025000000000000${(12_000).toString(16).padStart(4, '0')}000000000000007700000010${'5a'.repeat(16)}00`,
  'hex',
);

/** A transaction of one step is refused. */
const REFUSAL = reply(1, {
  body: (writer) => {
    writer.int(-1);
    writer.bool(false);
    writer.int(-101);
    writer.int(-101);
    writer.int(-1);
    writer.bool(true);
    writer.int(-1);
  },
});

/** How a request fails, by its code. */
const FAILURES: Readonly<Record<string, (one: ScriptedClient) => Promise<unknown>>> = {
  NONODE: ({ zk, link }) => {
    const answer = zk.get('/a');
    setImmediate(() => link.deliver(reply(1, { err: -101 })));
    return answer;
  },
  'NONODE of a transaction': ({ zk, link }) => {
    const answer = zk.multi([{ op: 'delete', path: '/a' }]);
    setImmediate(() => link.deliver(REFUSAL));
    return answer;
  },
  CONNECTION_LOSS: ({ zk, link }) => {
    const answer = zk.get('/a');
    setImmediate(() => link.over());
    return answer;
  },
  BAD_REPLY: ({ zk, link }) => {
    const answer = zk.get('/a');
    setImmediate(() => link.deliver(reply(1, { body: (writer) => writer.int(-9) })));
    return answer;
  },
  REQUEST_TIMEOUT: ({ zk, clock }) => {
    const answer = zk.get('/a', { timeoutMs: 10 });
    clock.advance(100);
    return answer;
  },
};

describe('an error that is kept', () => {
  it.each(Object.keys(FAILURES))('keeps nothing of its connection: %s', async (code) => {
    const fail = async (): Promise<[unknown, WeakRef<object>[]]> => {
      const one = await scriptedClient();
      const error: unknown = await FAILURES[code]!(one).catch((reason: unknown) => reason);
      void one.zk.close();
      one.link.over();
      await settled();
      return [error, [new WeakRef(one.zk), new WeakRef(one.link), new WeakRef(one.link.pool)]];
    };
    const [error, refs] = await fail();
    expect(error).toMatchObject({ code: code.split(' ')[0] });
    await collectAll();
    expect(refs.map((ref) => ref.deref())).toEqual([undefined, undefined, undefined]);
    expect((error as Error).stack).toContain((error as Error).message);
  });

  it('takes a few KiB, with all that it comes from', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      // The handshake, and the first request.
      socket.once('data', () => {
        socket.write(ACCEPTED);
        socket.once('data', () => socket.resetAndDestroy());
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connectString = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const fail = async (): Promise<unknown> => {
      const zk = await connect(connectString);
      const error: unknown = await zk.get('/a').catch((reason: unknown) => reason);
      await zk.close();
      return error;
    };
    for (let warm = 0; warm < 20; warm++) await fail();
    await collectAll();
    const before = bytesInUse();
    const kept: unknown[] = [];
    for (let count = 0; count < ERRORS; count++) kept.push(await fail());
    await collectAll();
    const bytesOfOne = (bytesInUse() - before) / ERRORS;
    expect(kept[0]).toMatchObject({ code: 'CONNECTION_LOSS', cause: { code: 'LINK_FAILED' } });
    expect(kept).toHaveLength(ERRORS);
    expect(bytesOfOne).toBeLessThan(20 * 1024);
    server.close();
  });
});
