import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { retry } from '../../src/client/index.ts';
import {
  startEnsemble,
  type ZooKeeperEnsemble,
  type ZooKeeperServer,
} from '../../tools/zookeeper/index.ts';
import { endingOf } from './support/failures.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { LoopLag } from './support/loop-lag.ts';
import { ObservedClient } from './support/observed-client.ts';
import { describeApache } from './support/real-zookeeper.ts';
import { WriteLoad } from './support/write-load.ts';

describeApache('a client of an ensemble of three', () => {
  let ensemble: ZooKeeperEnsemble;
  let proxies: FaultProxy[];

  beforeAll(async () => {
    ensemble = await startEnsemble({
      fastStart: true,
      heapMiB: 128,
      tickTimeMs: 500,
      maxSessionTimeoutMs: 240_000,
      configLines: ['forceSync=no'],
    });
    proxies = await Promise.all(ensemble.servers.map((server) => FaultProxy.listen(server)));
  });

  afterEach(async () => {
    for (const server of ensemble.servers) {
      server.resume();
      if (!server.running) await server.restart({ waitUntilServing: false });
    }
    await ensemble.waitForLeader();
    // Two are a quorum, but none of them may be lost then.
    for (const server of ensemble.servers) {
      await expect.poll(() => server.mode()).toMatch(/leader|follower/);
    }
  });

  afterAll(async () => {
    for (const proxy of proxies ?? []) await proxy[Symbol.asyncDispose]();
    await ensemble?.stop();
  });

  /** The connect string with this server first. */
  function from(first: ZooKeeperServer): string {
    const others = ensemble.servers.filter((server) => server !== first);
    return [first, ...others].map(({ connectString }) => connectString).join(',');
  }

  async function follower(): Promise<ZooKeeperServer> {
    const leader = await ensemble.waitForLeader();
    return ensemble.servers.find((server) => server !== leader) as ZooKeeperServer;
  }

  it('loses no acknowledged write when leaders are killed under load, and tells the truth about the others', async () => {
    await using client = await ObservedClient.connect(from(await ensemble.waitForLeader()), {
      sessionTimeoutMs: 60_000,
    });
    const id = client.zk.sessionId;
    await client.zk.create('/kills');
    await client.zk.create('/kills/own', null, { mode: 'ephemeral' });
    await client.zk.create('/load');
    const load = new WriteLoad(client.zk, '/load');
    const running = load.run(200);
    const gapsMs: number[] = [];
    for (let kills = 0; kills < 3; kills++) {
      await delay(500);
      const leader = await ensemble.waitForLeader();
      const told = client.told;
      const start = performance.now();
      await leader.kill();
      const back = await client.next('session', told);
      expect([back.sessionId, back.resumed]).toEqual([id, true]);
      // A busy machine may elect twice.
      const set = (): Promise<unknown> => client.zk.set('/kills', String(kills));
      await retry(set, { idempotent: true, attempts: 100 });
      gapsMs.push(Math.round(performance.now() - start));
      await leader.restart();
    }
    load.stop();
    await running;
    await client.zk.sync('/');
    const applied = load.check(await client.zk.getChildren('/load'));
    const { made, counts } = load;
    console.log(
      `leader killed 3 times: ${made} creates, ${JSON.stringify(counts)}, ${applied} applied, ` +
        `writes again after ${gapsMs.join(', ')} ms`,
    );
    expect(Object.keys(counts).sort()).toEqual(['CONNECTION_LOSS/unknown', 'ok']);
    expect((await client.zk.exists('/kills/own'))?.ephemeralOwner).toBe(id);
    expect(client.states.filter(({ state }) => state === 'expired' || state === 'lost')).toEqual(
      [],
    );
  });

  it('moves on at once when the follower in use is killed', async () => {
    const server = await follower();
    await using client = await ObservedClient.connect(from(server), { sessionTimeoutMs: 20_000 });
    expect(client.zk.host).toBe(server.connectString);
    const id = client.zk.sessionId;
    await client.zk.create('/follower', null, { mode: 'ephemeral' });
    const told = client.told;
    await server.kill();
    using lag = new LoopLag();
    const lost = await client.next('disconnected', told);
    expect((await client.zk.exists('/follower'))?.ephemeralOwner).toBe(id);
    // What the servers take is theirs.
    const connecting = await client.next('connecting', told);
    expect(connecting.atMs - lost.atMs).toBeLessThan(500 + lag.mostMs);
    expect(client.zk.host).not.toBe(server.connectString);
    const next = from(server).split(',')[1] as string;
    expect(client.story(told)).toEqual([
      `disconnected ${server.connectString}`,
      `connecting ${next}`,
      `connected ${next}`,
      `session ${next} resumed`,
    ]);
  });

  /** A client behind the proxies, and which of them it is on: a follower's, unless that is slow to answer. */
  async function proxied(sessionTimeoutMs: number): Promise<{
    client: ObservedClient;
    proxy: FaultProxy;
    server: ZooKeeperServer;
  }> {
    const leader = ensemble.servers.indexOf(await ensemble.waitForLeader());
    const order = [...proxies.filter((_, index) => index !== leader), proxies[leader]!];
    const servers = order.map(({ connectString }) => connectString).join(',');
    const client = await ObservedClient.connect(servers, { sessionTimeoutMs });
    const index = proxies.findIndex(({ connectString }) => connectString === client.zk.host);
    return { client, proxy: proxies[index]!, server: ensemble.servers[index]! };
  }

  it('leaves a frozen server in time to keep its session', async () => {
    const { client, proxy, server } = await proxied(12_000);
    const id = client.zk.sessionId;
    await client.zk.create('/frozen', null, { mode: 'ephemeral' });
    const told = client.told;
    using lag = new LoopLag();
    server.pause();
    const lost = await client.next('disconnected', told);
    expect([lost.reason.code, lost.host]).toEqual(['PEER_SILENT', proxy.connectString]);
    const silentMs = lost.atMs - proxy.lastDownMs;
    expect(silentMs).toBeGreaterThanOrEqual(8_000);
    expect(silentMs).toBeLessThanOrEqual(8_100 + lag.mostMs);
    const back = await client.next('session', told);
    expect([back.sessionId, back.resumed]).toEqual([id, true]);
    expect(back.host).not.toBe(proxy.connectString);
    server.resume();
    expect((await client.zk.exists('/frozen'))?.ephemeralOwner).toBe(id);
    await client.zk.close();
  });

  it('leaves a server behind a black hole in time to keep its session', async () => {
    const { client, proxy } = await proxied(12_000);
    const id = client.zk.sessionId;
    const told = client.told;
    await proxy.freeze();
    try {
      const waiting = endingOf(client.zk.create('/black-hole', null, { mode: 'ephemeral' }));
      const back = await client.next('session', told);
      expect([back.sessionId, back.resumed]).toEqual([id, true]);
      expect(back.host).not.toBe(proxy.connectString);
      expect(await waiting).toBe('CONNECTION_LOSS/unknown');
      // What was held in the dead connection never arrived.
      expect(await client.zk.exists('/black-hole')).toBeNull();
    } finally {
      await proxy.thaw();
    }
    await client.zk.close();
  });

  it('comes back after all servers were killed, with its session', async () => {
    await using client = await ObservedClient.connect(ensemble.connectString, {
      // Three servers start meanwhile.
      sessionTimeoutMs: 240_000,
    });
    const id = client.zk.sessionId;
    await client.zk.create('/restart', null, { mode: 'ephemeral' });
    const told = client.told;
    await Promise.all(ensemble.servers.map((server) => server.kill()));
    await client.next('disconnected', told);
    const parked = client.zk.exists('/restart');
    const { failures } = await client.next('refused', told);
    expect(failures).toHaveLength(3);
    await Promise.all(ensemble.servers.map((server) => server.restart()));
    expect((await parked)?.ephemeralOwner).toBe(id);
    const back = await client.next('session', told);
    expect([back.sessionId, back.resumed]).toEqual([id, true]);
  });

  it('takes a session from one server to another, and the old connection cannot write', async () => {
    const [one, two] = ensemble.servers as [ZooKeeperServer, ZooKeeperServer];
    const before = await ObservedClient.connect(one.connectString, { sessionTimeoutMs: 20_000 });
    await before.zk.create('/moved', null, { mode: 'ephemeral' });
    const id = before.zk.sessionId;
    const resume = await before.zk.detach();
    await using first = await ObservedClient.connect(one.connectString, { resume });
    await using second = await ObservedClient.connect(two.connectString, { resume });
    expect([first.zk.sessionId, second.zk.sessionId]).toEqual([id, id]);
    // A server that does not lead does not hear of the move until its client writes.
    const told = first.told;
    const ending = await endingOf(first.zk.set('/moved', 'from the old one'));
    expect(['SESSIONMOVED/rejected', 'CONNECTION_LOSS/unknown']).toContain(ending);
    // Not asked of the second one: the first may have taken the session back already.
    await using judge = await ObservedClient.connect(ensemble.connectString);
    await judge.zk.sync('/');
    expect((await judge.zk.get('/moved')).data).toBeNull();
    await first.next('disconnected', told);
  });
});
