import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT, runNode } from '../package/run-node.ts';
import { DocPackage, docBlocks, fencedBlocks } from './doc-blocks.ts';

const DOCUMENT = 'docs/testing.md';
const blocks = docBlocks(DOCUMENT);
const forVitest = fencedBlocks(DOCUMENT, 'ts vitest');
const user = new DocPackage('', ['vitest']);

afterAll(() => user.remove());

describe(DOCUMENT, () => {
  it('has blocks that compile, each on its own', () => {
    expect(user.compile([...blocks, ...forVitest])).toBe('');
    expect(blocks.length).toBeGreaterThanOrEqual(5);
    expect(forVitest).toHaveLength(1);
  }, 300_000);

  it('has tests of node:test that pass', async () => {
    for (const [index, { code }] of blocks.entries()) {
      const file = join(user.directory, 'out', `block-${index}.js`);
      const lines = await runNode(['--test-reporter=tap', file], user.directory);
      expect(lines).toContain('# fail 0');
      const tests =
        [...code.matchAll(/^ *test\(/gm)].length + (code.includes('for (const cut') ? 1 : 0);
      expect(lines).toContain(`# pass ${tests}`);
    }
  }, 300_000);

  it('has a test of vitest that passes', async () => {
    symlinkSync(join(ROOT, 'node_modules', 'vite'), join(user.directory, 'node_modules', 'vite'));
    writeFileSync(join(user.directory, 'jobs.test.ts'), forVitest[0]?.code ?? '');
    const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
    const args = [vitest, 'run', '--root', user.directory, '--reporter=tap-flat', 'jobs.test.ts'];
    const lines = await runNode(args, user.directory);
    expect(lines.filter((line) => /^(not )?ok /.test(line))).toEqual([
      expect.stringMatching(/^ok 1 - jobs\.test\.ts > gives each job a number/),
    ]);
  }, 300_000);
});
