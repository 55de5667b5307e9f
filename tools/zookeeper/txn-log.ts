import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { JuteReader } from 'zkwire/codec';
import { WindowedFile } from './txn-log-file.ts';
import { readTxnBody, type TxnBody } from './txn-log-record.ts';

/** One transaction. `(sessionId, cxid)` is the request: `cxid` is the client's xid. */
export interface TxnEntry {
  readonly sessionId: bigint;
  readonly cxid: number;
  readonly zxid: bigint;
  readonly timeMs: number;
  readonly body: TxnBody;
}

export const TXN_LOG_ERROR_CODES = {
  BAD_HEADER: 'the file does not begin as a transaction log does',
  BAD_LENGTH: 'the length of an entry is not possible',
  BAD_CHECKSUM: 'an entry does not have its checksum',
  BAD_END: 'an entry does not end with the byte 0x42',
  BAD_RECORD: 'an entry cannot be decoded',
} as const;

export type TxnLogErrorCode = keyof typeof TXN_LOG_ERROR_CODES;

/** What is in the file is no transaction log, or a damaged one. `offset` is the byte of the file where the entry begins. */
export class TxnLogError extends Error {
  override readonly name = 'TxnLogError';
  readonly code: TxnLogErrorCode;
  readonly path: string;
  readonly offset: number;

  constructor(code: TxnLogErrorCode, path: string, offset: number, cause?: unknown) {
    const because = cause instanceof Error ? `: ${cause.message}` : '';
    const text = `${code}: ${TXN_LOG_ERROR_CODES[code]}${because} (${path}, byte ${offset})`;
    super(text, cause === undefined ? undefined : { cause });
    this.code = code;
    this.path = path;
    this.offset = offset;
  }
}

/** `ZKLG`, and the only version there is. */
const MAGIC = 0x5a4b4c47;
const VERSION = 2;
const FILE_HEADER_BYTES = 16;
/** Checksum (long) and length (int) before each entry, one byte behind it. */
const ENTRY_HEADER_BYTES = 12;
const ENTRY_END = 0x42;
/** Session, cxid, zxid, time, type. */
const TXN_HEADER_BYTES = 32;
/** Far above `jute.maxbuffer` (1 MiB) with all that a server adds to a request. */
const ENTRY_BYTES_MAX = 64 * 1024 * 1024;

/**
 * How a log ends: `whole`, or `cut` in the middle of its last entry, which is not given then: a server
 * that was killed while it wrote.
 */
export type TxnLogEnd = 'whole' | 'cut';

/**
 * Entries of one `log.<zxid>` of a server's `version-2` directory, as they stand there. The return value tells how the log ends.
 *
 * A follower that comes back to its ensemble may write down again what it has already (seen with
 * 3.8.0), so an entry can be there twice, and behind entries with higher zxids.
 *
 * @throws TxnLogError for everything that a server would not have written.
 */
export function* readTxnLog(path: string): Generator<TxnEntry, TxnLogEnd> {
  const file = new WindowedFile(path);
  try {
    return yield* readEntries(path, file);
  } finally {
    file.close();
  }
}

function* readEntries(path: string, file: WindowedFile): Generator<TxnEntry, TxnLogEnd> {
  checkHeader(path, file);
  for (let at = FILE_HEADER_BYTES; ; ) {
    const next = entryAt(path, file, at);
    if (typeof next === 'string') return next;
    const { entry, end } = next;
    yield entry;
    at = end;
  }
}

function checkHeader(path: string, file: WindowedFile): void {
  const header = file.bytes(0, Math.min(FILE_HEADER_BYTES, file.sizeBytes));
  const isLog =
    header.length === FILE_HEADER_BYTES &&
    header.readInt32BE(0) === MAGIC &&
    header.readInt32BE(4) === VERSION;
  if (!isLog) throw new TxnLogError('BAD_HEADER', path, 0);
}

function entryAt(
  path: string,
  file: WindowedFile,
  at: number,
): { entry: TxnEntry; end: number } | TxnLogEnd {
  const bodyStart = at + ENTRY_HEADER_BYTES;
  if (bodyStart > file.sizeBytes) return endAt(file, at);
  const header = file.bytes(at, bodyStart);
  const checksum = header.readBigUInt64BE(0);
  const length = header.readInt32BE(8);
  if (length === 0) {
    if (checksum === 0n && file.isZeroFrom(at)) return 'whole';
    if (file.isZeroFrom(bodyStart)) return 'cut';
    throw new TxnLogError('BAD_LENGTH', path, at);
  }
  if (length < TXN_HEADER_BYTES || length > ENTRY_BYTES_MAX) {
    throw new TxnLogError('BAD_LENGTH', path, at);
  }
  const end = bodyStart + length;
  if (end + 1 > file.sizeBytes) return 'cut';
  const bytes = file.bytes(bodyStart, end + 1);
  const endMark = bytes[length];
  if (endMark === 0 && file.isZeroFrom(end)) return 'cut';
  const body = file.bytes(bodyStart, end);
  if (endMark !== ENTRY_END) throw new TxnLogError('BAD_END', path, at);
  if (BigInt(adler32(body)) !== checksum) throw new TxnLogError('BAD_CHECKSUM', path, at);
  // A copy: a view would keep the whole window in memory as long as somebody keeps the entry.
  return { entry: decodeEntry(path, at, Buffer.from(body)), end: end + 1 };
}

/** The file ends where an entry's header would begin, or in the middle of one. */
function endAt(file: WindowedFile, at: number): TxnLogEnd {
  return file.isZeroFrom(at) ? 'whole' : 'cut';
}

function decodeEntry(path: string, at: number, bytes: Buffer): TxnEntry {
  const reader = JuteReader.over(bytes);
  try {
    const sessionId = reader.long();
    const cxid = reader.int();
    const zxid = reader.long();
    const timeMs = Number(reader.long());
    const type = reader.int();
    return { sessionId, cxid, zxid, timeMs, body: readTxnBody(type, reader) };
  } catch (cause) {
    throw new TxnLogError('BAD_RECORD', path, at, cause);
  }
}

const ADLER_MODULUS = 65_521;
/** So many bytes can be summed up before the second sum outgrows 32 bits. */
const ADLER_RUN = 5_552;

/** Adler-32 as of zlib, which Node does not offer. */
export function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let start = 0; start < bytes.length; start += ADLER_RUN) {
    const end = Math.min(bytes.length, start + ADLER_RUN);
    for (let at = start; at < end; at++) {
      low += bytes[at] as number;
      high += low;
    }
    low %= ADLER_MODULUS;
    high %= ADLER_MODULUS;
  }
  return high * 65_536 + low;
}

/** Paths of the logs of a server, oldest first; none when there is no log yet. */
export function txnLogPaths(dataDir: string): string[] {
  const directory = join(dataDir, 'version-2');
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .flatMap((name) => {
      const zxid = /^log\.([0-9a-f]+)$/.exec(name)?.[1];
      return zxid === undefined ? [] : [{ name, zxid: BigInt(`0x${zxid}`) }];
    })
    .sort((a, b) => (a.zxid < b.zxid ? -1 : 1))
    .map(({ name }) => join(directory, name));
}
