import { percentileOfSorted } from '../statistics.ts';

/** Fewer samples than this beyond a percentile, and it is not given: it would be one outlier's time. */
const BEYOND_MIN = 2;

/** Which percentiles are given, by their names in results, and as "one request in so many takes longer". */
export const PERCENTILES = [
  { name: 'p50Us', oneIn: 2 },
  { name: 'p90Us', oneIn: 10 },
  { name: 'p99Us', oneIn: 100 },
  { name: 'p999Us', oneIn: 1_000 },
  { name: 'p9999Us', oneIn: 10_000 },
] as const;

/** Latency that one of `oneIn` samples exceeds; null where too few lie beyond. `sorted`: ascending. */
export function exceededByOneIn(sorted: ArrayLike<number>, oneIn: number): number | null {
  // In whole numbers: as shares, 20,000 samples would have less than two beyond 0.9999.
  if (sorted.length < BEYOND_MIN * oneIn) return null;
  return percentileOfSorted(sorted, (oneIn - 1) / oneIn);
}
