import { FRAME_INCOMPLETE, FrameCutter } from '../codec/frame-cutter.ts';
import { JuteReader } from '../codec/jute-reader.ts';
import { OwnedBytes } from '../codec/owned-bytes.ts';
import { REPLY_HEADER_BYTES } from '../codec/records.gen.ts';
import type { Slab, SlabPool } from '../codec/slab-pool.ts';
import { XID_AUTH, XID_NOTIFICATION, XID_PING, XID_SET_WATCHES } from '../codec/xids.ts';
import { WireError } from '../errors.ts';
import type { PendingRing } from './pending-ring.ts';

/** What the router does with a frame once it knows whose it is. */
export interface ReplySink {
  /** Reply to the head of the ring; the reader stands at the body, which is there only when `serverCode` is 0. */
  onReply(reader: JuteReader, serverCode: number): void;
  /** Watch event; the reader stands at the WatcherEvent. `zxid` of the header, null when it says none. */
  onNotification(reader: JuteReader, zxid: bigint | null): void;
  onPing(serverCode: number): void;
  onAuth(serverCode: number): void;
  onSetWatches(serverCode: number): void;
  /** True once the connection has ended: nothing more may be routed. */
  readonly ended: boolean;
}

/**
 * Frames to their owners. The reply header's xid decides: reserved ones go aside, any other must
 * be the head of the ring, or the stream cannot be trusted any more.
 */
export class ReplyRouter {
  readonly reader: JuteReader = new JuteReader();
  /** Turns lent bytes into the caller's own, for promises. */
  readonly owned: OwnedBytes = new OwnedBytes();
  frames = 0;
  notifications = 0;
  /** Highest zxid seen in replies to requests, as two halves: a bigint a reply would be garbage. */
  #zxidHigh = 0;
  #zxidLow = 0;
  readonly #cutter: FrameCutter;
  readonly #ring: PendingRing;
  readonly #sink: ReplySink;
  readonly #pool: SlabPool;

  constructor(pool: SlabPool, ring: PendingRing, sink: ReplySink, bodyBytesMax: number) {
    this.#pool = pool;
    this.#ring = ring;
    this.#sink = sink;
    this.#cutter = new FrameCutter(REPLY_HEADER_BYTES, bodyBytesMax);
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

  /** Routes every whole frame in `[start, end)` and gives the first byte that it left. Throws WireError. */
  route(slab: Slab, start: number, end: number): number {
    const reader = this.reader;
    reader.useSlab(this.#pool, slab);
    this.owned.startRead(end);
    let at = start;
    while (!this.#sink.ended) {
      const next = this.#cutter.cut(slab.view, at, end);
      if (next === FRAME_INCOMPLETE) return at;
      reader.frame(at, next);
      this.frames++;
      this.#routeFrame(reader);
      at = next;
    }
    return end;
  }

  #routeFrame(reader: JuteReader): void {
    const header = reader.take(REPLY_HEADER_BYTES);
    const view = reader.view;
    const xid = view.getInt32(header);
    const serverCode = view.getInt32(header + 12);
    const ring = this.#ring;
    if (ring.size > 0 && ring.xids[ring.head & ring.mask] === xid) {
      this.#sawZxid(view.getInt32(header + 4), view.getUint32(header + 8));
      this.#sink.onReply(reader, serverCode);
    } else {
      this.#routeReserved(reader, xid, serverCode, header);
    }
  }

  #routeReserved(reader: JuteReader, xid: number, serverCode: number, header: number): void {
    if (xid === XID_NOTIFICATION) {
      this.notifications++;
      // -1 before 3.9.0 (ZOOKEEPER-4655), and in all versions for what setWatches replays.
      const zxid =
        reader.view.getInt32(header + 4) < 0 ? null : reader.view.getBigInt64(header + 4);
      this.#sink.onNotification(reader, zxid);
    } else if (xid === XID_PING) {
      this.#sink.onPing(serverCode);
    } else if (xid === XID_AUTH) {
      this.#sink.onAuth(serverCode);
    } else if (xid === XID_SET_WATCHES) {
      this.#sink.onSetWatches(serverCode);
    } else {
      const expected =
        this.#ring.size > 0 ? this.#ring.xids[this.#ring.head & this.#ring.mask] : 'none';
      throw new WireError(
        'UNEXPECTED_XID',
        header - reader.base,
        `a reply to xid ${xid} came, the oldest pending request is ${expected}`,
      );
    }
  }

  #sawZxid(high: number, low: number): void {
    if (high > this.#zxidHigh || (high === this.#zxidHigh && low > this.#zxidLow)) {
      this.#zxidHigh = high;
      this.#zxidLow = low;
    }
  }
}
