import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WatchEvent } from '../../src/client/index.ts';
import { type Citizen, World } from './support/world.ts';

/** Rows 000.1 to 000.9: session time-out 10 s, ticks of 2 s, dials of 1 s at most, three addresses. */
const T = 10_000;
const DEAD_AFTER = (T * 2) / 3;

let world: World;
let client: Citizen;
let other: Citizen;
let heard: WatchEvent[];

beforeEach(async () => {
  world = await World.create();
  other = await world.citizen();
  client = await world.citizen();
  heard = [];
});

afterEach(() => world[Symbol.asyncDispose]());

async function watch(path: string): Promise<void> {
  await client.zk.exists(path, { watch: (event) => heard.push(event) });
}

/** Time passes until the client has heard an answer just now. */
async function untilHeard(): Promise<number> {
  const before = client.wire.length;
  for (let ms = 0; ms < T; ms += 10) {
    await world.time.pass(10);
    if (client.wire.slice(before).some(([, line]) => line.includes(' < '))) break;
  }
  return lastHeardMs();
}

const lastHeardMs = (): number => client.wire.filter(([, line]) => line.includes(' < ')).at(-1)![0];

describe('a partition, on the clock', () => {
  it('000.1 begins with connecting, connected, session, and the address, id and time-out of it', () => {
    expect(client.story()).toEqual(['connecting A', 'connected A', 'session A new']);
    expect(client.told[2]?.event).toMatchObject({
      host: 'a:1',
      sessionId: client.zk.sessionId,
      sessionTimeoutMs: T,
    });
  });

  it.each([100, 1970, 3000])(
    '000.2 000.8 is noticed two thirds of the time-out after the last word, when cut %i ms after it',
    async (cutAfterMs) => {
      const lastMs = await untilHeard();
      await world.time.pass(cutAfterMs - (world.time.nowMs() - lastMs));
      client.cut();
      await world.time.pass(DEAD_AFTER - (world.time.nowMs() - lastMs) - 2);
      expect(client.story(3)).toEqual([]);
      await world.time.pass(4);
      expect(client.story(3)).toEqual(['disconnected A', 'connecting B']);
      const [disconnected] = client.told.slice(3);
      expect(disconnected!.atMs - lastMs).toBeGreaterThanOrEqual(DEAD_AFTER - 1);
      expect(disconnected!.atMs - lastMs).toBeLessThanOrEqual(DEAD_AFTER + 2);
      expect(disconnected!.event).toMatchObject({ reason: { code: 'PEER_SILENT' } });
      // Its pings went unanswered.
      const pings = client.wire.filter(
        ([atMs, line]) => atMs > lastMs && line.includes(' > #-2 ping'),
      );
      expect(pings.length).toBeGreaterThanOrEqual(1);
    },
  );

  it('000.3 dials every server in turn for a second each, and pauses after each round', async () => {
    client.cut();
    await world.time.pass(T + 4_000);
    const from = client.told.findIndex(({ text }) => text === 'disconnected A');
    const startMs = client.told[from]!.atMs;
    const dials = client.told.slice(from).filter(({ text }) => text.startsWith('connecting'));
    expect(dials.slice(0, 6).map(({ text }) => text)).toEqual(
      ['B', 'C', 'A', 'B', 'C', 'A'].map((letter) => `connecting ${letter}`),
    );
    expect(dials.slice(0, 3).map(({ atMs }) => atMs - startMs)).toEqual([0, 1000, 2000]);
    const pauseMs = dials[3]!.atMs - startMs - 3000;
    expect(pauseMs).toBeGreaterThan(0);
    expect(pauseMs).toBeLessThanOrEqual(1000);
    const rounds = client.told.flatMap(({ event }) => (event.state === 'refused' ? [event] : []));
    expect(rounds[0]?.failures.map(({ code }) => code)).toEqual(Array(3).fill('CONNECT_TIMEOUT'));
  });

  it('000.4 001.11 001.12 that is longer than the time-out ends in: expired, one last event, a new session', async () => {
    const before = client.zk.sessionId;
    await watch('/foo');
    client.cut();
    await world.time.pass(16_000);
    // The client judges nothing by itself.
    expect(client.story().some((text) => text.startsWith('expired'))).toBe(false);
    expect(heard).toEqual([]);
    const from = client.told.length;
    const healedMs = world.time.nowMs();
    client.heal();
    await world.time.pass(2_500);
    const after = client.story(from);
    const at = after.findIndex((text) => text.startsWith('expired'));
    const via = after[at]!.at(-1) as 'A' | 'B' | 'C';
    const next = { A: 'B', B: 'C', C: 'A' }[via];
    expect(after.slice(at - 1)).toEqual([
      `connected ${via}`,
      `expired ${via}`,
      `disconnected ${via}`,
      `connecting ${next}`,
      `connected ${next}`,
      `session ${next} new`,
    ]);
    // It waits for the dial under way, and a pause: two seconds at most.
    expect(client.told[from + at - 1]!.atMs - healedMs).toBeLessThanOrEqual(2_000);
    expect(client.zk.sessionId).not.toBe(before);
    expect(heard).toMatchObject([
      { type: 'Ended', path: '/foo', reason: 'expired', error: { code: 'SESSION_EXPIRED' } },
    ]);
    await other.zk.create('/foo');
    await client.zk.sync('/');
    expect(heard).toHaveLength(1);
  });

  it('000.5 that is shorter keeps the session; the watch says nothing, and fires once for a later change', async () => {
    const before = client.zk.sessionId;
    await watch('/foo');
    client.cut();
    await world.time.pass(DEAD_AFTER + 500);
    client.heal();
    await world.time.pass(1_000);
    expect(client.story(3)).toEqual([
      'disconnected A',
      'connecting B',
      'connecting C',
      'connected C',
      'session C resumed',
    ]);
    expect([client.zk.sessionId, heard]).toEqual([before, []]);
    await other.zk.create('/foo');
    await client.zk.sync('/');
    expect(heard).toMatchObject([{ type: 'NodeCreated', path: '/foo' }]);
    await other.zk.delete('/foo');
    await client.zk.sync('/');
    expect(heard).toHaveLength(1);
  });

  it('000.7 that is over before two thirds of the time-out is not noticed', async () => {
    await watch('/foo');
    await untilHeard();
    client.cut();
    await world.time.pass(4_000);
    client.heal();
    await world.time.pass(20_000);
    expect(client.story(3)).toEqual([]);
    expect(heard).toEqual([]);
  });

  it('000.6 tells on the reconnect what has changed meanwhile', async () => {
    await watch('/foo');
    client.cut();
    await world.time.pass(DEAD_AFTER - 100);
    await other.zk.create('/foo');
    await world.time.pass(500);
    expect(heard).toEqual([]);
    client.heal();
    await world.time.pass(1_500);
    expect(client.story().at(-1)).toMatch(/^session . resumed$/);
    expect(heard).toMatchObject([{ type: 'NodeCreated', path: '/foo' }]);
  });

  it.each([0, 500, 1000, 1500, 1999])(
    '000.9 never ends a session before its time-out, always within a tick more (%i ms into a tick)',
    async (phaseMs) => {
      await world.time.pass(phaseMs);
      await client.zk.create('/e', null, { mode: 'ephemeral' });
      const lastMs = world.time.nowMs();
      client.cut();
      await world.time.pass(T - 1);
      expect(await other.zk.exists('/e')).not.toBeNull();
      let goneMs = 0;
      await other.zk.exists('/e', {
        watch: () => {
          goneMs = world.time.nowMs();
        },
      });
      await world.time.pass(2_001);
      expect(goneMs - lastMs).toBeGreaterThanOrEqual(T);
      expect(goneMs - lastMs).toBeLessThanOrEqual(T + 2_000);
    },
  );
});
