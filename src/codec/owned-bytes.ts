import { OWNED_BLOCK_BYTES, OWNED_COPY_BYTES_MAX } from '../limits.ts';
import type { Slab, SlabPool } from './slab-pool.ts';

type BufferView = new (buffer: ArrayBuffer, byteOffset: number, length: number) => Buffer;

/** Buffer's own constructor for views: a third of the time of `Buffer.from(arrayBuffer, offset, length)`. */
const BufferView = (Buffer as unknown as Record<symbol, BufferView>)[Symbol.species]!;

/** A Buffer over `length` bytes at `start` of the same memory, without a copy. */
export function viewOf(bytes: Buffer, start: number, length: number): Buffer {
  return new BufferView(bytes.buffer as ArrayBuffer, bytes.byteOffset + start, length);
}

/** Copied ahead at first: one small reply among large ones wastes little. Each further copy of the same read is twice as long. */
const WINDOW_BYTES_FIRST = 2048;

/**
 * Turns bytes inside a slab into bytes that the caller owns: small ones are copied into shared
 * blocks (as `Buffer.allocUnsafe` does), large ones keep their slab, which then never returns to its pool.
 *
 * A native copy costs more for its call than for its bytes. So within one read, what follows the
 * wanted bytes is copied along with them: the next small values then lie in the block already.
 */
export class OwnedBytes {
  #block: Buffer = Buffer.alloc(0);
  #used = 0;
  /** End of what was read into the slab at hand; 0 outside a read, where nothing is copied ahead. */
  #readEnd = 0;
  /** Bytes of the slab that were copied last, and where they went: block offset less slab offset. */
  #windowStart = 0;
  #windowEnd = 0;
  #windowShift = 0;
  /** Length of the next window: it grows while one small value comes after the other. */
  #windowBytes = WINDOW_BYTES_FIRST;
  /** Bytes copied so far; for counters and for the proof that large values are not copied. */
  copiedBytes = 0;

  /** From now on `take` is about bytes of one slab, filled up to `end` and unchanged until the next call. */
  startRead(end: number): void {
    this.#readEnd = end;
    this.#windowEnd = 0;
    this.#windowBytes = WINDOW_BYTES_FIRST;
  }

  /** The `length` bytes at `start` of `bytes`, as a Buffer that the caller owns. Without `pool` and `slab` it is always a copy. */
  take(
    pool: SlabPool | null,
    slab: Slab | null,
    bytes: Buffer,
    start: number,
    length: number,
  ): Buffer {
    if (start + length <= this.#windowEnd && start >= this.#windowStart) {
      return viewOf(this.#block, start + this.#windowShift, length);
    }
    if (length > OWNED_COPY_BYTES_MAX && pool !== null && slab !== null) {
      pool.escape(slab);
      return viewOf(bytes, start, length);
    }
    if (length > OWNED_BLOCK_BYTES / 2) return this.#copyAlone(bytes, start, length);
    return this.#copyWindow(bytes, start, length);
  }

  #copyAlone(bytes: Buffer, start: number, length: number): Buffer {
    const copy = Buffer.allocUnsafeSlow(length);
    bytes.copy(copy, 0, start, start + length);
    this.copiedBytes += length;
    return copy;
  }

  #copyWindow(bytes: Buffer, start: number, length: number): Buffer {
    if (this.#used + length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(OWNED_BLOCK_BYTES);
      this.#used = 0;
    }
    const at = this.#used;
    const ahead = Math.min(this.#readEnd - start, this.#windowBytes, this.#block.length - at);
    const count = Math.max(length, ahead);
    if (this.#windowBytes < OWNED_BLOCK_BYTES) this.#windowBytes *= 2;
    bytes.copy(this.#block, at, start, start + count);
    this.copiedBytes += count;
    this.#used = at + count;
    this.#windowStart = start;
    this.#windowEnd = this.#readEnd === 0 ? 0 : start + count;
    this.#windowShift = at - start;
    return viewOf(this.#block, at, length);
  }
}
