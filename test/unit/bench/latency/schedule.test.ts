import { describe, expect, it } from 'vitest';
import { exceededByOneIn } from '../../../../bench/latency/percentiles.ts';
import {
  constantSchedule,
  poissonSchedule,
  type Schedule,
  scheduleOf,
} from '../../../../bench/latency/schedule.ts';

function take(schedule: Schedule, count: number): number[] {
  return Array.from({ length: count }, () => schedule.next());
}

describe('constantSchedule', () => {
  it('is evenly spaced from the start on', () => {
    expect(take(constantSchedule(250), 4)).toEqual([0, 4, 8, 12]);
  });

  it('does not drift where a gap is no number that floats hold', () => {
    const due = take(constantSchedule(3_000), 300_001);
    expect(due.at(-1)).toBe(100_000);
  });
});

describe('poissonSchedule', () => {
  it('has the rate on average, and gaps of all lengths', () => {
    const due = take(poissonSchedule(1_000, 1), 100_000);
    expect(due.at(-1)).toBeGreaterThan(98_000);
    expect(due.at(-1)).toBeLessThan(102_000);
    const gaps = due.map((ms, at) => ms - (due[at - 1] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
    // Of exponential gaps a share of 1/e is longer than the mean, of 1/e^3 longer than three of it.
    const longer = (ms: number): number => gaps.filter((gap) => gap > ms).length / gaps.length;
    expect(longer(1)).toBeCloseTo(Math.exp(-1), 1);
    expect(longer(3)).toBeCloseTo(Math.exp(-3), 2);
  });

  it('is the same for the same seed', () => {
    expect(take(poissonSchedule(10, 7), 5)).toEqual(take(poissonSchedule(10, 7), 5));
    expect(take(poissonSchedule(10, 7), 5)).not.toEqual(take(poissonSchedule(10, 8), 5));
    expect(take(scheduleOf('poisson', 10), 3)).toEqual(take(scheduleOf('poisson', 10), 3));
    expect(take(scheduleOf('constant', 10), 3)).toEqual([0, 100, 200]);
  });
});

describe('exceededByOneIn', () => {
  const sorted = Array.from({ length: 20_000 }, (_, index) => index + 1);

  it('is the value that one of so many exceeds', () => {
    expect(exceededByOneIn(sorted, 2)).toBe(10_000);
    expect(exceededByOneIn(sorted, 10)).toBe(18_000);
    expect(exceededByOneIn(sorted, 1_000)).toBe(19_980);
    expect(exceededByOneIn(sorted, 10_000)).toBe(19_998);
  });

  it('is not given where fewer than two samples lie beyond', () => {
    expect(exceededByOneIn(sorted.slice(1), 10_000)).toBeNull();
    expect(exceededByOneIn([1, 2, 3], 2)).toBeNull();
    expect(exceededByOneIn([1, 2, 3, 4], 2)).toBe(2);
    expect(exceededByOneIn([], 2)).toBeNull();
  });
});
