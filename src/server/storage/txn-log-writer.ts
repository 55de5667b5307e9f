import { type FileHandle, open, rename } from 'node:fs/promises';
import { basename } from 'node:path';
import { JuteWriter } from '../../codec/index.ts';
import { StorageError } from '../../errors.ts';
import type { Txn, TxnHeader } from '../tree/txn.ts';
import { adler32 } from './adler32.ts';
import { logPath, openNames, unfinishedPath } from './data-files.ts';
import {
  ENTRY_END,
  ENTRY_HEADER_BYTES,
  FILE_HEADER_BYTES,
  FORMAT_VERSION,
  LOG_MAGIC,
} from './file-format.ts';
import { writeTxn } from './txn-record.ts';

/** Room for a group that is kept for the next; what a larger one took is given back. */
const GROUP_BYTES: number = 256 * 1024;

/** How a log is written, and who hears of it. */
export interface TxnLogWriterOptions {
  /** `version-2` of the logs. */
  readonly directory: string;
  /** A transaction is flushed when the disk has it; otherwise when the system has. */
  readonly fsync: boolean;
  /** All transactions up to this number are flushed. */
  readonly onFlushed: (flushed: number) => void;
  /** The disk failed; nothing is flushed any more. Called once. */
  readonly onFailed: (error: StorageError) => void;
}

/** Transactions that go to disk together. */
interface Group {
  readonly writer: JuteWriter;
  /** The log that begins with them; null: they go on in the open one. */
  path: string | null;
  /** Number of the last of them. */
  last: number;
  /** Of the transactions. */
  bytes: number;
}

/**
 * Appends to the transaction log, in groups: what comes while one is written and synced is the next. A
 * log has its name only when its first group is on disk, so that no server ever finds one without a
 * header, which Apache's 3.8 does not start with.
 */
export class TxnLogWriter {
  readonly #options: TxnLogWriterOptions;
  /** Closed by a roll, oldest first, and not on their way yet. */
  readonly #closed: Group[] = [];
  #open: Group = newGroup();
  #spare: JuteWriter | null = null;
  #rolls = true;
  #appended = 0;
  #flushed = 0;
  #appendedBytes = 0;
  #pendingBytes = 0;
  #file: FileHandle | null = null;
  /** The directory, kept open: its new names are made durable however many files are open by then. */
  #names: FileHandle | null = null;
  #path = '';
  #pump: Promise<void> | null = null;
  #scheduled = false;
  #failure: StorageError | null = null;
  #ended = false;
  #waiters: { readonly position: number; readonly done: () => void }[] = [];

  constructor(options: TxnLogWriterOptions) {
    this.#options = options;
  }

  /** Transactions that were appended. */
  get appended(): number {
    return this.#appended;
  }

  /** Transactions that are flushed, in the order in which they were appended. */
  get flushed(): number {
    return this.#flushed;
  }

  /** Bytes of the transactions that were appended. */
  get appendedBytes(): number {
    return this.#appendedBytes;
  }

  /** Bytes that were appended and are not flushed. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * Encodes a transaction behind the others, to be flushed soon. Returns its number; the first is 1. After a failure,
   * or the end, it goes nowhere: it is never flushed.
   */
  append(header: TxnHeader, txn: Txn): number {
    this.#appended++;
    if (this.#failure !== null || this.#ended) return this.#appended;
    if (this.#rolls) this.#begin(header.zxid);
    const group = this.#open;
    const start = group.writer.offset;
    writeEntry(group.writer, header, txn);
    const bytes = group.writer.offset - start;
    this.#appendedBytes += bytes;
    this.#pendingBytes += bytes;
    group.bytes += bytes;
    group.last = this.#appended;
    this.#schedule();
    return this.#appended;
  }

  /** The next transaction begins a new log. */
  roll(): void {
    this.#rolls = true;
  }

  /** Resolves when everything that has been appended is flushed; rejects when that cannot be any more. */
  async flush(): Promise<void> {
    const position = this.#appended;
    this.#start();
    if (this.#flushed < position && this.#failure === null) {
      await new Promise<void>((done) => this.#waiters.push({ position, done }));
    }
    if (this.#flushed < position) throw this.#failure;
  }

  /** Flushes, and closes the log. Rejects with the failure if there was one. */
  async close(): Promise<void> {
    try {
      do {
        await this.flush();
        await this.#pump;
      } while (this.#hasMore);
    } finally {
      await this.#pump;
      this.#ended = true;
      for (const file of [this.#file, this.#names]) await file?.close().catch(() => {});
      this.#file = null;
      this.#names = null;
    }
  }

  #begin(zxid: bigint): void {
    this.#rolls = false;
    if (this.#open.writer.offset > 0) {
      this.#closed.push(this.#open);
      this.#open = newGroup();
    }
    this.#open.path = logPath(this.#options.directory, zxid);
    writeFileHeader(this.#open.writer);
  }

  /** After all requests that have been received by now, so that they share a write. */
  #schedule(): void {
    if (this.#scheduled || this.#pump !== null) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#start();
    });
  }

  #start(): void {
    if (this.#pump !== null || this.#flushed === this.#appended || this.#failure !== null) return;
    this.#pump = this.#run().finally(() => {
      this.#pump = null;
      // What a job before this one has appended found the pump still there, and left it to that.
      if (this.#hasMore) this.#schedule();
    });
  }

  async #run(): Promise<void> {
    for (let group = this.#next(); group !== null; group = this.#next()) {
      try {
        await this.#write(group);
      } catch (cause) {
        this.#fail(cause);
        return;
      }
      this.#pendingBytes -= group.bytes;
      this.#recycle(group.writer);
      this.#flushed = group.last;
      this.#options.onFlushed(this.#flushed);
      this.#wake();
    }
  }

  get #hasMore(): boolean {
    return this.#closed.length > 0 || this.#open.writer.offset > 0;
  }

  #next(): Group | null {
    const closed = this.#closed.shift();
    if (closed !== undefined) return closed;
    const group = this.#open;
    if (group.writer.offset === 0) return null;
    this.#open = newGroup(this.#spare);
    this.#spare = null;
    return group;
  }

  async #write({ path, writer }: Group): Promise<void> {
    const file = path === null ? null : await this.#openNext(path);
    if (path === null || file === null) {
      const start = path === null ? 0 : FILE_HEADER_BYTES;
      return this.#writeOut(this.#file as FileHandle, writer, start);
    }
    const before = this.#file;
    this.#file = file;
    await before?.close();
    await this.#writeOut(file, writer, 0);
    await rename(unfinishedPath(this.#options.directory, basename(path)), path);
    await this.#names?.sync();
  }

  /** Null: too many files are open, and the log that there is goes on until the next roll. */
  async #openNext(path: string): Promise<FileHandle | null> {
    const { directory, fsync } = this.#options;
    const before = this.#path;
    this.#path = path;
    try {
      if (fsync) this.#names ??= await openNames(directory);
      return await open(unfinishedPath(directory, basename(path)), 'w');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (this.#file === null || (code !== 'EMFILE' && code !== 'ENFILE')) throw cause;
      this.#path = before;
      return null;
    }
  }

  async #writeOut(file: FileHandle, { bytes, offset }: JuteWriter, start: number): Promise<void> {
    for (let at = start; at < offset; ) {
      at += (await file.write(bytes, at, offset - at)).bytesWritten;
    }
    if (this.#options.fsync) await file.datasync();
  }

  #recycle(writer: JuteWriter): void {
    if (writer.capacity > GROUP_BYTES) return;
    writer.offset = 0;
    this.#spare = writer;
  }

  /** A sync that failed is not tried again: the system may have thrown away what it could not write. */
  #fail(cause: unknown): void {
    this.#failure = new StorageError('WRITE_FAILED', this.#path, undefined, undefined, cause);
    this.#closed.length = 0;
    this.#open = newGroup();
    this.#options.onFailed(this.#failure);
    this.#wake();
  }

  #wake(): void {
    const failed = this.#failure !== null;
    const ready = this.#waiters.filter(({ position }) => failed || position <= this.#flushed);
    this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
    for (const { done } of ready) done();
  }
}

function newGroup(spare: JuteWriter | null = null): Group {
  return { writer: spare ?? JuteWriter.standalone(GROUP_BYTES), path: null, last: 0, bytes: 0 };
}

function writeFileHeader(writer: JuteWriter): void {
  writer.int(LOG_MAGIC);
  writer.int(FORMAT_VERSION);
  writer.long(0n);
}

/** Checksum, length, header, record and end mark. */
function writeEntry(writer: JuteWriter, header: TxnHeader, txn: Txn): void {
  const start = writer.reserve(ENTRY_HEADER_BYTES);
  writer.long(header.sessionId);
  writer.int(header.cxid);
  writer.long(header.zxid);
  writer.long(BigInt(header.timeMs));
  writer.int(txn.type);
  writeTxn(writer, txn);
  const end = writer.reserve(1);
  const { view, bytes } = writer;
  const body = start + ENTRY_HEADER_BYTES;
  bytes[end] = ENTRY_END;
  view.setUint32(start, 0);
  view.setUint32(start + 4, adler32(bytes, body, end));
  view.setInt32(start + 8, end - body);
}
