import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from './mutants.ts';

const VITEST = new URL('../../node_modules/vitest/vitest.mjs', import.meta.url).pathname;

interface Run {
  readonly exitCode: number;
  readonly output: string;
}

const RUN_MS_MAX = 240_000;
/** A mutant may hang the tests that notice it. */
const TEST_MS_MAX = 20_000;

/** Runs the tests of a mutant in a process of its own. */
function run(name: string, tests: readonly string[]): Promise<Run> {
  const limits = [`--testTimeout=${TEST_MS_MAX}`, `--hookTimeout=${TEST_MS_MAX}`];
  const args = [VITEST, 'run', '--bail', '1', '--no-color', ...limits, ...tests];
  const env = { ...process.env, ZKWIRE_MUTANT: name };
  // A group of its own: a mutant may never come to an end, and its workers must not outlive us.
  const child = spawn(process.execPath, args, { env, detached: true, stdio: 'pipe' });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    const timer = setTimeout(() => killGroup(child.pid), RUN_MS_MAX);
    child.once('close', (exitCode) => {
      clearTimeout(timer);
      resolve({ exitCode: exitCode ?? -1, output: Buffer.concat(chunks).toString() });
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
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
      const { exitCode, output } = await run(name, tests);
      // By a failed assertion or a time-out of a test, not because nothing could be loaded.
      expect([exitCode, output]).toEqual([1, expect.stringMatching(/Tests\s+\d+ failed/)]);
    },
  );
});
