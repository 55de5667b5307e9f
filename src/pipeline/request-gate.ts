import type { JuteWriter } from '../codec/jute-writer.ts';
import { OP } from '../codec/operations.ts';
import type { RequestError, RequestErrorCode, ZkwireError } from '../errors.ts';
import { FRAME_BODY_BYTES_MAX, INFLIGHT_BYTES_MAX, INFLIGHT_REQUESTS_MAX } from '../limits.ts';
import type { PendingRing } from './pending-ring.ts';
import type { PipelineOptions } from './pipeline-options.ts';
import { noRoom, notSent } from './request-failure.ts';
import type { RequestSettler } from './request-settler.ts';
import { limitsRefusal, type WaitLimits } from './wait-limits.ts';
import { WaitQueue } from './wait-queue.ts';

const CHECK_ALONE = 'check is a step of a multi: servers must never get it alone';

const ASIDE_PARKED = 'there is no connection, and what goes beside the ring is never parked';

const NOT_BEGUN = 'no request is begun, or another one was begun after it';

/** Which requests a pipeline accepts, and why not the others. All that it throws is `not-sent`. */
export class RequestGate {
  /** Largest body of a request. */
  readonly bodyBytesMax: number;
  /** Of the frame that was begun last. */
  operation = 0;
  path: string | null = null;
  /** Frames that were begun, or were to be; wraps. */
  #begun = 0;
  readonly #ring: PendingRing;
  readonly #settler: RequestSettler;
  readonly #requestsMax: number;
  readonly #bytesMax: number;
  /** Room for a string is made for three bytes a character, so this bound is above what a frame will take. */
  readonly #growthBytesMax: number;
  /** Largest body that is committed. Below 0 once the connection is over: one comparison a request checks both. */
  #commitBytesMax: number;
  /** Code of what is refused from now on, once the connection is over or closing. */
  #refusal: RequestErrorCode | null = null;
  #cause: ZkwireError | null = null;
  /** Who waits for room. */
  readonly #waiting: WaitQueue = new WaitQueue();

  constructor(ring: PendingRing, settler: RequestSettler, options: PipelineOptions) {
    this.#ring = ring;
    this.#settler = settler;
    this.#requestsMax = limit('requestsMax', options.requestsMax ?? INFLIGHT_REQUESTS_MAX);
    this.#bytesMax = limit('bytesMax', options.bytesMax ?? INFLIGHT_BYTES_MAX);
    this.bodyBytesMax = options.bodyBytesMax ?? FRAME_BODY_BYTES_MAX;
    this.#commitBytesMax = this.bodyBytesMax;
    this.#growthBytesMax = (this.bodyBytesMax + 4) * 3 + 4;
  }

  /** No request is accepted any more: the connection is closing, or (with a `cause`) over. */
  close(refusal: RequestErrorCode, cause: ZkwireError | null): void {
    this.#refusal = refusal;
    if (cause === null) return;
    this.#cause = cause;
    this.#commitBytesMax = -1;
  }

  get closed(): boolean {
    return this.#refusal !== null;
  }

  /** A request is to be begun. */
  enter(operation: number, path: string | null): void {
    this.enterLast(operation, path);
    if (!this.hasRoom) throw this.#notSent('PIPELINE_FULL');
    if (operation === OP.check) throw this.#notSent('BAD_ARGUMENT', undefined, CHECK_ALONE);
  }

  /** The same for the last one, which always has room. */
  enterLast(operation: number, path: string | null): void {
    this.#begun = (this.#begun + 1) | 0;
    this.operation = operation;
    this.path = path;
    if (this.#refusal !== null) throw this.#refused(this.#refusal);
  }

  /** The same beside the ring, which has room of its own. */
  enterAside(operation: number): void {
    this.enterLast(operation, null);
    if (this.#settler.parked) throw this.#notSent('NOT_CONNECTED', undefined, ASIDE_PARKED);
  }

  /** The frame in work is to be committed for a caller that waits so long. Gives the limits as they were looked at. */
  checkCommit(writer: JuteWriter, limits: WaitLimits | undefined): WaitLimits | undefined {
    // Before the request has its slot: what is wrong with its limits must not leave half a request behind.
    const own = limits === undefined ? undefined : this.#ownLimits(limits);
    this.checkSize(writer);
    return own;
  }

  checkSize(writer: JuteWriter): void {
    const bodyBytes = writer.offset - writer.frameStart - 4;
    if (bodyBytes <= this.#commitBytesMax && bodyBytes > 0) return;
    if (this.#refusal !== null) throw this.#refused(this.#refusal);
    if (bodyBytes < 0) throw this.#notSent('BAD_ARGUMENT', undefined, NOT_BEGUN);
    throw this.#tooLarge(String(bodyBytes));
  }

  /** The frame in work is to get room for `frameBytes` bytes. */
  checkGrowth(frameBytes: number): void {
    if (this.#cause !== null) throw this.#refused(this.#refusal as RequestErrorCode);
    if (frameBytes > this.#growthBytesMax) throw this.#tooLarge(`more than ${this.bodyBytesMax}`);
  }

  /**
   * Limits that are looked at once. They and their signal may be somebody's own objects: their getters run
   * code, and that may begin another request in the place of this one.
   */
  #ownLimits({ signal, deadlineMs }: WaitLimits): WaitLimits {
    const begun = this.#begun;
    const { operation, path } = this;
    const own = { signal, deadlineMs };
    const refusal = limitsRefusal(own);
    const isLost = this.#begun !== begun;
    this.operation = operation;
    this.path = path;
    if (refusal !== null) throw this.#notSent(refusal.code, refusal.cause, refusal.detail);
    if (isLost) throw this.#notSent('BAD_ARGUMENT', undefined, NOT_BEGUN);
    return own;
  }

  #refused(refusal: RequestErrorCode): RequestError {
    return this.#notSent(refusal, this.#cause ?? undefined);
  }

  #tooLarge(bodyBytes: string): RequestError {
    const detail = `${bodyBytes} bytes encoded, the limit is ${this.bodyBytesMax}`;
    return this.#notSent('REQUEST_TOO_LARGE', undefined, detail);
  }

  #notSent(code: RequestErrorCode, cause?: unknown, detail?: string): RequestError {
    return notSent(code, this.operation, this.path, this.#settler.host, cause, detail);
  }

  // Room.

  get hasRoom(): boolean {
    return this.#ring.size < this.#requestsMax && this.#settler.inflightBytes < this.#bytesMax;
  }

  /** Resolves when there may be room; rejects when there will be none, or when too many wait. */
  room(): Promise<void> {
    if (this.#refusal !== null) return Promise.reject(this.#noRoom(this.#refusal));
    if (this.hasRoom) return Promise.resolve();
    if (this.#waiting.size < this.#requestsMax) return this.#waiting.wait();
    return Promise.reject(this.#noRoom('PIPELINE_FULL'));
  }

  /** Replies came: those who wait go on when the read is over, and only so many find room. */
  admit(): void {
    if (this.#waiting.size > 0 && this.hasRoom) {
      this.#waiting.admit(this.#requestsMax - this.#ring.size);
    }
  }

  /** There is room elsewhere. */
  admitAll(): void {
    this.#waiting.admit();
  }

  /** There will be no room. */
  failWaiting(): void {
    if (this.#waiting.size > 0) this.#waiting.fail(this.#noRoom(this.#refusal as RequestErrorCode));
  }

  #noRoom(code: RequestErrorCode): RequestError {
    return noRoom(code, this.#settler.host, this.#cause ?? undefined);
  }
}

function limit(name: string, value: number): number {
  if (value >= 1) return value;
  throw new RangeError(`${name} must be a number of at least 1, not ${value}`);
}
