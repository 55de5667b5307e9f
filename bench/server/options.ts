import { parseArgs } from 'node:util';
import { UsageError } from '../options.ts';

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

export function parseServerOptions(args: readonly string[]): ServerBenchOptions {
  const { parts, quick = false, publish = false, help = false, json = null } = parse(args);
  if (publish && (quick || parts !== undefined)) {
    throw new UsageError('only a whole run is published: no --quick, no --parts');
  }
  return { parts: parts === undefined ? PARTS : partsOf(parts), quick, publish, help, json };
}

/** The command that measures the same again. */
export function serverCommand({ quick, parts }: ServerBenchOptions): string {
  const words = [
    ...(quick ? ['--quick'] : []),
    ...(parts === PARTS ? [] : [`--parts ${parts.join(',')}`]),
  ];
  return ['npm run bench:server', ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      options: {
        parts: { type: 'string' },
        quick: { type: 'boolean' },
        publish: { type: 'boolean' },
        json: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message);
  }
}

function partsOf(list: string): Part[] {
  return list.split(',').map((name) => {
    const part = PARTS.find((known) => known === name.trim());
    if (part === undefined) {
      throw new UsageError(`--parts: '${name}' is none of ${PARTS.join(', ')}`);
    }
    return part;
  });
}
