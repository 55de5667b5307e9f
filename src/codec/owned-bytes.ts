import { OWNED_BLOCK_BYTES, OWNED_COPY_BYTES_MAX } from '../limits.ts';
import type { Slab, SlabPool } from './slab-pool.ts';

type BufferView = new (buffer: ArrayBuffer, byteOffset: number, length: number) => Buffer;

/** Buffer's own constructor for views: a third of the time of `Buffer.from(arrayBuffer, offset, length)`. */
const BufferView = (Buffer as unknown as Record<symbol, BufferView>)[Symbol.species]!;

/** A Buffer over `length` bytes at `start` of the same memory, without a copy. */
export function viewOf(bytes: Buffer, start: number, length: number): Buffer {
  return new BufferView(bytes.buffer as ArrayBuffer, bytes.byteOffset + start, length);
}

/**
 * Turns bytes inside a slab into bytes that the caller owns: small ones are copied into shared
 * blocks (as `Buffer.allocUnsafe` does), large ones keep their slab, which then never returns to its pool.
 */
export class OwnedBytes {
  #block: Buffer = Buffer.alloc(0);
  #used = 0;
  /** Bytes copied so far; for counters and for the proof that large values are not copied. */
  copiedBytes = 0;

  take(
    pool: SlabPool | null,
    slab: Slab | null,
    bytes: Buffer,
    start: number,
    length: number,
  ): Buffer {
    if (length > OWNED_COPY_BYTES_MAX && pool !== null && slab !== null) {
      pool.escape(slab);
      return viewOf(bytes, start, length);
    }
    const copy = this.#room(length);
    bytes.copy(copy, 0, start, start + length);
    this.copiedBytes += length;
    return copy;
  }

  #room(length: number): Buffer {
    if (length > OWNED_BLOCK_BYTES / 2) return Buffer.allocUnsafeSlow(length);
    if (this.#used + length > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(OWNED_BLOCK_BYTES);
      this.#used = 0;
    }
    const at = this.#used;
    // Next copy starts at a multiple of eight, so that a caller may lay a typed array over its bytes.
    this.#used = (at + length + 7) & ~7;
    return viewOf(this.#block, at, length);
  }
}
