import { describe, expect, it } from 'vitest';
import { median, pairedRatios, percentileOfSorted, spreadOf } from '../../../bench/statistics.ts';

describe('median', () => {
  it('is the middle value, whatever the order, and leaves its argument alone', () => {
    const values = [9, 1, 5];
    expect(median(values)).toBe(5);
    expect(values).toEqual([9, 1, 5]);
  });

  it('is between the two in the middle of an even number', () => {
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it('is NaN of nothing', () => {
    expect(median([])).toBeNaN();
  });
});

describe('percentileOfSorted', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

  it('is the nearest rank', () => {
    expect(percentileOfSorted(hundred, 0.5)).toBe(50);
    expect(percentileOfSorted(hundred, 0.99)).toBe(99);
    expect(percentileOfSorted(hundred, 0.999)).toBe(100);
    expect(percentileOfSorted(hundred, 0)).toBe(1);
    expect(percentileOfSorted(hundred, 1)).toBe(100);
  });

  it('is the only value of one, and NaN of none', () => {
    expect(percentileOfSorted([7], 0.5)).toBe(7);
    expect(percentileOfSorted([], 0.5)).toBeNaN();
  });
});

describe('spreadOf', () => {
  it('gives median, least and greatest', () => {
    expect(spreadOf([3, 9, 4])).toEqual({ median: 4, min: 3, max: 9 });
  });
});

describe('pairedRatios', () => {
  it('divides what was measured in the same turn', () => {
    const ours = new Map([
      [0, 100],
      [1, 50],
    ]);
    const theirs = new Map([
      [1, 25],
      [0, 10],
    ]);
    expect(pairedRatios(ours, theirs)).toEqual([10, 2]);
  });

  it('leaves out turns that only one side finished, and divisions by zero', () => {
    const ours = new Map([
      [0, 100],
      [1, 50],
      [2, 7],
    ]);
    expect(
      pairedRatios(
        ours,
        new Map([
          [1, 0],
          [2, 7],
          [3, 1],
        ]),
      ),
    ).toEqual([1]);
  });
});
