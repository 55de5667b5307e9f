import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../environment.ts';
import type { FigureResult } from '../figures.ts';
import { REPOSITORY } from '../repository.ts';
import type { Skipped } from '../results.ts';

/** Bumped when a reader of older files would misread newer ones. */
export const LANE_SCHEMA = 1;

export const LANE_KINDS = ['latency', 'sustained', 'watches', 'growth'] as const;
export type LaneKind = (typeof LANE_KINDS)[number];

/** One value of a curve, in every turn that had it. */
export interface Point {
  readonly x: number;
  readonly values: readonly (number | null)[];
}

/** One line of a chart: who was measured, and where. */
export interface Series {
  readonly name: string;
  readonly subject: string;
  readonly version: string;
  readonly points: readonly Point[];
}

export interface Chart {
  /** Unique in the file: `growth/payload/get`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly kind: 'curve' | 'bars';
  readonly xName: string;
  readonly xUnit: string;
  readonly xScale: 'linear' | 'log';
  readonly yName: string;
  readonly yUnit: string;
  readonly yScale: 'linear' | 'log';
  /** How to read it, what was the limit. */
  readonly note: string;
  /**
   * Of a chart over time: a terminal shows a line for each client, as it went. Of bars: a terminal shows all those of
   * the same name as one table. The page draws both as it does the others.
   */
  readonly summary?: string;
  readonly series: readonly Series[];
}

/** What a lane has measured: the same shape for all of them, so that one report reads them all. */
export interface LaneResults {
  readonly kind: LaneKind;
  readonly schema: typeof LANE_SCHEMA;
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  /** The command that repeats it. */
  readonly command: string;
  /** A quick run is for trying things out: too short to quote. */
  readonly quick: boolean;
  /** What the lane's own options were, given or not, by name. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly environment: Environment;
  readonly charts: readonly Chart[];
  readonly figures: readonly FigureResult[];
  readonly skipped: readonly Skipped[];
  readonly notMeasured: readonly string[];
}

/** Of the runs that the report quotes. */
export const LANE_RESULTS: Readonly<Record<LaneKind, string>> = {
  latency: published('latency'),
  sustained: published('sustained'),
  watches: published('watches'),
  growth: published('growth'),
};

function published(kind: LaneKind): string {
  return join(REPOSITORY, 'bench', 'results', `${kind}.json`);
}

export function readLaneResults(path: string): LaneResults {
  const results = JSON.parse(readFileSync(path, 'utf8')) as LaneResults;
  if (!isLaneKind(results.kind)) throw new Error(`${path} has no results of a lane`);
  if (results.schema !== LANE_SCHEMA) {
    throw new Error(`${path} has schema ${results.schema}, this program reads ${LANE_SCHEMA}`);
  }
  return results;
}

/** Tells these files from those of the other benchmarks. */
export function isLaneFile(path: string): boolean {
  const { kind } = JSON.parse(readFileSync(path, 'utf8')) as Partial<LaneResults>;
  return isLaneKind(kind);
}

function isLaneKind(kind: unknown): kind is LaneKind {
  return LANE_KINDS.some((known) => known === kind);
}
