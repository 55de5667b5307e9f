import type { Stat } from '../codec/index.ts';
import type { WatchTarget } from './watch-queue.ts';

/** Who. */
export interface Id {
  /** `world`, `auth`, `digest`, `ip`, `x509`, `sasl`, or a scheme that the servers have as a plug-in. */
  readonly scheme: string;
  /** `anyone` for world, empty for auth, `user:hash` for digest, and so on. */
  readonly id: string;
}

/** What somebody may do with a node. */
export interface ACL {
  /** Sum of `PERMS`. */
  readonly perms: number;
  /** Who may. */
  readonly id: Id;
}

/**
 * Limits of one call. A request that was made cannot be recalled: when the wait ends early its `outcome` is `unknown`.
 *
 * An option that there is not is noticed by TypeScript only: looking at the names would cost every request.
 */
export interface CallOptions {
  /** In milliseconds, for the whole call; 0 or less: no time is left, the request is not sent. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a read that can leave a watch. */
export interface ReadOptions extends CallOptions {
  /**
   * Leaves a watch that is told once: of the next change, or of its own end. A call that fails leaves
   * none, except `exists` of a node that does not exist.
   */
  readonly watch?: WatchTarget | undefined;
}

/** Node data to write. A string is written as UTF-8; null is "no data", which is not the same as empty. */
export type NodeData = Uint8Array | string | null;

/** What `get` gives. */
export interface GetResult {
  /** Null when the node was created without data. */
  readonly data: Buffer | null;
  /** What the server tells about the node beside its data. */
  readonly stat: Stat;
}

/** What `getChildren` gives when the Stat is wanted too. */
export interface ChildrenResult {
  /** Names, not paths, in no order. */
  readonly children: string[];
  /** Of the parent. */
  readonly stat: Stat;
}

/** What `getAcl` gives. */
export interface AclResult {
  /** Hashes of digests are masked unless the session may set the ACL. */
  readonly acl: ACL[];
  /** Of the node; `aversion` is what `setAcl` compares. */
  readonly stat: Stat;
}

/** One of the identities that a server knows a session by. */
export interface Identity {
  /** `ip`, `digest`, `x509`, `sasl`, ... */
  readonly scheme: string;
  /** Name within the scheme, without secrets; empty when the scheme has none to show. */
  readonly user: string;
}

/** What `create` gives when the Stat is wanted too. */
export interface CreateResult {
  /** The path made; for a sequential node with its counter. */
  readonly path: string;
  /** Of the new node. */
  readonly stat: Stat;
}

/** How a node lives. Each mode has its own opcode on the wire, chosen here. */
export type PlainCreateMode =
  | 'persistent'
  | 'ephemeral'
  | 'persistent-sequential'
  | 'ephemeral-sequential'
  | 'container';

/** Modes that need a time to live; the server must have `extendedTypesEnabled`. */
export type TtlCreateMode = 'persistent-ttl' | 'persistent-sequential-ttl';

/** A mode without a time to live. */
export interface PlainCreateKind {
  /** Default `persistent`. */
  readonly mode?: PlainCreateMode | undefined;
  /** Not with these modes. */
  readonly ttlMs?: undefined;
}

/** A mode with a time to live: the node goes when it was not set and had no children for so long. */
export interface TtlCreateKind {
  /** Which of the two. */
  readonly mode: TtlCreateMode;
  /** 1 to 2^40-1. */
  readonly ttlMs: number;
}

/** Mode of a node that is made, with what belongs to it. */
export type CreateKind = PlainCreateKind | TtlCreateKind;

/** Who may use a node that is made. */
export interface AclOptions {
  /** Default: everybody may do everything. */
  readonly acl?: readonly ACL[] | undefined;
}

/** Options of `create`. */
export type CreateOptions = CallOptions & CreateKind & AclOptions;

/** Options of `set` and `delete`. */
export interface VersionOptions extends CallOptions {
  /** Only when the node has this version. Default -1: any. */
  readonly version?: number | undefined;
}

/** Options of `setAcl`. */
export interface SetAclOptions extends CallOptions {
  /** Only when the node's ACL has this version (`stat.aversion`, not `stat.version`). Default -1: any. */
  readonly aversion?: number | undefined;
}

/**
 * How the ensemble is to change: some servers come or go, or all its members are named anew.
 * Servers are written as in the configuration, `server.5=host:2888:3888:participant;2181`; one that joins
 * needs the port for clients at the end.
 */
export type ReconfigChange =
  | {
      readonly joining: readonly string[];
      /** Numbers of servers. */
      readonly leaving?: readonly number[] | undefined;
      readonly newMembers?: undefined;
    }
  | {
      readonly joining?: readonly string[] | undefined;
      readonly leaving: readonly number[];
      readonly newMembers?: undefined;
    }
  | {
      readonly newMembers: readonly string[];
      readonly joining?: undefined;
      readonly leaving?: undefined;
    };

/** Options of `reconfig`. */
export interface ReconfigOptions extends CallOptions {
  /** Only when the configuration has this version (the hexadecimal `version` in its text). Default -1n: any. */
  readonly configId?: bigint | undefined;
}

/** One step of a transaction. */
export type TransactionStep =
  | ({
      readonly op: 'create';
      readonly path: string;
      readonly data?: NodeData | undefined;
    } & CreateKind &
      AclOptions)
  | {
      readonly op: 'set';
      readonly path: string;
      readonly data: NodeData;
      readonly version?: number | undefined;
    }
  | { readonly op: 'delete'; readonly path: string; readonly version?: number | undefined }
  | { readonly op: 'check'; readonly path: string; readonly version: number };

/** What a step of a successful transaction gave; in the order of the steps. */
export type TransactionResult =
  /** `stat` is null when the server does not tell it, as up to 3.8.1. */
  | { readonly op: 'create'; readonly path: string; readonly stat: Stat | null }
  | { readonly op: 'set'; readonly stat: Stat }
  | { readonly op: 'delete' }
  | { readonly op: 'check' };

/** Result of a step by its `op`. */
export type TransactionResultOf<Op extends TransactionStep['op']> = Extract<
  TransactionResult,
  { readonly op: Op }
>;

/** Results of steps, each at its place when the places are known. */
export type TransactionResults<Steps extends readonly TransactionStep[]> = {
  -readonly [Index in keyof Steps]: TransactionResultOf<Steps[Index]['op']>;
};

/** One of several reads in one request. */
export interface ReadStep {
  /** Data and Stat, or names of the children. */
  readonly op: 'get' | 'getChildren';
  /** Of the node. */
  readonly path: string;
}
