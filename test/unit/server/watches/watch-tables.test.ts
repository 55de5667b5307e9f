import { describe, expect, it } from 'vitest';
import type { ServerRelease } from '../../../../src/server/server-release.ts';
import { WatchTables } from '../../../../src/server/watches/watch-tables.ts';
import { Listener, nodeOf } from './heard.ts';

const RELEASES: readonly ServerRelease[] = ['3.8', '3.9'];
const CHILDREN = 1;
const DATA = 2;
const ANY = 3;
const PERSISTENT = 4;
const RECURSIVE = 5;
const TYPES = [CHILDREN, DATA, ANY, PERSISTENT, RECURSIVE];
const node = nodeOf('node');
const parentNode = nodeOf('parent');

/** Tables, two connections, and changes in short. */
function bench(release: ServerRelease) {
  const tables = new WatchTables(release);
  const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
  return {
    tables,
    one: new Listener(),
    two: new Listener(),
    create: (path: string, zxid = 7n) =>
      tables.created(path, parentOf(path), node, parentNode, zxid),
    delete: (path: string, zxid = 7n) =>
      tables.deleted(path, parentOf(path), node, parentNode, zxid),
    change: (path: string, zxid = 7n) => tables.dataChanged(path, node, zxid),
  };
}

describe.each(RELEASES)('WatchTables of %s', (release) => {
  it('tells a one-shot watch of data once', () => {
    const { tables, one, ...on } = bench(release);
    tables.addData('/a', one);
    on.change('/b');
    on.create('/a/b');
    expect(one.take()).toEqual([]);
    on.change('/a');
    on.change('/a');
    expect(one.take()).toEqual(['changed /a']);
    expect(tables.watchCount).toBe(0);
  });

  it('tells a one-shot watch of data of its znode being made and deleted', () => {
    const { tables, one, ...on } = bench(release);
    tables.addData('/a', one);
    on.create('/a');
    tables.addData('/a', one);
    on.delete('/a');
    on.create('/a');
    expect(one.take()).toEqual(['created /a', 'deleted /a']);
  });

  it('tells a one-shot watch of children of births, deaths, and the end of the znode', () => {
    const { tables, one, ...on } = bench(release);
    for (const run of [
      () => on.create('/a/b'),
      () => on.delete('/a/b'),
      () => on.delete('/a'),
      () => on.change('/a'),
    ]) {
      tables.addChild('/a', one);
      run();
      run();
    }
    expect(one.take()).toEqual(['children /a', 'children /a', 'deleted /a']);
  });

  it('tells of children of the root', () => {
    const { tables, one, ...on } = bench(release);
    tables.addChild('/', one);
    on.create('/a');
    expect(one.take()).toEqual(['children /']);
  });

  it('counts a watch that is set twice once', () => {
    const { tables, one, ...on } = bench(release);
    tables.addData('/a', one);
    tables.addData('/a', one);
    expect(tables.watchCount).toBe(1);
    on.change('/a');
    expect(one.take()).toEqual(['changed /a']);
  });

  it('tells everybody, in the order in which they came', () => {
    const { tables, ...on } = bench(release);
    const order: number[] = [];
    const all = Array.from({ length: 5 }, (_, index) => {
      const listener = new Listener();
      listener.onNotify = () => order.push(index);
      tables.addData('/a', listener);
      return listener;
    });
    on.change('/a');
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(all.map(({ heard }) => heard)).toEqual(Array(5).fill(['changed /a']));
    expect(tables.summary).toEqual({ connections: 5, paths: 0, watches: 0 });
  });

  it('tells persistent watches of data and children, again and again', () => {
    const { tables, one, ...on } = bench(release);
    tables.addPersistent('/a', one, false);
    for (let round = 0; round < 2; round++) {
      on.create('/a');
      on.change('/a');
      on.create('/a/b');
      on.change('/a/b');
      on.delete('/a/b');
      on.delete('/a');
    }
    const once = ['created /a', 'changed /a', 'children /a', 'children /a', 'deleted /a'];
    expect(one.take()).toEqual([...once, ...once]);
  });

  it('tells recursive watches of everything below, and of no children', () => {
    const { tables, one, ...on } = bench(release);
    tables.addPersistent('/a', one, true);
    on.create('/a');
    on.create('/a/b');
    on.create('/a/b/c');
    on.change('/a/b/c');
    on.delete('/a/b/c');
    on.delete('/a/b');
    on.change('/ab');
    on.delete('/a');
    expect(one.take()).toEqual([
      'created /a',
      'created /a/b',
      'created /a/b/c',
      'changed /a/b/c',
      'deleted /a/b/c',
      'deleted /a/b',
      'deleted /a',
    ]);
  });

  it('tells a recursive watch of the root of everything', () => {
    const { tables, one, ...on } = bench(release);
    tables.addPersistent('/', one, true);
    on.create('/a');
    on.change('/a');
    on.change('/');
    expect(one.take()).toEqual(['created /a', 'changed /a', 'changed /']);
  });

  it('tells each once, however it watches, and goes on above', () => {
    const { tables, one, two, ...on } = bench(release);
    tables.addPersistent('/', one, true);
    tables.addPersistent('/a', one, true);
    tables.addPersistent('/a', two, true);
    tables.addData('/a/b', one);
    tables.addChild('/a/b', one);
    on.delete('/a/b');
    expect(one.take()).toEqual(['deleted /a/b']);
    expect(two.take()).toEqual(['deleted /a/b']);
  });

  it('uses one-shot watches up that were not told', () => {
    const { tables, one, ...on } = bench(release);
    tables.addData('/a', one);
    tables.addChild('/a', one);
    on.delete('/a');
    on.create('/a/b');
    on.create('/a');
    expect(one.take()).toEqual(['deleted /a']);
    expect(tables.watchCount).toBe(0);
  });

  it('hands on whose ACL counts: the znode that the event names', () => {
    const { tables, one, ...on } = bench(release);
    tables.addPersistent('/', one, false);
    tables.addPersistent('/a', one, false);
    on.create('/a');
    on.change('/a');
    on.delete('/a');
    expect(one.heard).toEqual([
      'created /a',
      'children /',
      'changed /a',
      'deleted /a',
      'children /',
    ]);
    const { acl } = node;
    expect(one.acls).toEqual([acl, parentNode.acl, acl, acl, parentNode.acl]);
  });

  it('sends the zxid since 3.9 (ZOOKEEPER-4655)', () => {
    const { tables, one, ...on } = bench(release);
    tables.addPersistent('/', one, false);
    tables.addPersistent('/a', one, false);
    on.create('/a', 11n);
    on.change('/a', 12n);
    on.delete('/a', 13n);
    const sent = release === '3.8' ? [-1n, -1n, -1n, -1n, -1n] : [11n, 11n, 12n, 13n, 13n];
    expect(one.zxids).toEqual(sent);
  });

  it('forgets a connection, and only that', () => {
    const { tables, one, two, ...on } = bench(release);
    for (const listener of [one, two]) {
      tables.addData('/a', listener);
      tables.addChild('/a', listener);
      tables.addPersistent('/b', listener, false);
    }
    tables.addPersistent('/c', one, true);
    tables.removeWatcher(one);
    tables.removeWatcher(one);
    expect(tables.watchCountOf(one)).toBe(0);
    expect(tables.watchCountOf(two)).toBe(4);
    expect(tables.watchCount).toBe(4);
    on.change('/a');
    on.create('/a/b');
    on.change('/b');
    on.change('/c/d');
    expect(one.take()).toEqual([]);
    expect(two.take()).toEqual(['changed /a', 'children /a', 'changed /b']);
    tables.removeWatcher(two);
    expect(tables.summary).toEqual({ connections: 0, paths: 0, watches: 0 });
    expect(tables.watchCount).toBe(0);
  });

  it('stands a connection that goes while others are told', () => {
    const { tables, one, two, ...on } = bench(release);
    one.onNotify = () => tables.removeWatcher(two);
    tables.addData('/a', one);
    tables.addData('/a', two);
    tables.addChild('/a', two);
    on.delete('/a');
    expect(one.take()).toEqual(['deleted /a']);
    expect(tables.watchCount).toBe(0);
    on.create('/a/b');
    expect(tables.summary.paths).toBe(0);
  });

  it('does nothing where nobody watches', () => {
    const { tables, one, ...on } = bench(release);
    on.create('/a');
    on.delete('/a');
    expect(tables.contains('/a', one, ANY)).toBe(false);
    expect(tables.remove('/a', one, ANY)).toBe(false);
    expect(tables.summary).toEqual({ connections: 0, paths: 0, watches: 0 });
  });

  it('lists for wchc and wchp what the table for data has', () => {
    const { tables, one, two } = bench(release);
    tables.addData('/a', one);
    tables.addData('/a', two);
    tables.addChild('/b', two);
    tables.addPersistent('/c', two, false);
    expect(tables.summary).toEqual({ connections: 2, paths: 2, watches: 3 });
    expect(Array.from(tables.byPath())).toEqual([
      ['/a', [one, two]],
      ['/c', [two]],
    ]);
    const byWatcher = Array.from(tables.byWatcher(), ([who, paths]) => [who, [...paths]]);
    expect(byWatcher).toEqual([
      [one, ['/a']],
      [two, ['/a', '/c']],
    ]);
    expect(tables.watchCount).toBe(5);
  });

  it('goes on counting connections whose watches were used up', () => {
    const { tables, one, ...on } = bench(release);
    tables.addData('/a', one);
    on.change('/a');
    expect(tables.summary).toEqual({ connections: 1, paths: 0, watches: 0 });
    expect(Array.from(tables.byWatcher(), ([, paths]) => [...paths])).toEqual([[]]);
  });
});

describe('WatchTables, release by release', () => {
  /** Events of a persistent watch beside which a one-shot one was set. */
  function overwritten(release: ServerRelease): string[] {
    const { tables, one, ...on } = bench(release);
    tables.addPersistent('/a', one, false);
    tables.addData('/a', one);
    on.change('/a');
    on.change('/a');
    on.create('/a/b');
    return one.take();
  }

  it('3.8 has one mode a path: a one-shot watch takes the place of a persistent one (ZOOKEEPER-4466)', () => {
    expect(overwritten('3.8')).toEqual(['changed /a', 'children /a']);
    expect(overwritten('3.9')).toEqual(['changed /a', 'changed /a', 'children /a']);
  });

  it('3.8 goes on telling of deletions when a one-shot watch took the place of a recursive one', () => {
    for (const release of RELEASES) {
      const { tables, one, ...on } = bench(release);
      tables.addPersistent('/a', one, true);
      tables.addData('/a', one);
      on.create('/a/b');
      on.change('/a/b');
      on.delete('/a/b');
      const all = ['created /a/b', 'changed /a/b', 'deleted /a/b'];
      expect(one.take()).toEqual(release === '3.8' ? ['deleted /a/b'] : all);
    }
  });

  it('3.9 tells persistent and recursive watches on one path of children too', () => {
    for (const release of RELEASES) {
      const { tables, one, ...on } = bench(release);
      tables.addPersistent('/a', one, false);
      tables.addPersistent('/a', one, true);
      on.create('/a/b');
      const recursive = ['created /a/b'];
      expect(one.take()).toEqual(release === '3.8' ? recursive : [...recursive, 'children /a']);
    }
  });

  it('knows the types 4 and 5 since 3.9', () => {
    const known = (release: ServerRelease): number[] => {
      const { tables } = bench(release);
      return [-1, 0, ...TYPES, 6, Number.NaN].filter((type) => tables.isType(type));
    };
    expect(known('3.8')).toEqual([1, 2, 3]);
    expect(known('3.9')).toEqual(TYPES);
  });

  it('3.9 finds watches by mode, 3.8 by table', () => {
    const found = (release: ServerRelease): Record<string, number[]> => {
      const { tables, one } = bench(release);
      tables.addData('/data', one);
      tables.addChild('/child', one);
      tables.addPersistent('/persistent', one, false);
      tables.addPersistent('/recursive', one, true);
      const types = TYPES.filter((type) => tables.isType(type));
      const of = (path: string) => types.filter((type) => tables.contains(path, one, type));
      const paths = ['data', 'child', 'persistent', 'recursive', 'recursive/below'];
      return Object.fromEntries(paths.map((path) => [path, of(`/${path}`)]));
    };
    expect(found('3.8')).toEqual({
      data: [DATA, ANY],
      child: [CHILDREN, ANY],
      persistent: [CHILDREN, DATA, ANY],
      recursive: [CHILDREN, DATA, ANY],
      'recursive/below': [],
    });
    expect(found('3.9')).toEqual({
      data: [DATA, ANY],
      child: [CHILDREN, ANY],
      persistent: [ANY, PERSISTENT],
      recursive: [ANY, RECURSIVE],
      'recursive/below': [],
    });
  });

  it("3.8 takes anybody's watch for one of the connection", () => {
    for (const release of RELEASES) {
      const { tables, one, two } = bench(release);
      tables.addData('/a', one);
      tables.addData('/b', two);
      expect(tables.contains('/a', two, DATA)).toBe(release === '3.8');
      expect(tables.contains('/a', two, CHILDREN)).toBe(false);
      expect(tables.remove('/a', two, DATA)).toBe(false);
      expect(tables.contains('/a', one, DATA)).toBe(true);
    }
  });

  it('3.8 trips over paths that are none', () => {
    const { tables, one, two } = bench('3.8');
    const tripped = (): string[] =>
      ['', '/', '/a', '/a/b', 'a', 'a/b'].filter((path) => tables.tripsOver(path, ANY));
    expect(tripped()).toEqual(['a']);
    const isWalkedUp = ['a', 'a/b'];
    tables.addPersistent('/x', one, true);
    tables.addPersistent('/x', one, true);
    expect(tripped()).toEqual(isWalkedUp);
    tables.remove('/x', one, ANY);
    expect(tripped()).toEqual(['a']);
    tables.addPersistent('/x', two, true);
    expect(tripped()).toEqual(isWalkedUp);
    tables.removeWatcher(two);
    expect(tripped()).toEqual(['a']);
    tables.addPersistent('/x', one, true);
    tables.addPersistent('/x', one, false);
    expect(tripped()).toEqual(['a']);
    tables.addPersistent('/x', one, true);
    expect(tripped()).toEqual(isWalkedUp);
    tables.addPersistent('a/b', one, false);
    expect(tripped()).toEqual(['a']);
    tables.addPersistent('', one, false);
    expect(tables.contains('', one, ANY)).toBe(false);
    expect(bench('3.9').tables.tripsOver('a', ANY)).toBe(false);
  });

  it('3.9 removes by mode, 3.8 by table', () => {
    const left = (release: ServerRelease, type: number): string[] => {
      const { tables, one, ...on } = bench(release);
      tables.addPersistent('/a', one, false);
      if (release === '3.9') {
        tables.addData('/a', one);
        tables.addChild('/a', one);
        tables.addPersistent('/a', one, true);
      }
      expect(tables.remove('/a', one, type)).toBe(true);
      on.change('/a');
      on.change('/a/b');
      on.create('/a/b');
      on.create('/a/b');
      return one.take();
    };
    expect(left('3.8', DATA)).toEqual(['children /a', 'children /a']);
    expect(left('3.8', CHILDREN)).toEqual(['changed /a']);
    expect(left('3.8', ANY)).toEqual([]);
    const persistent = ['changed /a', 'children /a', 'children /a'];
    const below = ['changed /a/b', 'created /a/b', 'created /a/b'];
    expect(left('3.9', DATA).sort()).toEqual([...persistent, ...below].sort());
    expect(left('3.9', CHILDREN).sort()).toEqual([...persistent, ...below].sort());
    expect(left('3.9', RECURSIVE)).toEqual(persistent);
    expect(left('3.9', PERSISTENT)).toEqual([
      'changed /a',
      'changed /a/b',
      'created /a/b',
      'children /a',
      'created /a/b',
    ]);
    expect(left('3.9', ANY)).toEqual([]);
  });

  it('refuses to remove what is not there', () => {
    for (const release of RELEASES) {
      const { tables, one } = bench(release);
      tables.addData('/a', one);
      expect(tables.remove('/a', one, CHILDREN)).toBe(false);
      expect(tables.remove('/b', one, ANY)).toBe(false);
      expect(tables.remove('/a', one, DATA)).toBe(true);
      expect(tables.remove('/a', one, DATA)).toBe(false);
      tables.addData('/a', one);
      expect(tables.remove('/a', one, ANY)).toBe(true);
      tables.addChild('/a', one);
      expect(tables.remove('/a', one, ANY)).toBe(true);
      expect(tables.remove('/a', one, ANY)).toBe(false);
      expect(tables.watchCount).toBe(0);
    }
  });

  it('3.8 goes on counting a connection that took its last watch away', () => {
    for (const release of RELEASES) {
      const { tables, one } = bench(release);
      tables.addData('/a', one);
      tables.remove('/a', one, DATA);
      expect(tables.summary.connections).toBe(release === '3.8' ? 1 : 0);
      tables.addData('/b', one);
      expect(tables.summary).toEqual({ connections: 1, paths: 1, watches: 1 });
    }
  });

  it('walks up no more when the last recursive watch is gone', () => {
    for (const release of RELEASES) {
      const { tables, one, two, ...on } = bench(release);
      tables.addPersistent('/a', one, true);
      tables.addPersistent('/a', one, true);
      tables.addPersistent('/a', two, true);
      tables.remove('/a', one, ANY);
      on.change('/a/b');
      expect([one.take(), two.take()]).toEqual([[], ['changed /a/b']]);
      tables.removeWatcher(two);
      tables.addPersistent('/a', one, false);
      on.change('/a/b');
      on.change('/a');
      expect(one.take()).toEqual(['changed /a']);
    }
  });
});
