import { numberOf, readArguments, regexOf, UsageError } from '../options.ts';

export interface CheckOptions {
  readonly filter: RegExp | null;
  /** Null: as many as the command wants for what it does. */
  readonly turns: number | null;
  readonly update: boolean;
  readonly reason: string;
  readonly list: boolean;
  readonly help: boolean;
}

export const CHECK_HELP = `Measures what must not become slower, as ratios to a bare socket or a fixed loop of the same run,
and compares it with bench/check/baseline.json. Takes about a minute and a half.

usage: npm run bench:check -- [options]

  --filter REGEX   only groups of rows whose name matches
  --turns N        turns of every row, instead of 4
  --update         take a new baseline, with 10 turns; wants --reason
  --reason TEXT    why: it is written into the baseline
  --list           list the rows and an estimate of the time, and run nothing
  --help           this text

A row fails when all of its turns lie below its threshold, and again when it is measured once more
with 8 turns. The threshold lies twice as far below the baseline's median as its worst turn did,
at least 10 %, at most 40 %.

exit code: 0 nothing is slower, 1 a regression or a failed row, 2 wrong usage, 130 interrupted
`;

const OPTIONS = {
  filter: { type: 'string' },
  turns: { type: 'string' },
  update: { type: 'boolean' },
  reason: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const TURNS_MAX = 100;
/** Fewer turns of a baseline would not tell how far they lie apart. */
const BASELINE_TURNS_MIN = 5;

export function parseCheckOptions(args: readonly string[]): CheckOptions {
  const { values } = readArguments(args, { options: OPTIONS });
  const { update = false, reason = '', list = false, help = false } = values;
  const turns =
    values.turns === undefined ? null : numberOf('--turns', values.turns, 1, TURNS_MAX, true);
  const filter = values.filter === undefined ? null : regexOf(values.filter);
  if (update && reason.trim() === '') throw new UsageError('--update wants --reason TEXT');
  if (update && filter !== null) throw new UsageError('a baseline is whole: no --filter');
  if (update && turns !== null && turns < BASELINE_TURNS_MIN) {
    throw new UsageError(`a baseline wants ${BASELINE_TURNS_MIN} turns or more`);
  }
  if (!update && reason !== '') throw new UsageError('--reason is for --update');
  return { filter, turns, update, reason: reason.trim(), list, help };
}
