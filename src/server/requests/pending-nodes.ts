import type { ACL } from '../../codec/index.ts';
import { OP } from '../../codec/index.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { NO_OWNER } from '../tree/ephemeral-owner.ts';
import type {
  CreateContainerTxn,
  CreateTtlTxn,
  CreateTxn,
  DeleteTxn,
  PlainTxn,
  SetDataTxn,
} from '../tree/txn.ts';
import { type NodeState, type NodeView, parentPath } from './node-view.ts';

type AnyCreateTxn = CreateTxn | CreateContainerTxn | CreateTtlTxn;

type PendingNode = { -readonly [K in keyof NodeState]: NodeState[K] };

/**
 * The tree as it will be after the first steps of a multi, for the checks of the next one. The
 * tree itself changes when all of them have passed.
 */
export class PendingNodes implements NodeView {
  readonly #tree: DataTree;
  readonly #sessionId: bigint;
  /** What the steps so far have touched; null: deleted. */
  readonly #nodes = new Map<string, PendingNode | null>();

  constructor(tree: DataTree, sessionId: bigint) {
    this.#tree = tree;
    this.#sessionId = sessionId;
  }

  node(path: string): NodeState | undefined {
    const pending = this.#nodes.get(path);
    return pending === undefined ? this.#tree.node(path) : (pending ?? undefined);
  }

  /** The next step has passed its checks. */
  add(txn: PlainTxn): void {
    switch (txn.type) {
      case OP.create:
      case OP.create2:
      case OP.createContainer:
      case OP.createTTL:
        this.#create(txn);
        break;
      case OP.delete:
        this.#delete(txn);
        break;
      case OP.setData:
        this.#setData(txn);
        break;
      default:
        break;
    }
  }

  #create(txn: AnyCreateTxn): void {
    const parent = this.#touchParent(txn.path);
    parent.childCount++;
    parent.cversion = txn.parentCversion;
    // Containers and TTL nodes are no different from plain ones to the steps that follow.
    const isEphemeral = 'ephemeral' in txn && txn.ephemeral;
    const owner = isEphemeral ? this.#sessionId : NO_OWNER;
    this.#nodes.set(txn.path, newNode(txn.acl, txn.data, owner));
  }

  #delete({ path }: DeleteTxn): void {
    this.#touchParent(path).childCount--;
    this.#nodes.set(path, null);
  }

  #setData({ path, data, version }: SetDataTxn): void {
    const node = this.#touch(path);
    node.version = version;
    node.dataLength = data === null ? 0 : data.length;
  }

  #touchParent(path: string): PendingNode {
    return this.#touch(parentPath(path, path.lastIndexOf('/')));
  }

  /** A copy of a znode that is there: its checks have passed. */
  #touch(path: string): PendingNode {
    const pending = this.#nodes.get(path);
    if (pending !== undefined && pending !== null) return pending;
    const copy = copyOf(this.#tree.node(path) as NodeState);
    this.#nodes.set(path, copy);
    return copy;
  }
}

function newNode(acl: readonly ACL[], data: Buffer | null, ephemeralOwner: bigint): PendingNode {
  const dataLength = data === null ? 0 : data.length;
  return { acl, version: 0, cversion: 0, aversion: 0, ephemeralOwner, childCount: 0, dataLength };
}

function copyOf(node: NodeState): PendingNode {
  const { acl, version, cversion, aversion, ephemeralOwner, childCount, dataLength } = node;
  return { acl, version, cversion, aversion, ephemeralOwner, childCount, dataLength };
}
