import { nearestNames } from '../nearest-names.ts';
import { npmCommand, numberOf, readArguments, regexOf, UsageError } from '../options.ts';
import type { LaneCase, OwnOption } from './lane.ts';
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
  /** Value of the option that this lane alone has; null when it was not given. */
  readonly own: string | null;
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

/** How long a whole and a quick run take, in ms. */
export interface LaneTimes {
  readonly wholeMs: number;
  readonly quickMs: number;
}

export function laneHelp(
  kind: LaneKind,
  about: string,
  { wholeMs, quickMs }: LaneTimes,
  own?: OwnOption,
): string {
  return `${about}
A whole run takes ${durationText(wholeMs)}, one with --quick ${durationText(quickMs)}.

usage: npm run bench:${kind} -- [options]

  --filter REGEX   only cases whose name matches
  --turns N        turns of every case
  --quick          few short turns: to try things out, not to quote
${own === undefined ? '' : ownLine(own)}\
  --list           list the cases and an estimate of the time, and run nothing
  --json FILE      write the results there (default: bench/results/local/${kind}-<time>.json)
  --publish        also write bench/results/${kind}.json
  --help           this text

exit code: 0 all ran, 1 a case failed, 2 wrong usage, 130 interrupted
A peer that cannot be built and a real server that is not there are reported, not failures.
`;
}

function ownLine({ name, placeholder, about, byDefault }: OwnOption): string {
  return `  ${`--${name} ${placeholder}`.padEnd(15)}  ${about} (default: ${byDefault})\n`;
}

/** For people: nobody waits by the second. */
export function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 120 ? `about ${seconds} s` : `about ${Math.round(seconds / 60)} minutes`;
}

export function parseLaneOptions(args: readonly string[], own?: OwnOption): LaneOptions {
  const values = parse(args, own);
  const { filter, turns, quick = false, publish = false, list, help, json } = values;
  const ownValue = own === undefined ? undefined : values[own.name as 'json'];
  if (publish && (quick || filter !== undefined || ownValue !== undefined)) {
    const names = ['quick', 'filter', ...(own === undefined ? [] : [own.name])];
    const list = names.map((name) => `no --${name}`).join(', ');
    throw new UsageError(`only a whole run is published: ${list}`);
  }
  return {
    filter: filter === undefined ? null : regexOf(filter),
    turns: turns === undefined ? null : numberOf('--turns', turns, 1, TURNS_MAX, true),
    quick,
    publish,
    list: list ?? false,
    help: help ?? false,
    json: json ?? null,
    own: ownValue ?? null,
  };
}

function parse(args: readonly string[], own: OwnOption | undefined) {
  const ofLane = own === undefined ? {} : { [own.name]: { type: 'string' } };
  const options = { ...OPTIONS, ...ofLane } as typeof OPTIONS;
  return readArguments(args, { options }).values;
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
export function laneCommand(
  kind: LaneKind,
  { quick, filter, turns, own: value }: LaneOptions,
  own?: OwnOption,
): string {
  const words = [
    ...(quick ? ['--quick'] : []),
    ...(filter === null ? [] : [`--filter '${filter.source}'`]),
    ...(turns === null ? [] : [`--turns ${turns}`]),
    ...(own === undefined || value === null ? [] : [`--${own.name} ${value}`]),
  ];
  return npmCommand(`bench:${kind}`, words);
}
