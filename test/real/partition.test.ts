import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, it, expect as sharedExpect } from 'vitest';
import type { WatchEvent } from '../../src/client/index.ts';
import { startEnsemble, type ZooKeeperEnsemble } from '../../tools/zookeeper/index.ts';
import { endingOf } from './support/failures.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { LoopLag } from './support/loop-lag.ts';
import { ObservedClient } from './support/observed-client.ts';
import { describeApache } from './support/real-zookeeper.ts';

// Row 000.2 of docs/behaviour.md, on real servers; 000.4, 000.5, 000.6 and 000.7 too.
/** Long enough for a busy machine to do in the last third what must be done in it. */
const SESSION_TIMEOUT_MS = 20_000;
/** Silence after which a connection is given up: two thirds of the session time-out. */
const DEAD_AFTER_MS: number = (SESSION_TIMEOUT_MS * 2) / 3;
/** How late that may be told. */
const LATE_MS_MAX = 100;
const TICK_MS = 500;
/** Of one dial, as long as a session of twenty seconds with three servers allows. */
const CONNECT_TIMEOUT_MS = 2_000;

/** The same three servers behind proxies of its own, and the letters A, B and C for them. */
class Network implements AsyncDisposable {
  readonly proxies: readonly FaultProxy[];
  readonly letters: Readonly<Record<string, string>>;

  private constructor(proxies: readonly FaultProxy[]) {
    this.proxies = proxies;
    this.letters = Object.fromEntries(
      proxies.map(({ connectString }, index) => [connectString, 'ABC'[index] as string]),
    );
  }

  static async of(ensemble: ZooKeeperEnsemble): Promise<Network> {
    return new Network(await Promise.all(ensemble.servers.map((each) => FaultProxy.listen(each))));
  }

  async connect(): Promise<ObservedClient> {
    const servers = this.proxies.map(({ connectString }) => connectString).join(',');
    const client = await ObservedClient.connect(servers, {
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    });
    sharedExpect(this.story(client)).toEqual(['connecting A', 'connected A', 'session A new']);
    return client;
  }

  story(client: ObservedClient, from = 0): string[] {
    return client.story(from, this.letters);
  }

  /** Cuts the clients off, and gives when each proxy last let a byte through. */
  async cut(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.freeze()));
  }

  async heal(): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy.thaw()));
  }

  /** When the last byte came from the server in use. */
  get heardMs(): number {
    return this.proxies[0]!.lastDownMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.proxies.map((proxy) => proxy[Symbol.asyncDispose]()));
  }
}

/**
 * Its server has applied what any other has answered. By a write: the leader answers a sync like a read, seen once in
 * 9,000 times before it told a watch of what a follower had answered (3.8.0).
 */
async function caughtUp({ zk }: ObservedClient): Promise<void> {
  await zk.set('/', null);
}

describeApache.concurrent('a partition between a client and all servers', () => {
  let ensemble: ZooKeeperEnsemble;
  let direct: ObservedClient;

  beforeAll(async () => {
    ensemble = await startEnsemble({
      fastStart: true,
      heapMiB: 128,
      tickTimeMs: TICK_MS,
      maxSessionTimeoutMs: SESSION_TIMEOUT_MS,
      configLines: ['forceSync=no'],
    });
    direct = await ObservedClient.connect(ensemble.connectString);
  });

  afterAll(async () => {
    await direct?.[Symbol.asyncDispose]();
    await ensemble?.stop();
  });

  it('that is longer than the session time-out ends the session, told in order', async ({
    expect,
  }) => {
    await using network = await Network.of(ensemble);
    await using client = await network.connect();
    const id = client.zk.sessionId;
    expect(client.states[2]).toMatchObject({ sessionTimeoutMs: SESSION_TIMEOUT_MS });
    await client.zk.create('/long-owner', null, { mode: 'ephemeral' });
    const heard: string[] = [];
    const ends: WatchEvent[] = [];
    await client.zk.exists('/long-foo', {
      watch: (event) => {
        heard.push(`${client.states.at(-1)?.state} ${event.type}`);
        ends.push(event);
      },
    });
    const told = client.told;
    using lag = new LoopLag();
    await network.cut();
    const { heardMs } = network;

    const disconnected = await client.next('disconnected', told);
    expect(disconnected.reason.code).toBe('PEER_SILENT');
    expect(disconnected.atMs - heardMs).toBeGreaterThanOrEqual(DEAD_AFTER_MS);
    expect(disconnected.atMs - heardMs).toBeLessThanOrEqual(
      DEAD_AFTER_MS + LATE_MS_MAX + lag.mostMs,
    );
    const lost = await client.next('lost', told);
    expect(lost.sessionId).toBe(id);
    expect(lost.atMs - heardMs).toBeGreaterThanOrEqual(SESSION_TIMEOUT_MS);
    expect(lost.atMs - heardMs).toBeLessThanOrEqual(SESSION_TIMEOUT_MS + LATE_MS_MAX + lag.mostMs);
    // Every server in turn, each dial given up after its time, and a round told when all have failed.
    const refused = await client.next('refused', told);
    expect(refused.failures.map(({ code }) => code)).toEqual(Array(3).fill('CONNECT_TIMEOUT'));
    const dials = client.states.slice(told).filter(({ state }) => state === 'connecting');
    expect(dials[1]!.atMs - dials[0]!.atMs).toBeGreaterThanOrEqual(CONNECT_TIMEOUT_MS - 1);
    const during = network.story(client, told);
    expect(during.filter((line) => line !== 'lost').slice(0, 6)).toEqual([
      'disconnected A',
      'connecting B',
      'connecting C',
      'connecting A',
      'refused',
      'connecting B',
    ]);
    // Silence has said nothing about the session, which has gone meanwhile.
    while ((await direct.zk.exists('/long-owner')) !== null) await delay(20);
    expect(heard).toEqual([]);

    const away = client.told;
    await network.heal();
    const fresh = await client.next('session', away);
    expect(fresh.resumed).toBe(false);
    expect(fresh.sessionId).not.toBe(id);
    const story = network.story(client, away);
    // The dial that was under way at the healing may come too late for its handshake.
    const [, via] = (story.find((line) => line.startsWith('expired')) as string).split(' ');
    const next = { A: 'B', B: 'C', C: 'A' }[via as 'A' | 'B' | 'C'];
    expect(story.slice(story.indexOf(`expired ${via}`) - 1)).toEqual([
      `connected ${via}`,
      `expired ${via}`,
      `disconnected ${via}`,
      `connecting ${next}`,
      `connected ${next}`,
      `session ${next} new`,
    ]);
    expect(await client.next('expired', away)).toMatchObject({ sessionId: id });
    // One last word for the watch, before there is a new session, which does not have it.
    expect(heard).toEqual(['disconnected Ended']);
    expect(ends).toMatchObject([
      { type: 'Ended', path: '/long-foo', reason: 'expired', error: { code: 'SESSION_EXPIRED' } },
    ]);
    await direct.zk.create('/long-foo');
    await caughtUp(client);
    expect(await client.zk.exists('/long-foo')).not.toBeNull();
    expect(heard).toHaveLength(1);
  });

  it('that is shorter keeps the session; watches go on and tell what was missed', async ({
    expect,
  }) => {
    await using network = await Network.of(ensemble);
    await using client = await network.connect();
    const id = client.zk.sessionId;
    await client.zk.create('/short-owner', null, { mode: 'ephemeral' });
    await client.zk.create('/short-watched', 'before');
    const heard: string[] = [];
    const watch = (event: WatchEvent): void => {
      heard.push(`${client.states.at(-1)?.state} ${event.type} ${event.path}`);
    };
    expect(await client.zk.exists('/short-missed', { watch })).toBeNull();
    expect(await client.zk.exists('/short-later', { watch })).toBeNull();
    await client.zk.watch('/short-watched', { listener: watch });
    const told = client.told;
    using lag = new LoopLag();
    await network.cut();
    const { heardMs } = network;
    const sent = endingOf(client.zk.create('/short-sent'));

    const disconnected = await client.next('disconnected', told);
    expect(disconnected.atMs - heardMs).toBeGreaterThanOrEqual(DEAD_AFTER_MS);
    expect(disconnected.atMs - heardMs).toBeLessThanOrEqual(
      DEAD_AFTER_MS + LATE_MS_MAX + lag.mostMs,
    );
    expect(await sent).toBe('CONNECTION_LOSS/unknown');
    const order: string[] = [];
    const parked = client.zk.exists('/short-missed').then((stat) => {
      order.push(...heard, `reply ${stat === null ? 'none' : 'there'}`);
    });
    await direct.zk.create('/short-missed');
    await direct.zk.set('/short-watched', 'during');
    expect(heard).toEqual([]);

    await network.heal();
    const back = await client.next('session', told);
    expect([back.sessionId, back.resumed]).toEqual([id, true]);
    const story = network.story(client, told);
    expect(story[0]).toBe('disconnected A');
    expect(story.filter((line) => /^(expired|lost|refused)/.test(line))).toEqual([]);
    const [, via] = (story.at(-1) as string).split(' ');
    expect(story.slice(-3)).toEqual([
      `connecting ${via}`,
      `connected ${via}`,
      `session ${via} resumed`,
    ]);
    await parked;
    // A persistent watch is not told what it missed, only that it may have; a one-shot watch is, before any reply.
    expect(order).toEqual([
      'session Resync /short-watched',
      'session NodeCreated /short-missed',
      'reply there',
    ]);
    expect((await client.zk.exists('/short-owner'))?.ephemeralOwner).toBe(id);

    await direct.zk.create('/short-later');
    await direct.zk.set('/short-watched', 'after');
    await caughtUp(client);
    expect(heard.slice(2)).toEqual([
      'session NodeCreated /short-later',
      'session NodeDataChanged /short-watched',
    ]);
    await direct.zk.delete('/short-later');
    await caughtUp(client);
    expect(heard).toHaveLength(4);
  });

  it('that is over before two thirds of the time-out is not noticed', async ({ expect }) => {
    await using network = await Network.of(ensemble);
    await using client = await network.connect();
    const told = client.told;
    const [proxy] = network.proxies;
    proxy!.hang();
    const waiting = client.zk.create('/unnoticed');
    await delay(DEAD_AFTER_MS - 4_000);
    proxy!.unhang();
    expect(await waiting).toBe('/unnoticed');
    await delay(3_000);
    expect(client.told).toBe(told);
    expect(proxy!.counters()).toMatchObject({ accepted: 1, open: 1 });
  });
});
