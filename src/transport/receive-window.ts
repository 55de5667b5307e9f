import type { Slab, SlabPool } from '../codec/slab-pool.ts';
import { READ_ROOM_BYTES_MIN } from '../limits.ts';
import type { LinkHandler } from './byte-link.ts';

/** Growth of a slab for a large frame: never more than this many times what has really arrived. */
const GROWTH_MAX = 8;

/**
 * The slab that a link reads into. What is read comes right after the unfinished frame, so frames
 * are contiguous without concatenation; only a frame that does not fit into its slab is moved, once.
 */
export class ReceiveWindow {
  readonly #pool: SlabPool;
  #slab: Slab | null = null;
  #start = 0;
  #end = 0;
  /** Bytes moved from one slab to the next because their frame was not finished. */
  movedBytes = 0;

  constructor(pool: SlabPool) {
    this.#pool = pool;
  }

  /** Bytes that arrived and were not consumed. */
  get unconsumedBytes(): number {
    return this.#end - this.#start;
  }

  /** Memory for the next read: at least one byte. `wantedBytes` as in LinkHandler. */
  room(wantedBytes: number): Buffer {
    const slab = this.#slab;
    if (slab === null) {
      this.#slab = this.#pool.acquire();
    } else if (this.#mustMove(slab, wantedBytes)) {
      this.#move(slab, wantedBytes);
    }
    const current = this.#slab as Slab;
    return current.bytes.subarray(this.#end, current.capacityBytes);
  }

  /** `count` bytes were read into the room: offers them to the handler. */
  filled(count: number): void {
    this.#end += count;
  }

  /** Offers everything unconsumed to the handler. */
  deliver(handler: LinkHandler): void {
    const slab = this.#slab;
    if (slab === null || this.#start === this.#end) return;
    const end = this.#end;
    // The handler may end the link, which drops the window: hold the slab for the length of the call.
    this.#pool.retain(slab);
    try {
      this.#start = handler.onBytes(slab, this.#start, end);
    } finally {
      this.#pool.release(slab);
    }
    if (this.#slab === slab && this.#start === end) this.#consumed(slab, end);
  }

  /** Gives the slab back; what was not consumed is gone. */
  drop(): void {
    const slab = this.#slab;
    this.#slab = null;
    this.#start = 0;
    this.#end = 0;
    if (slab !== null) this.#pool.release(slab);
  }

  #consumed(slab: Slab, end: number): void {
    // A slab made for one large frame goes back at once; a pooled one is read into again while it is hot in the cache.
    if (slab.capacityBytes > this.#pool.slabBytes) {
      this.drop();
    } else if (this.#pool.rewind(slab, end)) {
      this.#start = 0;
      this.#end = 0;
    }
  }

  #mustMove(slab: Slab, wantedBytes: number): boolean {
    const room = slab.capacityBytes - this.#end;
    if (room === 0 || this.#start + wantedBytes > slab.capacityBytes) return true;
    return room < READ_ROOM_BYTES_MIN && this.#end - this.#start < READ_ROOM_BYTES_MIN;
  }

  #move(slab: Slab, wantedBytes: number): void {
    const tail = this.#end - this.#start;
    // One byte more than the tail at least, so that there is room to read into.
    const size = Math.max(tail + 1, Math.min(wantedBytes, tail * GROWTH_MAX));
    const next = this.#pool.acquire(Math.max(size, this.#pool.slabBytes));
    slab.bytes.copy(next.bytes, 0, this.#start, this.#end);
    this.movedBytes += tail;
    this.#pool.release(slab);
    this.#slab = next;
    this.#start = 0;
    this.#end = tail;
  }
}
