import type { FigureResult } from '../figures.ts';
import type { JobResult } from '../jobs.ts';
import type { PeerName } from '../peers.ts';
import type { Turn, TurnFailure } from '../results.ts';
import type { Chart, LaneKind, Point, Series } from './lane-results.ts';

/** One thing to measure, turn after turn. */
export interface LaneCase {
  /** Unique, and what `--filter` is matched against. */
  readonly name: string;
  /** Cases of one group take turns on the same servers: A B C, then C B A. */
  readonly group: string;
  readonly turns: number;
  /** Estimate of one turn, for the time that is left. */
  readonly turnMs: number;
  /** The npm package that is measured, if one is. */
  readonly peer: PeerName | null;
}

export interface LaneCaseResult<C extends LaneCase> {
  readonly case: C;
  /** What was measured, with its version; empty when no turn ran. */
  subject: string;
  version: string;
  readonly turns: Turn[];
  readonly failures: TurnFailure[];
}

/** Why a group cannot run on this machine: reported, not a failure. */
export class NotHere extends Error {}

/** An option that one lane has beside those of all. */
export interface OwnOption {
  readonly name: string;
  /** For its value, in `--help`. */
  readonly placeholder: string;
  readonly about: string;
  readonly byDefault: string;
}

/** What a group runs against. */
export interface LaneServers {
  stop(): Promise<void>;
}

/** A family of measurements with a command of its own: `npm run bench:<kind>`. */
export interface Lane<C extends LaneCase, S extends LaneServers> {
  readonly kind: LaneKind;
  /** One sentence, for `--help`. */
  readonly about: string;
  readonly notMeasured: readonly string[];
  readonly own?: OwnOption;
  /**
   * All of them, in their order. A quick run has shorter and fewer turns. `own`: value of the lane's own option.
   * Throws a UsageError when it is none.
   */
  cases(quick: boolean, own: string): readonly C[];
  /** Why a case cannot run on this machine, where that is not its npm package; null when it can. `say`: told of what takes a while. */
  missing?(each: C, say: (line: string) => void): Promise<string | null>;
  /** Starts what the cases of a group need. Rejects with NotHere when that is not on this machine. */
  open(group: readonly C[]): Promise<S>;
  /** One turn of one case, in a process of its own. */
  measure(each: C, servers: S): Promise<JobResult>;
  charts(results: readonly LaneCaseResult<C>[]): readonly Chart[];
  figures(charts: readonly Chart[]): readonly FigureResult[];
  /** Put behind that point in the tables, with a word in the chart's note. */
  readonly mark?: (chart: Chart, series: Series, point: Point) => string;
}

/** A value of that name in every turn that was planned: null for turns that failed or do not have it. */
export function valuesOfTurns(
  { case: { turns }, turns: done }: LaneCaseResult<LaneCase>,
  name: string,
): (number | null)[] {
  const values = new Array<number | null>(turns).fill(null);
  for (const { turn, values: named } of done) {
    const value = named[name];
    if (typeof value === 'number' && Number.isFinite(value)) values[turn] = value;
  }
  return values;
}

/** The numbers among the values of a point. */
export function numbersOf({ values }: Point): number[] {
  return values.filter((value) => value !== null);
}
