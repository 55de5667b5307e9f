import type { DataTree } from './data-tree.ts';
import type { ZNode } from './znode.ts';

/**
 * Visits a tree in the order in which Apache's snapshots have it: a znode, then each of its
 * children with all that is below it. Between two steps the tree may change: what is met is then
 * a mixture of before and after, which the transactions since the start make right (a fuzzy
 * snapshot). A znode that goes before its turn is left out; children that come after the turn of
 * their parent too.
 */
export class TreeWalk {
  readonly #tree: DataTree;
  /** From the root to where the walk is: what was visited, its children as they were then, and how many of these had their turn. */
  readonly #paths: string[] = [];
  readonly #nodes: ZNode[] = [];
  readonly #names: (readonly string[])[] = [];
  readonly #turns: number[] = [];
  #path = '';
  #node: ZNode | null = null;

  constructor(tree: DataTree) {
    this.#tree = tree;
  }

  /** Of the znode at hand. The root's is empty, as in snapshots. */
  get path(): string {
    return this.#path;
  }

  /** The znode at hand; only valid after a `next` that gave true. */
  get node(): ZNode {
    return this.#node!;
  }

  /** Goes to the next znode. False: there is none left. */
  next(): boolean {
    if (this.#node === null) return this.#visit('', this.#tree.node(''));
    for (let top = this.#paths.length - 1; top >= 0; top--) {
      const names = this.#names[top]!;
      while (this.#turns[top]! < names.length) {
        const name = names[this.#turns[top]!++]!;
        const child = this.#nodes[top]!.children!.get(name);
        if (this.#visit(`${this.#paths[top]}/${name}`, child)) return true;
      }
      this.#paths.pop();
      this.#nodes.pop();
      this.#names.pop();
      this.#turns.pop();
    }
    return false;
  }

  #visit(path: string, node: ZNode | undefined): boolean {
    if (node === undefined) return false;
    this.#path = path;
    this.#node = node;
    if (node.childCount > 0) {
      this.#paths.push(path);
      this.#nodes.push(node);
      this.#names.push(node.children!.namesOnce());
      this.#turns.push(0);
    }
    return true;
  }
}
