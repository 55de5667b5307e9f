import { afterAll, describe, expect, it } from 'vitest';
import { DocPackage, docBlocks, masked } from './doc-blocks.ts';

/** Guides whose blocks start their own servers: they run anywhere. */
const GUIDES: readonly string[] = [
  'docs/client.md',
  'docs/embedding.md',
  'docs/captures.md',
  'docs/conformance.md',
];

describe.each(GUIDES)('%s', (document) => {
  const blocks = docBlocks(document);
  const user = new DocPackage();

  afterAll(() => user.remove());

  it('has blocks that compile, each on its own, and print what stands below them', async () => {
    expect(user.compile(blocks)).toBe('');
    expect(blocks.length).toBeGreaterThanOrEqual(1);
    for (const [index, { output }] of blocks.entries()) {
      const printed = await user.run(index, { connectString: '127.0.0.1:2181' });
      expect(masked(printed), `block ${index + 1}`).toEqual(masked(output));
    }
  }, 300_000);
});
