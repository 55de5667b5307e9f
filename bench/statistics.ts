/** Plain statistics over a few turns. No means: turns on a shared machine have outliers on one side. */

export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Nearest-rank percentile (0..1) of values sorted in ascending order. NaN when there are none. */
export function percentileOfSorted(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1] as number;
}

/** Middle value; of an even number of values the mean of the two in the middle. NaN when there are none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * Ratios a/b of values that were measured in the same turn, so that a machine that slows down for a
 * while slows both. Turns that only one of them finished are left out.
 */
export function pairedRatios(
  a: ReadonlyMap<number, number>,
  b: ReadonlyMap<number, number>,
): number[] {
  const ratios: number[] = [];
  for (const [turn, value] of a) {
    const other = b.get(turn);
    if (other !== undefined && other !== 0) ratios.push(value / other);
  }
  return ratios;
}
