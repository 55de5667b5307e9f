import type { Slab, SlabPool } from '../../../src/codec/index.ts';
import type { LinkError } from '../../../src/errors.ts';
import type { ByteLink, LinkHandler } from '../../../src/transport/index.ts';

/** A link over a cable that can be cut: bytes of both ways are held until it is whole again. */
export class CutLink implements ByteLink {
  readonly host: string;
  readonly #link: ByteLink;
  #held: (() => void)[] | null = null;

  constructor(link: ByteLink, host: string) {
    this.#link = link;
    this.host = host;
  }

  get pool(): SlabPool {
    return this.#link.pool;
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  cut(): void {
    this.#held = [];
    this.#link.pause();
  }

  heal(): void {
    for (const write of this.#held ?? []) write();
    this.#held = null;
    this.#link.resume();
  }

  start(handler: LinkHandler): void {
    this.#link.start(handler);
  }

  write(slab: Slab, start: number, end: number): boolean {
    if (this.#held === null) return this.#link.write(slab, start, end);
    this.#held.push(() => this.#link.write(slab, start, end));
    return true;
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    if (this.#held === null) this.#link.resume();
  }

  end(): void {
    this.#link.end();
  }

  destroy(error: LinkError): void {
    this.#link.destroy(error);
  }
}
