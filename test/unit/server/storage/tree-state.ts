import type { DataTree } from '../../../../src/server/tree/data-tree.ts';
import { TreeWalk } from '../../../../src/server/tree/tree-walk.ts';
import { statOf } from '../../../../src/server/tree/znode.ts';

/** A znode as clients see it, comparable. */
interface NodeState {
  readonly data: string | null;
  readonly acl: string;
  readonly stat: string;
  readonly children: readonly string[];
}

/** Everything that a client can find out about a tree, by path. */
export type TreeState = Record<string, NodeState>;

export function stateOf(tree: DataTree): TreeState {
  const state: TreeState = {};
  const walk = new TreeWalk(tree);
  while (walk.next()) {
    const { node } = walk;
    state[walk.path === '' ? '/' : walk.path] = {
      data: node.data?.toString('hex') ?? null,
      acl: textOf(node.acl),
      stat: textOf(statOf(node)),
      children: tree.childNames(node),
    };
  }
  return state;
}

/** JSON with longs. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? `${part}n` : part));
}
