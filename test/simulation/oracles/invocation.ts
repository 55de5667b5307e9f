import { RequestError } from '../../../src/errors.ts';
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
  /** Session that the client had then. */
  readonly session: bigint;
}

/** A request from the call to its end. */
export interface Invocation {
  readonly id: number;
  readonly kind: OperationKind;
  readonly operation: Operation;
  readonly atMs: number;
  /** Place in the order of everything that callers were told. */
  readonly order: number;
  /** The newest state that the session had surely been shown. */
  readonly seenZxid: number;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** When the signal fired. */
  abortedMs: number | null;
  settled: Settlement | null;
  /** The frame that left, and where; null: nothing has left. */
  frame: SentFrame | null;
  socket: SimSocket | null;
}

export function outcomeOf(error: unknown): string | null {
  if (error === null || error === undefined) return null;
  return error instanceof RequestError ? error.outcome : 'none';
}

export function shown({ id, kind, operation, frame }: Invocation): string {
  const left = frame === null ? 'never left' : `xid ${frame.xid}`;
  const detail = operation.aside === true ? '' : `, ${left}`;
  return `request ${id} (${kind} ${operation.path ?? ''}${detail})`;
}
