import { numbersOf } from '../lanes/lane.ts';
import type { Point, Series } from '../lanes/lane-results.ts';
import { median } from '../statistics.ts';

/** What y is the cost of: `each` of what x counts, or all `x` of them together. */
export type CostOf = 'each' | 'x';

/** A neighbour whose cost per unit is over this many times that of the point before is a cliff. */
export const CLIFF = 1.5;

/** Two neighbouring points, and how many times the cost per unit of the first that of the second is. */
export interface Jump {
  readonly from: Point;
  readonly to: Point;
  /** Of the medians. */
  readonly ratio: number;
}

/** From each measured point to the next one. Points without a value, or without a unit, are passed over. */
export function jumpsOf({ points }: Series, costOf: CostOf): Jump[] {
  const measured = points.filter((point) => costPerUnit(point, costOf) !== null);
  return measured.slice(1).flatMap((to, index) => {
    const from = measured[index] as Point;
    const [before, after] = [costPerUnit(from, costOf), costPerUnit(to, costOf)];
    if (before === null || after === null || before <= 0) return [];
    return [{ from, to, ratio: after / before }];
  });
}

/** The ratio of a jump by turn: of turns that have both points. */
export function ratiosByTurn(
  { from, to }: Pick<Jump, 'from' | 'to'>,
  costOf: CostOf,
): Map<number, number> {
  const units = costOf === 'each' ? 1 : to.x / from.x;
  const ratios = new Map<number, number>();
  for (const [turn, before] of from.values.entries()) {
    const after = to.values[turn];
    if (before === null || typeof after !== 'number' || before <= 0) continue;
    ratios.set(turn, after / before / units);
  }
  return ratios;
}

export function isCliff({ ratio }: Jump): boolean {
  return ratio > CLIFF;
}

function costPerUnit(point: Point, costOf: CostOf): number | null {
  const numbers = numbersOf(point);
  if (numbers.length === 0 || (costOf === 'x' && point.x === 0)) return null;
  return median(numbers) / (costOf === 'x' ? point.x : 1);
}
