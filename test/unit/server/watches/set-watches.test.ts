import { describe, expect, it } from 'vitest';
import type { ServerRelease } from '../../../../src/server/server-release.ts';
import { type WatchedPaths, WatchTables } from '../../../../src/server/watches/watch-tables.ts';
import { Listener, nodeOf } from './heard.ts';

const RELEASES: readonly ServerRelease[] = ['3.8', '3.9'];
const NONE: WatchedPaths = { data: [], exist: [], child: [], persistent: [], recursive: [] };
const SEEN = 100n;

const NODES = new Map([
  ['/old', nodeOf('old', 100n, 100n)],
  ['/changed', nodeOf('changed', 101n, 100n)],
  ['/parent', nodeOf('parent', 100n, 101n)],
]);
const tree = { node: (path: string) => NODES.get(path) };

function setAgain(release: ServerRelease, paths: Partial<WatchedPaths>) {
  const tables = new WatchTables(release);
  const one = new Listener();
  tables.setWatches(tree, SEEN, { ...NONE, ...paths }, one);
  const { zxids, acls } = one;
  return { tables, one, heard: one.take(), zxids, acls };
}

const PATHS = ['/old', '/changed', '/parent', '/gone'];

describe.each(RELEASES)('watches set again in %s', (release) => {
  it('of data: tells what was missed, and sets the others', () => {
    const { tables, heard } = setAgain(release, { data: PATHS });
    expect(heard).toEqual(['changed /changed', 'deleted /gone']);
    expect(Array.from(tables.byPath(), ([path]) => path)).toEqual(['/old', '/parent']);
  });

  it('of existence: tells of what is there by now', () => {
    const { tables, heard } = setAgain(release, { exist: PATHS });
    expect(heard).toEqual(['created /old', 'created /changed', 'created /parent']);
    expect(Array.from(tables.byPath(), ([path]) => path)).toEqual(['/gone']);
  });

  it('of children: tells what was missed, and sets the others', () => {
    const { tables, one, heard } = setAgain(release, { child: PATHS });
    expect(heard).toEqual(['children /parent', 'deleted /gone']);
    expect(tables.summary.watches).toBe(0);
    expect(tables.watchCount).toBe(2);
    tables.created('/old/x', '/old', nodeOf('x'), nodeOf('old'), 102n);
    expect(one.take()).toEqual(['children /old']);
  });

  it('of persistent and recursive ones tells nothing', () => {
    const { tables, one, heard } = setAgain(release, { persistent: PATHS, recursive: ['/r'] });
    expect(heard).toEqual([]);
    for (const path of PATHS) tables.dataChanged(path, nodeOf('x'), 102n);
    tables.created('/gone/x', '/gone', nodeOf('x'), nodeOf('gone'), 103n);
    tables.created('/r/x', '/r', nodeOf('x'), nodeOf('r'), 103n);
    const changes = PATHS.map((path) => `changed ${path}`);
    expect(one.take()).toEqual([...changes, 'children /gone', 'created /r/x']);
  });

  it('tells without zxid and without ACL, in the order of the lists', () => {
    const told = setAgain(release, { data: ['/gone'], exist: ['/old'], child: ['/gone'] });
    expect(told.heard).toEqual(['deleted /gone', 'created /old', 'deleted /gone']);
    expect(told.zxids).toEqual([-1n, -1n, -1n]);
    expect(told.acls).toEqual([null, null, null]);
  });
});
