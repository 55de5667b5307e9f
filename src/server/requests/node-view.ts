import type { ZNode } from '../tree/znode.ts';

/** What the checks of a write look at. */
export type NodeState = Pick<
  ZNode,
  'acl' | 'version' | 'cversion' | 'aversion' | 'ephemeralOwner' | 'childCount' | 'dataLength'
>;

/** The znodes as a write finds them: the tree, or the tree and what came before in the same multi. */
export interface NodeView {
  node(path: string): NodeState | undefined;
}

/** Path of the parent: of what stands before the last slash, which is at `slash`. */
export function parentPath(path: string, slash: number): string {
  return slash === 0 ? '/' : path.slice(0, slash);
}
