import { expect, it } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import { DataTree } from '../../../../src/server/tree/data-tree.ts';
import { treeDigest } from '../../../../src/server/tree/tree-digest.ts';
import { TreeWriter } from './tree-writer.ts';

function digestOf(tree: DataTree): { digest: bigint; yields: number } {
  const steps = treeDigest(tree);
  for (let yields = 0; ; yields++) {
    const step = steps.next();
    if (step.done === true) return { digest: step.value, yields };
  }
}

// What a 3.8.0 wrote into its log.
it('is that of a real server', () => {
  const tree = new DataTree();
  expect(digestOf(tree).digest).toBe(0x51c6d660n);
  const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
  const made = [
    ['/n0', 3n, 1795313499497, 0x15a21ca64n],
    ['/n1', 5n, 1795313499691, 0x256515963n],
    ['/n2', 7n, 1795313499769, 0x27bff4d9fn],
    ['/n3', 9n, 1795313499837, 0x2a13ec0cen],
  ] as const;
  for (const [index, [path, zxid, timeMs, digest]] of made.entries()) {
    const header = { sessionId: 72061533959487489n, cxid: index * 2 + 1, zxid, timeMs };
    const node = { path, data: Buffer.from('x'), acl, ephemeral: false, parentCversion: index + 1 };
    tree.apply(header, { type: OP.create, ...node }, null);
    expect(digestOf(tree).digest).toBe(digest);
  }
});

it('leaves out what quotas count, and lets others run meanwhile', () => {
  const tree = new DataTree();
  const writer = new TreeWriter(tree);
  writer.create('/a');
  const { digest } = digestOf(tree);
  writer.create('/zookeeper/quota/a');
  expect(digestOf(tree)).toEqual({ digest, yields: 0 });
  for (let index = 0; index < 2_500; index++) writer.create(`/a/${index}`);
  expect(digestOf(tree).yields).toBe(2);
});
