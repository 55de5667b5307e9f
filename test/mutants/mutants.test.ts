import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from './mutants.ts';

const VITEST = new URL('../../node_modules/vitest/vitest.mjs', import.meta.url).pathname;

interface Run {
  readonly exitCode: number;
  readonly output: string;
}

/** Runs the tests of a mutant in a process of its own. */
function run(name: string, tests: readonly string[]): Promise<Run> {
  const args = [VITEST, 'run', '--bail', '1', '--no-color', ...tests];
  const env = { ...process.env, ZKWIRE_MUTANT: name };
  return new Promise((resolve) => {
    const options = { env, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const exitCode = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ exitCode, output: stdout + stderr });
    });
  });
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
    120_000,
  );
});
