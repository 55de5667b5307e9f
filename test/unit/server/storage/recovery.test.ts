import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import { StorageError } from '../../../../src/errors.ts';
import { recover } from '../../../../src/server/storage/recovery.ts';
import { readSnapshot } from '../../../../src/server/storage/snapshot-reader.ts';
import { DataTree } from '../../../../src/server/tree/data-tree.ts';
import { adlerOf, entryBytes, fileHeader, recordBytes } from './log-bytes.ts';
import { filesIn, makeDirectory, OpenedStorage } from './storage-rig.ts';
import type { TreeState } from './tree-state.ts';

/** Transactions in each of the two logs of the directory that the tests damage: zxids 1 to 4 and 5 to 8. */
const IN_EACH = 4;
const FIRST = 'log.1';
const SECOND = 'log.5';

const root = makeDirectory();
/** Never touched: copied for each test. */
const original = join(root.path, 'original');
/** State after each zxid. */
const states: TreeState[] = [];
let dataDir = '';
let copies = 0;

beforeAll(async () => {
  const opened = await OpenedStorage.open(original);
  states.push(opened.state);
  for (const half of ['a', 'b']) {
    for (let index = 0; index < IN_EACH; index++) {
      opened.create(`${half}${index}`, `data of ${half}${index}`);
      states.push(opened.state);
    }
    await opened.storage.flush();
    if (half === 'a') await opened.storage.snapshot();
  }
  await opened.close();
});
afterAll(() => root.remove());

beforeEach(() => {
  dataDir = join(root.path, `copy-${++copies}`);
  cpSync(original, dataDir, { recursive: true });
});

function pathOf(name: string): string {
  return join(dataDir, 'version-2', name);
}

function flip(name: string, offset: number): void {
  const bytes = readFileSync(pathOf(name));
  bytes[offset] = (bytes[offset] as number) ^ 0x55;
  writeFileSync(pathOf(name), bytes);
}

/** First bytes of the entries of a log, and its end. */
function entryStarts(name: string): number[] {
  const bytes = readFileSync(pathOf(name));
  const starts = [16];
  for (let at = 16; at < bytes.length; ) {
    at += 13 + bytes.readInt32BE(at + 8);
    starts.push(at);
  }
  return starts;
}

function readAll(path: string): void {
  for (const _ of readSnapshot(path, 4n, new DataTree(), new Map()));
}

async function refused(): Promise<StorageError> {
  const opening = OpenedStorage.open(dataDir).then((opened) => opened.close());
  const error = await opening.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StorageError);
  return error as StorageError;
}

/** Opens, closes, and opens again: what was told once is not told again. */
async function recovered(options = {}): Promise<OpenedStorage> {
  const opened = await OpenedStorage.open(dataDir, options);
  await opened.close();
  const again = await OpenedStorage.open(dataDir);
  await again.close();
  expect(again.notices).toEqual([]);
  expect(again.state).toEqual(opened.state);
  return opened;
}

describe('recovery of what was closed in order', () => {
  it('has the snapshot, the log behind it, and nothing to tell', async () => {
    expect(filesIn(dataDir)).toEqual([FIRST, SECOND, 'snapshot.0', 'snapshot.4']);
    const { state, notices, storage, tree } = await recovered();
    expect(state).toEqual(states[8]);
    expect(notices).toEqual([]);
    expect(tree.lastZxid).toBe(8n);
    expect(storage.recovered).toMatchObject({ zxid: 8n, replayed: 4, needsSnapshot: false });
  });

  it('goes on in a new log', async () => {
    const opened = await OpenedStorage.open(dataDir);
    opened.create('c');
    await opened.close();
    expect(filesIn(dataDir)).toContain('log.9');
    expect((await recovered()).state).toEqual(opened.state);
  });

  it('begins with an empty snapshot, which real servers want', async () => {
    dataDir = join(root.path, 'none');
    const opened = await OpenedStorage.open(dataDir);
    expect(filesIn(dataDir)).toEqual(['snapshot.0']);
    expect(opened.state).toEqual(states[0]);
    await opened.close();
  });

  it('keeps logs in a directory of their own', async () => {
    const dataLogDir = join(root.path, 'logs-apart');
    dataDir = join(root.path, 'snapshots-apart');
    const opened = await OpenedStorage.open(dataDir, { dataLogDir });
    opened.create('x');
    await opened.close();
    expect([filesIn(dataDir), filesIn(dataLogDir)]).toEqual([['snapshot.0'], ['log.1']]);
    const again = await OpenedStorage.open(dataDir, { dataLogDir });
    expect(again.state).toEqual(opened.state);
    await again.close();
  });
});

describe('the torn end of the newest log', () => {
  const lastEntry = { start: 0, end: 0 };
  beforeAll(() => {
    const bytes = readFileSync(join(original, 'version-2', SECOND));
    let at = 16;
    for (let entry = 1; entry < IN_EACH; entry++) at += 13 + bytes.readInt32BE(at + 8);
    Object.assign(lastEntry, { start: at, end: bytes.length });
  });

  it('is cut wherever it is torn, and told', async () => {
    for (let size = lastEntry.start + 1; size < lastEntry.end; size++) {
      truncateSync(pathOf(SECOND), size);
      const { state, notices } = await OpenedStorage.open(dataDir).then(async (opened) => {
        await opened.close();
        return opened;
      });
      expect(state).toEqual(states[7]);
      const isZero = size - lastEntry.start <= 4;
      const notice = { file: pathOf(SECOND), offset: lastEntry.start };
      const unusedBytes = size - lastEntry.start;
      expect(notices).toMatchObject(isZero ? [] : [{ ...notice, unusedBytes }]);
      if (!isZero) expect(readFileSync(pathOf(SECOND))).toHaveLength(lastEntry.start);
      copyFileSync(join(original, 'version-2', SECOND), pathOf(SECOND));
    }
  });

  it('may have any byte wrong', async () => {
    for (let at = lastEntry.start; at < lastEntry.end; at++) {
      flip(SECOND, at);
      const opened = await OpenedStorage.open(dataDir);
      await opened.close();
      expect(opened.state).toEqual(states[7]);
      expect(opened.notices).toMatchObject([{ file: pathOf(SECOND), offset: lastEntry.start }]);
      copyFileSync(join(original, 'version-2', SECOND), pathOf(SECOND));
    }
  });

  it('may be followed by what was allocated ahead', async () => {
    truncateSync(pathOf(SECOND), lastEntry.end - 3);
    truncateSync(pathOf(SECOND), 5 * 1024 * 1024);
    const { state, notices } = await recovered();
    expect(state).toEqual(states[7]);
    expect(notices).toHaveLength(1);
  });

  it.each([0, 1, 15])(
    'may be all but %i bytes: the log goes, as 3.8 does not start with it',
    async (size) => {
      truncateSync(pathOf(SECOND), size);
      const { state, notices } = await recovered();
      expect(state).toEqual(states[4]);
      expect(notices).toMatchObject([{ file: pathOf(SECOND), offset: 0, unusedBytes: size }]);
      expect(existsSync(pathOf(SECOND))).toBe(false);
    },
  );

  it('is no loss when the next log has the same transaction: real servers leave it there', async () => {
    rmSync(pathOf('snapshot.4'));
    const [, , , fourth] = entryStarts(FIRST) as [number, number, number, number];
    truncateSync(pathOf(FIRST), fourth + 20);
    const record = recordBytes({ type: OP.error, code: -101 });
    const fields = { sessionId: 1n, cxid: 4, timeMs: 0, type: OP.error };
    const entry = (zxid: bigint) => entryBytes({ ...fields, zxid, record });
    writeFileSync(pathOf('log.4'), Buffer.concat([fileHeader(), entry(4n)]));
    const { tree, notices } = await recovered();
    expect(tree.lastZxid).toBe(8n);
    expect(tree.node('/a3')).toBeUndefined();
    expect(notices).toMatchObject([{ file: pathOf(FIRST), offset: fourth, unusedBytes: 20 }]);
  });
});

describe('damage with transactions behind it', () => {
  it.each([
    ['in the same log', SECOND, 1, 5n],
    ['in a later log', FIRST, 3, 3n],
  ])('is refused, %s', async (_, name, index, last) => {
    rmSync(pathOf('snapshot.4'));
    const start = entryStarts(name)[index] as number;
    flip(name, start + 40);
    const before = readFileSync(pathOf(name));
    const size = before.length - start + (name === FIRST ? readFileSync(pathOf(SECOND)).length : 0);
    const error = await refused();
    expect(error).toMatchObject({ code: 'LOG_DAMAGED', file: pathOf(name), offset: start });
    expect(error.cause).toMatchObject({ code: 'BAD_CHECKSUM' });
    expect(error.message).toContain(`0x${last.toString(16)}, ${size} bytes behind it`);
    expect(readFileSync(pathOf(name))).toEqual(before);
  });

  it('is left out when that is asked for, and the files are kept aside', async () => {
    rmSync(pathOf('snapshot.4'));
    const start = entryStarts(FIRST)[2] as number;
    flip(FIRST, start + 40);
    const damaged = readFileSync(pathOf(FIRST));
    const second = readFileSync(pathOf(SECOND));
    const { state, notices } = await recovered({ onDamagedLog: 'truncate' });
    expect(state).toEqual(states[2]);
    const unusedBytes = damaged.length - start + second.length;
    expect(notices).toMatchObject([{ file: pathOf(FIRST), offset: start, unusedBytes }]);
    expect(filesIn(dataDir)).toEqual([FIRST, 'snapshot.0']);
    const [aside] = readdirSync(dataDir).filter((name) => name.startsWith('damaged-'));
    const kept = (name: string) => readFileSync(join(dataDir, aside ?? '', name));
    expect([kept(FIRST), kept(SECOND)]).toEqual([damaged, second]);
    expect(notices[0]?.message).toContain(aside);
  });

  it('may be the header of a log', async () => {
    flip(SECOND, 2);
    expect(await refused()).toMatchObject({ code: 'LOG_DAMAGED', offset: 0 });
    const { state } = await recovered({ onDamagedLog: 'truncate' });
    expect(state).toEqual(states[4]);
    expect(filesIn(dataDir)).toEqual([FIRST, 'snapshot.0', 'snapshot.4']);
  });

  it('does not matter where a snapshot has it all', async () => {
    flip(FIRST, 60);
    expect((await recovered()).state).toEqual(states[8]);
  });
});

describe('transactions that are missing', () => {
  it('are found between two logs', async () => {
    rmSync(pathOf('snapshot.4'));
    truncateSync(pathOf(FIRST), entryStarts(FIRST)[3] as number);
    const error = await refused();
    expect(error).toMatchObject({ code: 'LOG_DAMAGED', file: pathOf(SECOND), offset: 16 });
    expect(error.cause).toMatchObject({ code: 'ZXID_GAP' });
    expect((await recovered({ onDamagedLog: 'truncate' })).state).toEqual(states[3]);
  });

  it('are found behind a snapshot', async () => {
    rmSync(pathOf('snapshot.4'));
    rmSync(pathOf(FIRST));
    expect(await refused()).toMatchObject({ code: 'LOG_DAMAGED', file: pathOf(SECOND) });
  });

  it('are none when a new leader begins to count anew', async () => {
    const record = recordBytes({ type: OP.createSession, timeoutMs: 5_000 });
    const fields = { sessionId: 7n, cxid: 0, timeMs: 0, type: OP.createSession, record };
    const entry = entryBytes({ ...fields, zxid: 0x1_0000_0001n });
    writeFileSync(pathOf('log.100000001'), Buffer.concat([fileHeader(), entry]));
    const { tree, storage } = await recovered();
    expect(tree.lastZxid).toBe(0x1_0000_0001n);
    expect([...storage.recovered.sessions]).toEqual([[7n, 5_000]]);
  });

  it('are none when a follower has written some again', async () => {
    const bytes = readFileSync(pathOf(SECOND));
    appendFileSync(pathOf(SECOND), bytes.subarray(16));
    expect((await recovered()).state).toEqual(states[8]);
  });
});

describe('a snapshot that cannot be read', () => {
  it('gives way to the one before it', async () => {
    flip('snapshot.4', 200);
    const notice = {
      file: pathOf('snapshot.4'),
      unusedBytes: readFileSync(pathOf('snapshot.4')).length,
    };
    const opened = await OpenedStorage.open(dataDir);
    await opened.close();
    expect(opened.state).toEqual(states[8]);
    expect(opened.notices).toMatchObject([notice]);
  });

  it('is known by whatever byte is wrong', () => {
    const size = readFileSync(pathOf('snapshot.4')).length;
    for (let at = 0; at < size; at++) {
      flip('snapshot.4', at);
      expect(() => readAll(pathOf('snapshot.4')), `byte ${at}`).toThrow(StorageError);
      flip('snapshot.4', at);
    }
    readAll(pathOf('snapshot.4'));
  });

  it('is known by wherever it ends early, as one of a server that was killed', () => {
    const bytes = readFileSync(pathOf('snapshot.4'));
    const whole = [bytes.length - 54, bytes.length - 21];
    for (let size = 0; size < bytes.length; size++) {
      writeFileSync(pathOf('snapshot.4'), bytes.subarray(0, size));
      if (whole.includes(size)) continue;
      expect(() => readAll(pathOf('snapshot.4')), `${size} bytes`).toThrow(StorageError);
    }
  });

  it.each([
    ['no digest and no last zxid, as up to 3.5', 54, 0],
    ['a digest only, as 3.6 to 3.8', 21, 0],
    ['the last zxid only, as 3.9 without digests', 54, 8],
  ])('is one, with %s behind it', async (_, shorterBytes, zxidBytes) => {
    const bytes = readFileSync(pathOf('snapshot.4')).subarray(0, -shorterBytes);
    const zxid = Buffer.concat([bytes, Buffer.alloc(zxidBytes, 1)]);
    const seal = Buffer.from('000000000000000000000000012f', 'hex').subarray(1);
    seal.writeUInt32BE(adlerOf(zxid), 4);
    writeFileSync(pathOf('snapshot.4'), zxidBytes === 0 ? bytes : Buffer.concat([zxid, seal]));
    const { storage, notices } = await recovered();
    expect(notices).toEqual([]);
    expect(storage.recovered.replayed).toBe(4);
  });

  it('is no loss when the logs have everything; then one is taken', async () => {
    rmSync(pathOf('snapshot.0'));
    truncateSync(pathOf('snapshot.4'), 100);
    const opened = await OpenedStorage.open(dataDir);
    await opened.close();
    expect(opened.state).toEqual(states[8]);
    expect(filesIn(dataDir)).toContain('snapshot.8');
  });

  it('may be packed by gzip, and then it can', async () => {
    const snapshot = readFileSync(pathOf('snapshot.4'));
    rmSync(pathOf('snapshot.4'));
    writeFileSync(pathOf('snapshot.4.gz'), gzipSync(snapshot));
    const { state, storage } = await recovered();
    expect(state).toEqual(states[8]);
    expect(storage.recovered.replayed).toBe(4);
    writeFileSync(pathOf('snapshot.4.gz'), gzipSync(snapshot).subarray(0, 90));
    const older = await OpenedStorage.open(dataDir);
    await older.close();
    expect(older.state).toEqual(states[8]);
    expect(older.notices).toMatchObject([{ file: pathOf('snapshot.4.gz') }]);
  });

  it('is not taken for broken where it is the system that has no room to unpack it', async () => {
    writeFileSync(pathOf('snapshot.4.gz'), gzipSync(readFileSync(pathOf('snapshot.4'))));
    rmSync(pathOf('snapshot.4'));
    symlinkSync('/dev/full', pathOf('unfinished-snapshot.4'));
    const directory = join(dataDir, 'version-2');
    const aside = { logDirectory: directory, asideDirectory: join(dataDir, 'aside') };
    const options = { directory, ...aside, tree: new DataTree(), truncate: true, fsync: false };
    await expect(recover(options)).rejects.toMatchObject({ code: 'ENOSPC' });
  });

  it('is named when snappy has packed it', async () => {
    writeFileSync(pathOf('snapshot.9.snappy'), 'whatever');
    expect(await refused()).toMatchObject({ code: 'SNAPSHOT_COMPRESSED' });
  });
});

describe('what is left over', () => {
  it('goes: unfinished files, and ephemeral znodes of no session', async () => {
    mkdirSync(join(dataDir, 'version-2'), { recursive: true });
    writeFileSync(pathOf('unfinished-snapshot.8'), 'x');
    writeFileSync(pathOf('currentEpoch'), '1');
    const opened = await OpenedStorage.open(dataDir);
    const path = '/e';
    const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
    const plain = { type: OP.create, path, data: null, acl, ephemeral: true, parentCversion: 99 };
    opened.commit({ ...plain, type: OP.create }, 77n);
    await opened.close();
    expect(filesIn(dataDir)).toContain('currentEpoch');
    expect(filesIn(dataDir).join()).not.toContain('unfinished');
    const again = await OpenedStorage.open(dataDir);
    await again.close();
    expect(again.tree.node(path)).toBeUndefined();
    expect(filesIn(dataDir)).toContain('snapshot.9');
  });

  it('says what is wrong with a directory that is none', async () => {
    const file = join(root.path, 'file');
    writeFileSync(file, '');
    dataDir = file;
    expect(await refused()).toMatchObject({ code: 'DIRECTORY_UNUSABLE', file });
  });
});
