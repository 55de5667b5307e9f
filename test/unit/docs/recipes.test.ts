import { afterAll, expect, it } from 'vitest';
import { DocPackage, docBlocks } from './doc-blocks.ts';

const blocks = docBlocks('docs/recipes.md');
const user = new DocPackage();

afterAll(() => user.remove());

it('docs/recipes.md has blocks that compile, and print what stands below them', async () => {
  expect(user.compile(blocks)).toBe('');
  expect(blocks).toHaveLength(3);
  for (const [index, { output }] of blocks.entries()) {
    expect(await user.run(index, { connectString: '127.0.0.1:2181' })).toEqual(output);
  }
});
