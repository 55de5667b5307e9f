import { LARGE_SLABS_FREE_BYTES_MAX } from '../limits.ts';
import type { Slab } from './slab-pool.ts';

interface FreeSlab {
  readonly capacityBytes: number;
  readonly slab: WeakRef<Slab>;
}

/**
 * Released slabs of large frames, for the next frame of the same size: new memory would cost more than
 * sending what is written into it, since the kernel clears every page of it.
 *
 * They are held weakly: the next full collection takes them, so an idle connection holds none for its
 * life; until then they are used again.
 */
export class FreeLargeSlabs {
  /** The one that was released last is the last one: its bytes are likely in the processor's cache. */
  readonly #free: FreeSlab[] = [];
  #bytes = 0;

  /** Nobody holds `slab` any more. Others go when there are too many, the oldest first. */
  keep(slab: Slab): void {
    const { capacityBytes } = slab;
    if (capacityBytes > LARGE_SLABS_FREE_BYTES_MAX) return;
    while (this.#bytes + capacityBytes > LARGE_SLABS_FREE_BYTES_MAX) this.#remove(0);
    this.#free.push({ capacityBytes, slab: new WeakRef(slab) });
    this.#bytes += capacityBytes;
  }

  /**
   * One of exactly `capacityBytes`, if the collector has left any. A larger one would do, but then how
   * much is read at a time would hang on when the collector came.
   */
  take(capacityBytes: number): Slab | undefined {
    for (let at = this.#free.length - 1; at >= 0; at--) {
      if ((this.#free[at] as FreeSlab).capacityBytes !== capacityBytes) continue;
      const slab = this.#remove(at);
      if (slab !== undefined) return slab;
    }
    return undefined;
  }

  #remove(at: number): Slab | undefined {
    const [free] = this.#free.splice(at, 1) as [FreeSlab];
    this.#bytes -= free.capacityBytes;
    return free.slab.deref();
  }
}
