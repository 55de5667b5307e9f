import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type BenchCase, TARGETS, type Target } from './cases.ts';
import { nearestNames } from './nearest-names.ts';

export interface BenchOptions {
  filter: RegExp | null;
  turns: number | null;
  seconds: number | null;
  warmup: number | null;
  targets: readonly Target[];
  all: boolean;
  quick: boolean;
  list: boolean;
  help: boolean;
  publish: boolean;
  json: string | null;
}

/** Something that the caller wrote is wrong: exit code 2, no stack. */
export class UsageError extends Error {}

export const HELP = `Measures zkwire against a bare socket, the npm clients of today, and the Java, C and Go clients.

usage: npm run bench -- [options]

  --filter REGEX   only cases whose name matches
  --targets LIST   servers to run against: null, embedded, real, ensemble (default: all)
  --turns N        turns of every case, instead of 5 or 2 (10 or 2 with --all)
  --seconds S      measured time of a turn, instead of 0.4
  --warmup S       warm-up of a turn, thrown away, instead of 0.6
  --all            the whole matrix, not only the part that fits into five minutes
  --quick          one short turn of every case: to try things out, not to quote
  --list           list the cases and an estimate of the time, and run nothing
  --json FILE      write the results there (default: bench/results/local/<time>.json)
  --publish        also write bench/results/latest.json and the tables of README.md
  --help           this text

exit code: 0 all ran, 1 a case failed, 2 wrong usage, 130 interrupted
A peer that cannot be built, a real server that is not there and what a client cannot do are reported, not failures.
`;

const OPTIONS = {
  filter: { type: 'string' },
  targets: { type: 'string' },
  turns: { type: 'string' },
  seconds: { type: 'string' },
  warmup: { type: 'string' },
  json: { type: 'string' },
  all: { type: 'boolean' },
  quick: { type: 'boolean' },
  list: { type: 'boolean' },
  publish: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Of what figures are computed from, in the run that takes its time. */
const QUOTED_TURNS_OF_ALL = 10;
const TURNS_MAX = 1000;
const SECONDS_MAX = 600;

export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const values = parse(args);
  const quick = values.quick ?? false;
  const publish = values.publish ?? false;
  if (quick && publish) throw new UsageError('--quick is too short to publish');
  return {
    filter: values.filter === undefined ? null : regexOf(values.filter),
    turns:
      values.turns === undefined ? null : numberOf('--turns', values.turns, 1, TURNS_MAX, true),
    seconds:
      values.seconds === undefined
        ? null
        : numberOf('--seconds', values.seconds, 0.05, SECONDS_MAX, false),
    warmup:
      values.warmup === undefined
        ? null
        : numberOf('--warmup', values.warmup, 0, SECONDS_MAX, false),
    targets: values.targets === undefined ? TARGETS : namesOf('--targets', values.targets, TARGETS),
    all: values.all ?? false,
    quick,
    list: values.list ?? false,
    help: values.help ?? false,
    publish,
    json: values.json ?? null,
  };
}

function parse(args: readonly string[]) {
  for (const arg of args) {
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name !== undefined && !(name in OPTIONS)) {
      const near = nearestNames(name, Object.keys(OPTIONS)).map((option) => `--${option}`);
      throw new UsageError(`unknown option --${name}; near to it: ${near.join(', ')}`);
    }
  }
  return readArguments(args, { options: OPTIONS }).values;
}

/** `parseArgs`, but what it refuses is a UsageError. */
export function readArguments<const C extends ParseArgsConfig>(
  args: readonly string[],
  config: C,
): ReturnType<typeof parseArgs<C>> {
  try {
    return parseArgs({ ...config, args: [...args] }) as ReturnType<typeof parseArgs<C>>;
  } catch (cause) {
    throw new UsageError((cause as Error).message);
  }
}

/** The command that measures the same again; where the results of this run went is no part of it. */
export function commandToRepeat(args: readonly string[]): string {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, tokens: true });
  const words = tokens.flatMap((token) => {
    if (token.kind !== 'option' || token.name === 'json' || token.name === 'publish') return [];
    return token.value === undefined
      ? [`--${token.name}`]
      : [`--${token.name}`, quoted(token.value)];
  });
  return npmCommand('bench', words);
}

/** What is typed to run a script of package.json with these words. */
export function npmCommand(script: string, words: readonly string[]): string {
  return [`npm run ${script}`, ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
}

/** For a shell: what is more than a plain word goes into quotes. */
function quoted(word: string): string {
  return /^[\w./:=,^-]+$/.test(word) ? word : `'${word}'`;
}

export function regexOf(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (cause) {
    throw new UsageError(`--filter: ${(cause as Error).message}`);
  }
}

export function numberOf(
  option: string,
  text: string,
  min: number,
  max: number,
  whole: boolean,
): number {
  const value = Number(text);
  if (
    text.trim() === '' ||
    !(value >= min && value <= max) ||
    (whole && !Number.isInteger(value))
  ) {
    const kind = whole ? 'a whole number' : 'a number';
    throw new UsageError(`${option} wants ${kind} from ${min} to ${max}, not '${text}'`);
  }
  return value;
}

/** Names with commas between them, each of which is known. */
export function namesOf<N extends string>(option: string, list: string, known: readonly N[]): N[] {
  return list.split(',').map((name) => {
    const found = known.find((each) => each === name.trim());
    if (found === undefined) {
      throw new UsageError(`${option}: '${name}' is none of ${known.join(', ')}`);
    }
    return found;
  });
}

/** The cases to run, with their turns. Throws a UsageError that names near ones when there are none. */
export function selectCases(cases: readonly BenchCase[], options: BenchOptions): BenchCase[] {
  const { filter, targets, all } = options;
  const matching = cases.filter(
    ({ name, ...benchCase }) =>
      (filter === null || filter.test(name)) &&
      (benchCase.kind !== 'load' || targets.includes(benchCase.target)),
  );
  if (matching.length === 0) {
    const near = nearestNames(
      filter?.source ?? '',
      cases.map(({ name }) => name),
    );
    throw new UsageError(`no case matches; near to it: ${near.join(', ')}`);
  }
  const selected = matching.filter(({ inDefaultRun }) => all || inDefaultRun);
  if (selected.length === 0) {
    throw new UsageError(
      `the ${matching.length} cases that match are not in the default run: add --all`,
    );
  }
  return selected.map((benchCase) => ({ ...benchCase, turns: turnsOf(benchCase, options) }));
}

function turnsOf(benchCase: BenchCase, { turns, quick, all }: BenchOptions): number {
  // What is not supported stays so, however often it is asked for.
  if (benchCase.turns === 0) return 0;
  if (turns !== null) return turns;
  if (quick) return 1;
  return all && benchCase.quoted ? QUOTED_TURNS_OF_ALL : benchCase.turns;
}
