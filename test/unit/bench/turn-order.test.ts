import { describe, expect, it } from 'vitest';
import { turnOrder } from '../../../bench/turn-order.ts';

describe('turnOrder', () => {
  it('goes there and back', () => {
    const members = ['a', 'b', 'c'];
    const turns = [0, 1, 2, 3].map((turn) => turnOrder(members, turn).join(''));
    expect(turns).toEqual(['abc', 'cba', 'abc', 'cba']);
    expect(members).toEqual(['a', 'b', 'c']);
  });

  it('gives everybody the same place on average in an even number of turns', () => {
    const places = ['a', 'b', 'c', 'd'].map((name) =>
      [0, 1].reduce((sum, turn) => sum + turnOrder(['a', 'b', 'c', 'd'], turn).indexOf(name), 0),
    );
    expect(places).toEqual([3, 3, 3, 3]);
  });
});
