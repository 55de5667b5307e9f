import { beforeEach, describe, expect, it } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import { OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from '../../../../src/server/tree/acl-table.ts';
import { DataTree } from '../../../../src/server/tree/data-tree.ts';
import { CONTAINER_OWNER, ownerOfTtl } from '../../../../src/server/tree/ephemeral-owner.ts';
import type { CreateTxn, Txn } from '../../../../src/server/tree/txn.ts';
import { statOf, ZNode } from '../../../../src/server/tree/znode.ts';
import { bytes } from './tree-writer.ts';

let tree: DataTree;

beforeEach(() => {
  tree = new DataTree();
});

function apply(zxid: bigint, txn: Txn, sessionId = 1n): void {
  tree.apply({ sessionId, cxid: 0, zxid, timeMs: 5 }, txn, {
    created: () => expect.unreachable(),
    deleted: () => expect.unreachable(),
    dataChanged: () => expect.unreachable(),
  });
}

function applied(zxid: bigint, txn: Txn, sessionId = 1n): void {
  tree.apply({ sessionId, cxid: 0, zxid, timeMs: 5 }, txn, null);
}

function create(path: string, parentCversion: number, data = ''): CreateTxn {
  const acl = OPEN_ACL_UNSAFE;
  return { type: OP.create, path, data: bytes(data), acl, ephemeral: false, parentCversion };
}

describe('a log whose transactions a snapshot has in part', () => {
  it('creates no znode twice', () => {
    applied(5n, create('/a', 1, 'new'));
    applied(6n, { ...create('/a/e', 1), ephemeral: true }, 3n);
    apply(4n, create('/a', 1, 'old'));
    apply(7n, { ...create('/a/e', 1), ephemeral: true }, 4n);
    expect(tree.node('/a')).toMatchObject({ data: bytes('new'), czxid: 5n });
    expect([tree.nodeCount, tree.dataBytes]).toEqual([7, 44 + 2 + 3 + 4]);
    expect([...tree.ephemeralsOf(3n)]).toEqual(['/a/e']);
    expect(tree.ephemeralCount).toBe(1);
    expect(tree.lastZxid).toBe(7n);
  });

  it('but gives the parent its cversion then, and its pzxid with it', () => {
    applied(5n, create('/a', 1));
    applied(6n, create('/a/b', 1));
    apply(9n, create('/a/b', 4));
    expect(statOf(tree.node('/a')!)).toMatchObject({ cversion: 7, pzxid: 9n });
    apply(11n, create('/a/b', 4));
    apply(12n, create('/a/b', 2));
    expect(statOf(tree.node('/a')!)).toMatchObject({ cversion: 7, pzxid: 9n });
    // Counted where the log is too old to say.
    apply(13n, create('/a/b', -1));
    expect(statOf(tree.node('/a')!)).toMatchObject({ cversion: 9, pzxid: 13n });
    // As Apache's, for plain creates only.
    apply(14n, { ...create('/a/b', 50), type: OP.create2 });
    expect(statOf(tree.node('/a')!)).toMatchObject({ cversion: 9, pzxid: 13n });
    // For children of the root too.
    apply(15n, create('/a', 8));
    expect(tree.node('/')).toMatchObject({ cversion: 8, pzxid: 15n });
  });

  it('and gives the znode the ACL that the snapshot may have lacked', () => {
    applied(5n, { ...create('/a', 1), acl: READ_ACL_UNSAFE });
    const acl = [{ perms: 5, id: { scheme: 'ip', id: '127.0.0.1' } }];
    apply(5n, { ...create('/a', 1), acl });
    expect([tree.node('/a')!.acl, tree.node('/a')!.aversion]).toEqual([acl, 0]);
    expect(tree.acls.entries().map(([, list]) => list)).toEqual([READ_ACL_UNSAFE, acl]);
    apply(5n, create('/a', 1));
    expect(tree.acls.size).toBe(1);
  });

  it('never takes a cversion or pzxid of a parent back', () => {
    applied(5n, create('/a', 1));
    applied(9n, create('/a/late', 7));
    applied(6n, create('/a/early', 3));
    expect(tree.node('/a')).toMatchObject({ cversion: 7, pzxid: 9n });
    applied(7n, { type: OP.delete, path: '/a/early' });
    expect(tree.node('/a')).toMatchObject({ cversion: 7, pzxid: 9n });
    applied(10n, create('/a/old-log', -1));
    expect(tree.node('/a')).toMatchObject({ cversion: 8, pzxid: 10n });
  });

  it('deletes nothing twice, but its parent hears of it', () => {
    applied(5n, create('/a', 1));
    apply(8n, { type: OP.delete, path: '/a/b' });
    expect(tree.node('/a')).toMatchObject({ cversion: 0, pzxid: 8n });
    apply(7n, { type: OP.delete, path: '/a/b' });
    expect(tree.node('/a')!.pzxid).toBe(8n);
    apply(9n, { type: OP.closeSession, paths: ['/a/gone', '/gone/too'] });
    expect(tree.node('/a')!.pzxid).toBe(9n);
    expect(tree.nodeCount).toBe(6);
  });

  it('makes a znode anew whose children the snapshot has from later', () => {
    applied(5n, create('/a', 1));
    applied(8n, create('/a/b', 1, 'child'));
    applied(9n, { ...create('/a/b/e', 1), ephemeral: true }, 3n);
    // The log from before all of that: another /a goes.
    applied(4n, { type: OP.delete, path: '/a' });
    expect([tree.nodeCount, tree.dataBytes, tree.ephemeralCount]).toEqual([5, 44, 0]);
    applied(5n, create('/a', 1));
    applied(8n, create('/a/b', 1, 'child'));
    applied(9n, { ...create('/a/b/e', 1), ephemeral: true }, 3n);
    expect(tree.childNames(tree.node('/a')!)).toEqual(['b']);
    expect(statOf(tree.node('/a')!)).toMatchObject({ cversion: 1, pzxid: 8n, numChildren: 1 });
    expect([tree.nodeCount, tree.dataBytes, tree.ephemeralCount]).toEqual([8, 44 + 17, 1]);
  });

  it('passes over what has no znode, or no parent', () => {
    apply(5n, create('/no/parent', 1));
    apply(6n, { type: OP.delete, path: '/no/parent' });
    apply(7n, { type: OP.setData, path: '/none', data: null, version: 3 });
    apply(8n, { type: OP.setACL, path: '/none', acl: READ_ACL_UNSAFE, version: 3 });
    expect([tree.nodeCount, tree.dataBytes, tree.lastZxid]).toEqual([5, 44, 8n]);
  });

  it('does what can be done of a multi', () => {
    applied(5n, create('/a', 1));
    applied(6n, {
      type: OP.multi,
      txns: [create('/a', 1), { type: OP.delete, path: '/x' }, create('/b', 2)],
    });
    expect(tree.node('/b')!.czxid).toBe(6n);
    expect(tree.node('/')).toMatchObject({ cversion: 2, pzxid: 6n });
  });
});

describe('a tree from a snapshot', () => {
  const node = (owner = 0n, data = ''): ZNode =>
    new ZNode(bytes(data), structuredClone(READ_ACL_UNSAFE) as never, 3n, 4, owner);

  it('has what it was given, and nothing else', () => {
    applied(2n, create('/old', 1));
    tree.beginRestore();
    const nodes: [string, ZNode][] = [
      ['', node(0n, 'rr')],
      ['/b', node(0n, 'xyz')],
      ['/b/e', node(7n)],
      ['/c', node(CONTAINER_OWNER)],
      ['/t', node(ownerOfTtl(9))],
    ];
    for (const [path, each] of nodes) expect(tree.restore(path, each)).toBe(true);
    expect(tree.endRestore(0x33n)).toBe(true);
    expect(tree.node('/old')).toBeUndefined();
    for (const [path, each] of nodes) expect(tree.node(path)).toBe(each);
    expect(tree.node('/')).toBe(nodes[0]![1]);
    expect(tree.childNames(tree.node('/')!)).toEqual(['b', 'c', 't']);
    expect(tree.childNames(tree.node('/b')!)).toEqual(['e']);
    expect([tree.nodeCount, tree.lastZxid]).toEqual([6, 0x33n]);
    // The data of the root count twice: it is there twice.
    expect(tree.dataBytes).toBe(2 + 1 + 2 + 2 + 3 + 4 + 2 + 2);
    expect([[...tree.ephemeralsOf(7n)], tree.ephemeralCount]).toEqual([['/b/e'], 1]);
    expect([[...tree.containers], [...tree.ttls]]).toEqual([['/c'], ['/t']]);
    expect(new Set(nodes.map(([, each]) => each.acl)).size).toBe(1);
    expect(tree.acls.size).toBe(1);
  });

  it('refuses znodes without a parent, and a second of a path', () => {
    tree.beginRestore();
    expect(tree.endRestore(1n)).toBe(false);
    expect(tree.restore('/a', node())).toBe(false);
    expect(tree.restore('', node())).toBe(true);
    expect(tree.restore('', node())).toBe(false);
    expect(tree.restore('/a/b', node())).toBe(false);
    expect(tree.restore('a', node())).toBe(false);
    expect(tree.restore('/a', node())).toBe(true);
    expect(tree.restore('/a', node())).toBe(false);
    expect(tree.restore('/a/b', node())).toBe(true);
    expect(tree.endRestore(1n)).toBe(true);
    expect(tree.nodeCount).toBe(4);
  });
});
