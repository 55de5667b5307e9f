import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ACL, OP } from '../../../../src/codec/index.ts';
import { OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from '../../../../src/server/tree/acl-table.ts';
import { DataTree } from '../../../../src/server/tree/data-tree.ts';
import { kindOf, NODE_KIND } from '../../../../src/server/tree/ephemeral-owner.ts';
import { TreeWalk } from '../../../../src/server/tree/tree-walk.ts';
import type { PlainTxn, Txn } from '../../../../src/server/tree/txn.ts';
import { statOf, ZNode } from '../../../../src/server/tree/znode.ts';
import { fastCheckOptions, seedNote } from '../../../property/seed.ts';
import { bytes } from './tree-writer.ts';

const ACLS: readonly (readonly ACL[])[] = [
  OPEN_ACL_UNSAFE,
  READ_ACL_UNSAFE,
  [{ perms: 7, id: { scheme: 'digest', id: 'a:b' } }],
];

const path = fc
  .array(fc.constantFrom('/a', '/b', '/Aa', '/BB'), { minLength: 1, maxLength: 3 })
  .map((names) => names.join(''));
const data = fc.option(fc.string({ maxLength: 5 })).map(bytes);
const acl = fc.constantFrom(...ACLS).map((list) => structuredClone(list) as ACL[]);
const parentCversion = fc.integer({ min: -1, max: 12 });
const version = fc.nat(9);
const isEphemeral = fc.boolean();
const ttlMs = fc.integer({ min: 1, max: 2 ** 40 - 1 });
const withData = { path, data, acl, parentCversion };

const create = fc.record({
  type: fc.constantFrom(OP.create, OP.create2),
  ...withData,
  ephemeral: isEphemeral,
});
const remove = fc.record({ type: fc.constantFrom(OP.delete, OP.deleteContainer), path });
const plain: fc.Arbitrary<PlainTxn> = fc.oneof(
  { arbitrary: create, weight: 4 },
  fc.record({ type: fc.constant(OP.createContainer), ...withData }),
  fc.record({ type: fc.constant(OP.createTTL), ...withData, ttlMs }),
  { arbitrary: remove, weight: 2 },
  fc.record({ type: fc.constant(OP.setData), path, data, version }),
  fc.record({ type: fc.constant(OP.setACL), path, acl, version }),
  fc.record({ type: fc.constant(OP.check), path, version }),
);
const failed = fc.record({ type: fc.constant(OP.error), code: fc.constantFrom(0, -2, -101) });
const txn: fc.Arbitrary<Txn> = fc.oneof(
  { arbitrary: plain, weight: 12 },
  failed,
  fc.record({
    type: fc.constant(OP.multi),
    txns: fc.array(fc.oneof({ arbitrary: plain, weight: 9 }, failed), { maxLength: 4 }),
  }),
  fc.record({ type: fc.constant(OP.createSession), timeoutMs: fc.nat() }),
  fc.record({ type: fc.constant(OP.closeSession), paths: fc.option(fc.array(path)) }),
);
const step = fc.record({ sessionId: fc.constantFrom(1n, 2n), zxidStep: fc.nat(2), txn });
type Step = { readonly sessionId: bigint; readonly zxidStep: number; readonly txn: Txn };

/** A model without care for speed: the znodes by path, as listeners told of them. */
class ToldPaths {
  readonly paths = new Set(['/zookeeper', '/zookeeper/quota', '/zookeeper/config']);

  created(path: string): void {
    expect(this.paths.has(path)).toBe(false);
    this.paths.add(path);
  }

  deleted(path: string): void {
    expect(this.paths.delete(path)).toBe(true);
  }

  dataChanged(path: string): void {
    expect(this.paths.has(path)).toBe(true);
  }
}

/** Whether a preparer lets it pass: no znode goes before its children, and ephemeral ones have none. */
function isAllowed(tree: DataTree, op: PlainTxn): boolean {
  if (op.type === OP.delete || op.type === OP.deleteContainer) return isLeaf(tree, op.path);
  if (!('parentCversion' in op)) return true;
  const parent = tree.node(op.path.slice(0, op.path.lastIndexOf('/')));
  return parent === undefined || kindOf(parent.ephemeralOwner) !== NODE_KIND.ephemeral;
}

function isLeaf(tree: DataTree, path: string): boolean {
  return (tree.node(path)?.childCount ?? 0) === 0;
}

/** What of a transaction can be applied. Of a multi, which can build on itself: one delete, no ephemeral znodes. */
function allowed(tree: DataTree, txn: Txn): Txn {
  switch (txn.type) {
    case OP.closeSession:
      return { ...txn, paths: txn.paths?.filter((path) => isLeaf(tree, path)) ?? null };
    case OP.createSession:
      return txn;
    case OP.multi: {
      const ops = txn.txns.filter((op, index) => {
        const isDelete = op.type === OP.delete || op.type === OP.deleteContainer;
        return isAllowed(tree, op) && (!isDelete || index === 0);
      });
      const isLasting = (op: PlainTxn): boolean => !('ephemeral' in op) || !op.ephemeral;
      return { ...txn, txns: ops.filter(isLasting) };
    }
    default:
      return isAllowed(tree, txn) ? txn : { type: OP.error, code: -111 };
  }
}

function run(steps: readonly Step[]): { tree: DataTree; told: ToldPaths; zxid: bigint } {
  const tree = new DataTree();
  const told = new ToldPaths();
  let zxid = 0n;
  for (const { sessionId, zxidStep, txn } of steps) {
    zxid += BigInt(zxidStep);
    const header = { sessionId, cxid: 0, zxid, timeMs: Number(zxid) };
    tree.apply(header, allowed(tree, txn), told);
  }
  return { tree, told, zxid };
}

/** Every znode by path, from the root down. */
function walked(tree: DataTree): Map<string, ZNode> {
  const found = new Map<string, ZNode>();
  const walk = new TreeWalk(tree);
  while (walk.next()) found.set(walk.path, walk.node);
  return found;
}

const ofKind = (nodes: Map<string, ZNode>, kind: number): string[] =>
  [...nodes].filter(([, node]) => kindOf(node.ephemeralOwner) === kind).map(([path]) => path);

/** All that clients can see, by path. */
function seen(nodes: Map<string, ZNode>): unknown[] {
  const rows = [...nodes].map(([path, node]) => ({ path, ...statOf(node), ...node }));
  const shown = rows.map(({ children: _, ...rest }) => rest);
  return shown.sort((a, b) => (a.path < b.path ? -1 : 1));
}

describe(`any transactions (${seedNote()})`, () => {
  const steps = fc.array(step, { maxLength: 60 });

  it('leave every index and every count as the znodes are', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { tree, told, zxid } = run(all);
        const nodes = walked(tree);
        expect(new Set(nodes.keys())).toEqual(new Set(['', ...told.paths]));
        expect([tree.nodeCount, tree.lastZxid]).toEqual([nodes.size + 1, zxid]);
        for (const [path, node] of nodes) expect(tree.node(path)).toBe(node);

        const below = (path: string): number =>
          [...nodes.keys()].filter((each) => each.startsWith(`${path}/`)).length;
        for (const path of nodes.keys()) expect(tree.descendantsOf(path)).toBe(below(path));
        const sizes = [...nodes].map(([path, node]) => path.length + node.dataLength);
        // The other root; its data never change here.
        expect(tree.dataBytes).toBe(sizes.reduce((sum, size) => sum + size, 1));

        const ephemerals = ofKind(nodes, NODE_KIND.ephemeral);
        expect(tree.ephemeralCount).toBe(ephemerals.length);
        for (const id of [1n, 2n]) {
          const own = ephemerals.filter((path) => nodes.get(path)!.ephemeralOwner === id);
          expect(new Set(tree.ephemeralPaths(id, null))).toEqual(new Set(own));
        }
        expect(tree.containers).toEqual(new Set(ofKind(nodes, NODE_KIND.container)));
        expect(tree.ttls).toEqual(new Set(ofKind(nodes, NODE_KIND.ttl)));

        const inUse = new Set([...nodes.values()].map((node) => node.acl));
        inUse.delete(OPEN_ACL_UNSAFE);
        expect(new Set(tree.acls.entries().map(([, list]) => list))).toEqual(inUse);
      }),
      fastCheckOptions(400),
    );
  });

  it('are the same tree again when it was walked and restored', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const { tree, zxid } = run(all);
        const before = walked(tree);
        const copy = new DataTree();
        copy.beginRestore();
        for (const [path, node] of before) {
          const fields = new ZNode(node.data, node.acl, 0n, 0, 0n);
          expect(copy.restore(path, Object.assign(fields, node, { children: null }))).toBe(true);
        }
        expect(copy.endRestore(zxid)).toBe(true);
        expect(seen(walked(copy))).toEqual(seen(before));
        expect([copy.nodeCount, copy.dataBytes]).toEqual([tree.nodeCount, tree.dataBytes]);
        expect([copy.ephemeralCount, copy.acls.size]).toEqual([
          tree.ephemeralCount,
          tree.acls.size,
        ]);
      }),
      fastCheckOptions(200),
    );
  });

  /** So few paths that most are made, deleted and made again. */
  const narrow = fc
    .tuple(step, fc.constantFrom('/a', '/a/b', '/a/b/c'))
    .map(([{ sessionId, zxidStep, txn }, other]): Step => {
      const moved = 'path' in txn ? { ...txn, path: other } : txn;
      return { sessionId, zxidStep, txn: moved };
    });

  it('can be applied again to a tree that has them, as after a fuzzy snapshot', () => {
    fc.assert(
      fc.property(fc.array(narrow, { minLength: 40, maxLength: 60 }), fc.nat(30), (all, from) => {
        // Every transaction with a zxid of its own and the cversion that a preparer gives.
        const once = new DataTree();
        const log: { zxid: bigint; sessionId: bigint; txn: Txn }[] = [];
        for (const [index, { sessionId, txn }] of all.entries()) {
          const zxid = BigInt(index + 1);
          const prepared = preparedAlone(once, txn);
          log.push({ zxid, sessionId, txn: prepared });
          once.apply({ sessionId, cxid: 0, zxid, timeMs: index }, prepared, null);
        }
        const before = seen(walked(once));
        for (const { zxid, sessionId, txn } of log.slice(from)) {
          once.apply({ sessionId, cxid: 0, zxid, timeMs: Number(zxid) - 1 }, txn, null);
        }
        expect(seen(walked(once))).toEqual(before);
        expect(once.nodeCount).toBe(before.length + 1);
      }),
      fastCheckOptions(600),
    );
  });
});

/** The operation as a preparer hands it on: refused, or with the numbers that the tree asks for. */
function preparedAlone(tree: DataTree, txn: Txn): Txn {
  const refused: Txn = { type: OP.error, code: -101 };
  if (txn.type === OP.createSession || txn.type === OP.error) return txn;
  if (txn.type === OP.multi || txn.type === OP.closeSession) return refused;
  if (!isAllowed(tree, txn)) return refused;
  const node = tree.node(txn.path);
  if (!('parentCversion' in txn)) return node === undefined ? refused : txn;
  const parent = tree.node(txn.path.slice(0, txn.path.lastIndexOf('/')));
  if (node !== undefined || parent === undefined) return refused;
  return { ...txn, parentCversion: parent.cversion + 1 };
}
