import { JuteReader } from '../../codec/index.ts';
import { StorageError } from '../../errors.ts';
import type { Txn, TxnHeader } from '../tree/txn.ts';
import { adler32 } from './adler32.ts';
import {
  ENTRY_BYTES_MAX,
  ENTRY_END,
  ENTRY_HEADER_BYTES,
  FILE_HEADER_BYTES,
  FORMAT_VERSION,
  LOG_MAGIC,
  TXN_HEADER_BYTES,
} from './file-format.ts';
import { readDigest, readTxn } from './txn-record.ts';
import { WindowedFile } from './windowed-file.ts';

/** One transaction of a log. `(header.sessionId, header.cxid)` is the request: `cxid` is the client's xid. */
export interface TxnLogEntry {
  readonly header: TxnHeader;
  readonly txn: Txn;
  /** Of the whole tree with this transaction in it; null: its server kept none. */
  readonly digest: bigint | null;
  /** First byte in the file. */
  readonly start: number;
}

/** How a log ends. */
export interface TxnLogEnd {
  /** In the middle of its last entry, which is not given then: a server that was killed while it wrote. */
  readonly isCut: boolean;
  /** First byte behind the last whole entry. */
  readonly offset: number;
}

/**
 * Transactions of one `log.<zxid>`, as they stand there; with `afterZxid` only those behind it, the others are
 * checked all the same. The return value tells how the log ends.
 *
 * A follower that comes back to its ensemble may write down again what it has already (seen with
 * 3.8.0), so an entry can be there twice, and behind entries with higher zxids.
 *
 * @throws StorageError for everything that a server would not have written, with the first byte that is not right.
 */
export function* readTxnLog(path: string, afterZxid = -1n): Generator<TxnLogEntry, TxnLogEnd> {
  const file = new WindowedFile(path);
  try {
    checkHeader(file);
    for (let at = FILE_HEADER_BYTES; ; ) {
      const end = entryEnd(file, at);
      if (typeof end !== 'number') return end;
      const reader = JuteReader.over(file.bytes(at + ENTRY_HEADER_BYTES, end - 1));
      const zxid = zxidOf(reader.bytes, 0);
      if (zxid > afterZxid) yield decodeEntry(file, at, reader);
      at = end;
    }
  } finally {
    file.close();
  }
}

function checkHeader(file: WindowedFile): void {
  const header = file.bytes(0, Math.min(FILE_HEADER_BYTES, file.sizeBytes));
  const isLog =
    header.length === FILE_HEADER_BYTES &&
    header.readInt32BE(0) === LOG_MAGIC &&
    header.readInt32BE(4) === FORMAT_VERSION;
  if (!isLog) throw new StorageError('BAD_HEADER', file.path, 0);
}

/** The first byte behind the entry that begins `at`, or how the log ends there. */
function entryEnd(file: WindowedFile, at: number): number | TxnLogEnd {
  const bodyStart = at + ENTRY_HEADER_BYTES;
  if (bodyStart > file.sizeBytes) return { isCut: !file.isZeroFrom(at), offset: at };
  const header = file.bytes(at, bodyStart);
  const checksum = header.readBigUInt64BE(0);
  const length = header.readInt32BE(8);
  if (length === 0) {
    if (checksum === 0n && file.isZeroFrom(at)) return { isCut: false, offset: at };
    if (file.isZeroFrom(bodyStart)) return { isCut: true, offset: at };
    throw new StorageError('BAD_LENGTH', file.path, at);
  }
  if (length < TXN_HEADER_BYTES || length > ENTRY_BYTES_MAX) {
    throw new StorageError('BAD_LENGTH', file.path, at);
  }
  const endMark = bodyStart + length;
  if (endMark >= file.sizeBytes) return { isCut: true, offset: at };
  const entry = file.bytes(at, endMark + 1);
  if (entry[entry.length - 1] === ENTRY_END) {
    const sum = BigInt(adler32(entry, ENTRY_HEADER_BYTES, entry.length - 1));
    if (sum !== checksum) throw new StorageError('BAD_CHECKSUM', file.path, at);
    return endMark + 1;
  }
  if (file.isZeroFrom(endMark)) return { isCut: true, offset: at };
  throw new StorageError('BAD_END', file.path, at);
}

function zxidOf(bytes: Buffer, bodyStart: number): bigint {
  return bytes.readBigInt64BE(bodyStart + 12);
}

function decodeEntry(file: WindowedFile, start: number, reader: JuteReader): TxnLogEntry {
  try {
    const header = {
      sessionId: reader.long(),
      cxid: reader.int(),
      zxid: reader.long(),
      timeMs: Number(reader.long()),
    };
    const txn = readTxn(reader.int(), reader);
    return { header, txn, digest: readDigest(reader), start };
  } catch (cause) {
    throw new StorageError('BAD_RECORD', file.path, start, undefined, cause);
  }
}

/**
 * Zxid of the first transaction that is whole and has its checksum, from byte `from` of the file on, wherever
 * it begins, and that is higher than `afterZxid`; null when there is none. For behind a damage, where nothing tells
 * any more where transactions begin.
 */
export function findTxn(path: string, from: number, afterZxid: bigint): bigint | null {
  const file = new WindowedFile(path);
  try {
    const last = file.contentEnd() - ENTRY_HEADER_BYTES - TXN_HEADER_BYTES - 1;
    for (let at = from; at <= last; at++) {
      const zxid = wholeTxnAt(file, at);
      if (zxid !== null && zxid > afterZxid) return zxid;
    }
    return null;
  } finally {
    file.close();
  }
}

function wholeTxnAt(file: WindowedFile, at: number): bigint | null {
  const header = file.bytes(at, at + ENTRY_HEADER_BYTES);
  // The checksum takes half of its eight bytes.
  if (header.readInt32BE(0) !== 0) return null;
  const length = header.readInt32BE(8);
  const end = at + ENTRY_HEADER_BYTES + length;
  if (length < TXN_HEADER_BYTES || length > ENTRY_BYTES_MAX || end >= file.sizeBytes) return null;
  if (file.bytes(end, end + 1)[0] !== ENTRY_END) return null;
  const entry = file.bytes(at, end);
  if (adler32(entry, ENTRY_HEADER_BYTES) !== entry.readUInt32BE(4)) return null;
  return zxidOf(entry, ENTRY_HEADER_BYTES);
}
