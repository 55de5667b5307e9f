import { beforeAll, expect, it } from 'vitest';
import { connect, ZooKeeperClient } from '../../src/client/index.ts';
import type { ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { failureOf } from './support/failures.ts';
import { RealClient } from './support/real-client.ts';
import { describeReal } from './support/real-zookeeper.ts';

/** Largest frame body that a server of default settings takes. */
const FRAME_BODY_BYTES_MAX = 0xfffff;

describeReal('the client and a real server', () => {
  const real = new RealClient();
  let server: ZooKeeperServer;
  let zk: ZooKeeperClient;
  const fresh = (): string => real.fresh();

  beforeAll(() => {
    ({ server, zk } = real);
  });

  it('has a session', () => {
    expect(zk).toBeInstanceOf(ZooKeeperClient);
    expect([zk.host, zk.connected, zk.sessionTimeoutMs]).toEqual([
      server.connectString,
      true,
      30_000,
    ]);
    expect(zk.sessionId).not.toBe(0n);
  });

  it('is granted what the server allows', async () => {
    for (const [asked, granted] of [
      [1, 4000],
      [1_000_000, 40_000],
    ] as const) {
      const other = await connect(server.connectString, { sessionTimeoutMs: asked });
      expect(other.sessionTimeoutMs).toBe(granted);
      await other.close();
    }
  });

  it('reads back what was written at the limit: the reply is longer than any request may be', async () => {
    const path = fresh();
    await zk.create(path, null);
    const setRequestBytes = 8 + 4 + path.length + 4 + 4;
    const data = Buffer.alloc(FRAME_BODY_BYTES_MAX - setRequestBytes, 0x6c);
    expect((await zk.set(path, data)).dataLength).toBe(data.length);
    expect((await zk.get(path)).data?.equals(data)).toBe(true);
  });

  it('takes data up to the limit of a frame, and keeps the connection beyond it', async () => {
    const path = fresh();
    await zk.create(path);
    const overhead = 8 + 4 + path.length + 4 + 4;
    const most = Buffer.alloc(FRAME_BODY_BYTES_MAX - overhead, 0x7a);
    expect((await zk.set(path, most)).dataLength).toBe(most.length);
    expect(await failureOf(zk.set(path, Buffer.alloc(most.length + 1)))).toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      outcome: 'not-sent',
    });
    expect(zk.connected).toBe(true);
    await zk.delete(path);
  });

  it('answers 50,000 pipelined gets in order', async () => {
    const paths = [fresh(), fresh(), fresh()];
    await Promise.all(paths.map((path) => zk.create(path, path)));
    let next = 0;
    let wrong = 0;
    const answers = Array.from({ length: 50_000 }, (_, index) =>
      zk.get(paths[index % 3]!).then(({ data }) => {
        if (index !== next++ || data?.toString() !== paths[index % 3]) wrong++;
      }),
    );
    await Promise.all(answers);
    expect([next, wrong]).toEqual([50_000, 0]);
    expect(zk.counters()).toMatchObject({ inflight: 0, inflightBytes: 0, trailingReplies: 0 });
  });

  it('lends bytes that are right while the callback runs', async () => {
    const path = fresh();
    await zk.create(path, 'lent');
    const text = await new Promise((resolve) => {
      zk.lending.get(path, (error, reply) => resolve(error ?? reply?.data?.toString()));
    });
    expect(text).toBe('lent');
  });

  it('refuses above its bound and lets wait for room', async () => {
    const path = fresh();
    await zk.create(path, 'x');
    const bounded = await connect(server.connectString, { inflightMax: 10 });
    const first = Array.from({ length: 10 }, () => bounded.get(path));
    expect(await failureOf(bounded.get(path))).toMatchObject({
      code: 'PIPELINE_FULL',
      outcome: 'not-sent',
    });
    let answered = 0;
    const worker = async (): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        while (!bounded.hasRoom) await bounded.room();
        await bounded.get(path);
        answered++;
      }
    };
    await Promise.all([...first, ...Array.from({ length: 10 }, worker)]);
    expect(answered).toBe(200);
    await bounded.close();
  });

  it('ends its session with close: ephemeral nodes go, what was asked before is answered', async () => {
    const path = fresh();
    const states: string[] = [];
    const other = await connect(server.connectString, {
      onState: ({ state }) => states.push(state),
    });
    await other.create(path, null, { mode: 'ephemeral' });
    const before = Array.from({ length: 1000 }, () => other.exists(path));
    const closing = other.close();
    expect(other.close()).toBe(closing);
    const after = await failureOf(other.get(path));
    expect([after.code, after.outcome]).toEqual(['CONNECTION_CLOSED', 'not-sent']);
    await closing;
    const stats = await Promise.all(before);
    expect(stats.every((stat) => stat?.ephemeralOwner === other.sessionId)).toBe(true);
    expect(await zk.exists(path)).toBeNull();
    expect(states.slice(-2)).toEqual(['disconnected', 'closed']);
  });

  it('keeps a session alive while nothing is asked', async () => {
    const quick = await connect(server.connectString, { sessionTimeoutMs: 4000 });
    const path = fresh();
    await quick.create(path, null, { mode: 'ephemeral' });
    await new Promise((resolve) => setTimeout(resolve, 7000));
    expect(await quick.exists(path)).not.toBeNull();
    expect(quick.connected).toBe(true);
    await quick.close();
  });
});
