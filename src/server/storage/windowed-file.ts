import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Read from the disk at a time. */
const CHUNK_BYTES: number = 1024 * 1024;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

/** A file, of which a window is in memory. Apache's servers allocate logs ahead: 64 MiB for a handful of entries. */
export class WindowedFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly #file: number;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;

  constructor(path: string) {
    this.path = path;
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
      if (!this.#isZero(at, Math.min(this.sizeBytes, at + CHUNK_BYTES))) return false;
    }
    return true;
  }

  /** From here on everything is zero; exact to a mebibyte. */
  contentEnd(): number {
    let end = this.sizeBytes;
    while (end > 0 && this.#isZero(Math.max(0, end - CHUNK_BYTES), end)) end -= CHUNK_BYTES;
    return Math.max(0, end);
  }

  close(): void {
    closeSync(this.#file);
  }

  #isZero(start: number, end: number): boolean {
    const bytes = this.bytes(start, end);
    return bytes.compare(ZEROS, 0, bytes.length) === 0;
  }

  #load(start: number, wantedBytes: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.min(wantedBytes, this.sizeBytes - start));
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
