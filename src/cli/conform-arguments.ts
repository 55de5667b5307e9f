import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import {
  type CheckDescription,
  type CheckResult,
  type ConformanceReport,
  counts,
  ExcuseError,
  type Excuses,
  jsonReport,
  junitReport,
  parseExcuses,
  textReport,
  verdict,
} from '../conform/index.ts';
import { fileFailure, writeFailure } from './file-failure.ts';
import type { ProgressLine } from './progress-line.ts';
import { INTERRUPTED_EXIT_CODE } from './stop-signal.ts';
import { UsageError } from './usage-error.ts';

/** What `conform server` and `conform client` have in common. */

/** How a report is written. */
type ReportFormat = 'text' | 'json' | 'junit';

const REPORT_FORMATS: readonly ReportFormat[] = ['text', 'json', 'junit'];

const REPORTS: Readonly<
  Record<ReportFormat, (report: ConformanceReport, columns?: number) => string>
> = {
  text: textReport,
  json: (report) => JSON.stringify(jsonReport(report), null, 2),
  junit: junitReport,
};

/** Options of both; each adds its own defaults of `timeout` and `concurrency`. */
export const RUN_OPTIONS = {
  profile: { type: 'string' },
  report: { type: 'string', default: 'text' },
  out: { type: 'string' },
  filter: { type: 'string' },
  excuses: { type: 'string' },
  quick: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** What stood behind the options of both. */
interface RunValues {
  readonly profile?: string | undefined;
  readonly report: string;
  readonly out?: string | undefined;
  readonly filter?: string | undefined;
  readonly excuses?: string | undefined;
  readonly quick: boolean;
  readonly list: boolean;
  readonly timeout: string;
  readonly concurrency: string;
}

/** What both can be asked for: checks `C`, a server or client of profile `P`. */
export interface RunRequest<C extends CheckDescription, P extends string> {
  readonly profile: P | undefined;
  readonly report: ReportFormat;
  readonly out: string | undefined;
  readonly checks: readonly C[];
  readonly excusesFile: string | undefined;
  readonly quick: boolean;
  readonly list: boolean;
  readonly timeoutMs: number;
  readonly concurrency: number;
}

/** What a run of either is given. */
interface RunSettings<C extends CheckDescription, P extends string>
  extends Pick<RunRequest<C, P>, 'profile' | 'checks' | 'quick' | 'timeoutMs' | 'concurrency'> {
  readonly excuses: Excuses;
  readonly signal: AbortSignal;
  readonly onResult: (result: CheckResult, done: number, total: number) => void;
}

/** What a run of checks needs of the process around it. */
export interface ConformSurroundings {
  /** The report. */
  out(text: string): void;
  /** Columns of the terminal that the report is for; undefined: it is for none. */
  readonly columns?: number | undefined;
  /** Messages and progress. */
  err(text: string): void;
  /** Where `err` goes. */
  readonly progress: ProgressLine;
  /** Ends the run early. */
  readonly stopSignal: AbortSignal;
}

/** Reads the options of both. Throws a UsageError when one is wrong. */
export function runRequest<C extends CheckDescription, P extends string>(
  values: RunValues,
  checks: readonly C[],
  profiles: readonly P[],
): RunRequest<C, P> {
  return {
    profile: oneOf(values.profile, profiles, '--profile'),
    report: oneOf(values.report, REPORT_FORMATS, '--report') ?? 'text',
    out: values.out,
    checks: filtered(checks, values.filter),
    excusesFile: values.excuses,
    quick: values.quick,
    list: values.list,
    timeoutMs: amount(values.timeout, '--timeout', 3_600) * 1000,
    concurrency: Math.ceil(amount(values.concurrency, '--concurrency', 64)),
  };
}

/** The request as a run wants it. `all` are the checks that there are; throws a UsageError for a bad file of excuses. */
export async function runSettings<C extends CheckDescription, P extends string>(
  request: RunRequest<C, P>,
  all: readonly C[],
  io: ConformSurroundings,
): Promise<RunSettings<C, P>> {
  const { checks, profile, quick, timeoutMs, concurrency } = request;
  const excuses = await readExcuses(request.excusesFile, checks, all);
  await checkReportPlace(request.out);
  const { progress } = io;
  const onResult = ({ check }: CheckResult, done: number, total: number): void => {
    progress.show(`${done}/${total} ${check.id}`);
  };
  const signal = io.stopSignal;
  const told = 'interrupted: cleaning up; a second Ctrl-C ends it at once';
  const onStop = (): void => {
    progress.clear();
    io.err(`zkwire conform: ${told}\n`);
  };
  signal.addEventListener('abort', onStop, { once: true });
  return { checks, profile, quick, timeoutMs, concurrency, excuses, signal, onResult };
}

/** One of the names, or undefined when the option was not given. */
function oneOf<T extends string>(
  text: string | undefined,
  names: readonly T[],
  option: string,
): T | undefined {
  if (text === undefined) return undefined;
  const found = names.find((name) => name === text);
  if (found === undefined) {
    throw new UsageError(`${option} is one of ${names.join(', ')}, not '${text}'`);
  }
  return found;
}

/** A number above 0. */
function amount(text: string, option: string, max: number): number {
  const number = Number(text);
  if (!(number > 0 && number <= max)) {
    throw new UsageError(`${option} must be a number above 0 and up to ${max}, not '${text}'`);
  }
  return number;
}

/** The checks whose id matches; at least one. */
function filtered<T extends CheckDescription>(
  checks: readonly T[],
  filter: string | undefined,
): readonly T[] {
  if (filter === undefined) return checks;
  let pattern: RegExp;
  try {
    pattern = new RegExp(filter);
  } catch (error) {
    throw new UsageError(`--filter: ${(error as Error).message}`);
  }
  const found = checks.filter(({ id }) => pattern.test(id));
  if (found.length === 0) throw new UsageError(`no check matches '${filter}'; see --list`);
  return found;
}

/** The checks for `--list`. */
export function listOf(checks: readonly CheckDescription[]): string {
  const lines = checks.map(({ id, title, source }) => `${id}\n  ${title}\n  known from: ${source}`);
  return lines.join('\n');
}

/** Finds out now, and not after a long run, whether the report can be written there. */
async function checkReportPlace(file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const found = await stat(file).catch(() => null);
  // A device or a pipe will take it; opening one may do something.
  if (found !== null && !found.isFile() && !found.isDirectory()) return;
  try {
    await (await open(file, 'a')).close();
  } catch (error) {
    throw new UsageError(`--out: ${writeFailure(file, error)}`);
  }
  // A run that comes to nothing leaves nothing.
  if (found === null) await rm(file, { force: true });
}

/** Excuses out of a file, without those of checks of `all` that were not chosen: they are not needless. */
async function readExcuses(
  file: string | undefined,
  chosen: readonly CheckDescription[],
  all: readonly CheckDescription[],
): Promise<Excuses> {
  if (file === undefined) return new Map();
  try {
    const excuses = parseExcuses(await readFile(file, 'utf8'));
    const known = new Set(all.map(({ id }) => id));
    const wanted = new Set(chosen.map(({ id }) => id));
    return new Map([...excuses].filter(([id]) => wanted.has(id) || !known.has(id)));
  } catch (error) {
    const why = error instanceof ExcuseError ? error.message : fileFailure(error);
    throw new UsageError(`--excuses ${file}: ${why}`);
  }
}

/** Writes the report where it is to go. Gives the exit code. */
export async function report(
  run: ConformanceReport,
  request: { readonly report: ReportFormat; readonly out: string | undefined },
  io: ConformSurroundings,
): Promise<number> {
  io.progress.clear();
  const written = REPORTS[request.report];
  if (request.out === undefined) {
    io.out(`${written(run, io.columns)}\n`);
  } else {
    await writeFile(request.out, `${written(run)}\n`);
    io.out(`${verdict(run)}, report in ${request.out}\n`);
  }
  if (io.stopSignal.aborted) {
    io.err('zkwire conform: interrupted, not all checks were made\n');
    return INTERRUPTED_EXIT_CODE;
  }
  return counts(run).fail > 0 ? 1 : 0;
}
