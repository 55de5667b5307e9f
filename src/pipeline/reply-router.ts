import { FRAME_OVERSIZED, FrameCutter } from '../codec/frame-cutter.ts';
import { JuteReader } from '../codec/jute-reader.ts';
import type { OwnedBytes } from '../codec/owned-bytes.ts';
import { REPLY_HEADER_BYTES } from '../codec/records.gen.ts';
import type { Slab, SlabPool } from '../codec/slab-pool.ts';
import { WireError } from '../errors.ts';
import { FRAME_BODY_BYTES_CEILING, REPLY_EXTRA_BYTES, REPLY_SKIP_BYTES_MAX } from '../limits.ts';
import type { AsideFrames } from './aside-frames.ts';
import type { PendingRing } from './pending-ring.ts';
import type { RequestSettler } from './request-settler.ts';

/**
 * Frames to their owners. The reply header's xid decides: reserved ones go aside, any other must
 * be the head of the ring, or the stream cannot be trusted any more.
 */
export class ReplyRouter {
  readonly #reader: JuteReader = new JuteReader();
  /** Highest zxid seen in replies to requests, as two halves: a bigint a reply would be garbage. */
  #zxidHigh = 0;
  #zxidLow = 0;
  /** The connection is over: nothing more may be routed. */
  #stopped = false;
  readonly #pool: SlabPool;
  readonly #ring: PendingRing;
  readonly #settler: RequestSettler;
  readonly #owned: OwnedBytes;
  readonly #aside: AsideFrames;
  readonly #cutter: FrameCutter;
  /** Bytes still to come of a reply that is over the limit. */
  #skipBytes = 0;

  /** @param bodyBytesMax Largest body of a request. Throws RangeError for a limit that is none. */
  constructor(
    pool: SlabPool,
    ring: PendingRing,
    settler: RequestSettler,
    aside: AsideFrames,
    bodyBytesMax: number,
  ) {
    this.#pool = pool;
    this.#ring = ring;
    this.#settler = settler;
    this.#owned = settler.owned;
    this.#aside = aside;
    this.#cutter = new FrameCutter(
      REPLY_HEADER_BYTES,
      replyLimit(bodyBytesMax),
      REPLY_SKIP_BYTES_MAX,
    );
  }

  get wantedBytes(): number {
    return this.#cutter.wantedBytes;
  }

  /** Highest zxid in an ordinary reply: what a resumed session names as `lastZxidSeen`. */
  get lastZxidSeen(): bigint {
    return (BigInt(this.#zxidHigh) << 32n) | BigInt(this.#zxidLow);
  }

  set lastZxidSeen(zxid: bigint) {
    this.#zxidHigh = Number(zxid >> 32n);
    this.#zxidLow = Number(zxid & 0xffffffffn);
  }

  /** Nothing is routed any more, not even the rest of what is being read. */
  stop(): void {
    this.#stopped = true;
  }

  /** Routes every whole frame in `[start, end)` and gives the first byte that it left. Throws WireError. */
  route(slab: Slab, start: number, end: number): number {
    const reader = this.#reader;
    reader.useSlab(this.#pool, slab);
    this.#owned.startRead(end);
    let at = this.#skipBytes === 0 ? start : this.#skip(start, end);
    while (!this.#stopped) {
      const next = this.#cutter.cut(slab.view, at, end);
      if (next >= 0) {
        reader.frame(at, next);
        this.#routeFrame(reader);
        at = next;
      } else if (next === FRAME_OVERSIZED && this.#failOversized(slab.view, at, end)) {
        at = this.#skip(at, end);
      } else {
        return at;
      }
    }
    return end;
  }

  /**
   * The reply at `at` is over the limit. When it is the head's, only that request fails, and the frame
   * is skipped; a frame that is anybody else's is as fatal as ever. False: its header is not there yet.
   */
  #failOversized(view: DataView, at: number, end: number): boolean {
    const ring = this.#ring;
    const bodyBytes = view.getInt32(at);
    if (ring.size === 0) this.#cutter.refuse(bodyBytes);
    const header = at + 4;
    if (end < header + REPLY_HEADER_BYTES) {
      this.#cutter.wantedBytes = 4 + REPLY_HEADER_BYTES;
      return false;
    }
    if (ring.xids[ring.head & ring.mask] !== view.getInt32(header)) this.#cutter.refuse(bodyBytes);
    this.#sawZxid(view.getInt32(header + 4), view.getUint32(header + 8));
    this.#skipBytes = 4 + bodyBytes;
    const { bodyBytesMax } = this.#cutter;
    this.#settler.failOversized(view.getInt32(header + 12), bodyBytes, bodyBytesMax);
    return true;
  }

  /** First byte behind what is to be skipped, as far as it is there. */
  #skip(start: number, end: number): number {
    const skipped = Math.min(end - start, this.#skipBytes);
    this.#skipBytes -= skipped;
    return start + skipped;
  }

  #routeFrame(reader: JuteReader): void {
    const header = reader.take(REPLY_HEADER_BYTES);
    const view = reader.view;
    const xid = view.getInt32(header);
    const serverCode = view.getInt32(header + 12);
    const ring = this.#ring;
    if (ring.size > 0 && ring.xids[ring.head & ring.mask] === xid) {
      this.#settleHead(reader, serverCode, view.getInt32(header + 4), view.getUint32(header + 8));
    } else if (!this.#aside.route(reader, xid, serverCode, header)) {
      this.#refuse(xid);
    }
  }

  /** The zxid counts before the waiter is told; not of a reply that cannot be decoded: with garbage for a zxid no server would take us again. */
  #settleHead(reader: JuteReader, serverCode: number, high: number, low: number): void {
    const highBefore = this.#zxidHigh;
    const lowBefore = this.#zxidLow;
    this.#sawZxid(high, low);
    try {
      this.#settler.settleHead(reader, serverCode);
    } catch (error) {
      this.#zxidHigh = highBefore;
      this.#zxidLow = lowBefore;
      throw error;
    }
  }

  #refuse(xid: number): never {
    const ring = this.#ring;
    const oldest = ring.size > 0 ? ring.xids[ring.head & ring.mask] : 'none';
    const detail = `a reply to xid ${xid} came, the oldest pending request is ${oldest}`;
    throw new WireError('UNEXPECTED_XID', 4, detail);
  }

  #sawZxid(high: number, low: number): void {
    if (high > this.#zxidHigh || (high === this.#zxidHigh && low > this.#zxidLow)) {
      this.#zxidHigh = high;
      this.#zxidLow = low;
    }
  }
}

/** What was written at the limit comes back with more around it. */
function replyLimit(bodyBytesMax: number): number {
  if (!(bodyBytesMax > 0 && bodyBytesMax <= FRAME_BODY_BYTES_CEILING)) {
    throw new RangeError(`frame limit must be 1..2^31-1 bytes, not ${bodyBytesMax}`);
  }
  return Math.min(bodyBytesMax + REPLY_EXTRA_BYTES, FRAME_BODY_BYTES_CEILING);
}
