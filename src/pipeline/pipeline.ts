import type { JuteReader } from '../codec/jute-reader.ts';
import type { JuteWriter } from '../codec/jute-writer.ts';
import { OP } from '../codec/operations.ts';
import { REQUEST_HEADER_BYTES, readWatcherEvent, writeAuthPacket } from '../codec/records.gen.ts';
import { SERVER_CODE } from '../codec/server-codes.ts';
import type { Slab } from '../codec/slab-pool.ts';
import { nextXid, XID_AUTH, XID_PING, XID_SET_WATCHES } from '../codec/xids.ts';
import { LinkError, RequestError, type RequestErrorCode, ZkwireError } from '../errors.ts';
import {
  FRAME_BODY_BYTES_CEILING,
  FRAME_BODY_BYTES_MAX,
  INFLIGHT_BYTES_MAX,
  INFLIGHT_REQUESTS_MAX,
  REPLY_EXTRA_BYTES,
} from '../limits.ts';
import type { ByteLink, LinkHandler } from '../transport/byte-link.ts';
import { type AsideCallback, AsideQueue } from './aside-queue.ts';
import { ParkedLink } from './parked-link.ts';
import { type Decode, PendingRing, type Reject, type Settle } from './pending-ring.ts';
import type { PipelineCounters, PipelineEvents, PipelineOptions } from './pipeline-options.ts';
import { ReplyRouter, type ReplySink } from './reply-router.ts';
import { notSent } from './request-failure.ts';
import { type ReplyCallback, RequestSettler, warn } from './request-settler.ts';
import { SendBatcher } from './send-batcher.ts';
import { requestFrames, type UnsentFrame, type UnsentRequest } from './unsent-requests.ts';
import { limitsRefusal, type WaitLimits } from './wait-limits.ts';
import { WaitQueue } from './wait-queue.ts';

/** A server that requires authentication answers anything with it, pings included. */
const AUTH_REQUIRED: number = SERVER_CODE.SESSIONCLOSEDREQUIRESASLAUTH;

/**
 * Requests and replies on one connection: numbers requests, encodes them into the open slab,
 * matches replies in order, and fails every pending request exactly once when the connection ends.
 *
 * Made after the handshake. Knows no sockets, no clock and no reconnecting. A *parked* pipeline has
 * no link: it keeps requests, all of them unsent, until they are moved to one that has.
 */
export class Pipeline implements LinkHandler, ReplySink {
  readonly host: string;
  readonly #link: ByteLink;
  readonly #ring: PendingRing = new PendingRing();
  readonly #router: ReplyRouter;
  readonly #settler: RequestSettler;
  readonly #batcher: SendBatcher;
  readonly #events: PipelineEvents;
  /** Who waits for room; who waits until nothing is in flight. */
  readonly #room: WaitQueue = new WaitQueue();
  readonly #idle: WaitQueue = new WaitQueue();
  readonly #auths: AsideQueue;
  readonly #setWatches: AsideQueue;
  readonly #requestsMax: number;
  readonly #bytesMax: number;
  readonly #bodyBytesMax: number;
  /** Largest body that is committed. Below 0 once the connection is over: one comparison a request checks both. */
  #commitBytesMax: number;
  /** Why the connection ended; null while it lives. */
  #error: ZkwireError | null = null;
  /** Code of what is refused from now on, once the connection is over or closing. */
  #refusal: RequestErrorCode | null = null;
  readonly #nowMs: (() => number) | null;
  /** When bytes last came, on the clock of the options. */
  heardMs: number;
  #lastXid: number;
  #requests = 0;
  /** Requests that the end left without an answer. */
  #unanswered = 0;
  #reads = 0;
  /** Pings sent and not answered. */
  #pings = 0;
  /** When the ping whose answer is next was sent; null when it is not timed. */
  #pingSentMs: number | null = null;
  /** Of the frame between `begin` and `promise` or `callback`. */
  #operation = 0;
  #path: string | null = null;

  constructor(link: ByteLink, options: PipelineOptions = {}) {
    const events = options.events ?? {};
    this.host = link.host;
    this.#link = link;
    this.#events = events;
    this.#requestsMax = options.requestsMax ?? INFLIGHT_REQUESTS_MAX;
    this.#bytesMax = options.bytesMax ?? INFLIGHT_BYTES_MAX;
    this.#bodyBytesMax = options.bodyBytesMax ?? FRAME_BODY_BYTES_MAX;
    this.#commitBytesMax = this.#bodyBytesMax;
    this.#lastXid = options.lastXid ?? 0;
    this.#nowMs = options.nowMs ?? null;
    this.heardMs = this.#nowMs?.() ?? 0;
    const replyBytesMax = replyLimit(this.#bodyBytesMax);
    this.#router = new ReplyRouter(link.pool, this.#ring, this, replyBytesMax);
    this.#router.lastZxidSeen = options.lastZxidSeen ?? 0n;
    this.#settler = new RequestSettler(
      this.#ring,
      this.#router.owned,
      link.host,
      events.onCallbackError?.bind(events) ?? warn,
    );
    this.#settler.parked = link instanceof ParkedLink;
    this.#settler.observer = options.observer ?? null;
    const guard = this.#settler.guarded.bind(this.#settler);
    this.#auths = new AsideQueue(OP.auth, AUTHS_MAX, link.host, guard);
    this.#setWatches = new AsideQueue(OP.setWatches, SET_WATCHES_MAX, link.host, guard);
    // Room for a string is made for three bytes a character, so this bound is above what it will take.
    const growthMax = (this.#bodyBytesMax + 4) * 3 + 4;
    this.#batcher = new SendBatcher(link, options.schedule ?? process.nextTick, (frameBytes) => {
      if (frameBytes > growthMax) throw this.#tooLarge(`more than ${this.#bodyBytesMax}`);
    });
    if (this.#settler.parked) this.#batcher.hold();
  }

  /** A pipeline without a connection. Requests made on it wait; see `moveUnsentTo`. */
  static parked(options: PipelineOptions = {}): Pipeline {
    return new Pipeline(new ParkedLink(), options);
  }

  // Write path: begin, the caller's writeXRequest, then promise or callback.

  /**
   * Starts a request: gives the writer, standing behind the request header. Encode the request's
   * record, then call `promise` or `callback` in the same turn; a request that is begun and not
   * committed is forgotten. Throws a RequestError with outcome `not-sent`.
   */
  begin(operation: number, path: string | null): JuteWriter {
    this.#operation = operation;
    this.#path = path;
    this.#checkOpen();
    if (!this.hasRoom) throw this.#notSent('PIPELINE_FULL');
    if (operation === OP.check) throw this.#notSent('BAD_ARGUMENT', undefined, CHECK_ALONE);
    return this.#beginFrame(nextXid(this.#lastXid), operation);
  }

  /** Commits the begun request. Bytes in the decoded value belong to the caller. */
  promise<T>(decode: Decode<T>, limits?: WaitLimits): Promise<T> {
    this.#checkCommit(limits);
    return new Promise<T>((resolve, reject) => {
      this.#commit(decode, resolve as Settle, reject, limits);
    });
  }

  /** Like `promise` (bytes belong to the caller), with functions that run in the read path instead of a promise. */
  settle<T>(
    decode: Decode<T>,
    resolve: (value: T) => void,
    reject: (error: Error) => void,
    limits?: WaitLimits,
  ): void {
    this.#checkCommit(limits);
    this.#commit(decode, resolve as Settle, reject, limits);
  }

  /** Commits the begun request. Bytes in the decoded value are lent until the callback returns. */
  callback<T>(decode: Decode<T>, callback: ReplyCallback<T>, limits?: WaitLimits): void {
    this.#checkCommit(limits);
    this.#commit(decode, callback as Settle, null, limits);
  }

  #commit(
    decode: Decode<unknown>,
    settle: Settle,
    reject: Reject | null,
    limits: WaitLimits | undefined,
  ): void {
    const ring = this.#ring;
    // Somebody else's clock: it may throw as long as nothing has changed.
    const { observer } = this.#settler;
    const beganMs = observer === null ? 0 : observer.nowMs();
    const xid = nextXid(this.#lastXid);
    this.#lastXid = xid;
    this.#requests++;
    // The slot first: committing may flush, and a link may answer (or fail) at once.
    const frameBytes = this.#batcher.writer.offset - this.#batcher.writer.frameStart;
    const path = this.#path;
    const sequence = ring.push(xid, this.#operation, frameBytes, path, decode, settle, reject);
    this.#settler.inflightBytes += frameBytes;
    if (observer !== null) ring.setBegan(sequence, beganMs);
    if (limits !== undefined) this.#settler.limitWait(sequence, limits);
    this.#batcher.commit((sequence + 1) | 0);
  }

  /** Sends what is encoded now instead of at the end of the tick. */
  flush(): void {
    this.#batcher.flush();
  }

  /** Nothing leaves before `release`. */
  hold(): void {
    this.#batcher.hold();
  }

  /** What was held leaves, and everything after it. A parked pipeline has nowhere to send it. */
  release(): void {
    if (!this.parked) this.#batcher.release();
  }

  /** Sends a ping, beside the ring: the server answers any ping with xid -2. */
  ping(): void {
    if (this.#error !== null || this.parked) return;
    if (this.#pings++ === 0) this.#pingSentMs = this.#nowMs?.() ?? null;
    this.#beginFrame(XID_PING, OP.ping);
    this.#batcher.commit(this.#ring.tail);
  }

  /** Sends an auth packet, beside the ring. A refusal by the server ends the connection. */
  auth(scheme: string, payload: Uint8Array, callback: AsideCallback): void {
    this.#operation = OP.auth;
    this.#path = null;
    this.#checkOpen();
    if (this.parked) throw this.#notSent('NOT_CONNECTED', undefined, ASIDE_PARKED);
    if (this.#auths.isFull) throw this.#notSent('PIPELINE_FULL');
    writeAuthPacket(this.#beginFrame(XID_AUTH, OP.auth), 0, scheme, payload);
    this.#checkSize();
    this.#auths.push(callback);
    this.#batcher.commit(this.#ring.tail);
  }

  /**
   * Sends a setWatches (or setWatches2) request whose record `write` encodes, beside the ring. The
   * catch-up events come before its reply.
   */
  setWatches(
    operation: typeof OP.setWatches | typeof OP.setWatches2,
    write: (writer: JuteWriter) => void,
    callback: AsideCallback,
  ): void {
    this.#operation = operation;
    this.#path = null;
    this.#checkOpen();
    if (this.parked) throw this.#notSent('NOT_CONNECTED', undefined, ASIDE_PARKED);
    if (this.#setWatches.isFull) throw this.#notSent('PIPELINE_FULL');
    write(this.#beginFrame(XID_SET_WATCHES, operation));
    this.#checkSize();
    this.#setWatches.push(callback, operation);
    this.#batcher.commit(this.#ring.tail);
  }

  /**
   * Asks the server to end the session: the last request, accepted above the limits of requests and
   * bytes in flight. Those before it are still answered; later ones are refused.
   */
  closeSession(callback: ReplyCallback<undefined>): void {
    this.#operation = OP.closeSession;
    this.#path = null;
    this.#checkOpen();
    this.#beginFrame(nextXid(this.#lastXid), OP.closeSession);
    this.#commit(readEmptyBody, callback as Settle, null, undefined);
    this.#refusal = 'CONNECTION_CLOSED';
  }

  #beginFrame(xid: number, operation: number): JuteWriter {
    const writer = this.#batcher.begin();
    const header = writer.reserve(REQUEST_HEADER_BYTES);
    writer.view.setInt32(header, xid);
    writer.view.setInt32(header + 4, operation);
    return writer;
  }

  #checkOpen(): void {
    if (this.#refusal !== null) throw this.#notSent(this.#refusal, this.#error ?? undefined);
  }

  #checkCommit(limits: WaitLimits | undefined): void {
    this.#checkSize();
    if (limits !== undefined) this.#checkLimits(limits);
  }

  /** Before the request has its slot: what is wrong with its limits must not leave half a request behind. */
  #checkLimits(limits: WaitLimits): void {
    const refusal = limitsRefusal(limits);
    if (refusal !== null) throw this.#notSent(refusal.code, refusal.cause, refusal.detail);
  }

  #checkSize(): void {
    const writer = this.#batcher.writer;
    const bodyBytes = writer.offset - writer.frameStart - 4;
    if (bodyBytes <= this.#commitBytesMax) return;
    if (this.#refusal !== null) throw this.#notSent(this.#refusal, this.#error ?? undefined);
    throw this.#tooLarge(String(bodyBytes));
  }

  #tooLarge(bodyBytes: string): RequestError {
    const detail = `${bodyBytes} bytes encoded, the limit is ${this.#bodyBytesMax}`;
    return this.#notSent('REQUEST_TOO_LARGE', undefined, detail);
  }

  #notSent(code: RequestErrorCode, cause?: unknown, detail?: string): RequestError {
    return notSent(code, this.#operation, this.#path, this.host, cause, detail);
  }

  // Room.

  /** Whether one more request is accepted now. */
  get hasRoom(): boolean {
    return this.#ring.size < this.#requestsMax && this.#settler.inflightBytes < this.#bytesMax;
  }

  /**
   * Resolves when a request is likely to be accepted; check `hasRoom` again, another caller may
   * have been faster. Rejects when the connection ends or when too many wait already.
   */
  room(): Promise<void> {
    if (this.#refusal !== null) return Promise.reject(this.#noRoom(this.#refusal));
    if (this.hasRoom) return Promise.resolve();
    if (this.#room.size >= this.#requestsMax) return Promise.reject(this.#noRoom('PIPELINE_FULL'));
    return this.#room.wait();
  }

  #noRoom(code: RequestErrorCode): RequestError {
    const cause = this.#error ?? undefined;
    return new RequestError({
      code,
      outcome: 'not-sent',
      operation: 'room',
      host: this.host || undefined,
      cause,
    });
  }

  // Read path: link -> router -> settler -> decode -> caller.

  get wantedBytes(): number {
    return this.#router.wantedBytes;
  }

  get ended(): boolean {
    return this.#error !== null;
  }

  /** True: there is no connection, requests wait for one. */
  get parked(): boolean {
    return this.#settler.parked;
  }

  onBytes(slab: Slab, start: number, end: number): number {
    this.#reads++;
    if (this.#nowMs !== null) this.heardMs = this.#nowMs();
    try {
      const next = this.#router.route(slab, start, end);
      // Once a read, not once a reply: waiters go on when it is over, and only so many find room.
      if (this.#room.size > 0 && this.hasRoom) {
        this.#room.admit(this.#requestsMax - this.#ring.size);
      }
      if (this.#idle.size > 0 && this.#ring.size === 0) this.#idle.admit();
      return next;
    } catch (cause) {
      this.destroy(new LinkError('PROTOCOL_VIOLATION', this.host, cause));
      return end;
    }
  }

  /** @internal called by the router */
  onReply(reader: JuteReader, serverCode: number): void {
    this.#settler.settleHead(reader, serverCode);
    if (serverCode === AUTH_REQUIRED) this.#authRequired();
  }

  /** @internal called by the router */
  onNotification(reader: JuteReader, zxid: bigint | null): void {
    reader.owned = null;
    const event = readWatcherEvent(reader);
    this.#settler.guarded(() => this.#events.onNotification?.(event, zxid), OP.notification);
  }

  /** @internal called by the router */
  onPing(serverCode: number): void {
    if (serverCode === AUTH_REQUIRED) {
      this.#authRequired();
      return;
    }
    const roundTripMs = this.#pingSentMs === null ? null : this.heardMs - this.#pingSentMs;
    this.#pingSentMs = null;
    if (this.#pings > 0) this.#pings--;
    this.#settler.guarded(() => this.#events.onPing?.(roundTripMs), OP.ping);
  }

  /** @internal called by the router */
  onAuth(serverCode: number): void {
    this.#auths.answer(serverCode);
  }

  /** @internal called by the router */
  onSetWatches(serverCode: number): void {
    this.#setWatches.answer(serverCode);
    if (serverCode === AUTH_REQUIRED) this.#authRequired();
  }

  #authRequired(): void {
    this.#settler.guarded(() => this.#events.onAuthRequired?.(), OP.auth);
  }

  onDrain(): void {
    this.#batcher.drained();
  }

  // Ends.

  /** Fails every request whose deadline is not after `nowMs`. Cheap when none can be. */
  sweep(nowMs: number): void {
    this.#settler.sweep(nowMs);
  }

  /** No request in flight has an earlier deadline; Infinity when none has one. For whoever calls `sweep`. */
  get nextDeadlineMs(): number {
    return this.#ring.size === 0 ? Number.POSITIVE_INFINITY : this.#settler.nextDeadlineMs;
  }

  /** Ends the connection: everything pending fails with its outcome. */
  destroy(error: LinkError): void {
    this.#link.destroy(error);
    this.onEnd(error);
  }

  onEnd(error: LinkError): void {
    this.#end(error, 'CONNECTION_LOSS', 'CONNECTION_CLOSED');
  }

  /** Ends the connection, if there is one: everything pending fails with `code`, and so does what is asked later. */
  refuse(code: RequestErrorCode, cause: ZkwireError): void {
    this.#end(cause, code, code);
    this.#link.destroy(new LinkError('LINK_DESTROYED', this.host, cause));
  }

  /** Resolves when nothing is in flight any more; rejects when the connection ends before. */
  idle(): Promise<void> {
    if (this.#error !== null) return Promise.reject(this.#error);
    if (this.#ring.size === 0) return Promise.resolve();
    return this.#idle.wait();
  }

  #end(error: ZkwireError, pending: RequestErrorCode, refusal: RequestErrorCode): void {
    if (this.#error !== null) return;
    this.#error = error;
    this.#refusal = refusal;
    this.#commitBytesMax = -1;
    this.#settler.guarded(() => this.#events.onLost?.(error), OP.closeSession);
    this.#unanswered = this.#ring.size;
    this.#batcher.close();
    this.#settler.failAll(this.#batcher.sentSequence, pending, error);
    this.#auths.fail(error);
    this.#setWatches.fail(error);
    this.#idle.fail(error);
    if (this.#room.size > 0) this.#room.fail(this.#noRoom(refusal));
    this.#settler.guarded(() => this.#events.onEnd?.(error), OP.closeSession);
  }

  /**
   * Moves the requests that no byte of has left to `target`, in order, with their waiters and above
   * the limits on what is in flight there; they get new xids. From a parked pipeline, which is over
   * then, or in `onLost`: requests of a connection that lives would overtake each other, so there it
   * throws BAD_ARGUMENT. Does nothing when `target` takes no requests any more.
   *
   * Pings and the like are left out, and so is what nobody waits for any more. What the target
   * cannot take (closeSession, and what is too large there) fails with this pipeline.
   */
  moveUnsentTo(target: Pipeline): void {
    if (this.#batcher.closed || target.#refusal !== null) return;
    if (this.#error === null && !this.parked) throw new ZkwireError('BAD_ARGUMENT', MOVE_ALIVE);
    // No byte leaves the target meanwhile, so nobody else's code runs before both sides stand.
    const { held } = target.#batcher;
    target.#batcher.hold();
    this.#moveFrames(target);
    this.#room.admit();
    if (this.#error === null) {
      const moved = new ZkwireError('CONNECTION_CLOSED', 'the requests have moved to a connection');
      this.#end(moved, 'CONNECTION_LOSS', 'CONNECTION_CLOSED');
    }
    if (!held) target.#batcher.release();
  }

  #moveFrames(target: Pipeline): void {
    const ring = this.#ring;
    let sequence = this.#batcher.sentSequence;
    // A server that guesses xids may have answered for what is still here.
    const first = ((sequence - ring.head) | 0) < 0 ? ring.head : sequence;
    const staying: UnsentRequest[] = [];
    for (const frame of requestFrames(this.#batcher.unsent())) {
      const request = this.#settler.giveUp(sequence);
      sequence = (sequence + 1) | 0;
      if (request !== null && !target.#adopt(request, frame)) staying.push(request);
    }
    this.#requests -= (ring.tail - first) | 0;
    this.#settler.forgetFrom(first);
    this.#batcher.forgetUnsent();
    this.#requests += staying.length;
    this.#settler.takeBack(staying);
  }

  /** Takes over a request of another pipeline, if it can be sent here. */
  #adopt(request: UnsentRequest, { slab, start, end }: UnsentFrame): boolean {
    const { operation, limits } = request;
    if (operation === OP.closeSession || end - start - 4 > this.#bodyBytesMax) return false;
    if (limits?.signal?.aborted === true) return false;
    const recordAt = start + 4 + REQUEST_HEADER_BYTES;
    const xid = nextXid(this.#lastXid);
    const writer = this.#beginFrame(xid, operation);
    const at = writer.reserve(end - recordAt);
    slab.bytes.copy(writer.bytes, at, recordAt, end);
    const sequence = this.#settler.take(xid, request);
    this.#lastXid = xid;
    this.#requests++;
    this.#batcher.commit((sequence + 1) | 0);
    return true;
  }

  // What others may know.

  /** Xid of the newest request: the session's next connection goes on behind it. */
  get lastXid(): number {
    return this.#lastXid;
  }

  /** Xid of the request that was settled last: in a callback, that of its own request. */
  get settledXid(): number {
    return this.#settler.settledXid;
  }

  /** Highest zxid seen in ordinary replies (not in notifications, pings or auth replies). */
  get lastZxidSeen(): bigint {
    return this.#router.lastZxidSeen;
  }

  /** Times that bytes came from the link: whoever keeps the connection alive watches this move. */
  get reads(): number {
    return this.#reads;
  }

  /** Times that bytes were handed to the link. */
  get writes(): number {
    return this.#batcher.writes;
  }

  counters(): PipelineCounters {
    return {
      requests: this.#requests,
      replies: this.#requests - (this.#error === null ? this.#ring.size : this.#unanswered),
      inflight: this.#ring.size,
      inflightBytes: this.#settler.inflightBytes,
      notifications: this.#router.notifications,
      lateReplies: this.#settler.lateReplies,
      trailingReplies: this.#settler.trailingReplies,
      writes: this.#batcher.writes,
      sentBytes: this.#batcher.sentBytes,
      reads: this.#reads,
    };
  }
}

/** What was written at the limit comes back with more around it. Throws RangeError for a limit that is none. */
function replyLimit(bodyBytesMax: number): number {
  if (!(bodyBytesMax > 0 && bodyBytesMax <= FRAME_BODY_BYTES_CEILING)) {
    throw new RangeError(`frame limit must be 1..2^31-1 bytes, not ${bodyBytesMax}`);
  }
  return Math.min(bodyBytesMax + REPLY_EXTRA_BYTES, FRAME_BODY_BYTES_CEILING);
}

/** Credentials sent and not answered at most; more in one connection is a mistake somewhere. */
export const AUTHS_MAX = 64;

/** Batches of watches sent and not answered at most: of 128 KiB each, more than memory holds watches. */
const SET_WATCHES_MAX = 65_536;

const ASIDE_PARKED = 'there is no connection, and what goes beside the ring is never parked';

const MOVE_ALIVE = 'requests of a connection that lives cannot be moved';

const CHECK_ALONE = 'check is a step of a multi: servers must never get it alone';

function readEmptyBody(): undefined {
  return undefined;
}
