import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync } from 'node:fs';
import { type FileHandle, open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import { StorageError } from '../../../../src/errors.ts';
import { readTxnLog } from '../../../../src/server/storage/txn-log-reader.ts';
import { TxnLogWriter } from '../../../../src/server/storage/txn-log-writer.ts';
import type { Txn } from '../../../../src/server/tree/txn.ts';
import { entryBytes, fileHeader, recordBytes } from './log-bytes.ts';
import { makeDirectory } from './storage-rig.ts';

const root = makeDirectory();
afterAll(() => root.remove());

const flushed: number[] = [];
const failures: StorageError[] = [];
let directory = '';

beforeEach(() => {
  directory = makeDirectory().path;
  flushed.length = 0;
  failures.length = 0;
});

function open(fsync = true): TxnLogWriter {
  return new TxnLogWriter({
    directory,
    fsync,
    onFlushed: (position) => flushed.push(position),
    onFailed: (error) => failures.push(error),
  });
}

function append(log: TxnLogWriter, zxid: number, data = 'x'): number {
  const txn: Txn = { type: OP.setData, path: '/a', data: Buffer.from(data), version: zxid };
  return log.append({ sessionId: 1n, cxid: zxid, zxid: BigInt(zxid), timeMs: 1000 }, txn);
}

function zxidsIn(name: string): number[] {
  return [...readTxnLog(join(directory, name))].map(({ header }) => Number(header.zxid));
}

function isDone({ type }: { readonly type: string }): boolean {
  return type === 'fulfilled';
}

describe('the writer of the transaction log', () => {
  it('writes what the format says, byte for byte', async () => {
    const log = open();
    append(log, 1, 'hello');
    await log.close();
    const record = recordBytes({
      type: OP.setData,
      path: '/a',
      data: Buffer.from('hello'),
      version: 1,
    });
    const fields = { sessionId: 1n, cxid: 1, zxid: 1n, timeMs: 1000, type: OP.setData, record };
    const wanted = Buffer.concat([fileHeader(), entryBytes(fields)]);
    expect(readFileSync(join(directory, 'log.1'))).toEqual(wanted);
  });

  it.each([true, false])(
    'flushes what was appended in one turn together (fsync: %s)',
    async (fsync) => {
      const log = open(fsync);
      expect([append(log, 1), append(log, 2), append(log, 3)]).toEqual([1, 2, 3]);
      expect([log.appended, log.flushed, flushed]).toEqual([3, 0, []]);
      expect(log.pendingBytes).toBe(3 * 60);
      await log.flush();
      expect([log.flushed, log.pendingBytes, flushed]).toEqual([3, 0, [3]]);
      await log.close();
      expect(zxidsIn('log.1')).toEqual([1, 2, 3]);
    },
  );

  it.each([true, false])(
    'tells what is flushed when it is synced, if that is wanted (%s)',
    async (fsync) => {
      const probe = await openFile(join(directory, 'probe'), 'w');
      const sync = vi.spyOn(Object.getPrototypeOf(probe) as FileHandle, 'datasync');
      await probe.close();
      const syncs: number[] = [];
      const log = new TxnLogWriter({
        directory,
        fsync,
        onFlushed: () => syncs.push(sync.mock.settledResults.filter(isDone).length),
        onFailed: () => {},
      });
      append(log, 1);
      await log.flush();
      append(log, 2);
      await log.close();
      sync.mockRestore();
      expect(syncs).toEqual(fsync ? [1, 2] : [0, 0]);
    },
  );

  it('gathers the next group while one is written', async () => {
    const log = open();
    append(log, 1);
    const first = log.flush();
    append(log, 2);
    append(log, 3);
    await first;
    expect(flushed).toEqual([1]);
    append(log, 4);
    await log.close();
    expect(flushed.at(-1)).toBe(4);
    expect(flushed.length).toBeLessThanOrEqual(3);
    expect(zxidsIn('log.1')).toEqual([1, 2, 3, 4]);
  });

  it('flushes by itself', async () => {
    const log = open();
    append(log, 1);
    while (log.flushed === 0) await new Promise(setImmediate);
    expect(flushed).toEqual([1]);
    await log.close();
  });

  it('flushes what is appended by a job right behind the flush of all the rest', async () => {
    const log: TxnLogWriter = new TxnLogWriter({
      directory,
      fsync: true,
      onFlushed: (position) => {
        flushed.push(position);
        // As a request does that a client in this process makes of the answer.
        if (position < 3) queueMicrotask(() => append(log, position + 1));
      },
      onFailed: (error) => failures.push(error),
    });
    append(log, 1);
    while (log.flushed < 3) await new Promise(setImmediate);
    expect([flushed, failures]).toEqual([[1, 2, 3], []]);
    await log.close();
    expect(zxidsIn('log.1')).toEqual([1, 2, 3]);
  });

  it('begins a new log when it is rolled, also in the middle of a group', async () => {
    const log = open();
    append(log, 1);
    log.roll();
    append(log, 2);
    append(log, 3);
    log.roll();
    log.roll();
    append(log, 0x1a);
    await log.close();
    expect(['log.1', 'log.2', 'log.1a'].map(zxidsIn)).toEqual([[1], [2, 3], [0x1a]]);
    expect(flushed).toEqual([1, 3, 4]);
  });

  it('writes what is larger than its memory, and takes it back', async () => {
    const log = open(false);
    const large = 'y'.repeat(1_000_000);
    append(log, 1, large);
    append(log, 2);
    await log.flush();
    append(log, 3, large);
    await log.close();
    expect(zxidsIn('log.1')).toEqual([1, 2, 3]);
    const [first] = readTxnLog(join(directory, 'log.1'));
    expect(
      first !== undefined && 'data' in first.txn && first.txn.data?.equals(Buffer.from(large)),
    ).toBe(true);
  });

  it('takes nothing after its end', async () => {
    const log = open();
    append(log, 1);
    const closing = log.close();
    append(log, 2);
    await closing;
    expect([append(log, 3), log.flushed, log.pendingBytes]).toEqual([3, 2, 0]);
    await new Promise(setImmediate);
    expect(zxidsIn('log.1')).toEqual([1, 2]);
  });

  it('makes no file before the first transaction', async () => {
    const log = open();
    await log.flush();
    await log.close();
    expect([log.appended, flushed]).toEqual([0, []]);
  });
});

/** As it is installed: `npm test` builds it first. */
const MODULE = new URL('../../../../dist/server/storage/txn-log-writer.js', import.meta.url).href;
/** Rolls while no file can be opened, and when one can again. */
const WITHOUT_FILES = `
  import { closeSync, openSync } from 'node:fs';
  import { TxnLogWriter } from ${JSON.stringify(MODULE)};
  const options = { directory: process.argv[1], fsync: true, onFlushed() {}, onFailed() {} };
  const log = new TxnLogWriter(options);
  const append = (zxid) => {
    log.append({ sessionId: 1n, cxid: 1, zxid, timeMs: 1 }, { type: -1, code: -1 });
    return log.flush();
  };
  await append(1n);
  const files = [];
  let code;
  try {
    for (;;) files.push(openSync('/dev/null'));
  } catch (error) {
    code = error.code;
  }
  log.roll();
  await append(2n);
  const { flushed } = log;
  for (const file of files) closeSync(file);
  log.roll();
  await append(3n);
  await append(4n);
  console.log(code + ', ' + flushed + ' and ' + log.flushed + ' flushed');
  await log.close();
`;

describe('a disk that fails', () => {
  /** The system's own full disk in the place of the log that is about to be begun. */
  function fillDisk(name: string): void {
    symlinkSync('/dev/full', join(directory, `unfinished-${name}`));
  }

  it('is told once, and nothing is flushed any more', async () => {
    const log = open(false);
    append(log, 1);
    await log.flush();
    fillDisk('log.2');
    log.roll();
    append(log, 2);
    append(log, 3);
    await expect(log.flush()).rejects.toMatchObject({ code: 'WRITE_FAILED' });
    expect(failures).toHaveLength(1);
    expect(failures[0]?.file).toBe(join(directory, 'log.2'));
    expect(failures[0]?.message).toContain('ENOSPC');
    expect(append(log, 4)).toBe(4);
    await expect(log.flush()).rejects.toThrow(StorageError);
    expect([flushed, log.flushed, failures.length]).toEqual([[1], 1, 1]);
    await expect(log.close()).rejects.toThrow('WRITE_FAILED');
  });

  it('may be a directory that is gone', async () => {
    const log = open();
    directory = join(directory, 'gone');
    const lost = open();
    append(lost, 1);
    await expect(lost.close()).rejects.toThrow('ENOENT');
    await log.close();
  });

  it('may have too many files open: the log that there is goes on', () => {
    const limited = ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath];
    const script = ['--input-type=module', '-e', WITHOUT_FILES, directory];
    const told = execFileSync('sh', [...limited, ...script], { encoding: 'utf8' });
    expect(told).toBe('EMFILE, 2 and 4 flushed\n');
    expect([zxidsIn('log.1'), zxidsIn('log.3')]).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});
