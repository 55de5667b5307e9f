import { type Slab, SlabPool } from '../codec/slab-pool.ts';
import type { ByteLink } from '../transport/byte-link.ts';

/** The link of a pipeline that has none: takes no bytes, so that requests stay where they are. */
export class ParkedLink implements ByteLink {
  /** No server, so that failures name none. */
  readonly host = '';
  readonly pool: SlabPool;
  readonly queuedBytes = 0;

  constructor(pool: SlabPool = new SlabPool()) {
    this.pool = pool;
  }

  start(): void {}

  write(slab: Slab): boolean {
    this.pool.release(slab);
    return false;
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}
