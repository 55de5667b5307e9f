import { describe, expect, it } from 'vitest';
import { attemptLimitMs, jittered, roundPauseMs } from '../../../src/session/backoff.ts';

describe('jittered', () => {
  it('is between half and all of it', () => {
    expect(jittered(100, () => 0)).toBe(50);
    expect(jittered(100, () => 0.5)).toBe(75);
    expect(jittered(100, () => 0.999)).toBeCloseTo(99.95);
  });
});

describe('roundPauseMs', () => {
  it.each([
    [30_000, [100, 200, 400, 800, 1_000, 1_000]],
    [10_000, [100, 200, 400, 800, 833.33, 833.33]],
    [4_000, [100, 200, 333.33, 333.33]],
    [600, [50, 50]],
    [12, [10, 10]],
  ])('of a session of %d ms', (sessionTimeoutMs, pauses) => {
    pauses.forEach((pauseMs, index) => {
      expect(roundPauseMs(index + 1, sessionTimeoutMs)).toBeCloseTo(pauseMs, 1);
    });
  });

  it('stays bounded for ever', () => {
    expect(roundPauseMs(100_000, 30_000)).toBe(1_000);
  });

  it.each([400, 4_000, 10_000, 30_000])(
    'leaves room for four rounds of refusals in the last third of %d ms',
    (sessionTimeoutMs) => {
      const pauses = [1, 2, 3].map((rounds) => roundPauseMs(rounds, sessionTimeoutMs));
      expect(pauses.reduce((sum, pauseMs) => sum + pauseMs)).toBeLessThanOrEqual(
        sessionTimeoutMs / 3,
      );
    },
  );
});

describe('attemptLimitMs', () => {
  it('divides the last third of the session among the servers', () => {
    expect(attemptLimitMs(30_000, 3, 10_000)).toBe(3_333);
    expect(attemptLimitMs(10_000, 3, 10_000)).toBe(1_111);
    expect(attemptLimitMs(30_000, 1, 10_000)).toBe(10_000);
    expect(attemptLimitMs(60_000, 5, 10_000)).toBe(4_000);
  });

  it('is at most what the caller allows, and else at least a second', () => {
    expect(attemptLimitMs(300_000, 3, 10_000)).toBe(10_000);
    expect(attemptLimitMs(10_000, 7, 10_000)).toBe(1_000);
    expect(attemptLimitMs(300, 1, 10_000)).toBe(1_000);
    expect(attemptLimitMs(10_000, 7, 200)).toBe(200);
  });

  it('doubles with each round up to the third: slow servers get their time', () => {
    const limits = [0, 1, 2, 3, 2_000].map((rounds) => attemptLimitMs(12_000, 3, 10_000, rounds));
    expect(limits).toEqual([1_333, 2_666, 4_000, 4_000, 4_000]);
    expect(attemptLimitMs(30_000, 3, 5_000, 9)).toBe(5_000);
    expect(attemptLimitMs(1_500, 9, 5_000, 9)).toBe(1_000);
  });
});
