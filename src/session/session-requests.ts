import type { RequestErrorCode, ZkwireError } from '../errors.ts';
import { Pipeline, type PipelineOptions, type WaitLimits } from '../pipeline/index.ts';
import { DeadlineSweeper, type SweepTarget } from './deadline-sweeper.ts';
import { LimitedWaits, type WaitOver } from './limited-waits.ts';
import type { SessionIdentity } from './session-identity.ts';
import type { SessionOptions } from './session-options.ts';

/**
 * Where the requests of a session are: on the connection that they flow on, on one that is being
 * left, or parked; and how long those who made them wait.
 *
 * They flow on one connection at a time. As long as there is none, `pipeline` is parked: it keeps
 * what is asked for until the next connection, or refuses it for the newest reason.
 */
export class SessionRequests implements SweepTarget {
  /** Null: parked, and nothing was asked for yet. Most sessions begin so, and a pipeline takes its time to make. */
  #pipeline: Pipeline | null = null;
  readonly #options: SessionOptions;
  readonly #identity: SessionIdentity;
  readonly #waits: LimitedWaits = new LimitedWaits();
  readonly #sweeper: DeadlineSweeper;
  #flowing = false;
  /** Of a connection that is being left, and still owes answers. */
  #leaving: Pipeline | null = null;

  constructor(options: SessionOptions, identity: SessionIdentity) {
    this.#options = options;
    this.#identity = identity;
    this.#sweeper = new DeadlineSweeper(this, options.clock);
  }

  /** Where the next request goes. Changes with the connection. */
  get pipeline(): Pipeline {
    this.#pipeline ??= this.#parked(null);
    return this.#pipeline;
  }

  /** Whether `pipeline` is a connection's; false: it is parked. */
  get flowing(): boolean {
    return this.#flowing;
  }

  /** Whether a connection that requests flowed on is being left. */
  get leaving(): boolean {
    return this.#leaving !== null;
  }

  /** For the pipeline of the next connection, too. */
  pipelineOptions(): PipelineOptions {
    const { inflightMax, inflightBytesMax, frameBytesMax, schedule, observer } = this.#options;
    return {
      requestsMax: inflightMax,
      bytesMax: inflightBytesMax,
      bodyBytesMax: frameBytesMax,
      lastXid: this.#identity.lastXid,
      lastZxidSeen: this.#identity.lastZxidSeen,
      schedule,
      observer,
    };
  }

  // Connections come and go.

  /** What was parked goes to the connection's `pipeline`, and from now on everything. */
  flowOn(pipeline: Pipeline): void {
    const parked = this.#pipeline;
    this.#flowing = true;
    this.#pipeline = pipeline;
    parked?.moveUnsentTo(pipeline);
  }

  /** What is asked for from now on is parked, while the requests of the connection are answered. */
  leave(): void {
    this.#leaving = this.pipeline;
    this.#flowing = false;
    this.park(null);
  }

  /**
   * The connection is over, and nothing of it has failed yet: what never left is kept for the next
   * one. With null there will be none: all that is on it fails with it.
   */
  lost(reason: ZkwireError | null): void {
    const newest = this.pipeline;
    const from = this.#flowing ? newest : this.#leaving;
    this.#flowing = false;
    this.#leaving = null;
    if (reason === null || from === null) return;
    // Who does not wait without a server waits for the one that a move leads to; see `refused`.
    if (from !== newest && this.#options.whileDisconnected === 'fail') return;
    this.park(reason);
    // One that refuses takes nothing over.
    from.moveUnsentTo(this.pipeline);
    // Parked since the connection is being left, and behind what was asked for on it.
    if (from !== newest) newest.moveUnsentTo(this.pipeline);
  }

  /** All servers were tried and none has given a session: who does not wait without one has waited enough. */
  refused(cause: ZkwireError): void {
    // What is refused already stays so, for the reason that it was told.
    if (this.#options.whileDisconnected === 'fail') this.pipeline.refuse('NOT_CONNECTED', cause);
  }

  /** Parks what is asked for from now on; `reason` says why there is no connection. */
  park(reason: ZkwireError | null): void {
    this.#pipeline = this.#parked(reason);
  }

  /** What is parked fails, and what is asked for from now on, whatever it failed with until now. */
  refuse(code: RequestErrorCode, cause: ZkwireError): void {
    if (this.#flowing) return;
    if (this.pipeline.ended) this.park(null);
    this.pipeline.refuse(code, cause);
  }

  #parked(reason: ZkwireError | null): Pipeline {
    const { onCallbackError, whileDisconnected } = this.#options;
    const parked = Pipeline.parked({ ...this.pipelineOptions(), events: { onCallbackError } });
    if (whileDisconnected === 'fail' && reason !== null) parked.refuse('NOT_CONNECTED', reason);
    return parked;
  }

  // Time.

  /** Limits of one request's wait, from the caller's time-out and signal; undefined when it has none. */
  waitLimits(
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
  ): WaitLimits | undefined {
    if (timeoutMs === undefined && signal === undefined) return undefined;
    const deadlineMs = timeoutMs === undefined ? undefined : this.#sweeper.deadlineIn(timeoutMs);
    return { signal, deadlineMs };
  }

  /** For a wait that is not a single request's; see {@link LimitedWaits}. */
  wait(limits: WaitLimits, onOver: WaitOver): () => void {
    return this.#waits.begin(limits, onOver);
  }

  get nextDeadlineMs(): number {
    const leavingMs = this.#leaving?.nextDeadlineMs ?? Number.POSITIVE_INFINITY;
    const newestMs = this.#pipeline?.nextDeadlineMs ?? Number.POSITIVE_INFINITY;
    return Math.min(newestMs, leavingMs, this.#waits.nextDeadlineMs);
  }

  sweep(nowMs: number): void {
    this.#leaving?.sweep(nowMs);
    this.#pipeline?.sweep(nowMs);
    this.#waits.sweep(nowMs);
  }

  /** Nobody times out any more. */
  stop(): void {
    this.#sweeper.stop();
  }
}
