import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import { STORAGE_ERROR_CODES, StorageError } from '../../../../src/errors.ts';
import { adler32 } from '../../../../src/server/storage/adler32.ts';
import { listLogs, versionDirectory } from '../../../../src/server/storage/data-files.ts';
import {
  findTxn,
  readTxnLog,
  type TxnLogEnd,
  type TxnLogEntry,
} from '../../../../src/server/storage/txn-log-reader.ts';
import type { Txn } from '../../../../src/server/tree/txn.ts';
import { adlerOf, DIGEST, entryBytes, fileHeader, framed, recordBytes } from './log-bytes.ts';

let directory = '';
let files = 0;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'zkwire-txn-log-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function logFile(...parts: Buffer[]): string {
  const path = join(directory, `log.${(++files).toString(16)}`);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

function readAll(path: string, afterZxid?: bigint): { entries: TxnLogEntry[]; end: TxnLogEnd } {
  const log = readTxnLog(path, afterZxid);
  const entries: TxnLogEntry[] = [];
  for (;;) {
    const next = log.next();
    if (next.done === true) return { entries, end: next.value };
    entries.push(next.value);
  }
}

function errorOf(path: string): StorageError {
  try {
    readAll(path);
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  throw new Error('it was read');
}

const ACL = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const NODE = { acl: ACL, parentCversion: 7 };
const PLAIN = { type: OP.create, ...NODE, ephemeral: false } as const;

const TXNS: readonly Txn[] = [
  { type: OP.createSession, timeoutMs: 10_000 },
  { ...PLAIN, path: '/a', data: Buffer.from('hello') },
  { ...PLAIN, path: '/é-€', data: null, ephemeral: true },
  { ...PLAIN, type: OP.create2, path: '/b', data: Buffer.alloc(0) },
  { ...NODE, type: OP.createContainer, path: '/c', data: null },
  { ...NODE, type: OP.createTTL, path: '/t', data: null, ttlMs: 100_000 },
  { type: OP.setData, path: '/a', data: Buffer.from('x'), version: 3 },
  { type: OP.reconfig, path: '/zookeeper/config', data: Buffer.from('server.1'), version: 1 },
  { type: OP.setACL, path: '/a', acl: ACL, version: 2 },
  { type: OP.delete, path: '/a' },
  { type: OP.deleteContainer, path: '/c' },
  { type: OP.error, code: -101 },
  {
    type: OP.multi,
    txns: [
      { ...PLAIN, path: '/m', data: null },
      { type: OP.check, path: '/a', version: 4 },
      { type: OP.delete, path: '/b' },
    ],
  },
  {
    type: OP.multi,
    txns: [
      { ...PLAIN, path: '/m2', data: null },
      { type: OP.error, code: -101 },
    ],
  },
  { type: OP.multi, txns: [] },
  { type: OP.closeSession, paths: ['/é-€'] },
  { type: OP.closeSession, paths: [] },
];

function entryOf(txn: Txn, zxid: number, digest: Buffer = DIGEST): Buffer {
  const record = Buffer.concat([recordBytes(txn), digest]);
  const fields = { sessionId: 0x0100_00aa_bbcc_0001n, cxid: zxid * 10, timeMs: 1_700_000_000_000 };
  return entryBytes({ ...fields, zxid: BigInt(zxid), type: txn.type, record });
}

const ONE = entryOf(TXNS[1] as Txn, 1);
const TWO = entryOf(TXNS[6] as Txn, 2);

function changed(bytes: Buffer, offset: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[offset] = value;
  return copy;
}

function zxidsOf(entries: readonly TxnLogEntry[]): bigint[] {
  return entries.map(({ header }) => header.zxid);
}

describe('a transaction log', () => {
  it.each([
    ['with digests', DIGEST],
    ['without digests', Buffer.alloc(0)],
  ])('gives every entry, %s', (_, digest) => {
    const entries = TXNS.map((txn, index) => entryOf(txn, index + 1, digest));
    const { entries: read, end } = readAll(logFile(fileHeader(), ...entries));
    const size = fileHeader().length + entries.reduce((bytes, entry) => bytes + entry.length, 0);
    expect(end).toEqual({ isCut: false, offset: size });
    expect(read.map(({ txn }) => txn)).toEqual(TXNS);
    expect(read.map(({ header }) => header.zxid)).toEqual(
      TXNS.map((_each, index) => BigInt(index + 1)),
    );
    expect(read[1]?.header).toEqual({
      sessionId: 0x0100_00aa_bbcc_0001n,
      cxid: 20,
      zxid: 2n,
      timeMs: 1_700_000_000_000,
    });
    expect(read[1]?.start).toBe(fileHeader().length + entries[0]!.length);
  });

  it.each([
    ['without a digest', Buffer.alloc(0)],
    ['with one', DIGEST],
  ])('gives no paths of a session that an old server closed, %s', (_, digest) => {
    const txn: Txn = { type: OP.closeSession, paths: null };
    expect(readAll(logFile(fileHeader(), entryOf(txn, 1, digest))).entries[0]?.txn).toEqual(txn);
  });

  it('gives -1 as cversion of the parent where there was none', () => {
    const txn: Txn = { ...PLAIN, path: '/a', data: null };
    const record = recordBytes(txn).subarray(0, -4);
    const fields = { sessionId: 1n, cxid: 1, zxid: 1n, timeMs: 0, type: txn.type, record };
    const { entries } = readAll(logFile(fileHeader(), entryBytes(fields)));
    expect(entries[0]?.txn).toEqual({ ...txn, parentCversion: -1 });
  });

  it('takes no list of ACLs for everybody and everything', () => {
    const record = Buffer.from('000000022f61ffffffff00000003', 'hex');
    const fields = { sessionId: 1n, cxid: 1, zxid: 1n, timeMs: 0, type: OP.setACL, record };
    const { entries } = readAll(logFile(fileHeader(), entryBytes(fields)));
    expect(entries[0]?.txn).toEqual({ type: OP.setACL, path: '/a', acl: ACL, version: 3 });
  });

  it('gives what is behind a zxid, and looks at the rest all the same', () => {
    const path = logFile(fileHeader(), ONE, TWO);
    expect(zxidsOf(readAll(path, 1n).entries)).toEqual([2n]);
    expect(readAll(path, 2n)).toMatchObject({ entries: [], end: { isCut: false } });
    const broken = logFile(fileHeader(), changed(ONE, 40, 0x7f), TWO);
    expect(() => readAll(broken, 1n)).toThrow(/BAD_CHECKSUM/);
  });

  it('keeps the data of an entry while it goes on', () => {
    const entries = Array.from({ length: 300 }, (_, index) => {
      const data = Buffer.alloc(10_000, index);
      return entryOf({ type: OP.setData, path: '/a', data, version: index }, index + 1);
    });
    const { entries: read } = readAll(logFile(fileHeader(), ...entries));
    expect(read).toHaveLength(300);
    read.forEach(({ txn }, index) => {
      expect('data' in txn && txn.data?.equals(Buffer.alloc(10_000, index))).toBe(true);
    });
  });

  it('ends where the zeros begin that servers allocate ahead', () => {
    const path = logFile(fileHeader(), ONE, TWO);
    truncateSync(path, 5 * 1024 * 1024);
    const { entries, end } = readAll(path);
    expect(zxidsOf(entries)).toEqual([1n, 2n]);
    expect(end).toEqual({ isCut: false, offset: 16 + ONE.length + TWO.length });
  });

  it.each(Array.from({ length: TWO.length - 1 }, (_, index) => index + 1))(
    'is cut when its last entry ends after %i bytes, at the end of the file or before zeros',
    (bytes) => {
      const path = logFile(fileHeader(), ONE, TWO.subarray(0, bytes));
      const isCut = TWO.subarray(0, bytes).some((byte) => byte !== 0);
      const end = { isCut, offset: 16 + ONE.length };
      expect(readAll(path)).toMatchObject({ end, entries: [{ header: { zxid: 1n } }] });
      truncateSync(path, 4096);
      expect(readAll(path)).toMatchObject({ end, entries: [{ header: { zxid: 1n } }] });
    },
  );

  it('may have an entry again, and zxids that go back: followers that come back write so', () => {
    const { entries } = readAll(logFile(fileHeader(), ONE, TWO, ONE));
    expect(zxidsOf(entries)).toEqual([1n, 2n, 1n]);
  });

  it('may hold nothing yet', () => {
    expect(readAll(logFile(fileHeader()))).toEqual({
      entries: [],
      end: { isCut: false, offset: 16 },
    });
  });
});

describe('what is no transaction log', () => {
  const at = fileHeader().length;

  it.each([
    ['nothing', 'BAD_HEADER', 0, [Buffer.alloc(0)]],
    ['a header cut short', 'BAD_HEADER', 0, [fileHeader().subarray(0, 15)]],
    ['another magic', 'BAD_HEADER', 0, [changed(fileHeader(), 3, 0x53)]],
    ['another version', 'BAD_HEADER', 0, [changed(fileHeader(), 7, 3)]],
    ['a negative length', 'BAD_LENGTH', at, [fileHeader(), changed(ONE, 8, 0xff)]],
    ['a length that is too great', 'BAD_LENGTH', at, [fileHeader(), changed(ONE, 8, 0x70)]],
    ['a length below the header', 'BAD_LENGTH', at, [fileHeader(), framed(Buffer.alloc(31, 1))]],
    ['nothing in the middle', 'BAD_LENGTH', at, [fileHeader(), Buffer.alloc(12), ONE]],
    ['a flipped bit', 'BAD_CHECKSUM', at, [fileHeader(), changed(ONE, 40, 0x7f), TWO]],
    ['another checksum', 'BAD_CHECKSUM', at, [fileHeader(), changed(ONE, 7, 0)]],
    ['another end mark', 'BAD_END', at, [fileHeader(), changed(ONE, ONE.length - 1, 0x43), TWO]],
    [
      'no end mark before more',
      'BAD_END',
      at,
      [fileHeader(), changed(ONE, ONE.length - 1, 0), TWO],
    ],
  ] as const)('%s', (_, code, offset, parts) => {
    const error = errorOf(logFile(...parts));
    expect([error.code, error.offset]).toEqual([code, offset]);
    expect(error.message).toContain(STORAGE_ERROR_CODES[code]);
  });

  const record = recordBytes(TXNS[6] as Txn);

  it.each([
    ['a type that is not known', 4, record],
    ['a record that is too short', 5, record.subarray(0, record.length - 1)],
    ['bytes behind the record', 5, Buffer.concat([record, Buffer.alloc(4)])],
    ['more behind the record than a digest', 5, Buffer.concat([record, Buffer.alloc(16)])],
    ['a path that is null', 2, Buffer.alloc(4, 0xff)],
    ['a step that is too long', 14, multiOf(2, Buffer.from('000000022f61ff', 'hex'))],
    ['a multi in a multi', 14, multiOf(14, Buffer.alloc(4))],
    ['more steps than bytes', 14, Buffer.from('7fffffff', 'hex')],
  ])('%s', (_, type, bytes) => {
    const fields = { sessionId: 1n, cxid: 1, zxid: 1n, timeMs: 0, type, record: bytes };
    const error = errorOf(logFile(fileHeader(), entryBytes(fields)));
    expect([error.code, error.offset]).toEqual(['BAD_RECORD', at]);
  });

  it('a file that is not there', () => {
    expect(() => readAll(join(directory, 'none'))).toThrow(/ENOENT/);
  });
});

function multiOf(type: number, step: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeInt32BE(1);
  head.writeInt32BE(type, 4);
  head.writeInt32BE(step.length, 8);
  return Buffer.concat([head, step]);
}

describe('transactions behind a damage', () => {
  const damage = changed(ONE, 40, 0x7f);

  it.each([
    ['right behind it', [damage, TWO], 2n],
    ['behind what is no entry', [damage, Buffer.alloc(1000, 1), TWO, Buffer.alloc(3)], 2n],
    ['before zeros', [damage, TWO, Buffer.alloc(3 * 1024 * 1024)], 2n],
    ['not when they are cut', [damage, TWO.subarray(0, -1)], null],
    ['not when they are damaged', [damage, changed(TWO, 41, 1)], null],
    ['not when they came before', [damage, ONE], null],
    ['not when there is nothing', [], null],
  ] as const)('are found %s', (_, parts, zxid) => {
    expect(findTxn(logFile(fileHeader(), ...parts), 16, 1n)).toBe(zxid);
  });
});

describe('adler32', () => {
  it.each([0, 1, 5_551, 5_552, 5_553, 100_000])('is that of zlib for %i bytes', (length) => {
    const bytes = Buffer.alloc(length, 0xff);
    expect(adler32(bytes)).toBe(adlerOf(bytes));
  });
});

describe('the logs of a server', () => {
  it('are given oldest first, by zxid and not by name', () => {
    const dataDir = join(directory, 'data');
    mkdirSync(join(dataDir, 'version-2'), { recursive: true });
    for (const name of ['log.100000001', 'log.a', 'log.1f', 'snapshot.1f', 'log.1f.bak']) {
      writeFileSync(join(dataDir, 'version-2', name), '');
    }
    const logs = listLogs(versionDirectory(dataDir));
    const names = logs.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
    expect(names).toEqual(['log.a', 'log.1f', 'log.100000001']);
  });

  it('are none before the first', () => {
    expect(listLogs(join(directory, 'nowhere'))).toEqual([]);
  });
});
