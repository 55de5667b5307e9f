import { viewOf } from '../codec/owned-bytes.ts';
import type { Slab, SlabPool } from '../codec/slab-pool.ts';
import { READ_ROOM_BYTES_MIN } from '../limits.ts';
import type { LinkHandler } from './byte-link.ts';

/**
 * Growth of a slab for a large frame: at most this many times what has really arrived of it. Slabs
 * grow step by step, so all of them together stay below 6 * 6 / 5 = 7.2 times what arrived.
 */
const GROWTH_MAX = 6;

/** A read at the end of a slab is too small to be worth its system call below this share of the slab. */
const ROOM_SHARE = 16;

/**
 * The slab that a link reads into. What is read comes right after the unfinished frame, so frames
 * are contiguous without concatenation; only a frame that does not fit into its slab is moved.
 *
 * In turns: `room()` gives memory, `filled(count)` says how much of it was used, `deliver()` offers
 * it. Memory given by `room()` keeps its place until `filled()` or the next `room()`, whatever is
 * delivered meanwhile: a socket asks for memory long before it reads.
 */
export class ReceiveWindow {
  readonly #pool: SlabPool;
  readonly #roomBytesMin: number;
  #slab: Slab | null = null;
  #start = 0;
  #end = 0;
  /** The memory given last: at an idle link the same bytes are read into again and again. */
  #room: Buffer | null = null;
  #roomAt = 0;
  #delivering = false;
  /** Bytes moved from one slab to the next because their frame was not finished. */
  movedBytes = 0;

  /** Takes a slab from `pool` when there is something to read. */
  constructor(pool: SlabPool) {
    this.#pool = pool;
    this.#roomBytesMin = Math.min(READ_ROOM_BYTES_MIN, pool.slabBytes / ROOM_SHARE);
  }

  /** Bytes that arrived and were not consumed. */
  get unconsumedBytes(): number {
    return this.#end - this.#start;
  }

  /** The handler is being offered bytes. */
  get delivering(): boolean {
    return this.#delivering;
  }

  /** Memory for the next read: at least one byte. `wantedBytes` as in LinkHandler. */
  room(wantedBytes: number): Buffer {
    const slab = this.#slabWithRoom(wantedBytes);
    if (this.#room === null || this.#roomAt !== this.#end) {
      this.#room = viewOf(slab.bytes, this.#end, slab.capacityBytes - this.#end);
      this.#roomAt = this.#end;
    }
    return this.#room;
  }

  /** `count` bytes were read into the room. */
  filled(count: number): void {
    this.#end += count;
  }

  /** Offers everything unconsumed to the handler. Does nothing when called from within itself. */
  deliver(handler: LinkHandler): void {
    const slab = this.#slab;
    if (slab === null || this.#start === this.#end || this.#delivering) return;
    // The handler may end the link, which drops the window: hold the slab for the length of the call.
    this.#pool.retain(slab);
    this.#delivering = true;
    try {
      const consumed = handler.onBytes(slab, this.#start, this.#end);
      if (this.#slab === slab) this.#start = consumed;
    } finally {
      this.#delivering = false;
      this.#pool.release(slab);
    }
  }

  /**
   * Nothing is unconsumed: starts again at the front of the slab. A slab that was made for one large
   * frame goes back. Only where no read is under way: memory given by `room()` loses its place.
   */
  recycle(): void {
    const slab = this.#slab;
    if (slab === null || this.#start !== this.#end || this.#end === 0) return;
    if (slab.capacityBytes > this.#pool.slabBytes) {
      this.drop();
    } else if (this.#pool.rewind(slab, this.#end)) {
      this.#start = 0;
      this.#end = 0;
    }
  }

  /** Nothing is unconsumed: gives the slab back until there is something to read. Where no read is under way. */
  rest(): void {
    if (this.#start === this.#end) this.drop();
  }

  /** Gives the slab back; what was not consumed is gone. */
  drop(): void {
    const slab = this.#slab;
    this.#slab = null;
    this.#room = null;
    this.#start = 0;
    this.#end = 0;
    if (slab !== null) this.#pool.release(slab);
  }

  #slabWithRoom(wantedBytes: number): Slab {
    this.recycle();
    const slab = this.#slab;
    if (slab === null) return this.#use(this.#pool.acquire(), 0);
    return this.#mustMove(slab, wantedBytes) ? this.#move(slab, wantedBytes) : slab;
  }

  #use(slab: Slab, end: number): Slab {
    this.#slab = slab;
    this.#room = null;
    this.#start = 0;
    this.#end = end;
    return slab;
  }

  #mustMove(slab: Slab, wantedBytes: number): boolean {
    const room = slab.capacityBytes - this.#end;
    if (room === 0) return true;
    const tail = this.#end - this.#start;
    if (room < this.#roomBytesMin && tail < this.#roomBytesMin) return true;
    // A frame that does not fit here moves as soon as it may have all the room it needs, while little
    // of it is there; moving it before that would only mean to move it once more.
    return (
      tail > 0 &&
      this.#start + wantedBytes > slab.capacityBytes &&
      wantedBytes <= Math.max(this.#pool.slabBytes, tail * GROWTH_MAX)
    );
  }

  /** Size of the next slab for a frame of `wanted` bytes, of which `tail` are there. */
  #grown(wanted: number, tail: number): number {
    const { slabBytes } = this.#pool;
    const most = tail * GROWTH_MAX;
    // On the way to a large frame, whole slabs: few sizes, which the pool has again for the next one.
    return Math.max(wanted <= most ? wanted : most - (most % slabBytes), slabBytes);
  }

  #move(slab: Slab, wantedBytes: number): Slab {
    const tail = this.#end - this.#start;
    // A handler that gives no hint still gets more room than it had.
    const wanted = wantedBytes > tail ? wantedBytes : tail * 2;
    const next = this.#pool.acquire(this.#grown(wanted, tail));
    slab.bytes.copy(next.bytes, 0, this.#start, this.#end);
    this.movedBytes += tail;
    this.#pool.release(slab);
    return this.#use(next, tail);
  }
}
