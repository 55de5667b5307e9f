import { WireError, type WireErrorCode } from '../errors.ts';
import { readJavaText } from './java-text.ts';
import { type OwnedBytes, viewOf } from './owned-bytes.ts';
import type { Slab, SlabPool } from './slab-pool.ts';
import { readText } from './text.ts';

const EMPTY = Buffer.alloc(0);
const EMPTY_VIEW = new DataView(new ArrayBuffer(0));

/**
 * Reads jute values from `[offset, end)` of a slab. One reader serves a whole connection: it is
 * pointed at frame after frame.
 *
 * Never reads outside its range, never allocates from a length or count that it has not checked
 * against what is left, and throws a {@link WireError} that names the byte.
 *
 * Buffers are *lent* by default: a view of the slab, valid as long as the slab is (in a callback:
 * until the callback returns). With `owned` set they belong to the caller.
 */
export class JuteReader {
  /** Over the slab. Offsets are those of `bytes`. */
  view: DataView = EMPTY_VIEW;
  /** The slab. */
  bytes: Buffer = EMPTY;
  /** Next byte to read. */
  offset = 0;
  /** First byte that may not be read. */
  end = 0;
  /** Where the frame's length prefix stands: offsets in errors count from here. */
  base = 0;
  /** Set: `buffer()` gives bytes that the caller owns. Null: it lends views. */
  owned: OwnedBytes | null = null;
  /**
   * Set, for a server that is to be like those in Java: a count below -1 is an empty vector, and what is
   * no UTF-8 is replaced. Else both are errors.
   */
  asJava = false;
  #slab: Slab | null = null;
  #pool: SlabPool | null = null;

  /** A reader over bytes that are no slab of a pool. `start` is where the frame (or record) begins. */
  static over(bytes: Uint8Array, start = 0, end: number = bytes.length): JuteReader {
    const reader = new JuteReader();
    reader.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    reader.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    reader.base = start;
    reader.offset = start;
    reader.end = end;
    return reader;
  }

  /** Points the reader at a slab; `frame` says where in it. */
  useSlab(pool: SlabPool, slab: Slab): void {
    this.#pool = pool;
    this.#slab = slab;
    this.bytes = slab.bytes;
    this.view = slab.view;
  }

  /** Points the reader at the body of the frame whose length prefix is at `base`. */
  frame(base: number, end: number): void {
    this.base = base;
    this.offset = base + 4;
    this.end = end;
  }

  /** Bytes left in the frame. */
  get remaining(): number {
    return this.end - this.offset;
  }

  /** Steps over `count` bytes that are there and gives the offset of the first. */
  take(count: number): number {
    const at = this.offset;
    const next = at + count;
    if (next > this.end) this.#truncated(count);
    this.offset = next;
    return at;
  }

  /** Four bytes, signed. */
  int(): number {
    return this.view.getInt32(this.take(4));
  }

  /** Eight bytes, signed. */
  long(): bigint {
    return longAt(this.view, this.take(8));
  }

  /** Any byte but 0 is true, as in Java's reader. */
  bool(): boolean {
    return this.view.getUint8(this.take(1)) !== 0;
  }

  /** A string; null for length -1. Throws `BAD_TEXT` when it is not UTF-8. */
  ustring(): string | null {
    const length = this.#length();
    if (length < 0) return null;
    const start = this.offset;
    this.offset = start + length;
    if (this.asJava) return readJavaText(this.bytes, start, length);
    return readText(this.bytes, start, length) ?? this.#notText(start - 4, length);
  }

  /** Bytes, lent or owned; null for length -1. */
  buffer(): Buffer | null {
    const length = this.#length();
    // One empty buffer for all: twenty-five times its four bytes of the frame each would be.
    if (length <= 0) return length < 0 ? null : EMPTY;
    const start = this.offset;
    this.offset = start + length;
    return this.owned === null
      ? viewOf(this.bytes, start, length)
      : this.owned.take(this.#pool, this.#slab, this.bytes, start, length);
  }

  /** A vector's count: -1 for null, else a number of elements that can fit into what is left. */
  count(minElementBytes: number): number {
    const at = this.take(4);
    const count = this.view.getInt32(at);
    if (count < -1 || count * minElementBytes > this.end - this.offset) {
      if (count < -1 && this.asJava) return 0;
      this.failAt(at, 'BAD_COUNT', `a vector of ${count} elements does not fit`);
    }
    return count;
  }

  /** Throws a WireError about the byte at `at` (an offset in `bytes`). */
  failAt(at: number, code: WireErrorCode, message: string): never {
    throw new WireError(code, at - this.base, message);
  }

  /** Throws a WireError about the next byte. */
  fail(code: WireErrorCode, message: string): never {
    this.failAt(this.offset, code, message);
  }

  #length(): number {
    const at = this.take(4);
    const length = this.view.getInt32(at);
    if (length < -1 || length > this.end - this.offset) {
      this.failAt(
        at,
        'BAD_LENGTH',
        `a length of ${length} does not fit into ${this.remaining} bytes`,
      );
    }
    return length;
  }

  #notText(at: number, length: number): never {
    this.failAt(at, 'BAD_TEXT', `a string of ${length} bytes is not UTF-8`);
  }

  #truncated(count: number): never {
    this.fail('TRUNCATED', `${count} bytes wanted, ${this.remaining} left`);
  }
}

/**
 * The long at `at`. V8 makes 64-bit arithmetic of this and allocates once. `getBigInt64` is a call on Node 20
 * and 22 (13 ns against 7); on Node 24 and 26 it is not, and 2 ns faster than this.
 */
export function longAt(view: DataView, at: number): bigint {
  return BigInt.asIntN(64, (BigInt(view.getInt32(at)) << 32n) | BigInt(view.getUint32(at + 4)));
}

/** Whether two longs are the same, without making bigints of them. */
export function isSame(view: DataView, at: number, other: number): boolean {
  return (
    view.getInt32(at + 4) === view.getInt32(other + 4) && view.getInt32(at) === view.getInt32(other)
  );
}

/** Whether a long is 0, without making a bigint of it. */
export function isZero(view: DataView, at: number): boolean {
  return view.getInt32(at + 4) === 0 && view.getInt32(at) === 0;
}
