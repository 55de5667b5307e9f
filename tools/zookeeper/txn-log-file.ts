import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Read from the disk at a time. */
const CHUNK_BYTES = 1024 * 1024;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

/** A file, of which a window is in memory. Logs are allocated ahead: 64 MiB for a handful of entries. */
export class WindowedFile {
  readonly sizeBytes: number;
  readonly #file: number;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  constructor(path: string) {
    this.#file = openSync(path, 'r');
    this.sizeBytes = fstatSync(this.#file).size;
  }

  /** The bytes from `start` to `end` (not included), both within the file; valid until the next call. */
  bytes(start: number, end: number): Buffer {
    const within = start >= this.#windowStart && end <= this.#windowStart + this.#window.length;
    if (!within) this.#load(start, Math.max(end - start, CHUNK_BYTES));
    return this.#window.subarray(start - this.#windowStart, end - this.#windowStart);
  }

  /** Is everything from `start` on zero? */
  isZeroFrom(start: number): boolean {
    for (let at = start; at < this.sizeBytes; at += CHUNK_BYTES) {
      const bytes = this.bytes(at, Math.min(this.sizeBytes, at + CHUNK_BYTES));
      if (bytes.compare(ZEROS, 0, bytes.length) !== 0) return false;
    }
    return true;
  }

  close(): void {
    closeSync(this.#file);
  }

  #load(start: number, wantedBytes: number): void {
    const bytes = Buffer.alloc(Math.min(wantedBytes, this.sizeBytes - start));
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(this.#file, bytes, filled, bytes.length - filled, start + filled);
      if (count === 0) break;
      filled += count;
    }
    this.#window = bytes.subarray(0, filled);
    this.#windowStart = start;
  }
}
