import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { startServer } from '../../../tools/zookeeper/index.ts';
import { describeReal } from '../../real/support/real-zookeeper.ts';
import { DocPackage, docBlocks, masked } from './doc-blocks.ts';

const blocks = docBlocks('docs/observability.md');
const user = new DocPackage();

afterAll(() => user.remove());

describe('docs/observability.md', () => {
  it('has blocks that compile, each on its own', () => {
    expect(user.compile(blocks)).toBe('');
    expect(blocks.map(({ output }) => output.length > 0)).toEqual([
      true,
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
  });
});

describeReal('the blocks of docs/observability.md', () => {
  it('print on a fresh server what stands below them', async () => {
    await using server = await startServer({ fastStart: true });
    for (const [index, { output }] of blocks.entries()) {
      const printed = await user.run(index, server);
      if (output.length > 0) expect(masked(printed)).toEqual(masked(output));
      else expect(printed).toEqual(['']);
    }
    const capture = readFileSync(join(user.directory, 'capture.json'), 'utf8');
    const { records } = JSON.parse(capture) as { records: { dir: string }[] };
    expect(records.map(({ dir }) => dir)).toEqual(['c2s', 's2c', 'c2s', 's2c', 'c2s', 's2c']);
  });
});
