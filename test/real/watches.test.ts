import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  connect,
  type WatchEvent,
  WatchQueue,
  type ZooKeeperClient,
} from '../../src/client/index.ts';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { ObservedClient } from './support/observed-client.ts';
import { describeReal } from './support/real-zookeeper.ts';

function inWords(event: WatchEvent): string {
  if (event.type === 'Ended') return `Ended(${event.reason}) ${event.path}`;
  return `${event.type} ${event.path}`;
}

describeReal('watches on a real server', () => {
  let server: ZooKeeperServer;
  let proxy: FaultProxy;
  let other: ZooKeeperClient;
  let client: ObservedClient;
  let zk: ZooKeeperClient;
  let nodes = 0;
  let base = '';
  let heard: string[];

  const listener =
    (name: string) =>
    (event: WatchEvent): void => {
      heard.push(`${name}:${inWords(event).replace(base, '~')}`);
    };

  /** What was heard since the last time, once everything that was sent has come. */
  async function takeHeard(): Promise<string[]> {
    await zk.sync('/');
    return heard.splice(0);
  }

  async function watchCount(): Promise<number> {
    const counters = await server.fourLetterWord('mntr');
    return Number(/zk_watch_count\t(\d+)/.exec(counters)?.[1]);
  }

  async function loseConnection(meanwhile: () => Promise<void>): Promise<void> {
    const from = client.told;
    await proxy.freeze();
    await meanwhile();
    proxy.reset();
    await proxy.thaw();
    await client.next('session', from);
    // Behind the setWatches: from here on everything is told.
    await zk.sync('/');
  }

  beforeAll(async () => {
    server = await startServer({ fastStart: true, configLines: ['forceSync=no'] });
    proxy = await FaultProxy.listen(server);
    other = await connect(server.connectString);
    client = await ObservedClient.connect(proxy.connectString);
    zk = client.zk;
  });

  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await other?.close();
    await proxy?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  beforeEach(async () => {
    heard = [];
    base = `/watched${++nodes}`;
    await other.create(base);
  });

  it('the event of a change comes before every reply that shows it, of one write of one’s own too', async () => {
    const order: string[] = [];
    const watch = await zk.watch(base, { listener: (event) => void order.push(event.type) });
    const queue = new WatchQueue();
    const reading = (async () => {
      for await (const event of queue) {
        order.push(`read ${event.type}`);
        break;
      }
    })();
    await zk.get(base, { watch: queue });
    await zk.set(base, 'mine');
    order.push('written');
    await reading;
    expect(order).toEqual(['NodeDataChanged', 'read NodeDataChanged', 'written']);
    await watch.close();
  });

  it('one-shot watches beside a lasting one end nobody (ZOOKEEPER-4466)', async () => {
    const persistent = await zk.watch(base, { listener: listener('p') });
    const recursive = await zk.watch(base, { recursive: true, listener: listener('r') });
    await zk.get(base, { watch: listener('get') });
    await zk.getChildren(base, { watch: listener('list') });
    for (let turn = 0; turn < 2; turn++) await other.set(base, String(turn));
    expect(await takeHeard()).toEqual([
      'p:NodeDataChanged ~',
      'r:NodeDataChanged ~',
      'get:NodeDataChanged ~',
      'p:NodeDataChanged ~',
      'r:NodeDataChanged ~',
    ]);
    for (const name of ['x', 'y']) await other.create(`${base}/${name}`);
    const children = await takeHeard();
    expect(children.filter((line) => !line.startsWith('p:'))).toEqual([
      'r:NodeCreated ~/x',
      'list:NodeChildrenChanged ~',
      'r:NodeCreated ~/y',
    ]);
    expect(new Set(children.filter((line) => line.startsWith('p:')))).toEqual(
      new Set(['p:NodeChildrenChanged ~']),
    );
    await zk.exists(base, { watch: listener('exists') });
    await Promise.all([persistent.close(), recursive.close()]);
    await other.set(base, 'last');
    expect(await takeHeard()).toEqual([
      'p:Ended(removed) ~',
      'r:Ended(removed) ~',
      'exists:NodeDataChanged ~',
    ]);
    expect(await watchCount()).toBe(0);
  });

  it('closed, nothing comes, and the server has forgotten it', async () => {
    const watches = await Promise.all(
      [false, true].map((recursive) =>
        zk.watch(base, { recursive, listener: listener(String(recursive)) }),
      ),
    );
    expect(await zk.checkWatches(base)).toBe(true);
    await Promise.all(watches.map((watch) => watch.close()));
    expect(await zk.checkWatches(base)).toBe(false);
    await other.set(base, 'x');
    expect(await takeHeard()).toEqual(['false:Ended(removed) ~', 'true:Ended(removed) ~']);
    await expect(zk.removeWatches(base)).rejects.toMatchObject({ code: 'NOWATCHER' });
  });

  it('over a lost connection one-shot watches tell what was missed, lasting ones that something may have been', async () => {
    await other.create(`${base}/a`);
    await zk.get(`${base}/a`, { watch: listener('changed') });
    await zk.get(base, { watch: listener('unchanged') });
    await zk.getChildren(base, { watch: listener('list') });
    await zk.exists(`${base}/b`, { watch: listener('exists') });
    const persistent = await zk.watch(base, { listener: listener('p') });
    const recursive = await zk.watch(base, { recursive: true, listener: listener('r') });
    await loseConnection(async () => {
      await other.set(`${base}/a`, 'x');
      await other.create(`${base}/b`);
    });
    const missed = await takeHeard();
    expect(missed.filter((line) => line.includes('Resync'))).toEqual(['p:Resync ~', 'r:Resync ~']);
    expect(missed.filter((line) => !/^[pr]:/.test(line)).sort()).toEqual([
      'changed:NodeDataChanged ~/a',
      'exists:NodeCreated ~/b',
      'list:NodeChildrenChanged ~',
    ]);
    await zk.getChildren(base, { watch: listener('list again') });
    await other.create(`${base}/c`);
    await other.set(base, 'y');
    const told = new Set(await takeHeard());
    expect(told).toEqual(
      new Set([
        'r:NodeCreated ~/c',
        'p:NodeChildrenChanged ~',
        'list again:NodeChildrenChanged ~',
        'p:NodeDataChanged ~',
        'r:NodeDataChanged ~',
        'unchanged:NodeDataChanged ~',
      ]),
    );
    await Promise.all([persistent.close(), recursive.close()]);
  });

  it('a child watch beside a recursive one comes back with it', async () => {
    const recursive = await zk.watch(base, { recursive: true, listener: listener('r') });
    await zk.getChildren(base, { watch: listener('list') });
    await loseConnection(async () => {});
    await other.create(`${base}/a`);
    expect(await takeHeard()).toEqual([
      'r:Resync ~',
      'r:NodeCreated ~/a',
      'list:NodeChildrenChanged ~',
    ]);
    await recursive.close();
  });

  it('two megabytes of watched paths come back, each once (ZOOKEEPER-706)', async () => {
    const path = (n: number): string => `${base}/${'x'.repeat(200)}${n}`;
    const count = 10_000;
    const watched = Array.from({ length: count }, (_, n) =>
      zk.exists(path(n), { watch: listener(String(n)) }),
    );
    await Promise.all(watched);
    expect(await watchCount()).toBe(count);
    await loseConnection(async () => {
      await other.create(path(7));
    });
    const missed = await takeHeard();
    expect(missed.map((line) => line.split(':')[0])).toEqual(['7']);
    expect(await watchCount()).toBe(count - 1);
    await other.create(path(count - 1));
    expect((await takeHeard()).map((line) => line.split(':')[0])).toEqual([String(count - 1)]);
    expect(client.story().filter((state) => state.startsWith('disconnected'))).toHaveLength(3);
  });

  it('with the client they end, each with one last word', async () => {
    const closing = await connect(server.connectString);
    const queue = new WatchQueue();
    await closing.get(base, { watch: queue });
    const watch = await closing.watch(base, { recursive: true });
    await closing.close();
    for (const events of [queue, watch]) {
      const seen: string[] = [];
      for await (const event of events) seen.push(inWords(event));
      expect(seen).toEqual([`Ended(closed) ${base}`]);
    }
  });
});
