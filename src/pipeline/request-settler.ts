import { reportRejection, tellCallbackError } from '../callback-failures.ts';
import type { JuteReader } from '../codec/jute-reader.ts';
import { OP, operationName } from '../codec/operations.ts';
import { OwnedBytes } from '../codec/owned-bytes.ts';
import { SERVER_CODE } from '../codec/server-codes.ts';
import type { RequestError, RequestErrorCode, ZkwireError } from '../errors.ts';
import { AbortListeners } from './abort-listeners.ts';
import type { PendingRing, Reject, ReplyOrigin, Settle } from './pending-ring.ts';
import type { PipelineEvents } from './pipeline-options.ts';
import { localFailure, replyTooLarge, serverRefusal } from './request-failure.ts';
import type { RequestObserver } from './request-observer.ts';
import type { UnsentRequest } from './unsent-requests.ts';
import type { WaitLimits } from './wait-limits.ts';

/** `value` and what it lends (Buffers are views of the slab) are valid until the callback returns. */
export type ReplyCallback<T> = (error: RequestError | null, value: T | undefined) => void;

/**
 * Stands for the reject function of a promise, which is not kept: at 65,536 requests in flight what waits
 * with each of them outlives the young generation, and a function less of it shows.
 */
export const THROUGH_RESOLVE: Reject = () => {};

/** A promise that is resolved with it is rejected, at once: a `then` that throws is the reason. */
class Refusal {
  readonly #reason: Error;

  constructor(reason: Error) {
    this.#reason = reason;
  }

  // biome-ignore lint/suspicious/noThenProperty: being looked at is what it is for
  get then(): never {
    throw this.#reason;
  }
}

/** A server that requires authentication answers anything with it, pings included. */
export const AUTH_REQUIRED: number = SERVER_CODE.SESSIONCLOSEDREQUIRESASLAUTH;

/**
 * Brings replies and failures to those who wait. Each waiter hears exactly once; what its
 * callback throws, async or not, goes to the handler and harms nobody else.
 */
export class RequestSettler implements ReplyOrigin {
  /** Encoded bytes of the requests in flight. */
  inflightBytes = 0;
  lateReplies = 0;
  trailingReplies = 0;
  /** Xid of the request that was settled last. */
  settledXid = 0;
  /** No request has left, and none will before it is moved. */
  parked = false;
  observer: RequestObserver | null = null;
  /** No deadline of a request in flight is earlier. */
  nextDeadlineMs: number = Number.POSITIVE_INFINITY;
  readonly #ring: PendingRing;
  readonly host: string;
  readonly #events: PipelineEvents;
  /** Turns lent bytes into the caller's own, for promises. */
  readonly owned: OwnedBytes = new OwnedBytes();
  readonly #aborts: AbortListeners = new AbortListeners(
    (sequence, reason) => this.#abandon(sequence, 'ABORTED', reason),
    (thrown) => this.#tell(thrown, 'signal'),
  );

  constructor(ring: PendingRing, host: string, events: PipelineEvents) {
    this.#ring = ring;
    this.host = host;
    this.#events = events;
  }

  /** `listen` is to follow, where no request is half made. */
  limitWait(sequence: number, limits: WaitLimits): void {
    if (limits.deadlineMs !== undefined) {
      this.#ring.setDeadline(sequence, limits.deadlineMs);
      this.nextDeadlineMs = Math.min(this.nextDeadlineMs, limits.deadlineMs);
    }
    if (limits.signal !== undefined) {
      this.#ring.setSignal(sequence, limits.signal);
      this.#aborts.add(limits.signal, sequence);
    }
  }

  /** Listens to the signals of requests that wait, and no more to those of requests that do not. Runs the signals' code. */
  listen(): void {
    this.#aborts.update();
  }

  /** Signals of requests that have fired, with their reasons. Runs the signals' code. */
  firedSignals(): ReadonlyMap<AbortSignal, unknown> {
    return this.#aborts.fired();
  }

  /** The reply to the oldest request: the reader stands at its body, which is there when `serverCode` is 0. */
  settleHead(reader: JuteReader, serverCode: number): void {
    const ring = this.#ring;
    const slot = ring.head & ring.mask;
    const settle = ring.settles[slot]!;
    const reject = ring.rejects[slot]!;
    this.settledXid = ring.xids[slot]!;
    if (settle === null || serverCode !== 0) {
      this.#settleUnread(slot, serverCode, reader.end - reader.base);
    } else {
      const value = this.#decode(reader, slot, reject !== null);
      const operation = ring.operations[slot]!;
      // Made by the first request that somebody watches: until then an observer costs a reply nothing.
      if (ring.begansMs === null) this.#leaveHead(slot);
      else this.#leaveObserved(slot, reader.end - reader.base, null);
      try {
        if (reject !== null) (settle as (value: unknown) => void)(value);
        else {
          const result: unknown = (settle as ReplyCallback<unknown>)(null, value);
          if (result !== undefined) this.#follow(result, operation);
        }
      } catch (thrown) {
        this.#report(thrown, operation);
      }
    }
  }

  /** The reply to the oldest request is longer than `bodyBytesMax`, and is not read. */
  failOversized(serverCode: number, bodyBytes: number, bodyBytesMax: number): void {
    const ring = this.#ring;
    const slot = ring.head & ring.mask;
    if (ring.settles[slot] === null || serverCode !== 0) {
      this.#settleUnread(slot, serverCode, 4 + bodyBytes);
    } else {
      this.#failHead(replyTooLarge(ring, slot, this.host, bodyBytes, bodyBytesMax), 4 + bodyBytes);
    }
  }

  /** The body does not matter: the server refused, or nobody waits any more. */
  #settleUnread(slot: number, serverCode: number, replyBytes: number): void {
    if (this.#ring.settles[slot] === null) {
      this.lateReplies++;
      this.#leaveHead(slot);
    } else {
      this.#failHead(serverRefusal(this.#ring, slot, serverCode, this.host), replyBytes);
    }
    if (serverCode === AUTH_REQUIRED) this.authRequired();
  }

  authRequired(): void {
    this.guarded(() => this.#events.onAuthRequired?.(), OP.auth);
  }

  #decode(reader: JuteReader, slot: number, owned: boolean): unknown {
    reader.owned = owned ? this.owned : null;
    const decode = this.#ring.decodes[slot]!;
    try {
      const value = decode(reader, this);
      if (reader.offset !== reader.end) this.trailingReplies++;
      return value;
    } catch (error) {
      const failure = localFailure(this.#ring, slot, 'BAD_REPLY', 'unknown', this.host, error);
      this.#failHead(failure, reader.end - reader.base);
      throw error;
    }
  }

  /** Fails every request whose deadline has passed. Cheap when none can have. */
  sweep(nowMs: number): void {
    const ring = this.#ring;
    if (!(nowMs >= this.nextDeadlineMs) || ring.deadlinesMs === null) return;
    const { head, tail } = ring;
    let earliestMs = Number.POSITIVE_INFINITY;
    // Requests that callbacks make meanwhile are behind `tail` and lower it by themselves.
    this.nextDeadlineMs = earliestMs;
    for (let sequence = head; sequence !== tail; sequence = (sequence + 1) | 0) {
      if (!ring.isWaiting(sequence)) continue;
      const deadlineMs = ring.deadlinesMs[sequence & ring.mask]!;
      if (deadlineMs <= nowMs && deadlineMs !== Number.POSITIVE_INFINITY) {
        this.#abandon(sequence, 'REQUEST_TIMEOUT', undefined);
      } else earliestMs = Math.min(earliestMs, deadlineMs);
    }
    this.nextDeadlineMs = Math.min(this.nextDeadlineMs, earliestMs);
    this.listen();
  }

  /** The connection is over: every request fails, oldest first; those before `sentSequence` may have left. */
  failAll(sentSequence: number, code: RequestErrorCode, error: ZkwireError): void {
    const ring = this.#ring;
    while (ring.size > 0) {
      const outcome = ((ring.head - sentSequence) | 0) < 0 ? 'unknown' : 'not-sent';
      const slot = ring.head & ring.mask;
      this.#failHead(localFailure(ring, slot, code, outcome, this.host, error));
    }
    this.listen();
  }

  /** Who waits in `sequence`, for a slot elsewhere; null when nobody does. This slot is to be forgotten next. */
  giveUp(sequence: number): UnsentRequest | null {
    const ring = this.#ring;
    if (!ring.isWaiting(sequence)) return null;
    const slot = sequence & ring.mask;
    const request: UnsentRequest = {
      xid: ring.xids[slot]!,
      operation: ring.operations[slot]!,
      path: ring.paths[slot]!,
      frameBytes: ring.frameBytes[slot]!,
      decode: ring.decodes[slot]!,
      settle: ring.settles[slot]!,
      reject: ring.rejects[slot]!,
      limits: ring.limitsOf(sequence),
      beganMs: ring.begansMs?.[slot] ?? Number.NaN,
    };
    if (ring.signals !== null) this.#forgetSignal(sequence);
    return request;
  }

  /** Gives the newest slot to a request that had one elsewhere. */
  take(xid: number, request: UnsentRequest): number {
    const ring = this.#ring;
    const { operation, path, frameBytes, decode, settle, reject, limits } = request;
    const sequence = ring.push(xid, operation, frameBytes, path, decode, settle, reject);
    this.inflightBytes += frameBytes;
    if (this.observer !== null) ring.setBegan(sequence, request.beganMs);
    if (limits !== undefined) this.limitWait(sequence, limits);
    return sequence;
  }

  /** Takes back what could not be moved, or was not to be: its signal has fired. */
  takeBack(requests: readonly UnsentRequest[], fired: ReadonlyMap<AbortSignal, unknown>): void {
    const sequences = requests.map((request) => this.take(request.xid, request));
    for (const [index, sequence] of sequences.entries()) {
      const signal = requests[index]!.limits?.signal;
      if (signal !== undefined && fired.has(signal)) {
        this.#abandon(sequence, 'ABORTED', fired.get(signal));
      }
    }
  }

  /** Forgets the slots from `sequence` on: whoever waited there waits elsewhere. */
  forgetFrom(sequence: number): void {
    const ring = this.#ring;
    for (let at = sequence; at !== ring.tail; at = (at + 1) | 0) {
      this.inflightBytes -= ring.frameBytes[at & ring.mask]!;
    }
    ring.truncate(sequence);
  }

  /** Runs somebody else's code. */
  guarded(call: () => unknown, operation: number): void {
    try {
      const result = call();
      if (result !== undefined) this.#follow(result, operation);
    } catch (thrown) {
      this.#report(thrown, operation);
    }
  }

  /** The head's waiter (if it still waits) learns of the failure, and the slot goes. */
  #failHead(failure: RequestError, replyBytes = 0): void {
    const ring = this.#ring;
    const slot = ring.head & ring.mask;
    const settle = ring.settles[slot]!;
    const reject = ring.rejects[slot]!;
    const operation = ring.operations[slot]!;
    this.settledXid = ring.xids[slot]!;
    if (this.observer === null || settle === null) this.#leaveHead(slot);
    else this.#leaveObserved(slot, replyBytes, failure);
    if (settle !== null) this.#tellFailure(settle, reject, failure, operation);
  }

  #leaveHead(slot: number): void {
    const ring = this.#ring;
    this.inflightBytes -= ring.frameBytes[slot]!;
    if (ring.signals !== null) this.#forgetSignal(ring.head);
    ring.shift();
  }

  /** Its place is free before the observer hears: that may do anything, but this request is settled. */
  #leaveObserved(slot: number, replyBytes: number, error: RequestError | null): void {
    const path = this.#ring.paths[slot]!;
    this.#leaveHead(slot);
    this.#observe(slot, path, replyBytes, error);
  }

  /** The caller stops waiting; the slot stays, so that the reply is still matched. */
  #abandon(sequence: number, code: 'ABORTED' | 'REQUEST_TIMEOUT', cause: unknown): void {
    const ring = this.#ring;
    if (!ring.isWaiting(sequence)) return;
    const slot = sequence & ring.mask;
    const settle = ring.settles[slot]!;
    const reject = ring.rejects[slot]!;
    // What waits for a connection is left out when the others are sent.
    const outcome = this.parked ? 'not-sent' : 'unknown';
    const failure = localFailure(ring, slot, code, outcome, this.host, cause);
    const operation = ring.operations[slot]!;
    this.settledXid = ring.xids[slot]!;
    if (ring.signals !== null) this.#forgetSignal(sequence);
    ring.dropWaiter(sequence);
    if (this.observer !== null) this.#observe(slot, ring.paths[slot]!, 0, failure);
    this.#tellFailure(settle, reject, failure, operation);
  }

  #observe(
    slot: number,
    path: string | null,
    replyBytes: number,
    error: RequestError | null,
  ): void {
    const ring = this.#ring;
    if (ring.begansMs === null) return;
    const beganMs = ring.begansMs[slot]!;
    if (Number.isNaN(beganMs)) return;
    const operation = ring.operations[slot]!;
    try {
      const result: unknown = this.observer!.settled(
        operation,
        path,
        ring.xids[slot]!,
        this.host,
        ring.frameBytes[slot]!,
        replyBytes,
        beganMs,
        error,
      );
      if (result !== undefined) this.#follow(result, operation);
    } catch (thrown) {
      this.#report(thrown, operation);
    }
  }

  #forgetSignal(sequence: number): void {
    const signals = this.#ring.signals!;
    const slot = sequence & this.#ring.mask;
    const signal = signals[slot]!;
    if (signal === null) return;
    signals[slot] = null;
    this.#aborts.remove(signal, sequence);
  }

  #tellFailure(
    settle: Settle,
    reject: Reject | null,
    failure: RequestError,
    operation: number,
  ): void {
    try {
      if (reject === THROUGH_RESOLVE) (settle as (value: unknown) => void)(new Refusal(failure));
      else if (reject !== null) reject(failure);
      else this.#follow((settle as ReplyCallback<unknown>)(failure, undefined), operation);
    } catch (thrown) {
      this.#report(thrown, operation);
    }
  }

  /** Somebody else's code may be async: what it throws comes later. */
  #follow(result: unknown, operation: number): void {
    reportRejection(result, (error) => this.#report(error, operation));
  }

  #report(thrown: unknown, operation: number): void {
    this.#tell(thrown, operationName(operation));
  }

  #tell(thrown: unknown, where: string): void {
    const events = this.#events;
    const handler = events.onCallbackError?.bind(events);
    tellCallbackError(handler, thrown, where);
  }
}
