import { describe, expect, it } from 'vitest';
import type { Session } from '../../../../src/server/sessions/session.ts';
import { SessionTracker } from '../../../../src/server/sessions/session-tracker.ts';
import { ManualTime } from './manual-time.ts';

const TICK = 2000;

/** A tracker at a moment `phaseMs` behind a tick; expired sessions are removed, as the core does. */
function bench({ phaseMs = 0, tickTimeMs = TICK } = {}) {
  const startMs = 50 * tickTimeMs + phaseMs;
  const time = new ManualTime(startMs);
  const expired: [session: Session, atMs: number][] = [];
  const hooks = { onExpired: (session: Session): void => tracker.remove(session.id) };
  const tracker = new SessionTracker({
    serverId: 1,
    clock: time,
    tickTimeMs,
    minSessionTimeoutMs: 2 * tickTimeMs,
    maxSessionTimeoutMs: 20 * tickTimeMs,
    afterReads: time.afterReads,
    onExpired: (session) => {
      expired.push([session, time.nowMs() - startMs]);
      hooks.onExpired(session);
    },
  });
  const expiredAt = (session: Session): number | undefined =>
    expired.find(([one]) => one === session)?.[1];
  return { time, tracker, expired, expiredAt, hooks };
}

describe('SessionTracker', () => {
  it('grants 2 to 20 ticks', () => {
    const { tracker } = bench();
    const granted = [-5, 0, 1, 3999, 4000, 4001, 40_000, 40_001, 2 ** 31 - 1];
    expect(granted.map((wish) => tracker.clampTimeout(wish))).toEqual([
      4000, 4000, 4000, 4000, 4000, 4001, 40_000, 40_000, 40_000,
    ]);
  });

  it('numbers sessions on from the time, and passes over those that are there', () => {
    const { tracker } = bench();
    const { id } = tracker.create(4000);
    expect(id).toBe((1n << 56n) | (BigInt.asUintN(40, 1_700_000_100_000n) << 16n));
    tracker.add(id + 1n, 4000);
    tracker.add(id + 2n, 4000);
    expect(tracker.create(4000).id).toBe(id + 3n);
    expect(tracker.size).toBe(4);
    expect(Array.from(tracker.all(), (session) => session.id - id)).toEqual([0n, 1n, 2n, 3n]);
  });

  it('finds sessions by their id', () => {
    const { tracker } = bench();
    const session = tracker.create(5000);
    expect(session).toMatchObject({ timeoutMs: 5000, grantedMs: 5000, isClosing: false });
    expect(tracker.get(session.id)).toBe(session);
    expect(tracker.get(1n)).toBeUndefined();
    tracker.remove(session.id);
    tracker.remove(session.id);
    expect(tracker.get(session.id)).toBeUndefined();
    expect(tracker.size).toBe(0);
  });

  it.each([
    [0, 4000, 6000],
    [0, 5999, 6000],
    [0, 6000, 8000],
    [1, 4000, 5999],
    [1999, 4000, 4001],
    [1999, 4001, 6001],
  ])('%i ms behind a tick, with %i ms: expires after %i ms', (phaseMs, timeoutMs, afterMs) => {
    const { time, tracker, expiredAt } = bench({ phaseMs });
    const session = tracker.create(timeoutMs);
    time.advance(afterMs - 1);
    expect(tracker.get(session.id)).toBe(session);
    time.advance(100_000);
    expect(expiredAt(session)).toBe(afterMs);
    expect(tracker.size).toBe(0);
  });

  it('lets nobody expire who is heard', () => {
    const { time, tracker, expired, expiredAt } = bench();
    const session = tracker.create(4000);
    const silent = tracker.create(4000);
    for (let round = 0; round < 20; round++) {
      time.advance(1900);
      expect(tracker.touch(session)).toBe(true);
    }
    expect(expired).toEqual([[silent, 6000]]);
    time.advance(100_000);
    expect(expiredAt(session)).toBe(42_000 + 2000);
  });

  it('tells of each once, all of a tick together, and closes them', () => {
    const { time, tracker, expired, hooks } = bench();
    hooks.onExpired = () => {};
    const sessions = Array.from({ length: 2500 }, () => tracker.create(4000));
    time.advance(100_000);
    expect(expired).toEqual(sessions.map((session) => [session, 6000]));
    for (const session of sessions) {
      expect(session.isClosing).toBe(true);
      expect(tracker.touch(session)).toBe(false);
      expect(tracker.resume(session, 4000)).toBe(false);
    }
    // Until the transaction that ends each was applied.
    expect(tracker.size).toBe(2500);
    for (const { id } of sessions) tracker.remove(id);
    expect(tracker.size).toBe(0);
  });

  it('lets others have a turn after a thousand', () => {
    const { time, tracker, expired } = bench();
    const sessions = Array.from({ length: 2500 }, () => tracker.create(4000));
    time.block(6000);
    const late = sessions.at(-1) as Session;
    const seen: number[] = [];
    while (time.waiting > 0) {
      time.read();
      seen.push(expired.length);
      tracker.touch(late);
    }
    expect(seen).toEqual([1000, 2000, 2499]);
    time.advance(100_000);
    expect(expired.length).toBe(2500);
  });

  it('lets nobody expire whose bytes lay in the socket while the loop was blocked', () => {
    const { time, tracker, expired } = bench();
    const heard = tracker.create(4000);
    const silent = tracker.create(4000);
    time.block(60_000);
    expect(expired).toEqual([]);
    expect(tracker.touch(heard)).toBe(true);
    time.read();
    expect(expired).toEqual([[silent, 60_000]]);
    time.advance(3999);
    expect(tracker.get(heard.id)).toBe(heard);
    time.advance(2001);
    expect(tracker.size).toBe(0);
  });

  it('goes on with the ticks that have passed until all was read: no timer has to tell of them', () => {
    const { time, tracker, expired } = bench();
    const session = tracker.create(4000);
    time.block(4000);
    time.block(6000);
    expect(time.timers).toBe(0);
    time.read();
    expect(expired).toEqual([]);
    time.read();
    expect(expired).toEqual([[session, 10_000]]);
    expect([time.timers, time.waiting]).toEqual([0, 0]);
  });

  it('lets sessions that are closing be', () => {
    const { time, tracker, expired } = bench();
    const session = tracker.create(4000);
    tracker.close(session);
    expect(session.isClosing).toBe(true);
    expect(tracker.touch(session)).toBe(false);
    time.advance(100_000);
    expect(expired).toEqual([]);
    expect(tracker.get(session.id)).toBe(session);
  });

  it('takes the time-out of the handshake that resumes a session', () => {
    const { time, tracker, expiredAt } = bench();
    const session = tracker.create(4000);
    expect(tracker.resume(session, 20_000)).toBe(true);
    expect(session).toMatchObject({ timeoutMs: 4000, grantedMs: 20_000 });
    time.advance(10_000);
    expect(tracker.touch(session)).toBe(true);
    expect(tracker.resume(session, 5000)).toBe(true);
    time.advance(100_000);
    expect(expiredAt(session)).toBe(16_000);
  });

  it('starts the time of recovered sessions afresh', () => {
    const { time, tracker, expired } = bench();
    tracker.add(5n, 4000);
    tracker.add(6n, 8000);
    time.advance(5000);
    tracker.add(5n, 4000);
    expect(tracker.size).toBe(2);
    time.advance(100_000);
    expect(expired.map(([{ id }, atMs]) => [id, atMs])).toEqual([
      [6n, 10_000],
      [5n, 10_000],
    ]);
  });

  it('goes on when one of those told breaks', () => {
    const { time, tracker, expired, hooks } = bench();
    for (let count = 0; count < 3; count++) tracker.create(4000);
    const { onExpired } = hooks;
    hooks.onExpired = () => {
      hooks.onExpired = onExpired;
      throw new Error('broken');
    };
    expect(() => time.advance(100_000)).toThrow('broken');
    time.read();
    expect(expired.map(([, atMs]) => atMs)).toEqual([6000, 6000, 6000]);
  });

  it('has one timer while there are sessions, and none afterwards', () => {
    const { time, tracker } = bench();
    expect(time.timers).toBe(0);
    time.advance(500);
    for (let count = 0; count < 100; count++) tracker.create(4000 + count);
    expect([time.timers, time.nextInMs]).toEqual([1, 1500]);
    time.advance(3000);
    expect(time.timers).toBe(1);
    time.advance(100_000);
    expect(time.timers).toBe(0);
    const session = tracker.create(4000);
    expect(time.timers).toBe(1);
    tracker.remove(session.id);
    time.advance(8000);
    expect(time.timers).toBe(0);
  });

  it('expires nobody after it was stopped', () => {
    const { time, tracker, expired } = bench();
    tracker.create(4000);
    tracker.create(4000);
    time.block(6000);
    tracker.stop();
    time.read();
    time.advance(100_000);
    tracker.create(4000);
    expect([expired.length, time.timers]).toEqual([0, 0]);
  });

  it('stops between two that expire', () => {
    const { time, tracker, expired, hooks } = bench();
    hooks.onExpired = () => tracker.stop();
    tracker.create(4000);
    tracker.create(4000);
    time.advance(100_000);
    expect([expired.length, time.timers, time.waiting]).toEqual([1, 0, 0]);
  });

  it('shows its buckets', () => {
    const { time, tracker } = bench({ phaseMs: 500 });
    const wallMs = time.wallMs() - 500;
    const one = tracker.create(10_000);
    const two = tracker.create(4000);
    const three = tracker.create(4000);
    const shown = () => {
      const buckets = tracker.buckets();
      return buckets.map(({ expiresAtMs, sessions }) => [expiresAtMs - wallMs, [...sessions]]);
    };
    expect(shown()).toEqual([
      [6000, [two, three]],
      [12_000, [one]],
    ]);
    time.advance(1500);
    tracker.touch(two);
    tracker.remove(three.id);
    expect(shown()).toEqual([
      [6000, []],
      [8000, [two]],
      [12_000, [one]],
    ]);
    time.advance(5000);
    expect(shown().length).toBe(2);
  });

  it('keeps 20,000 sessions that are touched all the time', () => {
    const { time, tracker, expired } = bench({ tickTimeMs: 100 });
    const sessions = Array.from({ length: 20_000 }, (_, at) => tracker.create(200 + (at % 1800)));
    for (let round = 0; round < 30; round++) {
      time.advance(50);
      for (const session of sessions) tracker.touch(session, time.nowMs());
      expect(tracker.buckets().length).toBeLessThanOrEqual(22);
    }
    expect(expired).toEqual([]);
    time.advance(10_000);
    expect(expired.length).toBe(20_000);
  });
});
