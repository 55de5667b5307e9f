import { type Direction, type Slab, type SlabPool, viewOf } from '../codec/index.ts';
import type { LinkError } from '../errors.ts';
import type { ByteLink, LinkHandler } from '../transport/byte-link.ts';

/** Told of everything on one link. One that throws is told nothing more. */
export interface TapWatcher {
  /** Bytes that no watcher was told of before; lent until this returns. */
  passed(dir: Direction, bytes: Buffer): void;
  /** Exactly once. */
  ended(error: LinkError): void;
}

/** A link that others may watch, and that is the same for its user. */
export class TappedLink implements ByteLink {
  readonly host: string;
  readonly pool: SlabPool;
  readonly #link: ByteLink;
  readonly #onFault: (error: unknown) => void;
  #watchers: readonly TapWatcher[];
  /** Bytes of what the link will offer again that were shown before. */
  #shownBytes = 0;
  /** Nothing is sent any more: `end` or `destroy` was called, or the link has ended. */
  #sendingOver = false;
  #destroyed = false;
  #told = false;

  constructor(link: ByteLink, watchers: readonly TapWatcher[], onFault: (error: unknown) => void) {
    this.#link = link;
    this.#watchers = watchers;
    this.#onFault = onFault;
    this.host = link.host;
    this.pool = link.pool;
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  start(handler: LinkHandler): void {
    // A new object each time: the link tells its end to each handler once.
    this.#link.start({
      get wantedBytes() {
        return handler.wantedBytes;
      },
      onBytes: (slab, start, end) => this.#received(handler, slab, start, end),
      onDrain: () => handler.onDrain(),
      onEnd: (error) => {
        this.#ended(error);
        handler.onEnd(error);
      },
    });
  }

  write(slab: Slab, start: number, end: number): boolean {
    if (!this.#sendingOver) this.#passed('c2s', slab, start, end);
    return this.#link.write(slab, start, end);
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
  }

  end(): void {
    this.#sendingOver = true;
    this.#link.end();
  }

  destroy(error: LinkError): void {
    this.#sendingOver = true;
    this.#destroyed = true;
    // Told now: nothing passes from here on, and the socket closes later.
    this.#ended(error);
    this.#link.destroy(error);
  }

  #received(handler: LinkHandler, slab: Slab, start: number, end: number): number {
    const from = start + this.#shownBytes;
    this.#shownBytes = end - start;
    this.#passed('s2c', slab, from, end);
    // Whoever reads the lines may have dropped the connection.
    if (this.#destroyed) return end;
    const next = handler.onBytes(slab, start, end);
    this.#shownBytes = end - next;
    return next;
  }

  #passed(dir: Direction, slab: Slab, start: number, end: number): void {
    if (start === end) return;
    const bytes = viewOf(slab.bytes, start, end - start);
    this.#tell((watcher) => watcher.passed(dir, bytes));
  }

  #ended(error: LinkError): void {
    this.#sendingOver = true;
    if (this.#told) return;
    this.#told = true;
    this.#tell((watcher) => watcher.ended(error));
  }

  /** A fault of the tap must not become one of the connection. */
  #tell(what: (watcher: TapWatcher) => void): void {
    for (const watcher of this.#watchers) {
      try {
        what(watcher);
      } catch (error) {
        this.#watchers = this.#watchers.filter((other) => other !== watcher);
        this.#onFault(error);
      }
    }
  }
}
