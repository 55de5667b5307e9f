import { parseArgs } from 'node:util';
import { nearestNames } from '../nearest-names.ts';
import { numberOf, regexOf, UsageError } from '../options.ts';
import type { LaneCase } from './lane.ts';
import type { LaneKind } from './lane-results.ts';

/** What every lane can be told. */
export interface LaneOptions {
  readonly filter: RegExp | null;
  readonly turns: number | null;
  readonly quick: boolean;
  readonly list: boolean;
  readonly publish: boolean;
  readonly help: boolean;
  readonly json: string | null;
}

const OPTIONS = {
  filter: { type: 'string' },
  turns: { type: 'string' },
  quick: { type: 'boolean' },
  list: { type: 'boolean' },
  json: { type: 'string' },
  publish: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const TURNS_MAX = 1000;

export function laneHelp(kind: LaneKind, about: string): string {
  return `${about}

usage: npm run bench:${kind} -- [options]

  --filter REGEX   only cases whose name matches
  --turns N        turns of every case
  --quick          few short turns: to try things out, not to quote
  --list           list the cases and an estimate of the time, and run nothing
  --json FILE      write the results there (default: bench/results/local/${kind}-<time>.json)
  --publish        also write bench/results/${kind}.json
  --help           this text

exit code: 0 all ran, 1 a case failed, 2 wrong usage, 130 interrupted
A peer that cannot be built and a real server that is not there are reported, not failures.
`;
}

export function parseLaneOptions(args: readonly string[]): LaneOptions {
  const { filter, turns, quick = false, publish = false, list, help, json } = parse(args);
  if (publish && (quick || filter !== undefined)) {
    throw new UsageError('only a whole run is published: no --quick, no --filter');
  }
  return {
    filter: filter === undefined ? null : regexOf(filter),
    turns: turns === undefined ? null : numberOf('--turns', turns, 1, TURNS_MAX, true),
    quick,
    publish,
    list: list ?? false,
    help: help ?? false,
    json: json ?? null,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], strict: true, options: OPTIONS }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message);
  }
}

/** The cases to run, with their turns. Throws a UsageError that names near ones when none is left. */
export function selectLaneCases<C extends LaneCase>(
  cases: readonly C[],
  { filter, turns }: LaneOptions,
): C[] {
  const selected = cases.filter(({ name }) => filter === null || filter.test(name));
  if (selected.length === 0) {
    const names = cases.map(({ name }) => name);
    const near = nearestNames(filter?.source ?? '', names);
    throw new UsageError(`no case matches; near to it: ${near.join(', ')}`);
  }
  return turns === null ? selected : selected.map((each) => ({ ...each, turns }));
}

/** The command that measures the same again; where the results of this run went is no part of it. */
export function laneCommand(kind: LaneKind, { quick, filter, turns }: LaneOptions): string {
  const words = [
    ...(quick ? ['--quick'] : []),
    ...(filter === null ? [] : [`--filter '${filter.source}'`]),
    ...(turns === null ? [] : [`--turns ${turns}`]),
  ];
  return [`npm run bench:${kind}`, ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
}
