import { npmCommand, readArguments, regexOf, UsageError } from '../options.ts';
import type { ReconnectCase } from './cases.ts';

export interface ReconnectOptions {
  readonly filter: RegExp | null;
  readonly quick: boolean;
  readonly list: boolean;
  readonly help: boolean;
  readonly publish: boolean;
  readonly json: string | null;
}

export const RECONNECT_HELP = `Measures the time from a fault to the first good reply, by cause, for zkwire, the npm clients and a bare socket.

usage: npm run bench:reconnect -- [options]

  --filter REGEX   only cases whose name matches
  --quick          few faults and no slow client: to try things out, not to quote
  --list           list the cases and an estimate of the time, and run nothing
  --json FILE      write the results there (default: bench/results/local/reconnect-<time>.json)
  --publish        also write bench/results/reconnect.json and the tables of README.md
  --help           this text

exit code: 0 all ran, 1 a case failed, 2 wrong usage, 130 interrupted
A peer that cannot be built and a real server that is not there are reported, not failures.
`;

const OPTIONS = {
  filter: { type: 'string' },
  quick: { type: 'boolean' },
  list: { type: 'boolean' },
  publish: { type: 'boolean' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export function parseReconnectOptions(args: readonly string[]): ReconnectOptions {
  const { values } = readArguments(args, { options: OPTIONS });
  const { filter, quick = false, publish = false, list, help, json } = values;
  if (publish && (quick || filter !== undefined)) {
    throw new UsageError('only a whole run is published: no --quick, no --filter');
  }
  return {
    filter: filter === undefined ? null : regexOf(filter),
    quick,
    publish,
    list: list ?? false,
    help: help ?? false,
    json: json ?? null,
  };
}

/** Throws a UsageError when nothing is left. */
export function selectReconnectCases(
  cases: readonly ReconnectCase[],
  filter: RegExp | null,
): ReconnectCase[] {
  const selected = cases.filter(({ name }) => filter === null || filter.test(name));
  if (selected.length === 0) throw new UsageError('no case matches; --list shows them');
  return selected;
}

/** The command that measures the same again. */
export function reconnectCommand({ quick, filter }: ReconnectOptions): string {
  const words = [
    ...(quick ? ['--quick'] : []),
    ...(filter === null ? [] : [`--filter '${filter.source}'`]),
  ];
  return npmCommand('bench:reconnect', words);
}
