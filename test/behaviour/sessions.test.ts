import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, SessionTicket } from '../../src/client/index.ts';
import { createServer } from '../../src/server/index.ts';
import { type Citizen, World } from './support/world.ts';

/** Rows 001.2, 001.5, 001.6, 001.9 and 001.11 to 001.15, with ticks of 2 s unless a test says otherwise. */
const TICK = 2_000;

let world: World;
let other: Citizen;

beforeEach(async () => {
  world = await World.create();
  other = await world.citizen({ sessionTimeoutMs: 40_000 });
});

afterEach(() => world[Symbol.asyncDispose]());

/** When the node goes, on the clock; null until then. */
async function endOf(path: string): Promise<() => number | null> {
  let goneMs: number | null = null;
  await other.zk.exists(path, {
    watch: ({ type }) => {
      if (type === 'NodeDeleted') goneMs = world.time.nowMs();
    },
  });
  return () => goneMs;
}

describe('sessions, on the clock', () => {
  it('001.2 001.12 an ephemeral node goes at once with a session that is closed', async () => {
    const client = await world.citizen();
    await client.zk.create('/e', null, { mode: 'ephemeral' });
    const gone = await endOf('/e');
    const startMs = world.time.nowMs();
    const closing = client.zk.close();
    await world.time.settle();
    await closing;
    expect(gone()).toBe(startMs);
    expect(client.story(3)).toEqual(['disconnected A', 'closed']);
    const [last, reply] = client.wire.slice(-3).map(([, line]) => line);
    expect(last).toContain('> #2 closeSession');
    expect(reply).toContain('< #2 closeSession');
  });

  it.each([4_000, 5_000, 10_000])(
    '001.2 001.9 with a killed client of %i ms it goes after the time-out, at the next tick',
    async (timeoutMs) => {
      for (const phaseMs of [0, 1, 777, 1_999]) {
        const client = await world.citizen({ sessionTimeoutMs: timeoutMs });
        await world.time.pass(phaseMs);
        await client.zk.create('/e', null, { mode: 'ephemeral' });
        const gone = await endOf('/e');
        const lastMs = world.time.nowMs();
        client.cut();
        await world.time.pass(timeoutMs + TICK + 1);
        const endMs = gone() as number;
        // ExpirationTime: rounded up to the next multiple of the tick.
        const dueMs = (Math.floor((lastMs + timeoutMs) / TICK) + 1) * TICK;
        expect([endMs, endMs - lastMs >= timeoutMs]).toEqual([dueMs, true]);
      }
    },
  );

  it('001.9 those of one bucket go together', async () => {
    const clients: Citizen[] = [];
    for (let count = 0; count < 5; count++) {
      const client = await world.citizen({ sessionTimeoutMs: 6_000 });
      await client.zk.create(`/e${count}`, null, { mode: 'ephemeral' });
      clients.push(client);
      await world.time.pass(300);
    }
    const ends = await Promise.all(clients.map((_, count) => endOf(`/e${count}`)));
    for (const client of clients) client.cut();
    await world.time.pass(6_000 + TICK);
    expect(new Set(ends.map((end) => end())).size).toBe(1);
  });

  it.each([4_000, 10_000])(
    '001.5 a client of %i ms with nothing to say pings before a third of it is over',
    async (timeoutMs) => {
      const client = await world.citizen({ sessionTimeoutMs: timeoutMs });
      await world.time.pass(timeoutMs * 3);
      const sent = client.wire.filter(([, line]) => line.includes(' > '));
      const pings = sent.filter(([, line]) => line.includes(' > #-2 ping'));
      const answers = client.wire.filter(([, line]) => line.includes(' < #-2 ping'));
      expect(pings.length).toBeGreaterThanOrEqual(9);
      expect(answers).toHaveLength(pings.length);
      for (const [at, [atMs]] of sent.entries()) {
        if (at === 0) continue;
        const gapMs = atMs - sent[at - 1]![0];
        expect(gapMs).toBeLessThanOrEqual(timeoutMs / 3);
      }
    },
  );

  it('001.5 a client that is busy does not ping', async () => {
    const client = await world.citizen();
    for (let count = 0; count < 20; count++) {
      await client.zk.exists('/');
      await world.time.pass(1_000);
    }
    expect(client.wire.filter(([, line]) => line.includes('ping'))).toEqual([]);
  });

  it('001.6 001.4 a silent server is left after two thirds, and the rest is enough for the next one', async () => {
    const client = await world.citizen();
    await client.zk.create('/e', null, { mode: 'ephemeral' });
    const lastMs = world.time.nowMs();
    const before = client.zk.sessionId;
    client.cut();
    await world.time.pass(6_600);
    expect(client.story(3)).toEqual([]);
    client.healDials();
    await world.time.pass(200);
    expect(client.story(3)).toEqual([
      'disconnected A',
      'connecting B',
      'connected B',
      'session B resumed',
    ]);
    expect(client.told.at(-1)!.atMs - lastMs).toBeLessThanOrEqual(6_700);
    await world.time.pass(20_000);
    expect((await other.zk.exists('/e'))?.ephemeralOwner).toBe(before);
  });

  it('001.11 the client never says expired by itself: only a server does, and that a long time after', async () => {
    const client = await world.citizen();
    client.cut();
    await world.time.pass(60_000);
    const states = new Set(client.told.slice(3).map(({ event }) => event.state));
    expect([...states].sort()).toEqual(['connecting', 'disconnected', 'lost', 'refused']);
    client.heal();
    await world.time.pass(3_000);
    expect(client.story().filter((text) => text.startsWith('expired'))).toHaveLength(1);
  });

  it('001.14 an expired session is refused from then on, and its connection closed', async () => {
    const client = await world.citizen({ afterExpiry: 'end' });
    const id = client.zk.sessionId;
    expect(world.server.faults.expireSession(id)).toBe(true);
    const late = client.zk.create('/late').then(
      () => 'ok',
      (error) => error.code,
    );
    await world.time.pass(2_000);
    expect(await late).toMatch(/^(CONNECTION_LOSS|SESSION_EXPIRED)$/);
    expect(await other.zk.exists('/late')).toBeNull();
    expect(
      client
        .story(3)
        .filter((text) => text !== 'disconnected A')
        .at(-1),
    ).toBe('closed');
    expect(client.story()).toContain('expired B');
  });

  it('001.15 pings move the end of a session, over and over', async () => {
    const client = await world.citizen({ sessionTimeoutMs: 4_000 });
    await client.zk.create('/e', null, { mode: 'ephemeral' });
    const gone = await endOf('/e');
    await world.time.pass(60_000);
    expect(gone()).toBeNull();
    client.cut();
    const lastMs = client.wire.filter(([, line]) => line.includes(' > ')).at(-1)![0];
    await world.time.pass(8_000);
    expect(gone()! - lastMs).toBeGreaterThanOrEqual(4_000);
    expect(gone()! - lastMs).toBeLessThanOrEqual(4_000 + TICK);
  });
});

describe('a client that has seen more than a server', () => {
  it('001.7 is closed by that one, and takes the next', async () => {
    await using behind = await createServer();
    await using ahead = await createServer();
    const before = await connect(ahead.connectString);
    for (let count = 0; count < 20; count++) await before.create(`/n${count}`);
    const { sessionId } = before;
    const ticket = SessionTicket.parse((await before.detach()).serialize());
    const told: string[] = [];
    await using after = await connect(`${behind.connectString},${ahead.connectString}`, {
      resume: ticket,
      random: () => 0.999,
      onState: (event) => {
        const reason = event.state === 'disconnected' ? ` ${event.reason.code}` : '';
        const which = 'host' in event && event.host === behind.connectString ? ' behind' : '';
        told.push(event.state + which + reason);
      },
    });
    expect(after.sessionId).toBe(sessionId);
    expect(told).toEqual([
      'connecting behind',
      'connected behind',
      'disconnected behind HANDSHAKE_CLOSED',
      'connecting',
      'connected',
      'session',
    ]);
  });
});
