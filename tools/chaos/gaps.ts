import type { Fault } from './faults.ts';

/**
 * For each fault the longest time between two acknowledged writes that ends between it and the next fault:
 * how long nobody could write. Infinite when no write was acknowledged after the fault.
 *
 * @param acknowledgedMs ascending
 */
export function gapsAfterFaults(
  acknowledgedMs: readonly number[],
  faults: readonly Fault[],
  endMs: number,
): number[] {
  return faults.map(({ atMs }, index) => {
    const untilMs = faults[index + 1]?.atMs ?? endMs;
    let last = acknowledgedMs.findLast((ms) => ms <= atMs) ?? atMs;
    let longest = Number.NEGATIVE_INFINITY;
    for (const ms of acknowledgedMs) {
      if (ms <= atMs) continue;
      if (ms > untilMs) break;
      longest = Math.max(longest, ms - last);
      last = ms;
    }
    return longest === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : longest;
  });
}

/** Nearest-rank percentile (0..1); null when there are none. */
export function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] as number;
}
