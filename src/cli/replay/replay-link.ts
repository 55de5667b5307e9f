import { FRAME_INCOMPLETE, FrameCutter, type Slab } from '../../codec/index.ts';
import { LinkError } from '../../errors.ts';
import type { ByteLink, LinkHandler } from '../../transport/index.ts';

/** What a {@link ReplayLink} tells. */
export interface ReplayLinkEvents {
  /** A whole frame, without its length; its bytes are the callee's. */
  onFrame(body: Buffer): void;
  /** Bytes of a connection on which a four-letter word was sent. */
  onText(bytes: Buffer): void;
  /** The server ended it, or it broke. Not after `destroy`. */
  onEnd(): void;
}

/** A connection of a replay: frames out, frames in. */
export class ReplayLink implements LinkHandler {
  wantedBytes = 0;
  readonly #link: ByteLink;
  readonly #events: ReplayLinkEvents;
  readonly #cutter: FrameCutter;
  #isText = false;
  #destroyed = false;
  #drained: (() => void) | null = null;

  constructor(link: ByteLink, answerBytesMax: number, events: ReplayLinkEvents) {
    this.#link = link;
    this.#events = events;
    this.#cutter = new FrameCutter(0, answerBytesMax);
    link.start(this);
  }

  /** Sends a frame; resolves when there is room for more. */
  sendFrame(body: Buffer): Promise<void> {
    const prefix = Buffer.alloc(4);
    prefix.writeInt32BE(body.length);
    return this.#send([prefix, body]);
  }

  /** Sends bytes that are no frame. `isWord`: what comes from now on is text. */
  sendRaw(bytes: Buffer, isWord: boolean): Promise<void> {
    this.#isText ||= isWord;
    return this.#send([bytes]);
  }

  /** Drops the connection. */
  destroy(): void {
    this.#destroyed = true;
    this.#link.destroy(new LinkError('LINK_DESTROYED', this.#link.host));
    this.#drained?.();
  }

  onBytes(slab: Slab, start: number, end: number): number {
    if (this.#isText) {
      this.#events.onText(Buffer.from(slab.bytes.subarray(start, end)));
      return end;
    }
    let at = start;
    try {
      for (;;) {
        const frameEnd = this.#cutter.cut(slab.view, at, end);
        if (frameEnd === FRAME_INCOMPLETE) break;
        this.#events.onFrame(Buffer.from(slab.bytes.subarray(at + 4, frameEnd)));
        at = frameEnd;
        if (this.#destroyed) return end;
      }
    } catch (error) {
      // A length that is none: nothing more can be read.
      this.#link.destroy(new LinkError('LINK_FAILED', this.#link.host, error));
      return end;
    }
    this.wantedBytes = this.#cutter.wantedBytes;
    return at;
  }

  onDrain(): void {
    this.#drained?.();
  }

  onEnd(): void {
    this.#drained?.();
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#events.onEnd();
  }

  async #send(parts: readonly Buffer[]): Promise<void> {
    if (this.#destroyed) return;
    const bytes = Buffer.concat(parts);
    const slab = this.#link.pool.acquire(bytes.length);
    slab.bytes.set(bytes);
    if (this.#link.write(slab, 0, bytes.length)) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    this.#drained = null;
  }
}
