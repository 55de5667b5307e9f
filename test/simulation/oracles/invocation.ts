import type { SentFrame } from '../network/frame-tap.ts';
import type { SimSocket } from '../network/sim-socket.ts';
import type { Operation } from '../workload/operation.ts';
import type { OperationKind } from '../workload/operation-kinds.ts';

/** How a request ended for its caller. */
export interface Settlement {
  readonly value: unknown;
  readonly error: unknown;
  readonly atMs: number;
  /** Place in the order of everything that callers were told. */
  readonly order: number;
  /** Socket whose bytes the client had been given when it told. */
  readonly reading: SimSocket | null;
  /** Socket that requests went to then; null: they were parked. */
  readonly live: SimSocket | null;
}

/** A request from the call to its end. */
export interface Invocation {
  readonly id: number;
  readonly kind: OperationKind;
  readonly operation: Operation;
  readonly atMs: number;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** When the signal fired. */
  abortedMs: number | null;
  settled: Settlement | null;
  /** The frame that left, and where; null: nothing has left. */
  frame: SentFrame | null;
  socket: SimSocket | null;
}
