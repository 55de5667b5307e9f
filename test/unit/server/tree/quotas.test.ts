import { beforeEach, describe, expect, it } from 'vitest';
import { DataTree } from '../../../../src/server/tree/data-tree.ts';
import { formatQuota, parseQuota } from '../../../../src/server/tree/quota-text.ts';
import type { QuotaExceeded } from '../../../../src/server/tree/quotas.ts';
import { ZNode } from '../../../../src/server/tree/znode.ts';
import { bytes, TreeWriter } from './tree-writer.ts';

let tree: DataTree;
let writer: TreeWriter;
let exceeded: QuotaExceeded[];

beforeEach(() => {
  exceeded = [];
  tree = new DataTree({ onQuotaExceeded: (each) => exceeded.push(each) });
  writer = new TreeWriter(tree);
});

/** What zkCli's setquota does for a znode of the root. */
function setQuota(path: string, limits: string): void {
  if (tree.node(`/zookeeper/quota${path}`) === undefined) writer.create(`/zookeeper/quota${path}`);
  writer.create(`/zookeeper/quota${path}/zookeeper_limits`, limits);
  writer.create(`/zookeeper/quota${path}/zookeeper_stats`, 'count=0,bytes=0');
}

function used(path: string): string | undefined {
  return tree.node(`/zookeeper/quota${path}/zookeeper_stats`)?.data?.toString();
}

describe('the text of a quota', () => {
  it('is read as a real server reads it', () => {
    const cases: [text: string | null, count: number, bytes: number, others: object][] = [
      ['count=3,bytes=5', 3, 5, {}],
      [
        'count=3,bytes=5=;byteHardLimit=-1;countHardLimit=4',
        3,
        5,
        { byteHardLimit: -1, countHardLimit: 4 },
      ],
      ['bytes=7;count=+08', 8, 7, {}],
      ['', -1, -1, {}],
      [null, -1, -1, {}],
      ['count=1', 1, -1, {}],
      // These stop a real server.
      ['count=,bytes=x,rest', -1, -1, { rest: -1 }],
      [',;count=2', 2, -1, {}],
    ];
    for (const [text, count, ofBytes, others] of cases) {
      const figures = parseQuota(bytes(text));
      expect(figures, `${text}`).toEqual({
        count,
        bytes: ofBytes,
        others: new Map(Object.entries(others)),
      });
    }
  });

  it('is written as a real server writes it', () => {
    const others = new Map([
      ['countHardLimit', 4],
      ['byteHardLimit', -1],
    ]);
    expect(formatQuota({ count: 3, bytes: -1, others: new Map() })).toEqual(
      bytes('count=3,bytes=-1'),
    );
    expect(formatQuota({ count: 3, bytes: 5, others })).toEqual(
      bytes('count=3,bytes=5=;byteHardLimit=-1;countHardLimit=4'),
    );
  });
});

describe('what is used of a quota', () => {
  it('is counted when the znode for it is made, and moves with every write', () => {
    writer.create('/a', '1234');
    writer.create('/a/b', '12');
    setQuota('/a', 'count=5,bytes=100');
    expect(used('/a')).toBe('count=2,bytes=6');
    writer.create('/a/b/c', '123');
    writer.create('/ab', '123');
    writer.create('/other', '123');
    expect(used('/a')).toBe('count=3,bytes=9');
    writer.setData('/a/b/c', null);
    writer.setData('/a', '12345');
    expect(used('/a')).toBe('count=3,bytes=7');
    writer.delete('/a/b/c');
    expect(used('/a')).toBe('count=2,bytes=7');
    const stats = tree.node('/zookeeper/quota/a/zookeeper_stats')!;
    expect([stats.version, stats.mzxid === stats.czxid]).toEqual([0, true]);
  });

  it('is not counted without limits', () => {
    writer.create('/a');
    setQuota('/a', 'count=5');
    writer.delete('/zookeeper/quota/a/zookeeper_limits');
    writer.create('/a/b');
    expect(used('/a')).toBe('count=1,bytes=0');
    writer.create('/zookeeper/quota/a/zookeeper_limits', 'count=5');
    writer.create('/a/c');
    expect(used('/a')).toBe('count=2,bytes=0');
  });

  it('belongs to the nearest quota above', () => {
    for (const path of ['/a', '/a/b', '/a/b/c']) writer.create(path, 'x');
    setQuota('/a', 'count=5');
    setQuota('/a/b', 'count=5');
    expect([used('/a'), used('/a/b')]).toEqual(['count=3,bytes=3', 'count=2,bytes=2']);
    writer.create('/a/b/c/d', '12345');
    writer.create('/a/z', '12');
    expect([used('/a'), used('/a/b')]).toEqual(['count=4,bytes=5', 'count=3,bytes=7']);
  });

  it('counts nothing of a path that is not there, and survives a missing znode for it', () => {
    setQuota('/later', 'count=5');
    expect(used('/later')).toBe('count=0,bytes=0');
    writer.create('/later', 'x');
    expect(used('/later')).toBe('count=1,bytes=1');
    writer.delete('/zookeeper/quota/later/zookeeper_stats');
    writer.setData('/later', 'xy');
    expect(tree.createFitsQuota('/later/a', Buffer.alloc(1000))).toBe(true);
    writer.create('/zookeeper/quota/later/zookeeper_stats');
    expect(used('/later')).toBe('count=1,bytes=2');
  });

  it('is of nobody right below /zookeeper/quota', () => {
    writer.create('/zookeeper/quota/zookeeper_limits', 'count=1');
    writer.create('/a', 'x');
    expect(tree.createFitsQuota('/b', null)).toBe(true);
    writer.create('/zookeeper/quota/zookeeper_stats');
    expect(used('')).toBe(`count=${tree.nodeCount - 1},bytes=8`);
    writer.delete('/zookeeper/quota/zookeeper_limits');
  });

  it('is not what has the same names elsewhere', () => {
    const other = '/0123456789abcde';
    for (const path of ['/a', other, `${other}/a`]) writer.create(path);
    writer.create(`${other}/a/zookeeper_limits`, 'count=-1,bytes=-1=;countHardLimit=1');
    setQuota('/b', 'count=-1,bytes=-1=;countHardLimit=1');
    writer.delete(`${other}/a/zookeeper_limits`);
    writer.create(`${other}/b`);
    writer.create(`${other}/b/zookeeper_limits`);
    writer.delete(`${other}/b/zookeeper_limits`);
    for (const path of [`${other}/b/c`, '/b', '/b/c', '/b/c/d']) writer.create(path);
    writer.create(`${other}/b/c/zookeeper_limits`);
    writer.setData('/b/c/d', 'x');
    expect(used('/b')).toBe('count=3,bytes=1');
    expect([tree.createFitsQuota('/a/x', null), tree.createFitsQuota('/b/x', null)]).toEqual([
      true,
      false,
    ]);
  });

  it('is counted anew after a snapshot', () => {
    const acl = tree.node('/')!.acl;
    tree.beginRestore();
    const texts: [string, string | null][] = [
      ['', null],
      ['/zookeeper', null],
      ['/zookeeper/quota', null],
      ['/zookeeper/quota/a', null],
      ['/zookeeper/quota/a/zookeeper_limits', 'count=9'],
      ['/zookeeper/quota/a/zookeeper_stats', 'count=77,bytes=77'],
      ['/zookeeper/quota/a/b', null],
      ['/zookeeper/quota/a/b/zookeeper_limits', 'count=9'],
      ['/zookeeper/quota/a/b/zookeeper_stats', 'wrong'],
      // With a child it is not found again, as on a real server.
      ['/zookeeper/quota/c', null],
      ['/zookeeper/quota/c/zookeeper_limits', 'count=9'],
      ['/zookeeper/quota/c/zookeeper_limits/child', null],
      ['/zookeeper/quota/c/zookeeper_stats', 'count=7,bytes=7'],
      ['/a', 'xx'],
      ['/a/b', 'yyy'],
    ];
    for (const [path, text] of texts) tree.restore(path, new ZNode(bytes(text), acl, 1n, 1, 0n));
    tree.endRestore(5n);
    expect([used('/a'), used('/a/b')]).toEqual(['count=2,bytes=5', 'count=1,bytes=3']);
    writer.create('/a/c');
    writer.create('/a/b/c', '1');
    writer.create('/c');
    expect([used('/a'), used('/a/b')]).toEqual(['count=3,bytes=5', 'count=2,bytes=4']);
    expect(used('/c')).toBe('count=7,bytes=7');
    tree.reset();
    setQuota('/a', 'count=-1');
    for (const path of ['/a', '/a/b']) writer.create(path);
    // Nobody knows of the one below any more.
    expect(used('/a')).toBe('count=2,bytes=0');
    expect(tree.createFitsQuota('/a/x', Buffer.alloc(1e6))).toBe(true);
  });
});

describe('limits', () => {
  beforeEach(() => writer.create('/q', '12345'));

  it('that are hard refuse what goes over them', () => {
    setQuota('/q', 'count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2');
    expect(tree.createFitsQuota('/q/a', Buffer.alloc(5))).toBe(true);
    expect(tree.createFitsQuota('/q/a', Buffer.alloc(6))).toBe(false);
    expect(exceeded.splice(0)).toEqual([
      { path: '/q', what: 'bytes', value: 11, limit: 10, isHard: true },
    ]);
    writer.create('/q/a');
    expect(tree.createFitsQuota('/q/a/b', Buffer.alloc(50))).toBe(false);
    expect(exceeded.splice(0)).toEqual([
      { path: '/q', what: 'count', value: 3, limit: 2, isHard: true },
    ]);
    const node = tree.node('/q')!;
    expect(tree.setDataFitsQuota('/q', node, Buffer.alloc(10))).toBe(true);
    expect(tree.setDataFitsQuota('/q', node, Buffer.alloc(11))).toBe(false);
    expect(tree.setDataFitsQuota('/q', node, null)).toBe(true);
    expect(tree.createFitsQuota('/elsewhere', Buffer.alloc(1000))).toBe(true);
    expect(exceeded).toHaveLength(1);
  });

  it('that are soft are told of', () => {
    setQuota('/q', 'count=1,bytes=6');
    expect(tree.createFitsQuota('/q/a', Buffer.alloc(2))).toBe(true);
    expect(exceeded.splice(0)).toEqual([
      { path: '/q', what: 'count', value: 2, limit: 1, isHard: false },
      { path: '/q', what: 'bytes', value: 7, limit: 6, isHard: false },
    ]);
    expect(tree.setDataFitsQuota('/q', tree.node('/q')!, Buffer.alloc(7))).toBe(true);
    expect(exceeded).toHaveLength(1);
  });

  it('of -1 are none', () => {
    setQuota('/q', 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=-1');
    expect(tree.createFitsQuota('/q/a', Buffer.alloc(1000))).toBe(true);
    writer.setData('/zookeeper/quota/q/zookeeper_limits', 'bytes=9');
    expect(tree.createFitsQuota('/q/a', null)).toBe(true);
    expect(exceeded).toEqual([]);
  });

  it('that are hard take the place of soft ones', () => {
    setQuota('/q', 'count=1,bytes=1=;byteHardLimit=100;countHardLimit=100');
    expect(tree.createFitsQuota('/q/a', Buffer.alloc(2))).toBe(true);
    expect(exceeded).toEqual([]);
  });

  it('do not stop what takes nothing, even above them', () => {
    setQuota('/q', 'count=-1,bytes=-1=;byteHardLimit=0;countHardLimit=0');
    expect(tree.setDataFitsQuota('/q', tree.node('/q')!, Buffer.alloc(5))).toBe(true);
    // Less than before, and still too much.
    expect(tree.setDataFitsQuota('/q', tree.node('/q')!, Buffer.alloc(1))).toBe(false);
    expect(tree.createFitsQuota('/q/a', null)).toBe(false);
  });

  it('are those of the time of the write', () => {
    setQuota('/q', 'count=-1,bytes=-1=;countHardLimit=1');
    expect(tree.createFitsQuota('/q/a', null)).toBe(false);
    writer.setData('/zookeeper/quota/q/zookeeper_limits', 'count=-1,bytes=-1=;countHardLimit=2');
    expect(tree.createFitsQuota('/q/a', null)).toBe(true);
    writer.delete('/zookeeper/quota/q/zookeeper_limits');
    expect(tree.createFitsQuota('/q/a', Buffer.alloc(1e6))).toBe(true);
  });
});
