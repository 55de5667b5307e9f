import type { SlabPool } from '../codec/slab-pool.ts';
import type { LinkError } from '../errors.ts';
import type { LinkHandler } from './byte-link.ts';
import { ReceiveWindow } from './receive-window.ts';

/**
 * The receiving half that all links share: where bytes are read to, who gets them, whether they may
 * be handed over now, and that the end is told once and after the bytes.
 */
export class LinkReceiver {
  readonly #window: ReceiveWindow;
  readonly #broken: (cause: unknown) => void;
  #handler: LinkHandler | null = null;
  #paused = false;
  /** Something arrived that was not offered, because nobody listened or the handler had paused. */
  #held = false;
  /** This side has dropped the link: nobody wants its bytes any more. */
  #shut = false;
  #reason: LinkError | null = null;
  /** The end was told, or would have been if there had been anybody. */
  #over = false;
  /** The handler that was told of the end. */
  #told: LinkHandler | null = null;

  /**
   * Takes memory from `pool` when there is something to read. A handler must not throw: one that does has
   * lost its place in the stream. `broken` is told why, and it is thrown on.
   */
  constructor(pool: SlabPool, broken: (cause: unknown) => void) {
    this.#window = new ReceiveWindow(pool);
    this.#broken = broken;
  }

  /** There is a handler. */
  get started(): boolean {
    return this.#handler !== null;
  }

  /** The handler wants nothing for now. */
  get paused(): boolean {
    return this.#paused;
  }

  /** The handler may be given bytes now. */
  get flowing(): boolean {
    return this.#handler !== null && !this.#paused && !this.#shut && this.#reason === null;
  }

  /** Memory for the next read. */
  room(): Buffer {
    const handler = this.#handler;
    return this.#window.room(handler === null ? 0 : handler.wantedBytes);
  }

  /** `count` bytes were read into the room. False: read no more until `start` or `resume`. */
  received(count: number): boolean {
    this.#window.filled(count);
    if (!this.flowing) {
      this.#held = !this.#shut;
      return false;
    }
    this.#deliver(this.#handler as LinkHandler);
    return !this.#paused;
  }

  /** Gives the memory back, without a word. */
  drop(): void {
    this.#window.drop();
  }

  /** No read is under way: memory is held only for what was not consumed. */
  rest(): void {
    this.#window.rest();
  }

  /** No read is under way: what is free of the window can be used again. */
  recycle(): void {
    this.#window.recycle();
  }

  /** Makes `handler` the one that is called, and offers it what was not consumed, or tells it of the end. */
  start(handler: LinkHandler): void {
    this.#handler = handler;
    if (this.#over) this.#finish(this.#reason as LinkError);
    else this.#offer();
  }

  /** Tells the handler that the write queue is empty. */
  drained(): void {
    try {
      this.#handler?.onDrain();
    } catch (cause) {
      this.#broken(cause);
      throw cause;
    }
  }

  /** Nothing is handed over before `resume`. */
  pause(): void {
    this.#paused = true;
  }

  /** Goes on, with what arrived meanwhile first. */
  resume(): void {
    this.#paused = false;
    if (this.#held || this.#reason !== null) this.#offer();
  }

  /** Nothing is handed over any more, whatever is held; `end` follows. */
  shut(): void {
    this.#shut = true;
    this.#held = false;
  }

  /** The link has ended. The handler hears of it now; or, when bytes are held for it, after them. */
  end(reason: LinkError): void {
    this.#reason ??= reason;
    if (!this.#held) this.#finish(this.#reason);
  }

  #deliver(handler: LinkHandler): void {
    try {
      this.#window.deliver(handler);
    } catch (cause) {
      this.#broken(cause);
      throw cause;
    }
  }

  #offer(): void {
    const handler = this.#handler;
    // From within `onBytes`: whoever is in there hands over the rest, and the end comes after that.
    if (handler === null || this.#paused || this.#shut || this.#window.delivering) return;
    this.#held = false;
    this.#deliver(handler);
    if (this.#reason !== null && !this.#paused) this.#finish(this.#reason);
  }

  #finish(reason: LinkError): void {
    this.#over = true;
    this.#held = false;
    this.#window.drop();
    const handler = this.#handler;
    if (handler === null || handler === this.#told) return;
    this.#told = handler;
    handler.onEnd(reason);
  }
}
