/** `npm run bench:everything`: all benchmarks one after the other, and the report from what they publish. */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { readArguments, UsageError } from './options.ts';

const HELP = `Runs every benchmark, one after the other, then makes the report. Takes more than two hours.

usage: npm run bench:everything -- [options]

  --publish   each writes its file in bench/results; page, chart and README.md come from them
  --quick     short runs of all: to see that they work, not to quote
  --only LIST names of: NAMES
  --help      this text

A benchmark that fails does not stop the others.
exit code: 0 all ran, 1 something failed, 2 wrong usage, 130 interrupted
`;

const HERE = dirname(fileURLToPath(import.meta.url));

/** What runs, in this order: the longest is last. */
const RUNS = {
  bench: 'run.js',
  latency: 'latency/run.js',
  sustained: 'sustained/run.js',
  watches: 'watches/run.js',
  server: 'server/run.js',
  reconnect: 'reconnect/run.js',
  growth: 'growth/run.js',
} as const;
type Run = keyof typeof RUNS;
const NAMES = Object.keys(RUNS) as Run[];

const OPTIONS = {
  publish: { type: 'boolean' },
  quick: { type: 'boolean' },
  only: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface Options {
  readonly runs: readonly Run[];
  readonly publish: boolean;
  readonly quick: boolean;
}

async function main(args: readonly string[]): Promise<number> {
  const options = parse(args);
  if (options === null) {
    process.stdout.write(HELP.replace('NAMES', NAMES.join(', ')));
    return 0;
  }
  const { runs, publish, quick } = options;
  const words = [...(publish ? ['--publish'] : []), ...(quick ? ['--quick'] : [])];
  const failed: string[] = [];
  for (const name of runs) {
    const startMs = performance.now();
    process.stderr.write(`== ${name}\n`);
    const code = await run(RUNS[name], words);
    const seconds = Math.round((performance.now() - startMs) / 1000);
    process.stderr.write(
      `== ${name}: ${code === 0 ? 'done' : `FAILED (${code})`} in ${seconds} s\n`,
    );
    if (code !== 0) failed.push(name);
  }
  if (publish && (await run('report.js', ['--readme'])) !== 0) failed.push('report');
  if (failed.length > 0) process.stderr.write(`failed: ${failed.join(', ')}\n`);
  return failed.length === 0 ? 0 : 1;
}

/** Null when only help is wanted. */
function parse(args: readonly string[]): Options | null {
  const {
    publish = false,
    quick = false,
    only,
    help = false,
  } = readArguments(args, { options: OPTIONS }).values;
  if (help) return null;
  if (publish && quick) throw new UsageError('--quick is too short to publish');
  return { runs: only === undefined ? NAMES : runsOf(only), publish, quick };
}

function runsOf(list: string): Run[] {
  return list.split(',').map((name) => {
    const found = NAMES.find((known) => known === name.trim());
    if (found === undefined) throw new UsageError(`'${name}' is none of ${NAMES.join(', ')}`);
    return found;
  });
}

/** Runs a script of the benchmarks; its exit code, or the signal that ended it. */
function run(script: string, args: readonly string[]): Promise<number | string> {
  const child = spawn(process.execPath, [join(HERE, script), ...args], { stdio: 'inherit' });
  const stop = (): void => {
    child.kill('SIGTERM');
    process.exitCode = 130;
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  return new Promise((resolve) => {
    child.on('error', (cause) => resolve(cause.message));
    child.on('close', (code, signal) => {
      process.off('SIGINT', stop).off('SIGTERM', stop);
      // Who interrupts one of them wants no other.
      if (code === 130) process.exit(130);
      resolve(code ?? signal ?? 1);
    });
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (cause) {
  process.exitCode = cause instanceof UsageError ? 2 : 1;
  process.stderr.write(`bench:everything: ${(cause as Error).message}\n`);
}
