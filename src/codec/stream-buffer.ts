const EMPTY = Buffer.alloc(0);
const FIRST_BYTES = 64;

/**
 * Bytes of one direction that wait for the rest of their frame.
 *
 * Memory follows what has arrived, not what a length prefix promises. Bytes that were handed out
 * as part of a frame are never written again, so views of them stay valid.
 */
export class StreamBuffer {
  #bytes: Buffer = EMPTY;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What waits, followed by `chunk`: `chunk` itself when nothing waits. Give back with `keep` what is not used. */
  join(chunk: Buffer): Buffer {
    if (this.#length === 0) return chunk;
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) this.#grow(length);
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
    return this.#bytes.subarray(0, length);
  }

  /** Keeps `joined` from `used` on, where `joined` is what `join` gave. */
  keep(joined: Buffer, used: number): void {
    if (used === 0 && this.#length === joined.length) return;
    const rest = joined.length - used;
    this.#length = rest;
    this.#bytes = rest === 0 ? EMPTY : Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, rest * 2));
    joined.copy(this.#bytes, 0, used);
  }

  /** What waits now, as a view. */
  waiting(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(neededBytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(neededBytes, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
