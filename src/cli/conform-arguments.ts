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

/** What `conform server` and `conform client` have in common. */

/** The command line is wrong. */
export class UsageError extends Error {}

/** How a report is written. */
export type ReportFormat = 'text' | 'json' | 'junit';

/** Every format. */
export const REPORT_FORMATS: readonly ReportFormat[] = ['text', 'json', 'junit'];

const REPORTS: Readonly<Record<ReportFormat, (report: ConformanceReport) => string>> = {
  text: textReport,
  json: (report) => JSON.stringify(jsonReport(report), null, 2),
  junit: junitReport,
};

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

/** One of the names, or undefined when the option was not given. */
export function oneOf<T extends string>(
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
export function amount(text: string, option: string, max: number): number {
  const number = Number(text);
  if (!(number > 0 && number <= max)) {
    throw new UsageError(`${option} must be a number above 0 and up to ${max}, not '${text}'`);
  }
  return number;
}

/** The checks whose id matches; at least one. */
export function filtered<T extends CheckDescription>(
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
export async function readExcuses(
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
export function showProgress(
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
    return 1;
  }
  return counts(run).fail > 0 ? 1 : 0;
}
