import type { ACL, Stat } from '../codec/index.ts';

/** Limits of one call. A request that was made cannot be recalled: when the wait ends early its `outcome` is `unknown`. */
export interface CallOptions {
  /** In milliseconds; 0 or less: no time is left, the request is not sent. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Node data to write. A string is written as UTF-8; null is "no data", which is not the same as empty. */
export type NodeData = Uint8Array | string | null;

export interface GetResult {
  /** Null when the node was created without data. */
  readonly data: Buffer | null;
  readonly stat: Stat;
}

export interface ChildrenResult {
  readonly children: string[];
  readonly stat: Stat;
}

export interface CreateResult {
  /** The path made; for a sequential node with its counter. */
  readonly path: string;
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

export interface PlainCreateKind {
  /** Default `persistent`. */
  readonly mode?: PlainCreateMode | undefined;
  readonly ttlMs?: undefined;
}

export interface TtlCreateKind {
  readonly mode: TtlCreateMode;
  /** 1 to 2^40-1. */
  readonly ttlMs: number;
}

export type CreateKind = PlainCreateKind | TtlCreateKind;

export type CreateOptions = CallOptions &
  CreateKind & {
    /** Default: everybody may do everything. */
    readonly acl?: readonly ACL[] | undefined;
  };

export interface VersionOptions extends CallOptions {
  /** Only when the node has this version. Default -1: any. */
  readonly version?: number | undefined;
}

/** One step of a transaction. */
export type TransactionStep =
  | ({
      readonly op: 'create';
      readonly path: string;
      readonly data?: NodeData | undefined;
      readonly acl?: readonly ACL[] | undefined;
    } & CreateKind)
  | {
      readonly op: 'set';
      readonly path: string;
      readonly data: NodeData;
      readonly version?: number | undefined;
    }
  | { readonly op: 'delete'; readonly path: string; readonly version?: number }
  | { readonly op: 'check'; readonly path: string; readonly version: number };

/** What a step of a successful transaction gave; in the order of the steps. */
export type TransactionResult =
  /** `stat` is null when the server does not tell it, as up to 3.8.1. */
  | { readonly op: 'create'; readonly path: string; readonly stat: Stat | null }
  | { readonly op: 'set'; readonly stat: Stat }
  | { readonly op: 'delete' }
  | { readonly op: 'check' };
