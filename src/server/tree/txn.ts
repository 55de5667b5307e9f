import type { ACL, OP } from '../../codec/index.ts';

/**
 * Transactions: what a write request becomes once it has been checked. They are what the tree
 * applies, and what the transaction log holds, in the same words as Apache's own log.
 */

/** Who asked for a transaction, when, and its place in the order of all. */
export interface TxnHeader {
  /** Session that asked for it. */
  readonly sessionId: bigint;
  /** The xid of the request; 0 for what the server does by itself. */
  readonly cxid: number;
  /** Its place in the order of all transactions. */
  readonly zxid: bigint;
  /** Wall clock, ms since 1970. */
  readonly timeMs: number;
}

/** A new znode. A sequential one has its whole name by now. */
export interface CreateTxn {
  /** Which of the two requests it was; they differ in the reply only. */
  readonly type: typeof OP.create | typeof OP.create2;
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly ACL[];
  readonly ephemeral: boolean;
  /** What the parent's cversion, as it is persisted, becomes; -1 in logs of old servers: count. */
  readonly parentCversion: number;
}

/** A new container. */
export interface CreateContainerTxn {
  readonly type: typeof OP.createContainer;
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly ACL[];
  /** As in {@link CreateTxn}. */
  readonly parentCversion: number;
}

/** A new znode that goes when it was not changed for `ttlMs` and has no children. */
export interface CreateTtlTxn {
  readonly type: typeof OP.createTTL;
  readonly path: string;
  readonly data: Buffer | null;
  readonly acl: readonly ACL[];
  /** As in {@link CreateTxn}. */
  readonly parentCversion: number;
  /** 1 to 2^40 - 1. */
  readonly ttlMs: number;
}

/** A znode goes: asked for, or an empty container or a TTL node that had its time. */
export interface DeleteTxn {
  readonly type: typeof OP.delete | typeof OP.deleteContainer;
  readonly path: string;
}

/** New data; `version` is the one that the znode then has. `reconfig` is logged in the same form. */
export interface SetDataTxn {
  readonly type: typeof OP.setData | typeof OP.reconfig;
  readonly path: string;
  readonly data: Buffer | null;
  readonly version: number;
}

/** New ACL; `version` is the aversion that the znode then has. */
export interface SetAclTxn {
  readonly type: typeof OP.setACL;
  readonly path: string;
  readonly acl: readonly ACL[];
  readonly version: number;
}

/** A version that was checked within a multi; changes nothing. */
export interface CheckTxn {
  readonly type: typeof OP.check;
  readonly path: string;
  readonly version: number;
}

/** A request that was refused. It takes a zxid all the same. */
export interface ErrorTxn {
  readonly type: typeof OP.error;
  /** Server code, below 0; 0 for operations of a failed multi that came before the failing one. */
  readonly code: number;
}

/** All or nothing: when one is an error all are. */
export interface MultiTxn {
  readonly type: typeof OP.multi;
  readonly txns: readonly PlainTxn[];
}

/** A session begins. */
interface CreateSessionTxn {
  readonly type: typeof OP.createSession;
  readonly timeoutMs: number;
}

/** A session ends, and its ephemeral znodes with it. */
export interface CloseSessionTxn {
  readonly type: typeof OP.closeSession;
  /** The ephemeral znodes that go; null in logs of servers before 3.6: all that the session has. */
  readonly paths: readonly string[] | null;
}

/** What a multi can hold. */
export type PlainTxn =
  | CreateTxn
  | CreateContainerTxn
  | CreateTtlTxn
  | DeleteTxn
  | SetDataTxn
  | SetAclTxn
  | CheckTxn
  | ErrorTxn;

/** Any transaction. */
export type Txn = PlainTxn | MultiTxn | CreateSessionTxn | CloseSessionTxn;
