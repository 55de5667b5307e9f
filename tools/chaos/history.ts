import type { Outcome } from 'zkwire';

export type WriteKind = 'set' | 'create' | 'delete' | 'multi';

/** Which of the clients; each has a session of its own. */
export type ClientIndex = number;

/** One write, as the client that made it saw it. Times in ms on one clock for all clients. */
export interface WriteRecord {
  /** What this write and no other leaves in the servers' log: see `writeIdOf`. */
  readonly id: string;
  readonly client: ClientIndex;
  /** Place in the order in which this client made its writes, from 0. */
  readonly seq: number;
  readonly kind: WriteKind;
  readonly invokedMs: number;
  /** Null: it never settled. */
  readonly result: WriteResult | null;
}

export interface WriteResult {
  readonly settledMs: number;
  /** Place in the order in which writes of this client settled, from 0. */
  readonly settleIndex: number;
  /** Which connection of this client carried it, counted from 0; of a write that was never sent, the one before. */
  readonly connection: number;
  readonly sessionId: bigint;
  readonly outcome: 'ok' | Outcome;
  /** The error's code; null when it was acknowledged. */
  readonly code: string | null;
  /** Of the error, when it has one. */
  readonly xid: number | null;
  /** Of the Stat in the reply, when there is one. */
  readonly zxid: bigint | null;
  readonly version: number | null;
}

/** One get that was answered. Failed ones are only counted. */
export interface ReadRecord {
  readonly client: ClientIndex;
  readonly sessionId: bigint;
  readonly path: string;
  readonly invokedMs: number;
  readonly settledMs: number;
  /** The data, as text. */
  readonly data: string;
  readonly mzxid: bigint;
  readonly version: number;
}

/** All that the clients saw. Reads of a client stand in the order in which they were answered. */
export interface History {
  readonly writes: readonly WriteRecord[];
  readonly reads: readonly ReadRecord[];
}
