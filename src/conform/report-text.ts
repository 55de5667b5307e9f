import type { CheckResult, ConformanceReport } from './result.ts';
import { areaOf, counts, serverLine } from './result.ts';

const MARKS = { pass: 'ok', fail: 'FAIL', excused: 'excused' } as const;

/** Room for a mark, and around it. */
const MARK_CHARS = 10;

/** Checks that fail in the same words from which on it is said once for all, and how many such words. */
const COMMON_MIN = 5;
const COMMON_LINES_MAX = 10;

/**
 * The report for people: a table by area, failures explained, what was excused and why, what many failures have in
 * common. Where the table is wider than `columns` (default: any width will do), titles have lines of their own.
 */
export function textReport(
  report: ConformanceReport,
  columns: number = Number.POSITIVE_INFINITY,
): string {
  const parts = [head(report), table(report.results, columns)];
  const failed = report.results.filter(({ outcome }) => outcome === 'fail');
  if (failed.length > 0) parts.push(['Failures', ...failed.map(explained)].join('\n\n'));
  const excused = report.results.filter(({ outcome }) => outcome === 'excused');
  if (excused.length > 0) parts.push(['Excused', ...excused.map(excuseLine)].join('\n'));
  if (report.leftOut.length > 0) {
    const lines = report.leftOut.map(({ count, why }) => `  ${count} ${why}`);
    parts.push(['Left out', ...lines].join('\n'));
  }
  if (report.needlessExcuses.length > 0) {
    const lines = report.needlessExcuses.map(({ id, why }) => `  ${id}: ${why}`);
    parts.push(['Excuses that are not needed any more', ...lines].join('\n'));
  }
  if (report.leftBehind.length > 0) {
    parts.push(['Left on the server', ...report.leftBehind.map((path) => `  ${path}`)].join('\n'));
  }
  const common = inCommon(failed);
  if (common.length > 0) parts.push(['What most failures have in common', ...common].join('\n'));
  parts.push(verdict(report));
  return parts.join('\n\n');
}

/** `212 checks: 212 passed, 0 failed, 0 excused (3.2 s)`. */
export function verdict(report: ConformanceReport): string {
  const { pass, fail, excused } = counts(report);
  const seconds = (report.durationMs / 1000).toFixed(1);
  const total = report.results.length;
  return `${total} checks: ${pass} passed, ${fail} failed, ${excused} excused (${seconds} s)`;
}

function head(report: ConformanceReport): string {
  const whose = report.subject === 'server' ? ` (${serverLine(report)})` : '';
  return `Conformance of ${report.name}${whose} with the profile ${report.profile}`;
}

function table(results: readonly CheckResult[], columns: number): string {
  const width = Math.max(0, ...results.map(({ check }) => check.id.length));
  const longest = Math.max(0, ...results.map(({ check }) => check.title.length));
  const isNarrow = MARK_CHARS + width + 2 + longest > columns;
  const lines: string[] = [];
  let area = '';
  for (const { check, outcome } of results) {
    if (areaOf(check) !== area) {
      area = areaOf(check);
      const own = results.filter((result) => areaOf(result.check) === area);
      const passed = own.filter((result) => result.outcome === 'pass').length;
      lines.push(`${lines.length > 0 ? '\n' : ''}${area} (${passed} of ${own.length})`);
    }
    const mark = `  ${MARKS[outcome]}`.padEnd(MARK_CHARS);
    if (isNarrow) lines.push(mark + check.id, ...folded(check.title, columns));
    else lines.push(`${mark}${check.id.padEnd(width + 2)}${check.title}`);
  }
  return lines.join('\n');
}

/** Lines of whole words, below the id. */
function folded(text: string, columns: number): string[] {
  const indent = ' '.repeat(columns < 4 * MARK_CHARS ? 4 : MARK_CHARS);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(indent + word);
  }
  return lines;
}

function explained({ check, failure, transcript }: CheckResult): string {
  const lines = [
    check.id,
    `  should be:  ${check.title}`,
    `  what came:  ${(failure ?? '').replaceAll('\n', '\n              ')}`,
    `  it means:   ${check.meaning}`,
    `  known from: ${check.source}`,
  ];
  if (transcript !== undefined && transcript.length > 0) {
    lines.push('  on the wire:', ...transcript.map((line) => `    ${line}`));
  }
  return lines.join('\n');
}

/** What came in many checks, the most frequent first: where a server that is being written is to go on. */
function inCommon(failed: readonly CheckResult[]): string[] {
  const counts = new Map<string, number>();
  for (const { failure = '' } of failed) counts.set(failure, (counts.get(failure) ?? 0) + 1);
  return [...counts]
    .filter(([, count]) => count >= COMMON_MIN)
    .sort(([, a], [, b]) => b - a)
    .slice(0, COMMON_LINES_MAX)
    .map(([failure, count]) => `  ${String(count).padStart(4)}  ${failure.split('\n')[0]}`);
}

function excuseLine({ check, reason, failure }: CheckResult): string {
  const what = failure === undefined ? '' : `\n    ${failure.replaceAll('\n', '\n    ')}`;
  return `  ${check.id}: ${reason}${what}`;
}
