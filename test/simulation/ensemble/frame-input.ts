import { JuteReader } from '../../../src/codec/jute-reader.ts';

/** Bytes kept of one request. */
const FRAME_BYTES_MAX = 0xfffff;

/** What a client has sent and the server has not looked at yet, cut into frames. */
export class FrameInput {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Bytes without which there is no frame to look at. */
  #wantedBytes = 4;

  /** Gives whether there is something to look at. */
  push(bytes: Buffer): boolean {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
    return this.#bytes >= this.#wantedBytes;
  }

  get empty(): boolean {
    return this.#bytes === 0;
  }

  clear(): void {
    this.#keep([]);
  }

  startsWith(word: string): boolean {
    return this.#joined().toString('latin1', 0, word.length) === word;
  }

  /** The next frame; null when it is not there as a whole, `bad-length` when it never will be. */
  next(): JuteReader | 'bad-length' | null {
    const bytes = this.#joined();
    if (bytes.length < 4) return null;
    const length = bytes.readInt32BE(0);
    if (length < 0 || length > FRAME_BYTES_MAX) return 'bad-length';
    this.#wantedBytes = 4 + length;
    if (bytes.length < this.#wantedBytes) return null;
    this.#wantedBytes = 4;
    this.#keep([bytes.subarray(4 + length)]);
    const reader = JuteReader.over(bytes);
    reader.frame(0, 4 + length);
    return reader;
  }

  #joined(): Buffer {
    const [first] = this.#chunks;
    if (first !== undefined && this.#chunks.length === 1) return first;
    const bytes = Buffer.concat(this.#chunks);
    this.#keep([bytes]);
    return bytes;
  }

  #keep(chunks: Buffer[]): void {
    this.#chunks = chunks;
    this.#bytes = chunks[0]?.length ?? 0;
  }
}
