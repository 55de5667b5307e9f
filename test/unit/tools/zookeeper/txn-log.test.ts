import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  adler32,
  readTxnLog,
  TXN_LOG_ERROR_CODES,
  type TxnEntry,
  type TxnLogEnd,
  TxnLogError,
  txnLogPaths,
} from '../../../../tools/zookeeper/txn-log.ts';
import type { TxnBody } from '../../../../tools/zookeeper/txn-log-record.ts';
import {
  adlerOf,
  DIGEST,
  entryBytes,
  fileHeader,
  framed,
  recordBytes,
  typeOf,
} from './txn-log-bytes.ts';

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

function readAll(path: string): { entries: TxnEntry[]; end: TxnLogEnd } {
  const log = readTxnLog(path);
  const entries: TxnEntry[] = [];
  for (;;) {
    const next = log.next();
    if (next.done === true) return { entries, end: next.value };
    entries.push(next.value);
  }
}

function errorOf(path: string): TxnLogError {
  try {
    readAll(path);
  } catch (error) {
    if (error instanceof TxnLogError) return error;
    throw error;
  }
  throw new Error('it was read');
}

const ACL = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const PLAIN = { acl: ACL, ephemeral: false, parentCVersion: 7, ttlMs: null };

const BODIES: readonly TxnBody[] = [
  { type: 'createSession', timeoutMs: 10_000 },
  { type: 'create', path: '/a', data: Buffer.from('hello'), ...PLAIN },
  { type: 'create', path: '/é-€', data: null, ...PLAIN, ephemeral: true },
  { type: 'create2', path: '/b', data: Buffer.alloc(0), ...PLAIN },
  { type: 'createContainer', path: '/c', data: null, ...PLAIN },
  { type: 'createTTL', path: '/t', data: null, ...PLAIN, ttlMs: 100_000n },
  { type: 'setData', path: '/a', data: Buffer.from('x'), version: 3 },
  { type: 'reconfig', path: '/zookeeper/config', data: Buffer.from('server.1'), version: 1 },
  { type: 'setACL', path: '/a', acl: ACL, version: 2 },
  { type: 'delete', path: '/a' },
  { type: 'deleteContainer', path: '/c' },
  { type: 'error', serverCode: -101 },
  {
    type: 'multi',
    applied: true,
    steps: [
      { type: 'create', path: '/m', data: null, ...PLAIN },
      { type: 'check', path: '/a', version: 4 },
      { type: 'delete', path: '/b' },
    ],
  },
  {
    type: 'multi',
    applied: false,
    steps: [
      { type: 'create', path: '/m2', data: null, ...PLAIN },
      { type: 'error', serverCode: -101 },
    ],
  },
  { type: 'multi', applied: true, steps: [] },
  { type: 'closeSession', paths: ['/é-€'] },
  { type: 'closeSession', paths: [] },
];

function entryOf(body: TxnBody, zxid: number, digest: Buffer = DIGEST): Buffer {
  const record = Buffer.concat([recordBytes(body), digest]);
  const fields = { sessionId: 0x0100_00aa_bbcc_0001n, cxid: zxid * 10, timeMs: 1_700_000_000_000 };
  return entryBytes({ ...fields, zxid: BigInt(zxid), type: typeOf(body), record });
}

const ONE = entryOf(BODIES[1] as TxnBody, 1);
const TWO = entryOf(BODIES[6] as TxnBody, 2);

describe('a transaction log', () => {
  it.each([
    ['with digests', DIGEST],
    ['without digests', Buffer.alloc(0)],
  ])('gives every entry, %s', (_, digest) => {
    const entries = BODIES.map((body, index) => entryOf(body, index + 1, digest));
    const { entries: read, end } = readAll(logFile(fileHeader(), ...entries));
    expect(end).toBe('whole');
    expect(read.map(({ body }) => body)).toEqual(BODIES);
    expect(read.map(({ zxid }) => zxid)).toEqual(BODIES.map((_each, index) => BigInt(index + 1)));
    expect(read[1]).toMatchObject({
      sessionId: 0x0100_00aa_bbcc_0001n,
      cxid: 20,
      timeMs: 1_700_000_000_000,
    });
  });

  it.each([
    ['without a digest', Buffer.alloc(0)],
    ['with one', DIGEST],
  ])('gives no paths of a session that an old server closed, %s', (_, digest) => {
    const body: TxnBody = { type: 'closeSession', paths: null };
    expect(readAll(logFile(fileHeader(), entryOf(body, 1, digest))).entries[0]?.body).toEqual(body);
  });

  it('gives no cversion of the parent where there was none', () => {
    const body: TxnBody = {
      type: 'create',
      path: '/a',
      data: null,
      ...PLAIN,
      parentCVersion: null,
    };
    const path = logFile(fileHeader(), entryOf(body, 1, Buffer.alloc(0)));
    expect(readAll(path).entries[0]?.body).toEqual(body);
  });

  it('keeps the data of an entry while it goes on', () => {
    const entries = Array.from({ length: 300 }, (_, index) => {
      const data = Buffer.alloc(10_000, index);
      return entryOf({ type: 'setData', path: '/a', data, version: index }, index + 1);
    });
    const { entries: read } = readAll(logFile(fileHeader(), ...entries));
    expect(read).toHaveLength(300);
    read.forEach(({ body }, index) => {
      expect(body.type === 'setData' && body.data?.equals(Buffer.alloc(10_000, index))).toBe(true);
    });
  });

  it('ends where the zeros begin that servers allocate ahead', () => {
    const path = logFile(fileHeader(), ONE, TWO);
    truncateSync(path, 5 * 1024 * 1024);
    expect(readAll(path)).toMatchObject({ end: 'whole', entries: [{ zxid: 1n }, { zxid: 2n }] });
  });

  it.each(Array.from({ length: TWO.length - 1 }, (_, index) => index + 1))(
    'is cut when its last entry ends after %i bytes, at the end of the file or before zeros',
    (bytes) => {
      const path = logFile(fileHeader(), ONE, TWO.subarray(0, bytes));
      const whole = TWO.subarray(0, bytes).every((byte) => byte === 0) ? 'whole' : 'cut';
      expect(readAll(path)).toMatchObject({ end: whole, entries: [{ zxid: 1n }] });
      truncateSync(path, 4096);
      expect(readAll(path)).toMatchObject({ end: whole, entries: [{ zxid: 1n }] });
    },
  );

  it('may have an entry again, and zxids that go back: followers that come back write so', () => {
    const { entries } = readAll(logFile(fileHeader(), ONE, TWO, ONE));
    expect(entries.map(({ zxid }) => zxid)).toEqual([1n, 2n, 1n]);
  });

  it('may hold nothing yet', () => {
    expect(readAll(logFile(fileHeader()))).toEqual({ entries: [], end: 'whole' });
  });
});

describe('what is no transaction log', () => {
  const at = fileHeader().length;

  function changed(bytes: Buffer, offset: number, value: number): Buffer {
    const copy = Buffer.from(bytes);
    copy[offset] = value;
    return copy;
  }

  it.each([
    ['nothing', 'BAD_HEADER', 0, [Buffer.alloc(0)]],
    ['a header cut short', 'BAD_HEADER', 0, [fileHeader().subarray(0, 15)]],
    ['another magic', 'BAD_HEADER', 0, [changed(fileHeader(), 3, 0x53)]],
    ['another version', 'BAD_HEADER', 0, [changed(fileHeader(), 7, 3)]],
    ['a negative length', 'BAD_LENGTH', at, [fileHeader(), changed(ONE, 8, 0xff)]],
    ['a length that is too great', 'BAD_LENGTH', at, [fileHeader(), changed(ONE, 8, 0x10)]],
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
    expect(error.message).toContain(TXN_LOG_ERROR_CODES[code]);
  });

  const record = recordBytes(BODIES[6] as TxnBody);

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
    const names = txnLogPaths(dataDir).map((path) => path.slice(path.lastIndexOf('/') + 1));
    expect(names).toEqual(['log.a', 'log.1f', 'log.100000001']);
  });

  it('are none before the first', () => {
    expect(txnLogPaths(join(directory, 'nowhere'))).toEqual([]);
  });
});
