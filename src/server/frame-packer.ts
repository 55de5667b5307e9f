import type { Slab, SlabPool } from '../codec/index.ts';
import type { SharedFrame } from './reply-output.ts';

/** Frames that take less than this part of a slab are moved; of the memory of longer ones at least that much is used. */
const SLAB_PART = 4;

/**
 * Frames that cannot leave yet, those of all connections in one slab. Each connection encodes into a slab of its
 * own, which would otherwise be held for a few bytes: 64 KiB for every client that waits for the same sync, or
 * for every answer that one client leaves unread.
 */
export class FramePacker {
  #pool: SlabPool | null = null;
  #slab: Slab | null = null;
  #used = 0;

  /** The same frames in other memory, with the caller's reference; what they were in is given back. Long ones stay. */
  pack(pool: SlabPool, frames: SharedFrame): SharedFrame {
    const { slab, start, end } = frames;
    const bytes = end - start;
    if (bytes * SLAB_PART >= pool.slabBytes) return frames;
    const packed = this.#room(pool, bytes);
    const at = this.#used;
    slab.bytes.copy(packed.bytes, at, start, end);
    this.#used = at + bytes;
    pool.retain(packed);
    pool.release(slab);
    return { slab: packed, start: at, end: this.#used };
  }

  /** Gives the memory back if all that was in it has left. */
  rest(): void {
    const slab = this.#slab;
    if (slab !== null && this.#pool?.rewind(slab, this.#used) === true) this.#drop();
  }

  #room(pool: SlabPool, bytes: number): Slab {
    const slab = this.#slab;
    if (slab !== null && this.#pool === pool) {
      if (slab.capacityBytes - this.#used >= bytes) return slab;
      if (pool.rewind(slab, this.#used)) {
        this.#used = 0;
        return slab;
      }
    }
    this.#drop();
    const next = pool.acquire();
    this.#pool = pool;
    this.#slab = next;
    return next;
  }

  #drop(): void {
    if (this.#slab !== null) this.#pool?.release(this.#slab);
    this.#slab = null;
    this.#used = 0;
  }
}
