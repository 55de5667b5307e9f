import type { NodeState } from './node-state.ts';
import type { WriteRequest } from './write-request.ts';

/** What a watch may hear of a transaction. */
export interface NodeChange {
  /** As on the wire: 1 created, 2 deleted, 3 data changed. */
  readonly type: 1 | 2 | 3;
  readonly path: string;
}

/** What a step of a transaction gave: the answer's content. */
export interface StepResult {
  readonly kind: WriteRequest['kind'];
  readonly op: number;
  readonly path: string;
  readonly node: NodeState | null;
}

/** One line of the transaction log: the truth. */
export interface Transaction {
  readonly index: number;
  readonly zxid: number;
  readonly atMs: number;
  /** 0n: the ensemble's own. */
  readonly session: bigint;
  readonly xid: number;
  readonly op: number;
  readonly path: string | null;
  readonly request: WriteRequest;
  /** Not 0: nothing was changed. */
  readonly err: number;
  /** Of a multi: which step failed; -1 when none did. */
  readonly failedStep: number;
  readonly results: readonly StepResult[];
  readonly after: ReadonlyMap<string, NodeState | null>;
  readonly changes: readonly NodeChange[];
  /** Who asked, for the answer. */
  readonly origin: object | null;
  /** Socket on which it was asked for; -1: none. */
  readonly socket: number;
}
