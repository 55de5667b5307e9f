import { describe, expect, it } from 'vitest';
import { isCliff, jumpsOf, ratiosByTurn } from '../../../../bench/growth/cliffs.ts';
import type { Point, Series } from '../../../../bench/lanes/lane-results.ts';

function series(...points: Point[]): Series {
  return { name: 'a', subject: 'zkwire', version: '1', points };
}

const at = (x: number, ...values: (number | null)[]): Point => ({ x, values });

describe('jumpsOf', () => {
  it('compares the medians of neighbours', () => {
    const jumps = jumpsOf(series(at(1, 2, 4, 9), at(10, 4), at(100, 7)), 'each');
    expect(jumps.map(({ from, to, ratio }) => [from.x, to.x, ratio])).toEqual([
      [1, 10, 1],
      [10, 100, 1.75],
    ]);
    expect(jumps.map(isCliff)).toEqual([false, true]);
  });

  it('compares the cost of one where x of them were paid for', () => {
    const jumps = jumpsOf(series(at(10, 5), at(100, 50), at(1000, 1500)), 'x');
    expect(jumps.map(({ ratio }) => ratio)).toEqual([1, 3]);
  });

  it('passes over what was not measured, and over no unit at all', () => {
    const points = [at(0, 1), at(1, 2), at(10, null), at(100, 300)];
    expect(jumpsOf(series(...points), 'x').map(({ from, to }) => [from.x, to.x])).toEqual([
      [1, 100],
    ]);
    expect(jumpsOf(series(...points), 'each')).toHaveLength(2);
    expect(jumpsOf(series(at(1, 2)), 'each')).toEqual([]);
    expect(jumpsOf(series(), 'each')).toEqual([]);
  });

  it('gives no ratio to nothing', () => {
    expect(jumpsOf(series(at(1, 0), at(2, 5)), 'each')).toEqual([]);
  });
});

describe('isCliff', () => {
  it('begins above one and a half times', () => {
    const jumps = jumpsOf(series(at(1, 2), at(2, 3), at(3, 4.51)), 'each');
    expect(jumps.map(isCliff)).toEqual([false, true]);
  });
});

describe('ratiosByTurn', () => {
  it('takes the turns that have both', () => {
    const jump = { from: at(10, 10, null, 10, 0), to: at(100, 20, 1, null, 1) };
    expect([...ratiosByTurn(jump, 'each')]).toEqual([[0, 2]]);
    expect([...ratiosByTurn(jump, 'x')]).toEqual([[0, 0.2]]);
    const later = { from: at(1, null, 2), to: at(2, 3, 6) };
    expect([...ratiosByTurn(later, 'each')]).toEqual([[1, 3]]);
    expect([...ratiosByTurn({ from: at(1, 1, 2), to: at(2, 3) }, 'each')]).toEqual([[0, 3]]);
  });
});
