import { median, spreadOf } from '../statistics.ts';

/** What a row had when the baseline was taken. All values are ratios, and more is better. */
export interface BaselineRow {
  readonly id: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly turns: number;
  /** Below this it is a regression. */
  readonly threshold: number;
}

export type Verdict = 'ok' | 'faster' | 'slower' | 'REGRESSION' | 'FAILED' | 'new' | 'gone';

export interface ComparedRow {
  readonly id: string;
  readonly verdict: Verdict;
  readonly baseline: BaselineRow | null;
  readonly values: readonly number[];
}

/** A quieter row is not held more tightly than this: machines differ from day to day. */
export const TOLERANCE_MIN = 0.1;
/** A noisier one says nothing about smaller changes, but is still held to this. */
export const TOLERANCE_MAX = 0.4;
/** How many times the distance from the median to the worst turn. */
export const SPREADS = 2;

/** Twice as far below the median as the worst turn of the baseline was, within limits. */
export function toleranceOf(values: readonly number[]): number {
  const { median: middle, min } = spreadOf(values);
  const wanted = (SPREADS * (middle - min)) / middle;
  return Math.min(TOLERANCE_MAX, Math.max(TOLERANCE_MIN, wanted));
}

export function baselineRow(id: string, values: readonly number[]): BaselineRow {
  const { median: middle, min, max } = spreadOf(values);
  const threshold = middle * (1 - toleranceOf(values));
  return { id, median: middle, min, max, turns: values.length, threshold };
}

/**
 * A row fails only when its best turn lies below the threshold: a machine that was busy for some of the
 * turns slows some of them, code that became slower slows all.
 */
export function verdictOf(values: readonly number[], baseline: BaselineRow | null): Verdict {
  if (values.length === 0) return 'FAILED';
  if (baseline === null) return 'new';
  const { threshold } = baseline;
  if (Math.max(...values) < threshold) return 'REGRESSION';
  if (median(values) < threshold) return 'slower';
  // As far above the median as the threshold is below it.
  return Math.min(...values) > 2 * baseline.median - threshold ? 'faster' : 'ok';
}

/** Rows that were measured, and those of the baseline that there are no more. */
export function compare(
  measured: ReadonlyMap<string, readonly number[]>,
  baseline: readonly BaselineRow[],
): ComparedRow[] {
  const rows = [...measured].map(([id, values]): ComparedRow => {
    const before = baseline.find((row) => row.id === id) ?? null;
    return { id, verdict: verdictOf(values, before), baseline: before, values };
  });
  const gone = baseline
    .filter(({ id }) => !measured.has(id))
    .map((row): ComparedRow => ({ id: row.id, verdict: 'gone', baseline: row, values: [] }));
  return [...rows, ...gone];
}

/** Is it worth a second look, with more turns? */
export function isSuspect({ verdict }: ComparedRow): boolean {
  return verdict === 'REGRESSION' || verdict === 'FAILED';
}
