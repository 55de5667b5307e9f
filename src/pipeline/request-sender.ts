import type { JuteWriter } from '../codec/jute-writer.ts';
import { OP } from '../codec/operations.ts';
import { REQUEST_HEADER_BYTES } from '../codec/records.gen.ts';
import { nextXid } from '../codec/xids.ts';
import type { Decode, PendingRing, Reject, Settle } from './pending-ring.ts';
import type { RequestGate } from './request-gate.ts';
import type { RequestSettler } from './request-settler.ts';
import type { SendBatcher } from './send-batcher.ts';
import { requestFrames, type UnsentFrame, type UnsentRequest } from './unsent-requests.ts';
import type { WaitLimits } from './wait-limits.ts';

/**
 * Requests on their way out of a pipeline: numbers them, encodes them into the open slab, gives them their
 * slots, and moves those that have not left to the sender of another pipeline.
 */
export class RequestSender {
  /** Xid of the newest request. */
  lastXid: number;
  /** Requests made here, or moved to here; those moved from here are not among them. */
  requests = 0;
  readonly #ring: PendingRing;
  readonly #settler: RequestSettler;
  readonly #gate: RequestGate;
  readonly #batcher: SendBatcher;

  constructor(
    ring: PendingRing,
    settler: RequestSettler,
    gate: RequestGate,
    batcher: SendBatcher,
    lastXid: number,
  ) {
    this.#ring = ring;
    this.#settler = settler;
    this.#gate = gate;
    this.#batcher = batcher;
    this.lastXid = lastXid;
  }

  /** Starts a request. Throws a RequestError `not-sent`. */
  begin(operation: number, path: string | null): JuteWriter {
    this.#gate.enter(operation, path);
    return this.beginFrame(nextXid(this.lastXid), operation);
  }

  /** Starts a frame, of whatever xid, behind what was committed. */
  beginFrame(xid: number, operation: number): JuteWriter {
    const writer = this.#batcher.begin();
    const header = writer.reserve(REQUEST_HEADER_BYTES);
    writer.view.setInt32(header, xid);
    writer.view.setInt32(header + 4, operation);
    return writer;
  }

  /** Commits the begun request: it has its xid, its slot and its place in the stream. */
  commit(
    decode: Decode<unknown>,
    settle: Settle,
    reject: Reject | null,
    limits: WaitLimits | undefined,
  ): void {
    const ring = this.#ring;
    // Somebody else's clock and signal: they may throw, and do anything, as long as nothing has changed.
    const { observer } = this.#settler;
    const beganMs = observer === null ? 0 : observer.nowMs();
    const own = this.#gate.checkCommit(this.#batcher.writer, limits);
    const xid = nextXid(this.lastXid);
    this.lastXid = xid;
    this.requests++;
    // The slot first: committing may flush, and a link may answer (or fail) at once.
    const frameBytes = this.#batcher.writer.offset - this.#batcher.writer.frameStart;
    const { operation, path } = this.#gate;
    const sequence = ring.push(xid, operation, frameBytes, path, decode, settle, reject);
    this.#settler.inflightBytes += frameBytes;
    if (observer !== null) ring.setBegan(sequence, beganMs);
    if (own !== undefined) this.#settler.limitWait(sequence, own);
    this.#batcher.commit((sequence + 1) | 0);
    if (own !== undefined) this.#settler.listen();
  }

  /** Moves the requests that no byte of has left to `target`, but those whose signals have `fired`. Nothing may leave it meanwhile. */
  moveTo(target: RequestSender, fired: ReadonlyMap<AbortSignal, unknown>): void {
    const ring = this.#ring;
    let sequence = this.#batcher.sentSequence;
    // A server that guesses xids may have answered for what is still here.
    const first = ((sequence - ring.head) | 0) < 0 ? ring.head : sequence;
    const staying: UnsentRequest[] = [];
    for (const frame of requestFrames(this.#batcher.unsent())) {
      const request = this.#settler.giveUp(sequence);
      sequence = (sequence + 1) | 0;
      if (request === null) continue;
      const signal = request.limits?.signal;
      const hasFired = signal !== undefined && fired.has(signal);
      if (hasFired || !target.#adopt(request, frame)) staying.push(request);
    }
    this.requests -= (ring.tail - first) | 0;
    this.#settler.forgetFrom(first);
    this.#batcher.forgetUnsent();
    this.requests += staying.length;
    this.#settler.takeBack(staying, fired);
  }

  /** Takes over a request of another pipeline, if it can be sent here. */
  #adopt(request: UnsentRequest, { slab, start, end }: UnsentFrame): boolean {
    const { operation } = request;
    if (operation === OP.closeSession || end - start - 4 > this.#gate.bodyBytesMax) return false;
    const recordAt = start + 4 + REQUEST_HEADER_BYTES;
    const xid = nextXid(this.lastXid);
    const writer = this.beginFrame(xid, operation);
    const at = writer.reserve(end - recordAt);
    slab.bytes.copy(writer.bytes, at, recordAt, end);
    const sequence = this.#settler.take(xid, request);
    this.lastXid = xid;
    this.requests++;
    this.#batcher.commit((sequence + 1) | 0);
    return true;
  }
}
