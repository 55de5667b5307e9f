import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { FAILED_TEST } from './failed-test-reporter.ts';
import { MUTANTS } from './mutants.ts';

const VITEST = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

const FAILED_LINE = new RegExp(`^${FAILED_TEST}(.+)\n`, 'm');
const REPORTER = fileURLToPath(new URL('failed-test-reporter.ts', import.meta.url));

interface Run {
  /** The first test that failed; null when none did. */
  readonly failedTest: string | null;
  readonly output: string;
}

const RUN_MS_MAX = 240_000;
/** A mutant may hang the tests that notice it. */
const TEST_MS_MAX = 20_000;

/** Runs the tests of a mutant in a process of its own, until one of them fails. */
function run(name: string, tests: readonly string[]): Promise<Run> {
  const limits = [`--testTimeout=${TEST_MS_MAX}`, `--hookTimeout=${TEST_MS_MAX}`];
  const args = [VITEST, 'run', '--reporter=default', `--reporter=${REPORTER}`, '--no-color'];
  const env = { ...process.env, ZKWIRE_MUTANT: name };
  // A group of its own: a mutant may never come to an end, and its workers must not outlive us.
  const child = spawn(process.execPath, [...args, ...limits, ...tests], {
    env,
    detached: true,
    stdio: 'pipe',
  });
  let output = '';
  let failedTest: string | null = null;
  const hear = (text: string): void => {
    output += text;
    if (failedTest !== null) return;
    failedTest = FAILED_LINE.exec(output)?.[1] ?? null;
    if (failedTest !== null) killGroup(child.pid);
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  return new Promise((resolve) => {
    const timer = setTimeout(() => killGroup(child.pid), RUN_MS_MAX);
    child.once('close', () => {
      clearTimeout(timer);
      resolve({ failedTest, output });
    });
  });
}

/** Kills a process and its workers, if they have not ended meanwhile. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Bugs that ZooKeeper clients have had, put into ours one at a time: the tests have to notice each. */
describe('a historic bug', () => {
  it('is described once, and changes a text that is there once', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
    for (const { name, file, find, replace } of MUTANTS) {
      const source = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
      expect([name, source.split(find).length - 1]).toEqual([name, 1]);
      expect([name, replace]).not.toEqual([name, find]);
    }
  });

  it.concurrent.each(MUTANTS.map(({ name, bug, tests }) => [name, bug, tests] as const))(
    '%s is noticed: %s',
    async (name, _bug, tests) => {
      const { failedTest, output } = await run(name, tests);
      // By a failed assertion or a time-out of a test, not because nothing could be loaded.
      expect(failedTest, output).not.toBeNull();
    },
  );
});
