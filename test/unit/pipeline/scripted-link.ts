import { type Slab, SlabPool, type SlabPoolOptions } from '../../../src/codec/slab-pool.ts';
import { LinkError } from '../../../src/errors.ts';
import type { ByteLink, LinkHandler } from '../../../src/transport/byte-link.ts';

/**
 * A link whose every move a test makes by hand. Released slabs are poisoned, and every delivery
 * lies at the end of a slab of its own, so that a byte read too many or too late shows.
 */
export class ScriptedLink implements ByteLink {
  readonly host = 'server.test:2181';
  readonly pool: SlabPool;
  /** What was written, one entry a write. */
  readonly writes: Buffer[] = [];
  /** What `write` answers. */
  accepts = true;
  /** True: written slabs stay held until `completeWrites`. */
  holdsWrites = false;
  /** Called inside `write`, as a link may end there. */
  onWrite: () => void = () => {};
  /** The first error that the link was destroyed with. */
  destroyed: LinkError | null = null;
  /** `end` was asked for. */
  ending = false;
  readonly queuedBytes = 0;
  #handler: LinkHandler | null = null;
  #rest: Buffer = Buffer.alloc(0);
  #held: Slab[] = [];
  #over = false;

  constructor(options: SlabPoolOptions = {}) {
    this.pool = new SlabPool({ poison: true, ...options });
  }

  /** Bytes delivered and not consumed yet. */
  get unconsumedBytes(): number {
    return this.#rest.length;
  }

  start(handler: LinkHandler): void {
    this.#handler = handler;
    if (this.#over) handler.onEnd(this.destroyed as LinkError);
  }

  /** The peer's bytes arrive, as one read. */
  deliver(...chunks: readonly Uint8Array[]): void {
    const bytes = Buffer.concat([this.#rest, ...chunks]);
    const slab = this.pool.acquire(bytes.length + 8);
    const start = slab.capacityBytes - bytes.length;
    bytes.copy(slab.bytes, start);
    const next = this.#handler!.onBytes(slab, start, slab.capacityBytes);
    this.#rest = Buffer.from(slab.bytes.subarray(next));
    this.pool.release(slab);
  }

  /** The same bytes, one read a byte. */
  drip(bytes: Uint8Array): void {
    for (const byte of bytes) this.deliver(Uint8Array.of(byte));
  }

  write(slab: Slab, start: number, end: number): boolean {
    this.writes.push(Buffer.from(slab.bytes.subarray(start, end)));
    if (this.holdsWrites) this.#held.push(slab);
    else this.pool.release(slab);
    this.onWrite();
    return this.accepts;
  }

  completeWrites(): void {
    for (const slab of this.#held.splice(0)) this.pool.release(slab);
  }

  /** The write queue is empty again. */
  drain(): void {
    this.accepts = true;
    this.#handler?.onDrain();
  }

  pause(): void {}
  resume(): void {}

  end(): void {
    this.ending = true;
  }

  destroy(error: LinkError): void {
    this.destroyed ??= error;
    this.over(this.destroyed);
  }

  /** The link ends. */
  over(error: LinkError = new LinkError('LINK_CLOSED', this.host)): void {
    if (this.#over) return;
    this.#over = true;
    this.destroyed ??= error;
    this.completeWrites();
    this.#handler?.onEnd(this.destroyed);
  }
}
