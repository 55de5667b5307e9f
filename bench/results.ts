import { readFileSync } from 'node:fs';
import type { BenchCase } from './cases.ts';
import type { Environment } from './environment.ts';
import type { FigureResult } from './figures.ts';

/** Bumped when a reader of older files would misread newer ones. */
export const RESULTS_SCHEMA = 1;

/** One turn of one case: named numbers, null where one could not be had. */
export interface Turn {
  /** 0 is the first. Turns with the same number ran next to each other and may be compared. */
  turn: number;
  values: Record<string, number | null>;
}

export interface TurnFailure {
  turn: number;
  reason: string;
}

export interface CaseResult {
  case: BenchCase;
  /** What was measured, with its version. */
  subject: string;
  version: string;
  turns: Turn[];
  failures: TurnFailure[];
  /** Why this client cannot do what the case wants: it has no turns then, and is no failure. */
  notSupported?: string;
}

export interface Skipped {
  name: string;
  reason: string;
}

export interface BenchResults {
  schema: typeof RESULTS_SCHEMA;
  startedAt: string;
  elapsedSeconds: number;
  /** The command that repeats it. */
  command: string;
  /** A quick run is for trying things out: too short to quote. */
  quick: boolean;
  measureSeconds: number;
  warmupSeconds: number;
  environment: Environment;
  cases: CaseResult[];
  skipped: Skipped[];
  figures: FigureResult[];
  notMeasured: readonly string[];
}

export function readResults(path: string): BenchResults {
  const results = JSON.parse(readFileSync(path, 'utf8')) as BenchResults;
  if (results.schema !== RESULTS_SCHEMA) {
    throw new Error(`${path} has schema ${results.schema}, this program reads ${RESULTS_SCHEMA}`);
  }
  return results;
}

/** Values of one name, by turn; turns without it are left out. */
export function valuesByTurn(result: CaseResult | undefined, name: string): Map<number, number> {
  const values = new Map<number, number>();
  for (const { turn, values: named } of result?.turns ?? []) {
    const value = named[name];
    if (typeof value === 'number' && Number.isFinite(value)) values.set(turn, value);
  }
  return values;
}

export function valuesOf(result: CaseResult | undefined, name: string): number[] {
  return [...valuesByTurn(result, name).values()];
}
