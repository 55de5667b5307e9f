import { JuteReader } from '../../codec/index.ts';
import { ADLER_START, adler32 } from './adler32.ts';
import { WindowedFile } from './windowed-file.ts';

/** In memory at a time; more where a single value is longer. */
const WINDOW_BYTES: number = 256 * 1024;

/**
 * Jute values from a file of any size, with the checksum of all that has been read. What it lends is
 * valid until the next value is read. Throws a WireError where the file does not hold what is asked for.
 */
export class SnapshotInput {
  readonly #file: WindowedFile;
  #reader = JuteReader.over(Buffer.alloc(0));
  /** Where in the file the reader's memory begins. */
  #start = 0;
  #sum = ADLER_START;
  /** Up to here, in the reader's memory, bytes are in the sum. */
  #summed = 0;

  constructor(path: string) {
    this.#file = new WindowedFile(path);
  }

  /** The next byte of the file. */
  get offset(): number {
    return this.#start + this.#reader.offset;
  }

  get remaining(): number {
    return this.#file.sizeBytes - this.offset;
  }

  int(): number {
    this.#need(4);
    return this.#reader.int();
  }

  long(): bigint {
    this.#need(8);
    return this.#reader.long();
  }

  ustring(): string | null {
    this.#needValue();
    return this.#reader.ustring();
  }

  /** Lent. */
  buffer(): Buffer | null {
    this.#needValue();
    return this.#reader.buffer();
  }

  /** A reader that has `count` bytes, if the file has. */
  record(count: number): JuteReader {
    this.#need(count);
    return this.#reader;
  }

  /** Adler-32 of everything that has been read. */
  checksum(): number {
    const { bytes, offset } = this.#reader;
    this.#sum = adler32(bytes, this.#summed, offset, this.#sum);
    this.#summed = offset;
    return this.#sum;
  }

  close(): void {
    this.#file.close();
  }

  /** A length, and so many bytes. */
  #needValue(): void {
    this.#need(4);
    const reader = this.#reader;
    if (reader.remaining < 4) return;
    const length = reader.view.getInt32(reader.offset);
    if (length > 0) this.#need(4 + length);
  }

  /** Where the file has not so many, the reader finds it out. */
  #need(count: number): void {
    if (this.#reader.remaining >= count) return;
    this.checksum();
    const start = this.offset;
    const end = Math.min(this.#file.sizeBytes, start + Math.max(count, WINDOW_BYTES));
    this.#reader = JuteReader.over(this.#file.bytes(start, end));
    this.#start = start;
    this.#summed = 0;
  }
}
