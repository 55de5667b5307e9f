import type { Slab } from '../../../src/codec/slab-pool.ts';
import { LinkError } from '../../../src/errors.ts';
import type { ByteLink, LinkHandler } from '../../../src/transport/byte-link.ts';

/** Consumes everything and remembers it, in pieces as they came. */
export class RecordingHandler implements LinkHandler {
  readonly pieces: Buffer[] = [];
  readonly ends: LinkError[] = [];
  drains = 0;
  wantedBytes = 0;
  /** Runs in every `onBytes`, after the bytes were remembered. */
  onPiece: (piece: Buffer) => void = () => {};
  #waiting: (() => void)[] = [];

  onBytes(slab: Slab, start: number, end: number): number {
    const piece = Buffer.from(slab.bytes.subarray(start, end));
    this.pieces.push(piece);
    this.onPiece(piece);
    this.#wake();
    return end;
  }

  onDrain(): void {
    this.drains++;
    this.#wake();
  }

  onEnd(error: LinkError): void {
    this.ends.push(error);
    this.#wake();
  }

  get text(): string {
    return Buffer.concat(this.pieces).toString('latin1');
  }

  get bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }

  get byteCount(): number {
    return this.pieces.reduce((sum, piece) => sum + piece.length, 0);
  }

  /** Resolves as soon as `condition` holds; looked at whenever the link calls. */
  async until(condition: (handler: this) => boolean): Promise<void> {
    while (!condition(this)) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  async ended(): Promise<LinkError> {
    await this.until((handler) => handler.ends.length > 0);
    return this.ends[0] as LinkError;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Writes text (or bytes) from a slab of its own. */
export function send(link: ByteLink, content: string | Buffer): boolean {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  const slab = link.pool.acquire(Math.max(1, bytes.length));
  bytes.copy(slab.bytes);
  return link.write(slab, 0, bytes.length);
}

/** Some text of this length, in which every place can be told from its neighbours. */
export function pattern(length: number): Buffer {
  return Buffer.alloc(length, 'The quick brown fox. ');
}

/** Why a test drops a link. */
export function destroyed(): LinkError {
  return new LinkError('LINK_DESTROYED', 'test');
}
