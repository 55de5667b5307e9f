/** `npm run bench:report`: the page, the tables of README.md, or tables in the terminal, from published results. */
import { existsSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { renderLaneReport } from './lanes/lane-report.ts';
import { isLaneFile, LANE_KINDS, LANE_RESULTS, readLaneResults } from './lanes/lane-results.ts';
import { UsageError } from './options.ts';
import { LATEST_RESULTS } from './publish.ts';
import { renderReconnectReport } from './reconnect/report-text.ts';
import { isReconnectFile, RECONNECT_RESULTS, readReconnectResults } from './reconnect/results.ts';
import {
  type GeneratedFile,
  isCurrent,
  pageFile,
  readmeFiles,
  writeGenerated,
} from './report/generated-files.ts';
import { parseReportOptions, REPORT_HELP, type ReportOptions } from './report/options.ts';
import { readPublished } from './report/published.ts';
import { renderReport } from './report-text.ts';
import { readResults } from './results.ts';
import { renderServerReport } from './server/report-text.ts';
import { isServerFile, readServerResults, SERVER_RESULTS } from './server/results.ts';

function main(args: readonly string[]): number {
  const options = parseReportOptions(args);
  if (options.help) {
    process.stdout.write(REPORT_HELP);
    return 0;
  }
  if (options.text) return printTables(options.files);
  const published = readPublished();
  if (options.check) return check([pageFile(published), ...readmeFiles(published)]);
  return write(options, pageFile(published), options.readme ? readmeFiles(published) : []);
}

function write({ out }: ReportOptions, page: GeneratedFile, others: GeneratedFile[]): number {
  if (out !== null) {
    writeFileSync(out, page.text);
    process.stdout.write(`${out}: written\n`);
  }
  for (const file of out === null ? [page, ...others] : others) {
    const stale = !isCurrent(file);
    if (stale) writeGenerated(file);
    process.stdout.write(`${file.path}: ${stale ? 'written' : 'was up to date'}\n`);
  }
  return 0;
}

function check(files: readonly GeneratedFile[]): number {
  const stale = files.filter((file) => !isCurrent(file));
  for (const file of files) {
    const state = stale.includes(file) ? 'STALE: npm run bench:report -- --readme' : 'up to date';
    process.stdout.write(`${file.path}: ${state}\n`);
  }
  return stale.length === 0 ? 0 : 1;
}

function printTables(files: readonly string[]): number {
  const lanes = LANE_KINDS.map((kind) => LANE_RESULTS[kind]);
  const published = [LATEST_RESULTS, RECONNECT_RESULTS, SERVER_RESULTS, ...lanes];
  const paths = files.length > 0 ? files : published.filter((path) => existsSync(path));
  for (const path of paths) process.stdout.write(tablesOf(path));
  return 0;
}

function tablesOf(path: string): string {
  if (isReconnectFile(path)) return renderReconnectReport(readReconnectResults(path));
  if (isServerFile(path)) return renderServerReport(readServerResults(path));
  if (isLaneFile(path)) return renderLaneReport(readLaneResults(path));
  return renderReport(readResults(path));
}

// A reader that went away (`| head`) is no failure.
process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
  if (cause.code !== 'EPIPE') throw cause;
});

try {
  process.exitCode = main(process.argv.slice(2));
} catch (cause) {
  process.exitCode = cause instanceof UsageError ? 2 : 1;
  process.stderr.write(`bench:report: ${(cause as Error).message}\n`);
}
