import { describe, expect, it } from 'vitest';
import type { ServerRelease } from '../../../../src/server/server-release.ts';
import {
  ANY,
  bench,
  CHILDREN,
  DATA,
  PERSISTENT,
  RECURSIVE,
  RELEASES,
  TYPES,
} from './watch-bench.ts';

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
