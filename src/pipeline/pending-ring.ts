import type { JuteReader } from '../codec/jute-reader.ts';
import type { WaitLimits } from './wait-limits.ts';

/** Which request a reply answers, and who answered. A request may have been moved since it was made. */
export interface ReplyOrigin {
  /** Xid that the request was answered under. */
  readonly settledXid: number;
  /** `host:port` of the server. */
  readonly host: string;
}

/** Reads the body of a reply. The reader stands behind the reply header. */
export type Decode<T> = (reader: JuteReader, origin: ReplyOrigin) => T;

/** A promise's resolve function, or (when the slot has no reject function) a callback `(error, value)`. */
export type Settle = ((value: unknown) => void) | ((error: Error | null, value: unknown) => void);
export type Reject = (error: Error) => void;

/** Slots in a fresh ring; it grows by doubling up to the limit of requests in flight. */
const CAPACITY_FIRST = 64;

/**
 * Requests that wait for their reply, oldest first: ZooKeeper answers a connection's requests in
 * order, so the reply at hand belongs to the head or the stream is broken.
 *
 * A structure of arrays: a request in flight costs one slot in each and no object of its own.
 * Sequence numbers count up and wrap as 32-bit integers; `sequence & mask` is the slot.
 */
export class PendingRing {
  /** Sequence number of the oldest pending request. */
  head = 0;
  /** Sequence number that the next request gets. */
  tail = 0;
  mask: number = CAPACITY_FIRST - 1;
  xids: Int32Array = new Int32Array(CAPACITY_FIRST);
  operations: Int32Array = new Int32Array(CAPACITY_FIRST);
  frameBytes: Int32Array = new Int32Array(CAPACITY_FIRST);
  decodes: (Decode<unknown> | null)[] = emptySlots(CAPACITY_FIRST);
  /** Null: nobody waits any more (aborted or timed out); the slot stays until its reply has passed. */
  settles: (Settle | null)[] = emptySlots(CAPACITY_FIRST);
  rejects: (Reject | null)[] = emptySlots(CAPACITY_FIRST);
  paths: (string | null)[] = emptySlots(CAPACITY_FIRST);
  /** When each request times out, on the connection's clock; made when the first request names one. */
  deadlinesMs: Float64Array | null = null;
  /** The AbortSignal of each request; made when the first request has one. */
  signals: (AbortSignal | null)[] | null = null;
  /** When each request was committed, on the observer's clock, or NaN; made when the first request is observed. */
  begansMs: Float64Array | null = null;

  get size(): number {
    return (this.tail - this.head) | 0;
  }

  /** Adds a request and gives its sequence number. `reject` null: `settle` is a callback. */
  push(
    xid: number,
    operation: number,
    frameBytes: number,
    path: string | null,
    decode: Decode<unknown> | null,
    settle: Settle,
    reject: Reject | null,
  ): number {
    if (this.size > this.mask) this.#grow();
    const sequence = this.tail;
    const slot = sequence & this.mask;
    this.xids[slot] = xid;
    this.operations[slot] = operation;
    this.frameBytes[slot] = frameBytes;
    this.decodes[slot] = decode;
    this.settles[slot] = settle;
    this.rejects[slot] = reject;
    this.paths[slot] = path;
    if (this.deadlinesMs !== null) this.deadlinesMs[slot] = Number.POSITIVE_INFINITY;
    this.tail = (sequence + 1) | 0;
    return sequence;
  }

  /** Forgets what the oldest slot holds and steps to the next. */
  shift(): void {
    const slot = this.head & this.mask;
    this.settles[slot] = null;
    this.rejects[slot] = null;
    this.decodes[slot] = null;
    this.paths[slot] = null;
    this.head = (this.head + 1) | 0;
  }

  /** The waiter of `sequence` goes, the slot stays. */
  dropWaiter(sequence: number): void {
    const slot = sequence & this.mask;
    this.settles[slot] = null;
    this.rejects[slot] = null;
  }

  isWaiting(sequence: number): boolean {
    const age = (sequence - this.head) | 0;
    return age >= 0 && age < this.size && this.settles[sequence & this.mask] !== null;
  }

  setDeadline(sequence: number, deadlineMs: number): void {
    this.deadlinesMs ??= new Float64Array(this.mask + 1).fill(Number.POSITIVE_INFINITY);
    this.deadlinesMs[sequence & this.mask] = deadlineMs;
  }

  setSignal(sequence: number, signal: AbortSignal): void {
    this.signals ??= emptySlots(this.mask + 1);
    this.signals[sequence & this.mask] = signal;
  }

  setBegan(sequence: number, beganMs: number): void {
    if (this.begansMs === null) {
      if (Number.isNaN(beganMs)) return;
      this.begansMs = new Float64Array(this.mask + 1).fill(Number.NaN);
    }
    this.begansMs[sequence & this.mask] = beganMs;
  }

  /** How long the waiter of `sequence` waits; undefined: as long as it takes. */
  limitsOf(sequence: number): WaitLimits | undefined {
    const slot = sequence & this.mask;
    const signal = this.signals?.[slot] ?? undefined;
    const deadlineMs = this.deadlinesMs?.[slot] ?? Number.POSITIVE_INFINITY;
    if (signal === undefined && deadlineMs === Number.POSITIVE_INFINITY) return undefined;
    return { signal, deadlineMs };
  }

  /** Forgets the newest slots, from `sequence` on. */
  truncate(sequence: number): void {
    for (let at = sequence; at !== this.tail; at = (at + 1) | 0) {
      const slot = at & this.mask;
      this.settles[slot] = null;
      this.rejects[slot] = null;
      this.decodes[slot] = null;
      this.paths[slot] = null;
    }
    this.tail = sequence;
  }

  #grow(): void {
    const { head, tail } = this;
    const capacity = (this.mask + 1) * 2;
    this.xids = moved(this.xids, new Int32Array(capacity), head, tail);
    this.operations = moved(this.operations, new Int32Array(capacity), head, tail);
    this.frameBytes = moved(this.frameBytes, new Int32Array(capacity), head, tail);
    this.decodes = moved(this.decodes, emptySlots(capacity), head, tail);
    this.settles = moved(this.settles, emptySlots(capacity), head, tail);
    this.rejects = moved(this.rejects, emptySlots(capacity), head, tail);
    this.paths = moved(this.paths, emptySlots(capacity), head, tail);
    if (this.deadlinesMs !== null) {
      const deadlines = new Float64Array(capacity).fill(Number.POSITIVE_INFINITY);
      this.deadlinesMs = moved(this.deadlinesMs, deadlines, head, tail);
    }
    if (this.begansMs !== null) {
      this.begansMs = moved(this.begansMs, new Float64Array(capacity), head, tail);
    }
    if (this.signals !== null) this.signals = moved(this.signals, emptySlots(capacity), head, tail);
    this.mask = capacity - 1;
  }
}

function emptySlots<T>(capacity: number): (T | null)[] {
  return new Array<T | null>(capacity).fill(null);
}

interface Slots {
  [slot: number]: unknown;
  readonly length: number;
}

/** Copies `[head, tail)` into the larger `to`; both lengths are powers of two. */
function moved<T extends Slots>(from: T, to: T, head: number, tail: number): T {
  for (let sequence = head; sequence !== tail; sequence = (sequence + 1) | 0) {
    to[sequence & (to.length - 1)] = from[sequence & (from.length - 1)];
  }
  return to;
}
