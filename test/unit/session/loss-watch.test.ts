import { expect, it } from 'vitest';
import { LossWatch } from '../../../src/session/loss-watch.ts';
import { ManualClock } from './manual-clock.ts';

const LONGEST_MS = 2 ** 31 - 1;

/** A watch over a session of `sessionTimeoutMs`, last heard `heardAgoMs` ago; and what it tells. */
function watching(sessionTimeoutMs: number, heardAgoMs: number) {
  const clock = new ManualClock();
  const told: number[] = [];
  const watch = new LossWatch(clock, {
    sessionTimeoutMs: () => sessionTimeoutMs,
    isSafe: () => false,
    lost: (silentMs) => void told.push(silentMs),
  });
  watch.heardMs = clock.nowMs() - heardAgoMs;
  watch.start();
  return { clock, told, watch };
}

it('the loss of a session is told at its time-out, counted from when the servers were last heard', () => {
  const { clock, told } = watching(1000, 300);
  clock.advance(699);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual([1000]);
  expect(clock.timers).toBe(0);
});

it('the loss of a session is judged again when the servers were heard meanwhile', () => {
  const { clock, told, watch } = watching(1000, 0);
  clock.advance(600);
  watch.heardMs = clock.nowMs();
  clock.advance(999);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual([1000]);
});

it('a session of the longest time-out sets no timer that Node would run at once', () => {
  // What was heard between two milliseconds is rounded up.
  for (const heardAgoMs of [0, -0.2, -0.7]) {
    const { clock } = watching(LONGEST_MS, heardAgoMs);
    expect(clock.nextInMs).toBe(LONGEST_MS);
  }
});
