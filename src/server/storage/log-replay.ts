import { copyFileSync, mkdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { basename, join } from 'node:path';
import { OP } from '../../codec/index.ts';
import { StorageError } from '../../errors.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { treeDigest } from '../tree/tree-digest.ts';
import { type DataFile, listSnapshots } from './data-files.ts';
import { FILE_HEADER_BYTES } from './file-format.ts';
import type { RecoveryNotice } from './recovery.ts';
import type { SessionTimeouts } from './snapshot-reader.ts';
import { findTxn, readTxnLog, type TxnLogEntry } from './txn-log-reader.ts';

/** Transactions between two chances for others to run. */
const SLICE_TXNS = 64;
/** Above it in a zxid: the epoch, which a new leader raises. */
const EPOCH_SHIFT = 32n;

/** What a replay needs of its surroundings. */
export interface ReplayTarget {
  readonly tree: DataTree;
  /** Of the snapshots. */
  readonly directory: string;
  readonly asideDirectory: string;
  readonly truncate: boolean;
}

/** Applies logs on top of a snapshot, and decides what becomes of what is damaged in them. */
export class LogReplay {
  /** Transactions that were applied. */
  count = 0;
  /** The last transaction before one that was applied although others are missing before it. */
  #zxidBeforeGap: bigint | null = null;
  readonly #target: ReplayTarget;
  readonly #sessions: SessionTimeouts;
  readonly #notices: RecoveryNotice[];

  constructor(target: ReplayTarget, sessions: SessionTimeouts, notices: RecoveryNotice[]) {
    this.#target = target;
    this.#sessions = sessions;
    this.#notices = notices;
  }

  /** The tree has a transaction that it must not have. The files are in order by now: they have to be read again. */
  get isTreeSpoilt(): boolean {
    return this.#zxidBeforeGap !== null;
  }

  /** Oldest first. Throws a StorageError `LOG_DAMAGED`. */
  *run(logs: readonly DataFile[]): Generator<void> {
    for (const [index, { path }] of logs.entries()) {
      const damage = yield* this.#replay(path);
      if (damage === null) continue;
      const later = logs.slice(index + 1);
      if (this.#isHarmless(path, damage, later)) {
        this.#cut(path, damage);
        continue;
      }
      this.#stopAt(path, damage, later);
      return;
    }
  }

  /** Up to the end of the log, or to what is wrong with it. */
  *#replay(path: string): Generator<void, StorageError | null> {
    const entries = readTxnLog(path, this.#target.tree.lastZxid);
    try {
      for (let step = entries.next(); ; step = entries.next()) {
        if (step.done) return step.value.isCut ? endsInside(path, step.value.offset) : null;
        const gap = this.#gapBefore(path, step.value);
        if (gap !== null && !(yield* this.#isProven(step.value))) return gap;
        if (gap === null) this.#apply(step.value);
        if (this.count % SLICE_TXNS === 0) yield;
      }
    } catch (error) {
      if (error instanceof StorageError) return error;
      throw error;
    } finally {
      entries.return({ isCut: false, offset: 0 });
    }
  }

  #apply({ header, txn }: TxnLogEntry): void {
    // A follower may have written down again what it had.
    if (header.zxid <= this.#target.tree.lastZxid) return;
    this.#target.tree.apply(header, txn, null);
    if (txn.type === OP.createSession) this.#sessions.set(header.sessionId, txn.timeoutMs);
    else if (txn.type === OP.closeSession) this.#sessions.delete(header.sessionId);
    this.count++;
  }

  /**
   * A request may have taken a zxid and become no transaction (see skipZxid). Within a log that is the reason for a
   * gap, unless a follower was given a snapshot there, which could not be read then.
   */
  #gapBefore(path: string, { header, start }: TxnLogEntry): StorageError | null {
    const { tree } = this.#target;
    if (follows(tree.lastZxid, header.zxid)) return null;
    if (start > FILE_HEADER_BYTES && !this.#isInSnapshot(header.zxid)) return null;
    const missing = `transactions behind zxid ${hex(tree.lastZxid)} are missing before ${hex(header.zxid)}`;
    return new StorageError('ZXID_GAP', path, start, missing);
  }

  #isInSnapshot(nextZxid: bigint): boolean {
    const { tree, directory } = this.#target;
    return listSnapshots(directory).some(({ zxid }) => zxid > tree.lastZxid && zxid < nextZxid);
  }

  /**
   * Between two logs there may have been another one. There was none when the tree of the server that wrote the
   * transaction was what ours is now. Applies the transaction to find out.
   */
  *#isProven(entry: TxnLogEntry): Generator<void, boolean> {
    const { tree } = this.#target;
    const { lastZxid } = tree;
    if (entry.digest === null || this.#isInSnapshot(entry.header.zxid)) return false;
    this.#apply(entry);
    if ((yield* treeDigest(tree)) === entry.digest) return true;
    this.#zxidBeforeGap = lastZxid;
    return false;
  }

  /** Nothing that was ever acknowledged is behind the damage, as far as the files can tell. */
  #isHarmless(path: string, damage: StorageError, later: readonly DataFile[]): boolean {
    if (damage.code === 'ZXID_GAP') return false;
    const { lastZxid } = this.#target.tree;
    const next = firstTxn(later);
    // Apache's servers leave the torn end of a log where it is, and go on in a new log.
    if (next !== null && next <= lastZxid + 1n) return true;
    if (next !== null && !follows(lastZxid, next)) return false;
    return findTxn(path, damage.offset ?? 0, lastZxid) === null;
  }

  #cut(path: string, damage: StorageError): void {
    const offset = damage.offset ?? 0;
    const unusedBytes = statSync(path).size - offset;
    const isEmpty = offset < FILE_HEADER_BYTES;
    // What the next log has again is worth keeping for those who go back to an older snapshot.
    if (findTxn(path, offset, -1n) !== null) this.#keep(path);
    // Apache's 3.8 does not start with a log that has no header.
    if (isEmpty) rmSync(path);
    else truncateSync(path, offset);
    const what = isEmpty ? 'the log is removed' : `its last ${unusedBytes} bytes are cut off`;
    const message = `${damage.reason}: a server was killed while it wrote; ${what}`;
    this.#notices.push({ file: path, offset, unusedBytes, message });
  }

  /** Ends the replay here; or, when that has not been asked for, all. */
  #stopAt(path: string, damage: StorageError, later: readonly DataFile[]): void {
    const { truncate, tree } = this.#target;
    const lastZxid = this.#zxidBeforeGap ?? tree.lastZxid;
    const offset = damage.offset ?? 0;
    const unusedBytes = statSync(path).size - offset + sizeOf(later);
    const last = `the last good transaction is ${hex(lastZxid)}, ${unusedBytes} bytes behind it are not used`;
    if (!truncate) {
      const detail = `${damage.reason}; ${last}. There are transactions among them: bring the file back, or have it truncated`;
      throw new StorageError('LOG_DAMAGED', path, offset, detail, damage);
    }
    const aside = this.#setAside(path, offset, later);
    const message = `${damage.reason}; ${last}; the files are kept in ${aside}`;
    this.#notices.push({ file: path, offset, unusedBytes, message });
  }

  /** Nothing is destroyed: somebody may want to look into it. */
  #setAside(path: string, offset: number, later: readonly DataFile[]): string {
    for (const log of [path, ...later.map((file) => file.path)]) this.#keep(log);
    if (offset < FILE_HEADER_BYTES) rmSync(path);
    else truncateSync(path, offset);
    for (const log of later) rmSync(log.path);
    return this.#target.asideDirectory;
  }

  #keep(path: string): void {
    const { asideDirectory } = this.#target;
    mkdirSync(asideDirectory, { recursive: true });
    copyFileSync(path, join(asideDirectory, basename(path)));
  }
}

function endsInside(path: string, offset: number): StorageError {
  return new StorageError('BAD_LENGTH', path, offset, 'the log ends inside a transaction');
}

/** Each transaction has the next zxid; a new leader begins a new epoch. */
function follows(last: bigint, next: bigint): boolean {
  return next <= last + 1n || next >> EPOCH_SHIFT > last >> EPOCH_SHIFT;
}

function firstTxn(logs: readonly DataFile[]): bigint | null {
  for (const { path } of logs) {
    const zxid = findTxn(path, 0, -1n);
    if (zxid !== null) return zxid;
  }
  return null;
}

function sizeOf(logs: readonly DataFile[]): number {
  return logs.reduce((bytes, { path }) => bytes + statSync(path).size, 0);
}

function hex(zxid: bigint): string {
  return `0x${zxid.toString(16)}`;
}
