import type { JuteWriter } from '../codec/jute-writer.ts';
import { OP } from '../codec/operations.ts';
import type { Slab } from '../codec/slab-pool.ts';
import { nextXid, XID_PING } from '../codec/xids.ts';
import { LinkError, type RequestErrorCode, ZkwireError } from '../errors.ts';
import type { ByteLink, LinkHandler } from '../transport/byte-link.ts';
import { AsideFrames } from './aside-frames.ts';
import type { AsideCallback } from './aside-queue.ts';
import { ParkedLink } from './parked-link.ts';
import { type Decode, PendingRing, type Settle } from './pending-ring.ts';
import type { PipelineCounters, PipelineEvents, PipelineOptions } from './pipeline-options.ts';
import { ReplyRouter } from './reply-router.ts';
import { RequestGate } from './request-gate.ts';
import { RequestSender } from './request-sender.ts';
import { type ReplyCallback, RequestSettler, THROUGH_RESOLVE } from './request-settler.ts';
import { SendBatcher } from './send-batcher.ts';
import type { WaitLimits } from './wait-limits.ts';
import { WaitQueue } from './wait-queue.ts';

/** As it is now: tests that fake time later must not stop the frames of others. */
const { nextTick } = process;

/**
 * Requests and replies on one connection: numbers requests, encodes them into the open slab,
 * matches replies in order, and fails every pending request exactly once when the connection ends.
 *
 * Made after the handshake. Knows no sockets, no clock and no reconnecting. A *parked* pipeline has
 * no link: it keeps requests, all of them unsent, until they are moved to one that has.
 */
export class Pipeline implements LinkHandler {
  /** `host:port` of the server. */
  readonly host: string;
  readonly #link: ByteLink;
  readonly #ring: PendingRing = new PendingRing();
  readonly #gate: RequestGate;
  readonly #batcher: SendBatcher;
  readonly #sender: RequestSender;
  readonly #router: ReplyRouter;
  readonly #settler: RequestSettler;
  readonly #aside: AsideFrames;
  readonly #events: PipelineEvents;
  /** Who waits until nothing is in flight. */
  readonly #idle: WaitQueue = new WaitQueue();
  /** Why the connection ended; null while it lives. */
  #error: ZkwireError | null = null;
  readonly #nowMs: (() => number) | null;
  /** When bytes last came, on the clock of the options. */
  heardMs: number;
  /** Requests that the end left without an answer. */
  #unanswered = 0;
  #reads = 0;

  /** Over a link whose handshake is done, and of which it becomes the handler. Throws a RangeError when a limit is none. */
  constructor(link: ByteLink, options: PipelineOptions = {}) {
    const events = options.events ?? {};
    this.host = link.host;
    this.#link = link;
    this.#events = events;
    this.#nowMs = options.nowMs ?? null;
    this.heardMs = this.#nowMs?.() ?? 0;
    const ring = this.#ring;
    const settler = new RequestSettler(ring, link.host, events);
    settler.parked = link instanceof ParkedLink;
    settler.observer = options.observer ?? null;
    const gate = new RequestGate(ring, settler, options);
    this.#settler = settler;
    this.#gate = gate;
    this.#aside = new AsideFrames(settler, events, {
      begin: (xid, operation) => {
        gate.enterAside(operation);
        return this.#sender.beginFrame(xid, operation);
      },
      check: () => gate.checkSize(this.#batcher.writer),
      commit: () => void this.#batcher.commit(ring.tail),
      heardMs: () => this.heardMs,
    });
    this.#router = new ReplyRouter(link.pool, ring, settler, this.#aside, gate.bodyBytesMax);
    this.#router.lastZxidSeen = options.lastZxidSeen ?? 0n;
    this.#batcher = new SendBatcher(link, options.schedule ?? nextTick, (frameBytes) =>
      gate.checkGrowth(frameBytes),
    );
    this.#sender = new RequestSender(ring, settler, gate, this.#batcher, options.lastXid ?? 0);
    if (this.parked) this.#batcher.hold();
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
    return this.#sender.begin(operation, path);
  }

  /** Commits the begun request. Bytes in the decoded value belong to the caller. */
  promise<T>(decode: Decode<T>, limits?: WaitLimits): Promise<T> {
    const promise = new Promise<T>(keepResolve as PromiseExecutor<T>);
    const resolve = keptResolve;
    // What is kept here would keep the promise, and with it the value.
    keptResolve = null;
    this.#sender.commit(decode, resolve as Settle, THROUGH_RESOLVE, limits);
    return promise;
  }

  /** Like `promise` (bytes belong to the caller), with functions that run in the read path instead of a promise. */
  settle<T>(
    decode: Decode<T>,
    resolve: (value: T) => void,
    reject: (error: Error) => void,
    limits?: WaitLimits,
  ): void {
    this.#sender.commit(decode, resolve as Settle, reject, limits);
  }

  /** Commits the begun request. Bytes in the decoded value are lent until the callback returns. */
  callback<T>(decode: Decode<T>, callback: ReplyCallback<T>, limits?: WaitLimits): void {
    this.#sender.commit(decode, callback as Settle, null, limits);
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
    this.#aside.pinged(this.#nowMs?.() ?? null);
    this.#sender.beginFrame(XID_PING, OP.ping);
    this.#batcher.commit(this.#ring.tail);
  }

  /** Sends an auth packet, beside the ring. A refusal by the server ends the connection. */
  auth(scheme: string, payload: Uint8Array, callback: AsideCallback): void {
    this.#aside.auth(scheme, payload, callback);
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
    this.#aside.setWatches(operation, write, callback);
  }

  /**
   * Asks the server to end the session: the last request, accepted above the limits of requests and
   * bytes in flight. Those before it are still answered; later ones are refused.
   */
  closeSession(callback: ReplyCallback<undefined>): void {
    this.#gate.enterLast(OP.closeSession, null);
    this.#sender.beginFrame(nextXid(this.#sender.lastXid), OP.closeSession);
    // Before the commit: a link may answer inside the write, and nothing must follow.
    this.#gate.close('CONNECTION_CLOSED', null);
    this.#sender.commit(readEmptyBody, callback as Settle, null, undefined);
  }

  /** Largest body of a request. */
  get bodyBytesMax(): number {
    return this.#gate.bodyBytesMax;
  }

  /** Whether one more request is accepted now. */
  get hasRoom(): boolean {
    return this.#gate.hasRoom;
  }

  /**
   * Resolves when a request is likely to be accepted; check `hasRoom` again, another caller may
   * have been faster. Rejects when the connection ends or when too many wait already.
   */
  room(): Promise<void> {
    return this.#gate.room();
  }

  /** There is room on another pipeline: whoever waits for some here looks again. */
  admitWaiting(): void {
    this.#gate.admitAll();
  }

  // Read path: link -> router -> settler -> decode -> caller.

  get wantedBytes(): number {
    return this.#router.wantedBytes;
  }

  /** The connection is over: nothing is accepted any more. */
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
      // Once a read, not once a reply.
      this.#settler.listen();
      this.#gate.admit();
      if (this.#idle.size > 0 && this.#ring.size === 0) this.#idle.admit();
      return next;
    } catch (cause) {
      this.destroy(new LinkError('PROTOCOL_VIOLATION', this.host, cause));
      return end;
    }
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
    this.#gate.close(refusal, error);
    this.#router.stop();
    this.#settler.guarded(() => this.#events.onLost?.(error), OP.closeSession);
    this.#unanswered = this.#ring.size;
    this.#batcher.close();
    this.#settler.failAll(this.#batcher.sentSequence, pending, error);
    this.#aside.fail(error);
    this.#idle.fail(error);
    this.#gate.failWaiting();
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
    // Somebody else's signals: what their code does is done before it is looked at who can move.
    const fired = this.#settler.firedSignals();
    if (this.#batcher.closed || target.#gate.closed || target === this) return;
    if (this.#error === null && !this.parked) throw new ZkwireError('BAD_ARGUMENT', MOVE_ALIVE);
    // No byte leaves the target meanwhile, so nobody else's code runs before both sides stand.
    const { held } = target.#batcher;
    target.#batcher.hold();
    // Seldom does anybody wait, and the first connection of a process shows it: some 0.3 ms of compiling.
    if (this.#ring.size > 0) this.#sender.moveTo(target.#sender, fired);
    this.#gate.admitAll();
    if (this.#error === null) {
      const moved = new ZkwireError('CONNECTION_CLOSED', 'the requests have moved to a connection');
      this.#end(moved, 'CONNECTION_LOSS', 'CONNECTION_CLOSED');
    }
    // Both sides stand: now signals may run their code.
    this.#settler.listen();
    target.#settler.listen();
    if (!held) target.#batcher.release();
  }

  // What others may know.

  /** Xid of the newest request: the session's next connection goes on behind it. */
  get lastXid(): number {
    return this.#sender.lastXid;
  }

  /** Xid of the request that was settled last: in a callback, that of its own request. */
  get settledXid(): number {
    return this.#settler.settledXid;
  }

  /** Highest zxid seen in ordinary replies (not in notifications, pings or auth replies). */
  get lastZxidSeen(): bigint {
    return this.#router.lastZxidSeen;
  }

  /** Times that bytes were handed to the link. */
  get writes(): number {
    return this.#batcher.writes;
  }

  /** What happened on this connection so far. */
  counters(): PipelineCounters {
    const { requests } = this.#sender;
    return {
      requests,
      // Until they have all failed, those that will are still in the ring.
      replies: requests - Math.max(this.#ring.size, this.#unanswered),
      inflight: this.#ring.size,
      inflightBytes: this.#settler.inflightBytes,
      notifications: this.#aside.notifications,
      lateReplies: this.#settler.lateReplies,
      trailingReplies: this.#settler.trailingReplies,
      writes: this.#batcher.writes,
      sentBytes: this.#batcher.sentBytes,
      reads: this.#reads,
    };
  }
}

type PromiseExecutor<T> = ConstructorParameters<typeof Promise<T>>[0];

/** Of the promise that is made right now. */
let keptResolve: Settle | null = null;

/** One executor for all promises: a closure for each request would be garbage at once, and is made nowhere else. */
function keepResolve(resolve: Settle): void {
  keptResolve = resolve;
}

const MOVE_ALIVE = 'requests of a connection that lives cannot be moved';

function readEmptyBody(): undefined {
  return undefined;
}
