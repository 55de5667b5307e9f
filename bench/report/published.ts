import { existsSync } from 'node:fs';
import type { Environment } from '../environment.ts';
import type { FigureResult } from '../figures.ts';
import {
  LANE_KINDS,
  LANE_RESULTS,
  type LaneKind,
  type LaneResults,
  readLaneResults,
} from '../lanes/lane-results.ts';
import { LATEST_RESULTS } from '../publish.ts';
import { type ReconnectFigure, reconnectFigures } from '../reconnect/figures.ts';
import {
  RECONNECT_RESULTS,
  type ReconnectResults,
  readReconnectResults,
} from '../reconnect/results.ts';
import { type BenchResults, type CaseResult, readResults, type Skipped } from '../results.ts';
import { readServerResults, SERVER_RESULTS, type ServerResults } from '../server/results.ts';

/** What has been published, null where nothing was. */
export interface Published {
  readonly load: BenchResults | null;
  readonly reconnect: ReconnectResults | null;
  readonly server: ServerResults | null;
  readonly lanes: Readonly<Record<LaneKind, LaneResults | null>>;
}

/** What all files of results have in common. */
export interface PublishedFile {
  readonly name: string;
  /** What is in it, for people. */
  readonly about: string;
  /** What writes it. */
  readonly command: string;
  readonly results: PublishedRun | null;
}

export interface PublishedRun {
  readonly startedAt: string;
  readonly elapsedSeconds: number;
  /** The command that measures the same again. */
  readonly command: string;
  readonly quick: boolean;
  readonly environment: Environment;
  readonly skipped: readonly Skipped[];
  readonly figures: readonly (FigureResult | ReconnectFigure)[];
  readonly notMeasured?: readonly string[];
}

/** Reads what is in `bench/results`. */
export function readPublished(): Published {
  return {
    load: ifThere(LATEST_RESULTS, readResults),
    reconnect: ifThere(RECONNECT_RESULTS, readReconnect),
    server: ifThere(SERVER_RESULTS, readServerResults),
    lanes: Object.fromEntries(
      LANE_KINDS.map((kind) => [kind, ifThere(LANE_RESULTS[kind], readLaneResults)]),
    ) as Record<LaneKind, LaneResults | null>,
  };
}

/** Its figures are computed anew: older files have the spread of medians beside a p99. */
function readReconnect(path: string): ReconnectResults {
  const results = readReconnectResults(path);
  return { ...results, figures: reconnectFigures(results.cases) };
}

function ifThere<T>(path: string, read: (path: string) => T): T | null {
  return existsSync(path) ? read(path) : null;
}

const LANE_ABOUT: Readonly<Record<LaneKind, string>> = {
  latency: 'latency at fixed rates (open loop)',
  sustained: 'full load for a minute',
  watches: 'watches',
  growth: 'growth of cost',
};

type Failing = Pick<CaseResult, 'failures'> & { readonly case: { readonly name: string } };

/** With the turns that failed among what is missing: medians are of the others. Lanes say so by themselves. */
function withFailures<R extends PublishedRun & { readonly cases: readonly Failing[] }>(
  results: R | null,
): PublishedRun | null {
  if (results === null) return null;
  const failed = results.cases.flatMap(({ case: { name }, failures }) =>
    failures.map(({ turn, reason }) => {
      return { name: `${name}, turn ${turn + 1}`, reason: `FAILED: ${reason}` };
    }),
  );
  return { ...results, skipped: [...results.skipped, ...failed] };
}

/** Every file that the page is made of, also those that are not there. */
export function publishedFiles({ load, reconnect, server, lanes }: Published): PublishedFile[] {
  return [
    {
      name: 'latest.json',
      about: 'load, codec, memory',
      command: 'bench',
      results: withFailures(load),
    },
    ...LANE_KINDS.map((kind) => ({
      name: `${kind}.json`,
      about: LANE_ABOUT[kind],
      command: `bench:${kind}`,
      results: lanes[kind],
    })),
    {
      name: 'reconnect.json',
      about: 'reconnecting',
      command: 'bench:reconnect',
      results: withFailures(reconnect),
    },
    { name: 'server.json', about: 'the embedded server', command: 'bench:server', results: server },
  ];
}
