import type { Slab, SlabPool } from '../../../src/codec/slab-pool.ts';
import type { LinkError } from '../../../src/errors.ts';
import type { ByteLink, LinkHandler } from '../../../src/transport/byte-link.ts';

/** What happens behind the client's end. */
export interface Kernel {
  /** Bytes were handed over: from now on nobody can say that they have not left. */
  writes(bytes: Buffer): void;
  wrote(): void;
  turned(): void;
}

/** The client's end, as the client sees it: what it does takes effect in the kernel at once. */
export class ClientLink implements ByteLink {
  readonly host: string;
  readonly pool: SlabPool;
  /** The client was told of the end. */
  over = false;
  /** The client has ended it. */
  dropped = false;
  started = false;
  #writing = false;
  readonly #link: ByteLink;
  readonly #kernel: Kernel;

  constructor(link: ByteLink, host: string, kernel: Kernel) {
    this.#link = link;
    this.host = host;
    this.pool = link.pool;
    this.#kernel = kernel;
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  start(handler: LinkHandler): void {
    this.started = true;
    this.#link.start({
      get wantedBytes() {
        return handler.wantedBytes;
      },
      onBytes: (slab, start, end) => handler.onBytes(slab, start, end),
      onDrain: () => {
        // A socket that takes everything at once was never full.
        if (!this.#writing) handler.onDrain();
      },
      onEnd: (error) => {
        this.over = true;
        handler.onEnd(error);
      },
    });
    this.#kernel.turned();
  }

  write(slab: Slab, start: number, end: number): boolean {
    if (!this.over && !this.dropped)
      this.#kernel.writes(Buffer.from(slab.bytes.subarray(start, end)));
    this.#writing = true;
    const room = this.#link.write(slab, start, end);
    this.#kernel.wrote();
    this.#writing = false;
    return room || this.#link.queuedBytes === 0;
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
    this.#kernel.turned();
  }

  end(): void {
    this.dropped = true;
    this.#link.end();
    this.#kernel.turned();
  }

  destroy(error: LinkError): void {
    if (!this.over) this.dropped = true;
    this.#link.destroy(error);
    this.#kernel.turned();
  }
}
