import type { CheckResult, ConformanceReport } from './result.ts';
import { areaOf, counts } from './result.ts';

/** The report as plain JSON data, for `JSON.stringify`. */
export function jsonReport(report: ConformanceReport): Record<string, unknown> {
  return {
    [report.subject]: report.name,
    ...(report.subject === 'server' ? { version: report.version, mode: report.mode } : {}),
    profile: report.profile,
    startedAt: report.startedAt.toISOString(),
    durationMs: Math.round(report.durationMs),
    counts: counts(report),
    checks: report.results.map(jsonResult),
    leftOut: report.leftOut,
    needlessExcuses: report.needlessExcuses,
    leftBehind: report.leftBehind,
  };
}

function jsonResult(result: CheckResult): Record<string, unknown> {
  const { check, outcome, durationMs, failure, reason, transcript } = result;
  const { id, title, source, meaning } = check;
  return {
    id,
    title,
    source,
    meaning,
    outcome,
    durationMs: Math.round(durationMs),
    ...(reason === undefined ? {} : { reason }),
    ...(failure === undefined ? {} : { failure }),
    ...(transcript === undefined ? {} : { transcript }),
  };
}

/** The report as JUnit XML: a test suite an area, a test case a check; excused ones are skipped. */
export function junitReport(report: ConformanceReport): string {
  const { fail, excused } = counts(report);
  const areas = [...new Set(report.results.map(({ check }) => areaOf(check)))];
  const suites = areas.map((area) => suite(area, report));
  const total = `tests="${report.results.length}" failures="${fail}" skipped="${excused}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="zkwire conform ${report.subject}" ${total} time="${seconds(report.durationMs)}">
${suites.join('\n')}
</testsuites>`;
}

function suite(area: string, report: ConformanceReport): string {
  const results = report.results.filter(({ check }) => areaOf(check) === area);
  const failures = results.filter(({ outcome }) => outcome === 'fail').length;
  const skipped = results.filter(({ outcome }) => outcome === 'excused').length;
  const timeMs = results.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const attributes = [
    `name="${area}"`,
    `hostname="${escaped(report.name)}"`,
    `timestamp="${report.startedAt.toISOString()}"`,
    `tests="${results.length}" failures="${failures}" errors="0" skipped="${skipped}"`,
    `time="${seconds(timeMs)}"`,
  ];
  const cases = results.map(testCase);
  return `  <testsuite ${attributes.join(' ')}>\n${cases.join('\n')}\n  </testsuite>`;
}

function testCase(result: CheckResult): string {
  const { check, outcome, durationMs, failure, reason, transcript } = result;
  const name = `classname="zkwire.conform.${areaOf(check)}" name="${escaped(check.id)}"`;
  const start = `    <testcase ${name} time="${seconds(durationMs)}"`;
  if (outcome === 'pass') return `${start}/>`;
  if (outcome === 'excused') {
    return `${start}>\n      <skipped message="${escaped(reason ?? '')}"/>\n    </testcase>`;
  }
  const text = [
    check.title,
    failure ?? '',
    `It means: ${check.meaning}`,
    `Known from: ${check.source}`,
    ...(transcript ?? []),
  ].join('\n');
  const message = escaped((failure ?? '').split('\n')[0] ?? '');
  return `${start}>
      <failure message="${message}">${escaped(text)}</failure>
    </testcase>`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

/** XML 1.0 cannot hold most control characters at all, nor lone surrogates: they become a question mark. */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  const clean = text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Surrogate}/gu, '?');
  return clean.replace(/[&<>"\n]/g, (each) => ENTITIES[each] ?? each);
}
