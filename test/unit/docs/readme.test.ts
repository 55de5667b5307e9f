import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createServer } from '../../../src/server/index.ts';
import { ROOT, runNode } from '../package/run-node.ts';
import { DocPackage, docBlocks, fencedBlocks } from './doc-blocks.ts';

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

  it('has commands for the first minutes that do what they say', async () => {
    await using server = await createServer({ port: 0 });
    const block = fencedBlocks('README.md', 'sh').find(({ code }) => code.includes('shell create'));
    const run = (start: string): Promise<string[]> => {
      const line = block?.code.split('\n').find((each) => each.startsWith(`npx zkwire ${start}`));
      const words = (line ?? '').replace(/ +#.*/, '').split(/ +/).slice(3);
      const [command = ''] = start.split(' ');
      // On its port, and for a moment only.
      const where = command === 'shell' ? [server.connectString] : [];
      const args = words.map((word) => {
        if (word === '127.0.0.1:2181') return server.connectString;
        return word === '1' ? '0.05' : word;
      });
      return runNode([join(ROOT, 'dist/cli/main.js'), command, ...where, ...args], ROOT);
    };
    expect(await run('shell create')).toEqual(['Created /colour']);
    expect(await run('shell get')).toEqual(['green']);
    const depths = (await run('bench')).flatMap((line) => /^ *(\d+) /.exec(line)?.[1] ?? []);
    expect(depths).toEqual(['1', '16', '128', '1024']);
  }, 300_000);
});
