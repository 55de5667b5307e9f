import { readFile, writeFile } from 'node:fs/promises';
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
import { INTERRUPTED_EXIT_CODE } from './stop-signal.ts';
import { UsageError } from './usage-error.ts';

/** What `conform server` and `conform client` have in common. */

/** How a report is written. */
type ReportFormat = 'text' | 'json' | 'junit';

const REPORT_FORMATS: readonly ReportFormat[] = ['text', 'json', 'junit'];

const REPORTS: Readonly<Record<ReportFormat, (report: ConformanceReport) => string>> = {
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
  /** Messages and progress. */
  err(text: string): void;
  /** Whether `err` is a terminal, on which a line can be rewritten. */
  readonly showProgress: boolean;
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
  const onResult = showProgress(io);
  const signal = io.stopSignal;
  const told = 'interrupted: cleaning up; a second Ctrl-C ends it at once';
  const onStop = (): void =>
    io.err(`${io.showProgress ? '\r\x1b[K' : ''}zkwire conform: ${told}\n`);
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
    const why = error instanceof ExcuseError ? error.message : (error as Error).message;
    throw new UsageError(`--excuses ${file}: ${why}`);
  }
}

/** Shows the check that is done on a terminal. */
function showProgress(
  io: ConformSurroundings,
): (result: CheckResult, done: number, total: number) => void {
  return (result, done, total) => {
    if (io.showProgress) io.err(`\r\x1b[K${done}/${total} ${result.check.id}`);
  };
}

/** Writes the report where it is to go. Gives the exit code. */
export async function report(
  run: ConformanceReport,
  request: { readonly report: ReportFormat; readonly out: string | undefined },
  io: ConformSurroundings,
): Promise<number> {
  if (io.showProgress) io.err('\r\x1b[K');
  const text = `${REPORTS[request.report](run)}\n`;
  if (request.out === undefined) {
    io.out(text);
  } else {
    await writeFile(request.out, text);
    io.out(`${verdict(run)}, report in ${request.out}\n`);
  }
  if (io.stopSignal.aborted) {
    io.err('zkwire conform: interrupted, not all checks were made\n');
    return INTERRUPTED_EXIT_CODE;
  }
  return counts(run).fail > 0 ? 1 : 0;
}
