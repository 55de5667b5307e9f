import { beforeEach, describe, expect, it } from 'vitest';
import { DataTree } from '../../../../src/server/tree/data-tree.ts';
import { TreeWalk } from '../../../../src/server/tree/tree-walk.ts';
import { TreeWriter } from './tree-writer.ts';

let tree: DataTree;
let writer: TreeWriter;

beforeEach(() => {
  tree = new DataTree();
  writer = new TreeWriter(tree);
  for (const path of ['/a', '/a/BB', '/a/Aa', '/a/BB/x', '/b', '/b/y']) writer.create(path, path);
});

const SPECIAL = ['/zookeeper', '/zookeeper/config', '/zookeeper/quota'];

function rest(walk: TreeWalk): string[] {
  const paths: string[] = [];
  while (walk.next()) {
    paths.push(walk.path);
    expect(walk.node).toBe(tree.node(walk.path));
  }
  return paths;
}

describe('TreeWalk', () => {
  it('visits children in the order of a real server, each with all below it', () => {
    const expected = ['', '/a', '/a/BB', '/a/BB/x', '/a/Aa', '/b', '/b/y', ...SPECIAL];
    const walk = new TreeWalk(tree);
    expect(rest(walk)).toEqual(expected);
    expect(walk.next()).toBe(false);
  });

  it('leaves no list behind', () => {
    rest(new TreeWalk(tree));
    expect(tree.node('/a')!.children!.namesOnce()).not.toBe(tree.node('/a')!.children!.namesOnce());
  });

  it('goes on in a tree that changes', () => {
    const walk = new TreeWalk(tree);
    const until = (path: string): void => {
      while (walk.path !== path) expect(walk.next()).toBe(true);
    };
    until('/a');
    writer.create('/a/late');
    writer.create('/a/BB/soon');
    writer.delete('/b/y');
    writer.delete('/b');
    writer.create('/zz');
    expect(rest(walk)).toEqual(['/a/BB', '/a/BB/x', '/a/BB/soon', '/a/Aa', ...SPECIAL]);
  });

  it('does not go below a znode that was made anew after its turn', () => {
    const walk = new TreeWalk(tree);
    while (walk.path !== '/b') walk.next();
    writer.delete('/b/y');
    writer.delete('/b');
    writer.create('/b');
    writer.create('/b/y');
    expect(rest(walk)).toEqual(SPECIAL);
  });

  it('has nothing to visit before the root is there', () => {
    tree.beginRestore();
    expect(new TreeWalk(tree).next()).toBe(false);
  });
});
