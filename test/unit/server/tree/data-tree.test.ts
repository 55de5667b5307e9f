import { beforeEach, describe, expect, it } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import { OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from '../../../../src/server/tree/acl-table.ts';
import { DataTree } from '../../../../src/server/tree/data-tree.ts';
import { CONTAINER_OWNER, ttlMsOf } from '../../../../src/server/tree/ephemeral-owner.ts';
import { statOf } from '../../../../src/server/tree/znode.ts';
import { bytes, TreeWriter } from './tree-writer.ts';

let tree: DataTree;
let writer: TreeWriter;

beforeEach(() => {
  tree = new DataTree();
  writer = new TreeWriter(tree);
});

/** Has the writer tell what listeners hear, as lines with the zxid at the end. */
function listen(): string[] {
  const told: string[] = [];
  writer.listener = {
    created: (path, parent, node, parentNode, zxid) => {
      expect([tree.node(path), tree.node(parent)]).toEqual([node, parentNode]);
      told.push(`created ${path} in ${parent} ${zxid}`);
    },
    deleted: (path, parent, _, parentNode, zxid) => {
      expect([tree.node(path), tree.node(parent)]).toEqual([undefined, parentNode]);
      told.push(`deleted ${path} in ${parent} ${zxid}`);
    },
    dataChanged: (path, node, zxid) => {
      expect(tree.node(path)).toBe(node);
      told.push(`changed ${path} to ${node.data} ${zxid}`);
    },
  };
  return told;
}

describe('a fresh tree', () => {
  it('is what the first start of a real server makes', () => {
    const zeros = { czxid: 0n, mzxid: 0n, pzxid: 0n, ctime: 0n, mtime: 0n, ephemeralOwner: 0n };
    const none = { version: 0, cversion: 0, aversion: 0, dataLength: 0, numChildren: 0 };
    const stat = (path: string): unknown => statOf(tree.node(path)!);
    expect(stat('/')).toEqual({ ...zeros, ...none, cversion: -1, numChildren: 1 });
    expect(stat('/zookeeper')).toEqual({ ...zeros, ...none, cversion: -2, numChildren: 2 });
    expect(stat('/zookeeper/quota')).toEqual({ ...zeros, ...none });
    expect(stat('/zookeeper/config')).toEqual({ ...zeros, ...none, aversion: -1 });
    expect(tree.node('/zookeeper/config')!.acl).toBe(READ_ACL_UNSAFE);
    expect(tree.node('/zookeeper/quota')!.acl).toBe(OPEN_ACL_UNSAFE);
    expect(tree.node('/')!.data).toEqual(Buffer.alloc(0));
    expect(tree.childNames(tree.node('/zookeeper')!)).toEqual(['config', 'quota']);
  });

  it('has the root under two names, and counts it twice', () => {
    expect(tree.node('')).toBe(tree.node('/'));
    expect([tree.nodeCount, tree.dataBytes, tree.lastZxid]).toEqual([5, 44, 0n]);
    expect([tree.descendantsOf('/'), tree.descendantsOf('/zookeeper')]).toEqual([3, 2]);
    expect(tree.acls.size).toBe(1);
  });

  it('is there again after a reset', () => {
    writer.create('/a', 'x', { sessionId: 3n });
    writer.create('/c', 'x', { container: true });
    writer.create('/t', 'x', { ttlMs: 5, acl: [{ perms: 4, id: { scheme: 'ip', id: '::1' } }] });
    tree.reset();
    expect(tree.node('/a')).toBeUndefined();
    expect([tree.nodeCount, tree.dataBytes, tree.lastZxid]).toEqual([5, 44, 0n]);
    expect([tree.ephemeralCount, [...tree.ephemeralSessions]]).toEqual([0, []]);
    expect([tree.containers.size, tree.ttls.size, tree.acls.size]).toEqual([0, 0, 1]);
  });
});

describe('transactions', () => {
  it('create: the znode and what its parent shows', () => {
    writer.create('/a', 'abc');
    writer.create('/a/b');
    expect(statOf(tree.node('/a')!)).toEqual({
      czxid: 1n,
      mzxid: 1n,
      pzxid: 2n,
      ctime: 1001n,
      mtime: 1001n,
      version: 0,
      cversion: 1,
      aversion: 0,
      ephemeralOwner: 0n,
      dataLength: 3,
      numChildren: 1,
    });
    expect(statOf(tree.node('/')!)).toMatchObject({ cversion: 0, numChildren: 2, pzxid: 1n });
    expect(tree.node('/a/b')!.data).toBeNull();
    expect([tree.nodeCount, tree.dataBytes, tree.lastZxid]).toEqual([7, 44 + 5 + 4, 2n]);
    expect(tree.descendantsOf('/a')).toBe(1);
    expect(tree.descendantsOf('/missing')).toBe(0);
  });

  it('create: the kinds of znodes, and where they are found', () => {
    writer.create('/e', null, { sessionId: 0x77n });
    writer.create('/c', null, { container: true });
    writer.create('/t', null, { ttlMs: 1234 });
    expect([...tree.ephemeralsOf(0x77n)]).toEqual(['/e']);
    expect([...tree.containers]).toEqual(['/c']);
    expect([...tree.ttls]).toEqual(['/t']);
    expect(tree.node('/e')!.ephemeralOwner).toBe(0x77n);
    expect(tree.node('/c')!.ephemeralOwner).toBe(CONTAINER_OWNER);
    expect(ttlMsOf(tree.node('/t')!.ephemeralOwner)).toBe(1234);
    for (const path of ['/e', '/c', '/t']) writer.delete(path);
    expect([tree.ephemeralsOf(0x77n).size, tree.containers.size, tree.ttls.size]).toEqual([
      0, 0, 0,
    ]);
    expect(tree.ephemeralCount).toBe(0);
    // The session has not ended.
    expect([...tree.ephemeralsBySession]).toEqual([[0x77n, []]]);
  });

  it('delete: the znode goes, and its parent says when', () => {
    writer.create('/a');
    writer.create('/a/b', 'xyz');
    writer.delete('/a/b');
    expect(tree.node('/a/b')).toBeUndefined();
    expect(statOf(tree.node('/a')!)).toMatchObject({ cversion: 2, numChildren: 0, pzxid: 3n });
    expect([tree.nodeCount, tree.dataBytes]).toEqual([6, 46]);
  });

  it('setData: data, version and time', () => {
    writer.create('/a', 'abc');
    writer.setData('/a', 'longer');
    const changed = { version: 1, mzxid: 2n, mtime: 1002n, czxid: 1n, ctime: 1001n, pzxid: 1n };
    expect(statOf(tree.node('/a')!)).toMatchObject({ ...changed, dataLength: 6 });
    expect([tree.node('/a')!.data, tree.dataBytes]).toEqual([bytes('longer'), 44 + 2 + 6]);
    writer.setData('/a', null);
    expect([tree.node('/a')!.data, tree.dataBytes]).toEqual([null, 44 + 2]);
    writer.setData('/', 'r');
    expect(tree.dataBytes).toBe(44 + 2 + 1);
  });

  it('setACL: the list and its version, and nothing else', () => {
    writer.create('/a');
    const acl = [{ perms: 3, id: { scheme: 'digest', id: 'user:hash' } }];
    writer.setAcl('/a', acl);
    const node = tree.node('/a')!;
    expect(node.acl).toBe(acl);
    expect(statOf(node)).toMatchObject({ aversion: 1, version: 0, mzxid: 1n, pzxid: 1n });
    expect(tree.acls.size).toBe(2);
    writer.setAcl('/a', structuredClone(acl));
    expect(node.acl).toEqual(acl);
    writer.delete('/a');
    expect(tree.acls.size).toBe(1);
  });

  it('multi: all of it', () => {
    const told = listen();
    writer.apply({
      type: OP.multi,
      txns: [
        writer.createTxn('/a', 'one'),
        { type: OP.check, path: '/a', version: 0 },
        { type: OP.setData, path: '/a', data: bytes('two'), version: 1 },
        { type: OP.delete, path: '/a' },
        {
          type: OP.create2,
          path: '/b',
          data: null,
          acl: OPEN_ACL_UNSAFE,
          ephemeral: false,
          parentCversion: 2,
        },
      ],
    });
    expect(told).toEqual([
      'created /a in / 1',
      'changed /a to two 1',
      'deleted /a in / 1',
      'created /b in / 1',
    ]);
    expect(tree.node('/b')!.czxid).toBe(1n);
    expect(tree.lastZxid).toBe(1n);
  });

  it('multi: none of it when one is an error', () => {
    const told = listen();
    writer.apply({
      type: OP.multi,
      txns: [writer.createTxn('/a'), { type: OP.error, code: 0 }, { type: OP.error, code: -101 }],
    });
    expect([told, tree.node('/a'), tree.lastZxid]).toEqual([[], undefined, 1n]);
  });

  it('those without a change move the zxid, which never goes back', () => {
    const told = listen();
    writer.apply({ type: OP.error, code: -110 });
    writer.apply({ type: OP.check, path: '/', version: 0 });
    writer.apply({ type: OP.createSession, timeoutMs: 4000 }, 5n);
    expect([told, tree.lastZxid]).toEqual([[], 3n]);
    const header = { sessionId: 1n, cxid: 1, zxid: 2n, timeMs: 0 };
    tree.apply(header, { type: OP.error, code: -110 }, null);
    expect(tree.lastZxid).toBe(3n);
  });

  it('a listener hears of each change after it', () => {
    const told = listen();
    writer.create('/a', 'x');
    writer.create('/a/b');
    writer.setData('/a/b', 'y');
    writer.setAcl('/a', READ_ACL_UNSAFE);
    writer.apply({ type: OP.deleteContainer, path: '/a/b' });
    writer.apply({ type: OP.reconfig, path: '/zookeeper/config', data: bytes('c'), version: 1 });
    expect(told).toEqual([
      'created /a in / 1',
      'created /a/b in /a 2',
      'changed /a/b to y 3',
      'deleted /a/b in /a 5',
      'changed /zookeeper/config to c 6',
    ]);
  });
});

describe('the end of a session', () => {
  const paths = ['/Aa', '/BB', '/a', '/b', '/c'];

  beforeEach(() => {
    for (const path of paths) writer.create(path, 'x', { sessionId: 9n });
    writer.create('/other', null, { sessionId: 8n });
  });

  it('deletes its ephemeral znodes, in the order given', () => {
    const told = listen();
    writer.closeSession(9n, ['/c', '/Aa', '/a', '/BB', '/b']);
    expect(told).toEqual(['/c', '/Aa', '/a', '/BB', '/b'].map((path) => `deleted ${path} in / 7`));
    expect([...tree.ephemeralSessions]).toEqual([8n]);
    expect([tree.ephemeralCount, tree.nodeCount]).toEqual([1, 6]);
  });

  it('and what was not given, after that', () => {
    const told = listen();
    writer.closeSession(9n, ['/c', '/never']);
    expect(told.map((line) => line.split(' ')[1])).toEqual(['/c', '/a', '/b', '/Aa', '/BB']);
    expect(tree.lastZxid).toBe(7n);
  });

  it('and all when none were given, as in logs before 3.6', () => {
    const told = listen();
    writer.closeSession(9n, null);
    expect(told.map((line) => line.split(' ')[1])).toEqual(['/a', '/b', '/c', '/Aa', '/BB']);
    expect(tree.ephemeralCount).toBe(1);
    writer.closeSession(9n, null);
    expect(told).toHaveLength(5);
  });

  it('deletes a znode that is given, whoever has it by now', () => {
    const told = listen();
    writer.closeSession(9n, ['/other']);
    expect(told[0]).toBe('deleted /other in / 7');
    expect([...tree.ephemeralsBySession]).toEqual([[8n, []]]);
  });

  it('ephemeral znodes are listed by prefix', () => {
    expect(tree.ephemeralPaths(9n, '/a')).toEqual(['/a']);
    expect(tree.ephemeralPaths(9n, '/A')).toEqual(['/Aa']);
    const all = ['/a', '/b', '/c', '/Aa', '/BB'];
    // Blank is what Java's trim takes: control characters, and no spaces but one.
    for (const prefix of [null, '', ' ', '/', ' / ', '\0', '\u0001/\n']) {
      expect(tree.ephemeralPaths(9n, prefix)).toEqual(all);
    }
    for (const prefix of ['/zz', '\u00a0', '\u2003/', '//']) {
      expect(tree.ephemeralPaths(9n, prefix)).toEqual([]);
    }
    expect(tree.ephemeralPaths(7n, null)).toEqual([]);
    expect([...tree.ephemeralsOf(9n)]).toEqual(all);
    // A copy: it stays while the tree changes.
    const before = tree.ephemeralsOf(9n);
    writer.delete('/a');
    expect([before.size, tree.ephemeralsOf(9n).size]).toEqual([5, 4]);
  });
});
