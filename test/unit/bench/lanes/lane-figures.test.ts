import { describe, expect, it } from 'vitest';
import { type FigureSpec, figureOf } from '../../../../bench/lanes/lane-figures.ts';

const LOWER: FigureSpec = {
  id: 'a',
  label: 'b',
  must: 1.5,
  aim: 1,
  better: 'lower',
  unit: 'times',
};

describe('figureOf', () => {
  it('is the median of the turns, with their spread', () => {
    expect(figureOf(LOWER, [3, 1, 1.25])).toEqual({
      ...LOWER,
      value: 1.25,
      min: 1,
      max: 3,
      turns: 3,
      verdict: 'must',
    });
  });

  it('was not measured without values', () => {
    const nothing = { value: null, min: null, max: null, turns: 0, verdict: 'not measured' };
    expect(figureOf(LOWER, [])).toEqual({ ...LOWER, ...nothing });
  });

  it.each([
    ['lower', 1, 'aim'],
    ['lower', 1.5, 'must'],
    ['lower', 1.51, 'missed'],
    ['higher', 1.5, 'aim'],
    ['higher', 1, 'must'],
    ['higher', 0.99, 'missed'],
  ] as const)('judges where %s is better: %d is %s', (better, value, verdict) => {
    const bounds = better === 'lower' ? {} : { must: 1, aim: 1.5 };
    expect(figureOf({ ...LOWER, ...bounds, better }, [value]).verdict).toBe(verdict);
  });
});
