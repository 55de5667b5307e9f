import { type ACL, OP } from '../../../../src/codec/index.ts';
import { OPEN_ACL_UNSAFE } from '../../../../src/server/tree/acl-table.ts';
import type { DataTree, TreeListener } from '../../../../src/server/tree/data-tree.ts';
import type { PlainTxn, Txn } from '../../../../src/server/tree/txn.ts';

/** How a znode is made; more than one at a time makes no sense. */
export interface NodeKind {
  readonly sessionId?: bigint;
  readonly container?: true;
  readonly ttlMs?: number;
  readonly acl?: readonly ACL[];
}

export function bytes(data: string | null): Buffer | null {
  return data === null ? null : Buffer.from(data);
}

/** Writes to a tree as a preparer that allows everything would: one transaction after the other. */
export class TreeWriter {
  readonly tree: DataTree;
  /** Of the last transaction; each is also its own time, plus 1000 ms. */
  zxid: bigint;
  listener: TreeListener | null = null;

  constructor(tree: DataTree, lastZxid = 0n) {
    this.tree = tree;
    this.zxid = lastZxid;
  }

  apply(txn: Txn, sessionId = 1n): void {
    this.zxid++;
    const header = { sessionId, cxid: 0, zxid: this.zxid, timeMs: Number(this.zxid) + 1000 };
    this.tree.apply(header, txn, this.listener);
  }

  create(path: string, data: string | null = null, kind: NodeKind = {}): void {
    this.apply(this.createTxn(path, data, kind), kind.sessionId);
  }

  createTxn(path: string, data: string | null = null, kind: NodeKind = {}): PlainTxn {
    const parent = this.tree.node(path.slice(0, path.lastIndexOf('/')));
    const common = {
      path,
      data: bytes(data),
      acl: kind.acl ?? OPEN_ACL_UNSAFE,
      parentCversion: (parent?.cversion ?? 0) + 1,
    };
    if (kind.container) return { type: OP.createContainer, ...common };
    if (kind.ttlMs !== undefined) return { type: OP.createTTL, ttlMs: kind.ttlMs, ...common };
    return { type: OP.create, ephemeral: kind.sessionId !== undefined, ...common };
  }

  delete(path: string): void {
    this.apply({ type: OP.delete, path });
  }

  setData(path: string, data: string | null): void {
    this.apply(this.setDataTxn(path, data));
  }

  setDataTxn(path: string, data: string | null): PlainTxn {
    const version = (this.tree.node(path)?.version ?? 0) + 1;
    return { type: OP.setData, path, data: bytes(data), version };
  }

  setAcl(path: string, acl: readonly ACL[]): void {
    const version = (this.tree.node(path)?.aversion ?? 0) + 1;
    this.apply({ type: OP.setACL, path, acl, version });
  }

  /** `paths`: as the log has them. Default: what the session has. */
  closeSession(sessionId: bigint, paths?: readonly string[] | null): void {
    const gone = paths === undefined ? [...this.tree.ephemeralsOf(sessionId)] : paths;
    this.apply({ type: OP.closeSession, paths: gone }, sessionId);
  }
}
