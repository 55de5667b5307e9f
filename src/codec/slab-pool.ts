import { FRAME_TAIL_BYTES, SLAB_BYTES, SLABS_FREE_MAX } from '../limits.ts';
import { FreeLargeSlabs } from './free-large-slabs.ts';

/** Value that released slabs are filled with in poison mode: 0xdb is no ASCII and makes lengths negative. */
export const POISON_BYTE = 0xdb;

/**
 * A block of memory that frames are read into or written into.
 *
 * Ownership: whoever holds a reference (`acquire` gives one, `retain` adds one) may read the bytes
 * until it calls `release`. A slab with a reference is never compacted or reused.
 */
export class Slab {
  /** The memory. */
  readonly bytes: Buffer;
  /** Over the same memory; offsets are those of `bytes`. */
  readonly view: DataView;
  /** Its size. */
  readonly capacityBytes: number;
  /** @internal managed by the pool */
  references = 0;
  /** @internal bytes of this slab were given away for good: it goes to the garbage collector, never back to the pool */
  escaped = false;

  /** Takes new memory, which is not cleared. A `SlabPool` gives slabs that are used again. */
  constructor(capacityBytes: number) {
    // Own ArrayBuffer (not Node's shared pool): offsets of bytes and view are the same number.
    this.bytes = Buffer.allocUnsafeSlow(capacityBytes);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, capacityBytes);
    this.capacityBytes = capacityBytes;
  }
}

/** Counters of a pool since it was made. */
export interface SlabPoolCounters {
  /** Slabs allocated, pooled size or larger. */
  readonly created: number;
  /** `acquire` calls answered with a slab used before. */
  readonly reused: number;
  /** Slabs that somebody holds now (escaped ones excluded). */
  readonly outstanding: number;
  /** Slabs of the pooled size waiting for reuse now. */
  readonly free: number;
  /** Slabs given to a caller for good. */
  readonly escaped: number;
  /** Bytes allocated in all. */
  readonly createdBytes: number;
}

/** Options of a {@link SlabPool}. */
export interface SlabPoolOptions {
  /** Size of a pooled slab in bytes; default 64 KiB. */
  readonly slabBytes?: number;
  /** Released slabs of that size kept; default 32. */
  readonly freeMax?: number;
  /** Overwrite released slabs, so that a use after release shows as wrong bytes. For tests. */
  readonly poison?: boolean;
}

/**
 * Slabs of one size, reused after release. Larger ones can be asked for; after release they are reused
 * as long as the garbage collector leaves them.
 */
export class SlabPool {
  /** Size of a pooled slab. */
  readonly slabBytes: number;
  readonly #freeMax: number;
  readonly #poison: boolean;
  readonly #free: Slab[] = [];
  readonly #freeLarge: FreeLargeSlabs = new FreeLargeSlabs();
  #created = 0;
  #createdBytes = 0;
  #reused = 0;
  #outstanding = 0;
  #outstandingBytes = 0;
  #escaped = 0;

  /** Takes no memory yet. */
  constructor(options: SlabPoolOptions = {}) {
    this.slabBytes = options.slabBytes ?? SLAB_BYTES;
    this.#freeMax = options.freeMax ?? SLABS_FREE_MAX;
    this.#poison = options.poison ?? false;
  }

  /** Memory of the slabs that somebody holds now (escaped ones excluded). */
  get outstandingBytes(): number {
    return this.#outstandingBytes;
  }

  /** A slab with one reference, owned by the caller: of the pool's size, or of `minBytes` when that is more. */
  acquire(minBytes: number = this.slabBytes): Slab {
    let slab = minBytes <= this.slabBytes ? this.#free.pop() : this.#freeLarge.take(minBytes);
    if (slab === undefined) {
      slab = new Slab(Math.max(minBytes, this.slabBytes));
      this.#created++;
      this.#createdBytes += slab.capacityBytes;
    } else {
      this.#reused++;
    }
    slab.references = 1;
    this.#outstanding++;
    this.#outstandingBytes += slab.capacityBytes;
    return slab;
  }

  /**
   * A slab to move an unfinished frame to: with room for its `unfinishedBytes`, `neededBytes` more and the
   * small fields behind them.
   */
  acquireToGrow(unfinishedBytes: number, neededBytes: number): Slab {
    // Twice what is there: a frame of many small fields must not be copied once for each of them.
    const bytes = Math.max(unfinishedBytes + neededBytes + FRAME_TAIL_BYTES, unfinishedBytes * 2);
    // Few different sizes, so that a released slab fits the next frame too.
    return this.acquire(Math.ceil(bytes / this.slabBytes) * this.slabBytes);
  }

  /** One more reference. */
  retain(slab: Slab): void {
    if (slab.references <= 0) throw new RangeError('slab retained after its last release');
    slab.references++;
  }

  /** Gives a reference back; the last one returns the slab for reuse. */
  release(slab: Slab): void {
    if (slab.references <= 0) throw new RangeError('slab released more often than retained');
    if (--slab.references > 0) return;
    if (slab.escaped) return;
    this.#outstanding--;
    this.#outstandingBytes -= slab.capacityBytes;
    if (this.#poison) slab.bytes.fill(POISON_BYTE);
    if (slab.capacityBytes > this.slabBytes) this.#freeLarge.keep(slab);
    else if (this.#free.length < this.#freeMax) this.#free.push(slab);
  }

  /**
   * The only holder of `slab` is done with its first `usedBytes` and starts again at 0.
   * False when somebody else still holds the slab, which then must not be written over.
   */
  rewind(slab: Slab, usedBytes: number): boolean {
    if (slab.references !== 1 || slab.escaped) return false;
    if (this.#poison) slab.bytes.fill(POISON_BYTE, 0, usedBytes);
    return true;
  }

  /** Bytes of the slab were handed out for good: after the last release the garbage collector has it. */
  escape(slab: Slab): void {
    if (slab.escaped) return;
    slab.escaped = true;
    this.#escaped++;
    this.#outstanding--;
    this.#outstandingBytes -= slab.capacityBytes;
  }

  /** What happened so far, and what is held now. */
  counters(): SlabPoolCounters {
    return {
      created: this.#created,
      reused: this.#reused,
      outstanding: this.#outstanding,
      free: this.#free.length,
      escaped: this.#escaped,
      createdBytes: this.#createdBytes,
    };
  }
}
