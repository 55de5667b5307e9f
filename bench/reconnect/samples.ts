import { percentileOfSorted } from '../statistics.ts';
import type { ReconnectCaseResult, ReconnectTurn } from './results.ts';

/** Times of a turn in ascending order; a fault without recovery counts as infinite. */
function sortedTimes(turn: ReconnectTurn): number[] {
  const lost = Array.from({ length: turn.unrecovered }, () => Number.POSITIVE_INFINITY);
  return [...turn.recoveredMs, ...lost].sort((a, b) => a - b);
}

/** All faults of all turns, in ascending order. */
export function allTimes(result: ReconnectCaseResult): number[] {
  return result.turns.flatMap(sortedTimes).sort((a, b) => a - b);
}

/** Median of each turn, by turn. */
export function mediansByTurn(result: ReconnectCaseResult | undefined): Map<number, number> {
  return percentilesByTurn(result, 0.5);
}

/** A percentile of each turn, by turn; without those that have too few faults for it. */
export function percentilesByTurn(
  result: ReconnectCaseResult | undefined,
  share: number,
): Map<number, number> {
  const percentiles = new Map<number, number>();
  for (const turn of result?.turns ?? []) {
    const percentile = percentileOrNull(sortedTimes(turn), share);
    if (percentile !== null) percentiles.set(turn.turn, percentile);
  }
  return percentiles;
}

/** Mean of each turn, by turn: of times that come in two sorts, a median tells of one sort only. */
export function meansByTurn(result: ReconnectCaseResult | undefined): Map<number, number> {
  const means = new Map<number, number>();
  for (const turn of result?.turns ?? []) {
    const times = sortedTimes(turn);
    if (times.length > 0) means.set(turn.turn, meanOf(times));
  }
  return means;
}

/** NaN when there are none. */
export function meanOf(times: readonly number[]): number {
  return times.reduce((sum, ms) => sum + ms, 0) / times.length;
}

/** Percentile (0..1) of ascending times; null when fewer than two lie beyond it, which would be one outlier's time. */
export function percentileOrNull(sorted: readonly number[], share: number): number | null {
  if (sorted.length === 0) return null;
  if (share > 0.5 && Math.round(sorted.length * (1 - share)) < 2) return null;
  return percentileOfSorted(sorted, share);
}
