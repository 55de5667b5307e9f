import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeApache } from '../../real/support/real-zookeeper.ts';
import { ROOT } from '../package/run-node.ts';
import { DocPackage, docBlocks } from './doc-blocks.ts';

const SOURCE = '../../tools/zookeeper/index.ts';
/** The same, built. */
const BUILT = join(ROOT, 'build/tools/zookeeper/index.js');

describeApache('docs/real-zookeeper.md', () => {
  const user = new DocPackage();
  afterAll(() => user.remove());

  it('has a program that does what it says', async () => {
    const blocks = docBlocks('docs/real-zookeeper.md');
    expect(blocks).toHaveLength(1);
    expect(blocks[0]?.code).toContain(SOURCE);
    const built = blocks.map(({ code, output }) => ({ code: code.replace(SOURCE, BUILT), output }));
    expect(user.compile(built)).toBe('');
    expect(await user.run(0, { connectString: 'not used' })).toEqual(blocks[0]?.output);
  }, 600_000);
});
