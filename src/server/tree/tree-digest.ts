import { crc32 } from 'node:zlib';
import type { DataTree } from './data-tree.ts';
import { TreeWalk } from './tree-walk.ts';
import type { ZNode } from './znode.ts';

/** czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion, owner: as they are persisted. */
const STAT_BYTES = 60;
/** What quotas count may differ from server to server, so nothing below is in the digest. */
const UNCOUNTED = '/zookeeper/';
/** Znodes between two chances for others to run. */
const SLICE_NODES = 1_000;

/**
 * The digest that real servers have kept of their tree since 3.6, version 2: a sum over all znodes, which they
 * write behind each transaction. Yields now and then; the tree must not change meanwhile.
 */
export function* treeDigest(tree: DataTree): Generator<void, bigint> {
  const walk = new TreeWalk(tree);
  const stat = Buffer.alloc(STAT_BYTES);
  let sum = 0n;
  for (let visited = 1; walk.next(); visited++) {
    const { path, node } = walk;
    if (!path.startsWith(UNCOUNTED)) sum += BigInt(nodeDigest(path, node, stat));
    if (visited % SLICE_NODES === 0) yield;
  }
  return BigInt.asIntN(64, sum);
}

function nodeDigest(path: string, node: ZNode, stat: Buffer): number {
  stat.writeBigInt64BE(node.czxid, 0);
  stat.writeBigInt64BE(node.mzxid, 8);
  stat.writeBigInt64BE(node.pzxid, 16);
  stat.writeBigInt64BE(BigInt(node.ctimeMs), 24);
  stat.writeBigInt64BE(BigInt(node.mtimeMs), 32);
  stat.writeInt32BE(node.version, 40);
  stat.writeInt32BE(node.cversion, 44);
  stat.writeInt32BE(node.aversion, 48);
  stat.writeBigInt64BE(node.ephemeralOwner, 52);
  const ofPath = crc32(path);
  return crc32(stat, node.data === null ? ofPath : crc32(node.data, ofPath));
}
