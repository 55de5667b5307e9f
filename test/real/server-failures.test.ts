import { expect, it } from 'vitest';
import { connect, type RequestError, type ZooKeeperClient } from '../../src/client/index.ts';
import { startServer } from '../../tools/zookeeper/index.ts';
import { failureOf } from './support/failures.ts';
import { describeReal } from './support/real-zookeeper.ts';

describeReal('a real server that fails', () => {
  it('in mid-flight: every pending request settles once, with its outcome', async () => {
    await using server = await startServer({ fastStart: true, configLines: ['forceSync=no'] });
    const zk = await connect(server.connectString);
    const settlements: string[] = [];
    const writes = Array.from({ length: 20_000 }, (_, index) =>
      zk.create(`/w${index}`).then(
        () => settlements.push('done'),
        (error: RequestError) => settlements.push(`${error.code}/${error.outcome}`),
      ),
    );
    await zk
      .exists('/')
      .catch(() => null)
      .then(() => null);
    const last = Array.from({ length: 5000 }, (_, index) =>
      zk.create(`/v${index}`).then(
        () => settlements.push('done'),
        (error: RequestError) => settlements.push(`${error.code}/${error.outcome}`),
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    await server.kill();
    await zk.close();
    await Promise.all([...writes, ...last]);
    expect(settlements).toHaveLength(25_000);
    const kinds = new Set(settlements);
    expect(
      [...kinds].every((kind) =>
        ['done', 'CONNECTION_LOSS/unknown', 'CONNECTION_CLOSED/not-sent'].includes(kind),
      ),
    ).toBe(true);
    expect(kinds).toContain('CONNECTION_LOSS/unknown');
    expect(zk.connected).toBe(false);
    expect((await failureOf(zk.get('/'))).code).toBe('CONNECTION_CLOSED');
  });

  it('by falling silent: noticed after two thirds of the time-out; close does not wait for it', async () => {
    await using server = await startServer({ fastStart: true });
    const reasons: string[] = [];
    const open = (): Promise<ZooKeeperClient> =>
      connect(server.connectString, {
        sessionTimeoutMs: 4000,
        onState: (event) => {
          if (event.state === 'disconnected') reasons.push(event.reason.code);
        },
      });
    const [idle, closed] = [await open(), await open()];
    server.pause();
    const pausedMs = performance.now();
    const pending = failureOf(idle.get('/'));
    await closed.close();
    expect(await pending).toMatchObject({ code: 'CONNECTION_LOSS', outcome: 'unknown' });
    expect(performance.now() - pausedMs).toBeGreaterThan(2000);
    // Closing is bounded by less than that: the order tells, also on a busy machine.
    expect(reasons).toEqual(['LINK_DESTROYED', 'PEER_SILENT']);
    await expect(connect(server.connectString, { connectTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'CONNECT_TIMEOUT',
    });
    server.resume();
    await idle.close();
  });
});
