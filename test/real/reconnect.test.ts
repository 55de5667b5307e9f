import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { endingOf } from './support/failures.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { LoopLag } from './support/loop-lag.ts';
import { ObservedClient } from './support/observed-client.ts';
import { describeReal } from './support/real-zookeeper.ts';
import { WriteLoad } from './support/write-load.ts';

/** Numbers from 0 to 1 that only look random: the same in every run. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) / 2 ** 24;
  };
}

describeReal('a client that loses its connections to one server', () => {
  let server: ZooKeeperServer;
  let direct: ObservedClient;
  let proxy: FaultProxy;

  beforeAll(async () => {
    server = await startServer({
      fastStart: true,
      tickTimeMs: 500,
      maxSessionTimeoutMs: 40_000,
      configLines: ['forceSync=no'],
    });
    direct = await ObservedClient.connect(server.connectString);
    proxy = await FaultProxy.listen(server);
  });

  afterAll(async () => {
    await proxy?.[Symbol.asyncDispose]();
    await direct?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  it.each(['wait', 'fail'] as const)(
    'tells the truth about every request when it is reset under load: those without a connection %s',
    async (whileDisconnected) => {
      const dir = `/load-${whileDisconnected}`;
      await direct.zk.create(dir);
      // A fast server has so many children in the end that their names are over the usual limit.
      await using client = await ObservedClient.connect(proxy.connectString, {
        whileDisconnected,
        frameBytesMax: 32 * 1024 * 1024,
      });
      const id = client.zk.sessionId;
      const load = new WriteLoad(client.zk, dir);
      const running = load.run(500);
      const random = draws(1);
      for (let round = 0; round < 30; round++) {
        const told = client.told;
        await delay(10 + random() * 90);
        proxy.reset();
        const back = await client.next('session', told);
        expect([back.sessionId, back.resumed]).toEqual([id, true]);
      }
      load.stop();
      await running;
      const applied = load.check(await client.zk.getChildren(dir));
      const { counts, made } = load;
      console.log(
        `resets under load: ${made} creates, ${JSON.stringify(counts)}, ${applied} applied`,
      );
      const endings = Object.keys(counts).filter((ending) => ending !== 'CONNECTION_LOSS/not-sent');
      expect(endings.sort()).toEqual(
        whileDisconnected === 'wait'
          ? ['CONNECTION_LOSS/unknown', 'ok']
          : ['CONNECTION_LOSS/unknown', 'NOT_CONNECTED/not-sent', 'ok'],
      );
      expect(counts['CONNECTION_LOSS/not-sent'] === undefined || whileDisconnected === 'fail').toBe(
        true,
      );
      expect(counts.ok).toBeGreaterThan(1_000);
      expect(applied).toBeGreaterThan(0);
    },
  );

  it.each(['up', 'down'] as const)('is cut after any byte: %s', async (direction) => {
    const dir = `/cut-${direction}`;
    await direct.zk.create(dir);
    await using client = await ObservedClient.connect(proxy.connectString);
    const endings: string[] = [];
    // Three requests are 180 bytes up and some 120 down: the cut falls into each of them, and behind them.
    for (let bytes = 1; bytes <= 200; bytes += 3) {
      const told = client.told;
      proxy[direction].cutAfterBytes = bytes;
      const three = await Promise.all(
        [0, 1, 2].map((part) => endingOf(client.zk.create(`${dir}/${bytes}-${part}`))),
      );
      endings.push(three.join(' '));
      const wasCut = proxy[direction].cutAfterBytes === Number.POSITIVE_INFINITY;
      proxy[direction].cutAfterBytes = Number.POSITIVE_INFINITY;
      if (wasCut) await client.next('session', told);
      const there = new Set(await client.zk.getChildren(dir));
      const applied = [0, 1, 2].map((part) => there.has(`${bytes}-${part}`));
      for (const [part, ending] of three.entries()) {
        if (ending === 'ok') expect([bytes, part, applied[part]]).toEqual([bytes, part, true]);
      }
      expect(applied).toEqual([...applied].sort((a, b) => Number(b) - Number(a)));
    }
    const lost = 'CONNECTION_LOSS/unknown';
    const kinds = [`${lost} ${lost} ${lost}`, `ok ${lost} ${lost}`, `ok ok ${lost}`, 'ok ok ok'];
    expect(kinds).toEqual(expect.arrayContaining([...new Set(endings)]));
    expect(endings[0]).toBe(kinds[0]);
    expect(endings.at(-1)).toBe(kinds[3]);
    expect(client.states.filter(({ state }) => state === 'refused')).toEqual([]);
  });

  it('reads and writes the same over a connection of single bytes and delays', async () => {
    await using slow = await FaultProxy.listen(server);
    slow.up.sliceBytes = 1;
    slow.down.sliceBytes = 1;
    slow.down.delayMs = 5;
    await using client = await ObservedClient.connect(slow.connectString);
    const data = Buffer.from(Array.from({ length: 2_000 }, (_, index) => index & 0xff));
    const { zk } = client;
    const answers = await Promise.all([
      zk.create('/slow', data),
      zk.get('/slow').then((result) => result.data),
      zk.exists('/slow').then((stat) => stat?.dataLength),
      zk.getChildren('/').then((children) => children.includes('slow')),
    ]);
    expect(answers).toEqual(['/slow', data, 2_000, true]);
    expect(slow.counters().upBytes).toBeGreaterThan(2_000);
  });

  it('gets its first session through a server that resets some handshakes', async () => {
    await using flaky = await FaultProxy.listen(server);
    flaky.down.cutAfterBytes = 20;
    await using client = await ObservedClient.connect(flaky.connectString, { connectRounds: 5 });
    expect(client.story().slice(0, 3)).toEqual([
      `connecting ${flaky.connectString}`,
      `connected ${flaky.connectString}`,
      `disconnected ${flaky.connectString}`,
    ]);
    expect(client.story().filter((line) => line.startsWith('refused'))).toHaveLength(1);
    expect(client.zk.sessionId).not.toBe(0n);
  });

  it('hears that a frozen server is silent, and goes on when it thaws', async () => {
    await using client = await ObservedClient.connect(proxy.connectString, {
      sessionTimeoutMs: 12_000,
    });
    await client.zk.create('/frozen', null, { mode: 'ephemeral' });
    const id = client.zk.sessionId;
    const told = client.told;
    using lag = new LoopLag();
    server.pause();
    try {
      // A process of many threads takes a moment to stand still.
      await delay(100);
      const waiting = endingOf(client.zk.get('/frozen'));
      const lost = await client.next('disconnected', told);
      expect(lost.reason.code).toBe('PEER_SILENT');
      const silentMs = lost.atMs - proxy.lastDownMs;
      expect(silentMs).toBeGreaterThanOrEqual(8_000);
      expect(silentMs).toBeLessThanOrEqual(8_100 + lag.mostMs);
      expect(await waiting).toBe('CONNECTION_LOSS/unknown');
    } finally {
      server.resume();
    }
    const parked = client.zk.exists('/frozen');
    const back = await client.next('session', told);
    expect([back.sessionId, back.resumed]).toEqual([id, true]);
    expect((await parked)?.ephemeralOwner).toBe(id);
  });

  it('keeps its session when the server is killed and comes back', async () => {
    await using client = await ObservedClient.connect(server.connectString);
    await client.zk.create('/survivor', 'x', { mode: 'ephemeral' });
    const id = client.zk.sessionId;
    const told = client.told;
    await server.kill();
    await client.next('disconnected', told);
    const parked = client.zk.get('/survivor');
    const { failures } = await client.next('refused', told);
    // A process that is dying may still accept.
    expect(['CONNECT_FAILED', 'HANDSHAKE_CLOSED']).toContain(failures[0]?.code);
    await server.restart();
    expect((await parked).stat.ephemeralOwner).toBe(id);
    const back = await client.next('session', told);
    expect([back.sessionId, back.resumed]).toEqual([id, true]);
  });
});
