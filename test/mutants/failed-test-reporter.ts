import type { Reporter, TestCase } from 'vitest/node';

/** A line of standard output that begins so names a test that failed. */
export const FAILED_TEST = 'failed test: ';

/** Tells of each failed test at once. Vitest's own `--bail` may end a run before any reporter has heard why. */
export default class FailedTestReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    if (test.result().state === 'failed') process.stdout.write(`${FAILED_TEST}${test.fullName}\n`);
  }
}
