import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { environmentOf, type InstalledNode } from './install-node.ts';

/** What became of the tests on one Node.js. */
export interface VersionResult {
  readonly version: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly seconds: number;
  /** Test files that did not run to their end, and tests that failed, each with its file. */
  readonly failures: readonly string[];
  /** What the run printed. */
  readonly logFile: string;
}

interface JsonReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Runs the tests at `root` that `filters` name (none: all), on one Node.js, and waits for their end. */
export async function runTests(
  node: InstalledNode,
  root: string,
  folder: string,
  filters: readonly string[],
): Promise<VersionResult> {
  const reportFile = join(folder, `${node.wanted}.json`);
  const logFile = join(folder, `${node.wanted}.txt`);
  rmSync(reportFile, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const begin = performance.now();
  await run(node, [vitest, 'run', ...reporters, ...filters], root, logFile);
  const seconds = (performance.now() - begin) / 1000;
  return { ...readReport(reportFile, root), version: node.version, seconds, logFile };
}

function run(
  node: InstalledNode,
  args: readonly string[],
  cwd: string,
  logFile: string,
): Promise<void> {
  const log = createWriteStream(logFile);
  const child = spawn(node.path, args, {
    cwd,
    env: environmentOf(node),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => log.end(resolve));
  });
}

/** Reads vitest's report; without one, the run itself has failed. */
export function readReport(
  file: string,
  root: string,
): Pick<VersionResult, 'passed' | 'failed' | 'skipped' | 'failures'> {
  let report: JsonReport;
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as JsonReport;
  } catch (error) {
    const failures = [`the tests did not come to an end: ${(error as Error).message}`];
    return { passed: 0, failed: 0, skipped: 0, failures };
  }
  const failures = report.testResults.flatMap(({ name, status, assertionResults }) => {
    const path = relative(root, name);
    const tests = assertionResults.filter((test) => test.status === 'failed');
    if (status === 'failed' && tests.length === 0) return [`${path}: did not run`];
    return tests.map(({ fullName }) => `${path}: ${fullName}`);
  });
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests,
    failures,
  };
}
