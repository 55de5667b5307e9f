import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startServer } from '../../../tools/zookeeper/index.ts';
import { describeReal } from '../../real/support/real-zookeeper.ts';
import { ROOT } from '../package/run-node.ts';
import { DocPackage, docBlocks } from './doc-blocks.ts';

const text = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = docBlocks('README.md');

/** What a block may use without declaring it: a reader knows it from the block before. */
const CONTEXT = `
import type { ZooKeeperClient } from 'zkwire';
declare global {
  const zk: ZooKeeperClient;
}
`;

const user = new DocPackage(CONTEXT);

afterAll(() => user.remove());

/** What the comments behind a block's calls of `console.log` say that these print. */
function promised(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\);? ?\/\/ (.*)$/gm)].map(
    (match) => match[1] as string,
  );
}

describe('README.md', () => {
  it('has blocks that compile, each on its own', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(5);
    expect(user.compile(blocks)).toBe('');
  });

  it('links to files that are there', () => {
    const linked = [...text.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] as string);
    expect(linked.length).toBeGreaterThan(10);
    const missing = linked.filter(
      (file) => !/^https?:/.test(file) && !existsSync(join(ROOT, file)),
    );
    expect(missing).toEqual([]);
  });

  it('names npm scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1] as string);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describeReal('the first two blocks of README.md', () => {
  it('print, on a fresh server each, what their comments say', async () => {
    for (const index of [0, 1]) {
      await using server = await startServer({ fastStart: true });
      const comments = promised(blocks[index]?.code ?? '');
      expect(comments.length).toBeGreaterThanOrEqual(2);
      expect(await user.run(index, server)).toEqual(comments);
    }
  });
});

describe('the block of README.md with a server of its own', () => {
  it('prints what its comments say', async () => {
    const index = blocks.findIndex(({ code }) => code.includes('createServer'));
    const comments = promised(blocks[index]?.code ?? '');
    expect(comments).toHaveLength(2);
    expect(await user.run(index, { connectString: 'not used' })).toEqual(comments);
  });
});
