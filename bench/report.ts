/** `npm run bench:report`: tables again from files of results. */
import { existsSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { UsageError } from './options.ts';
import { LATEST_RESULTS, type ReadmePart, readmeIsCurrent, updateReadme } from './publish.ts';
import { renderReconnectReadme, renderReconnectReport } from './reconnect/report-text.ts';
import { isReconnectFile, RECONNECT_RESULTS, readReconnectResults } from './reconnect/results.ts';
import { renderReadmeSection, renderReport } from './report-text.ts';
import { readResults } from './results.ts';
import { renderServerReadme, renderServerReport } from './server/report-text.ts';
import { isServerFile, readServerResults, SERVER_RESULTS } from './server/results.ts';

const HELP = `Prints the tables of benchmark runs.

usage: npm run bench:report -- [options] [FILE]

  FILE       results (default: those in bench/results: latest.json, reconnect.json, server.json)
  --readme   write the tables into README.md instead of printing them
  --check    say whether the tables of README.md come from FILE; exit code 1 if not
  --help     this text
`;

/** One file of results, as text. */
interface Report {
  readonly path: string;
  readonly text: string;
  readonly readme: ReadmePart;
}

function reportOf(path: string): Report {
  if (isReconnectFile(path)) {
    const results = readReconnectResults(path);
    const readme = { name: 'reconnect', text: renderReconnectReadme(results) } as const;
    return { path, text: renderReconnectReport(results), readme };
  }
  if (isServerFile(path)) {
    const results = readServerResults(path);
    const readme = { name: 'server', text: renderServerReadme(results) } as const;
    return { path, text: renderServerReport(results), readme };
  }
  const results = readResults(path);
  const readme = { name: 'bench', text: renderReadmeSection(results) } as const;
  return { path, text: renderReport(results), readme };
}

function main(args: readonly string[]): number {
  const { values, positionals } = parse(args);
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const published = [LATEST_RESULTS, RECONNECT_RESULTS, SERVER_RESULTS].filter((path) =>
    existsSync(path),
  );
  const reports = (positionals.length > 0 ? positionals : published).map(reportOf);
  if (values.check) return check(reports);
  for (const { text, readme } of reports) {
    if (!values.readme) process.stdout.write(text);
    else process.stdout.write(`README.md ${updateReadme(readme) ? 'updated' : 'was up to date'}\n`);
  }
  return 0;
}

function check(reports: readonly Report[]): number {
  const stale = reports.filter(({ readme }) => !readmeIsCurrent(readme));
  for (const report of reports) {
    const has = stale.includes(report) ? 'does not have' : 'has';
    process.stdout.write(`README.md ${has} the tables of ${report.path}\n`);
  }
  return stale.length === 0 ? 0 : 1;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        readme: { type: 'boolean' },
        check: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw new UsageError((cause as Error).message);
  }
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (cause) {
  process.exitCode = cause instanceof UsageError ? 2 : 1;
  process.stderr.write(`bench:report: ${(cause as Error).message}\n`);
}
