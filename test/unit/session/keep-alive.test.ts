import { describe, expect, it } from 'vitest';
import type { Timer } from '../../../src/session/clock.ts';
import { KeepAlive } from '../../../src/session/keep-alive.ts';
import { ManualClock } from './manual-clock.ts';

const TIMEOUT_MS = 12_000;
const LOOK_MS = 1000;

function bench(timeoutMs: number = TIMEOUT_MS, clock: ManualClock = new ManualClock()) {
  const startMs = clock.nowMs();
  const pings: number[] = [];
  const silences: [at: number, silentMs: number][] = [];
  const target = {
    heardMs: startMs,
    writes: 0,
    answers: false,
    ping(): void {
      pings.push(clock.nowMs() - startMs);
      this.writes++;
      if (this.answers) this.heardMs = clock.nowMs();
    },
  };
  const keepAlive = new KeepAlive(target, timeoutMs, clock, (silentMs) => {
    silences.push([clock.nowMs() - startMs, silentMs]);
  });
  return { clock, target, keepAlive, pings, silences };
}

describe('KeepAlive', () => {
  it('pings when nothing was sent for a third of the time-out, and not later', () => {
    const { clock, target, pings } = bench();
    target.answers = true;
    clock.advance(60_000);
    expect(pings.length).toBeGreaterThanOrEqual(15);
    const gaps = pings.map((at, index) => at - (pings[index - 1] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(TIMEOUT_MS / 3);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(TIMEOUT_MS / 4);
  });

  it.each([100, 400, 4000, 10_000, 29_999])(
    'pings in time with timers of whole milliseconds, for %i ms',
    (timeoutMs) => {
      // Node's timers drop what is behind the point.
      class WholeClock extends ManualClock {
        override setTimer(run: () => void, delayMs: number): Timer {
          return super.setTimer(run, Math.max(1, Math.trunc(delayMs)));
        }
      }
      const { clock, target, pings } = bench(timeoutMs, new WholeClock());
      target.answers = true;
      clock.advance(timeoutMs * 5);
      expect(pings.length).toBeGreaterThanOrEqual(15);
      const gaps = pings.map((at, index) => at - (pings[index - 1] ?? 0));
      expect(Math.max(...gaps)).toBeLessThanOrEqual(timeoutMs / 3);
    },
  );

  it('pings in time although timers come a part of a millisecond early', () => {
    class HastyClock extends ManualClock {
      override setTimer(run: () => void, delayMs: number): Timer {
        return super.setTimer(run, delayMs - 0.3);
      }
    }
    const { clock, pings } = bench(TIMEOUT_MS, new HastyClock());
    clock.advance(3000);
    expect(pings).toHaveLength(1);
  });

  it('looks every millisecond at most, however short the session', () => {
    expect(bench(5).clock.nextInMs).toBe(1);
  });

  it('does not ping the more often where nothing gets through', () => {
    const { clock, target, pings } = bench();
    target.ping = () => void pings.push(clock.nowMs() - 1000);
    for (let look = 0; look < 10; look++) {
      target.heardMs = clock.nowMs();
      clock.advance(LOOK_MS);
    }
    expect(pings).toEqual([3000, 6000, 9000]);
  });

  it('does not ping while something is sent', () => {
    const { clock, target, pings, silences } = bench();
    for (let look = 0; look < 100; look++) {
      target.writes++;
      target.heardMs = clock.nowMs();
      clock.advance(LOOK_MS);
    }
    expect([pings, silences]).toEqual([[], []]);
  });

  it('pings although bytes arrive: they do not keep a session alive', () => {
    const { clock, target, pings } = bench();
    for (let look = 0; look < 12; look++) {
      target.heardMs = clock.nowMs();
      clock.advance(LOOK_MS);
    }
    expect(pings).toEqual([3000, 7000, 11_000]);
  });

  it('keeps quiet where pings are out of place, and notices silence all the same', () => {
    const { clock, target, keepAlive, pings, silences } = bench();
    keepAlive.pings = false;
    clock.advance(7000);
    expect(pings).toEqual([]);
    target.heardMs = clock.nowMs();
    keepAlive.pings = true;
    clock.advance(1000);
    expect(pings).toEqual([8000]);
    keepAlive.pings = false;
    clock.advance(7000);
    expect([pings, silences]).toEqual([[8000], [[15_000, 8000]]]);
  });

  it('counts the silence from the last byte, whenever that came between two looks', () => {
    for (const heardMs of [1, 333, 999, 1234, 2999]) {
      const { clock, target, silences } = bench();
      clock.advance(heardMs);
      target.heardMs = clock.nowMs();
      clock.advance(20_000);
      expect(silences).toEqual([[heardMs + 8000, 8000]]);
    }
  });

  it('declares the peer dead after two thirds of silence, not before, and once', () => {
    const { clock, pings, silences } = bench();
    clock.advance(7999);
    expect(silences).toEqual([]);
    clock.advance(1);
    expect(silences).toEqual([[8000, 8000]]);
    expect(pings).toEqual([3000, 7000]);
    clock.advance(60_000);
    expect([silences.length, clock.timers]).toEqual([1, 0]);
  });

  it('is not deceived by what is sent', () => {
    const { clock, target, silences } = bench();
    for (let look = 0; look < 20; look++) {
      target.writes++;
      clock.advance(LOOK_MS);
    }
    expect(silences).toEqual([[8000, 8000]]);
  });

  it('never declares death while bytes arrive, and is late by at most a look', () => {
    const { clock, target, silences } = bench();
    for (let time = 0; time < 100; time++) {
      clock.advance(7500);
      target.heardMs = clock.nowMs();
    }
    expect(silences).toEqual([]);
    clock.advance(20_000);
    const [at] = silences[0]!;
    expect(at - 750_000).toBeGreaterThanOrEqual(8000);
    expect(at - 750_000).toBeLessThanOrEqual(8000 + LOOK_MS);
  });

  it('judges after the sockets were read: a blocked loop kills no live session', () => {
    const { clock, target, silences, pings } = bench();
    clock.block(30_000);
    expect(silences).toEqual([]);
    target.heardMs = clock.nowMs(); // what lay in the kernel
    clock.poll();
    expect(silences).toEqual([]);
    expect(pings).toEqual([30_000]);
    clock.block(30_000);
    clock.poll();
    expect(silences).toEqual([[60_000, 30_000]]);
  });

  it('stops: no timer, no ping, no judgement that was already on its way', () => {
    const { clock, keepAlive, silences, pings } = bench();
    clock.block(30_000);
    keepAlive.stop();
    clock.poll();
    clock.advance(60_000);
    expect([silences, pings, clock.timers]).toEqual([[], [30_000], 0]);
  });

  it('does not go on when a ping ends it', () => {
    const { clock, target, keepAlive } = bench();
    target.ping = () => keepAlive.stop();
    clock.advance(3000);
    expect(clock.timers).toBe(0);
  });
});
