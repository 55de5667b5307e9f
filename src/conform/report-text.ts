import type { CheckResult, ConformanceReport } from './result.ts';
import { areaOf, counts, serverLine } from './result.ts';

const MARKS = { pass: 'ok', fail: 'FAIL', excused: 'excused' } as const;

/** The report for people: a table by area, failures explained, what was excused and why. */
export function textReport(report: ConformanceReport): string {
  const parts = [head(report), table(report.results)];
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

function table(results: readonly CheckResult[]): string {
  const width = Math.max(0, ...results.map(({ check }) => check.id.length));
  const lines: string[] = [];
  let area = '';
  for (const { check, outcome } of results) {
    if (areaOf(check) !== area) {
      area = areaOf(check);
      const own = results.filter((result) => areaOf(result.check) === area);
      const passed = own.filter((result) => result.outcome === 'pass').length;
      lines.push(`${lines.length > 0 ? '\n' : ''}${area} (${passed} of ${own.length})`);
    }
    lines.push(`  ${MARKS[outcome].padEnd(8)}${check.id.padEnd(width + 2)}${check.title}`);
  }
  return lines.join('\n');
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

function excuseLine({ check, reason, failure }: CheckResult): string {
  const what = failure === undefined ? '' : `\n    ${failure.replaceAll('\n', '\n    ')}`;
  return `  ${check.id}: ${reason}${what}`;
}
