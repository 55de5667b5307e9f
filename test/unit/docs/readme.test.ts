import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ROOT } from '../package/run-node.ts';
import { DocPackage, docBlocks } from './doc-blocks.ts';

const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = docBlocks('README.md');

const user = new DocPackage();

afterAll(() => user.remove());

/** What the comments behind a block's calls of `console.log` say that these print. */
function promised(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\);? ?\/\/ (.*)$/gm)].map(
    (match) => match[1] as string,
  );
}

describe('README.md', () => {
  it('has blocks that compile, and print what their comments say', async () => {
    expect(blocks).toHaveLength(2);
    expect(user.compile(blocks)).toBe('');
    for (const [index, { code }] of blocks.entries()) {
      const comments = promised(code);
      expect(comments.length).toBeGreaterThanOrEqual(2);
      expect(await user.run(index, { connectString: 'not used' })).toEqual(comments);
    }
  }, 300_000);

  it('names npm scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1] as string);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});
