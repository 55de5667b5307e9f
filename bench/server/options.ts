import { namesOf, npmCommand, readArguments, UsageError } from '../options.ts';

/** Parts of the run, in their order. */
export const PARTS = ['start', 'watchers', 'znodes', 'writes'] as const;
export type Part = (typeof PARTS)[number];

export interface ServerBenchOptions {
  readonly parts: readonly Part[];
  readonly quick: boolean;
  readonly publish: boolean;
  readonly help: boolean;
  readonly json: string | null;
}

export const SERVER_HELP = `Measures the embedded server: start, many sessions, a large tree, writes to disk.

usage: npm run bench:server -- [options]

  --parts LIST   of ${PARTS.join(', ')} (default: all)
  --quick        fewer sessions, znodes and turns: to try things out, not to quote
  --json FILE    write the results there (default: bench/results/local/server-<time>.json)
  --publish      also write bench/results/server.json and the table of README.md
  --help         this text

exit code: 0 all ran, 1 something failed, 2 wrong usage, 130 interrupted
A real server that is not there is reported, not a failure.
`;

const OPTIONS = {
  parts: { type: 'string' },
  quick: { type: 'boolean' },
  publish: { type: 'boolean' },
  json: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export function parseServerOptions(args: readonly string[]): ServerBenchOptions {
  const { values } = readArguments(args, { options: OPTIONS });
  const { parts, quick = false, publish = false, help = false, json = null } = values;
  if (publish && (quick || parts !== undefined)) {
    throw new UsageError('only a whole run is published: no --quick, no --parts');
  }
  const chosen = parts === undefined ? PARTS : namesOf('--parts', parts, PARTS);
  return { parts: chosen, quick, publish, help, json };
}

/** The command that measures the same again. */
export function serverCommand({ quick, parts }: ServerBenchOptions): string {
  const words = [
    ...(quick ? ['--quick'] : []),
    ...(parts === PARTS ? [] : [`--parts ${parts.join(',')}`]),
  ];
  return npmCommand('bench:server', words);
}
