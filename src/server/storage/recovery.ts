import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { OP } from '../../codec/index.ts';
import { StorageError } from '../../errors.ts';
import type { DataTree } from '../tree/data-tree.ts';
import {
  type DataFile,
  listLogs,
  listSnapshots,
  logsFrom,
  looksWhole,
  syncDirectory,
  syncFile,
  unfinishedPath,
} from './data-files.ts';
import { LogReplay } from './log-replay.ts';
import { isOfFile, readSnapshot, type SessionTimeouts } from './snapshot-reader.ts';

/** So long nobody else runs. */
const SLICE_MS = 8;

/** What was found to be damaged or left over, and what has become of it. */
export interface RecoveryNotice {
  /** The file. */
  readonly file: string;
  /** Where in it, in bytes; undefined: all of it. */
  readonly offset: number | undefined;
  /** Bytes from there on that are not used. */
  readonly unusedBytes: number;
  /** For people. */
  readonly message: string;
}

/** What a data directory held. */
export interface Recovered {
  /** Last transaction; 0 when there is none. */
  readonly zxid: bigint;
  /** Sessions that have not ended, with their time-outs in ms. */
  readonly sessions: SessionTimeouts;
  /** Transactions of the logs that were applied on top of the snapshot. */
  readonly replayed: number;
  /** What a real server would not find in the files, so that a snapshot should be taken at once. */
  readonly needsSnapshot: boolean;
  /** In the order in which it was come upon; empty after an orderly end. */
  readonly notices: readonly RecoveryNotice[];
}

/** What is to be recovered, and how. */
export interface RecoveryOptions {
  /** `version-2` of the snapshots. */
  readonly directory: string;
  /** `version-2` of the logs. */
  readonly logDirectory: string;
  /** Where damaged files are kept that had to be cut or removed. */
  readonly asideDirectory: string;
  /** Is given the state; what it was before is forgotten. */
  readonly tree: DataTree;
  /** Go on with what is before a damage, although there are transactions behind it. */
  readonly truncate: boolean;
  /** What was read is on the disk before anybody is shown it. */
  readonly fsync: boolean;
}

/**
 * Brings the state of a data directory back: the newest snapshot that can be read, and every transaction of the logs
 * behind it. A log that ends in the middle of a transaction is what a server leaves that was
 * killed: it is cut there, and told. Damage with transactions behind it is an error, and so is a snapshot that cannot
 * be read and is newer than all that can.
 *
 * @throws StorageError
 */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const { tree } = options;
  const notices: RecoveryNotice[] = [];
  const sessions: SessionTimeouts = new Map();
  const snapshot = await loadSnapshot(options, sessions, notices);
  if (snapshot === null) {
    tree.reset();
    sessions.clear();
  }
  const logs = logsFrom(listLogs(options.logDirectory), tree.lastZxid);
  const replay = new LogReplay(options, sessions, notices);
  await runInSlices(replay.run(logs));
  if (replay.isTreeSpoilt) {
    const again = await recover(options);
    return { ...again, notices: [...notices, ...again.notices] };
  }
  checkSnapshotsReached(options, notices);
  if (options.fsync) syncLogs(options.logDirectory, logs);
  const orphans = endOrphans(tree, sessions);
  return {
    zxid: tree.lastZxid,
    sessions,
    replayed: replay.count,
    needsSnapshot: snapshot === null || orphans > 0,
    notices,
  };
}

async function loadSnapshot(
  options: RecoveryOptions,
  sessions: SessionTimeouts,
  notices: RecoveryNotice[],
): Promise<DataFile | null> {
  for (const snapshot of listSnapshots(options.directory).reverse()) {
    try {
      await loadOne(snapshot, options, sessions);
      return snapshot;
    } catch (error) {
      if (!(error instanceof StorageError) || error.code === 'SNAPSHOT_COMPRESSED') throw error;
      const unusedBytes = statSync(snapshot.path).size;
      const message = `the snapshot is not used: ${error.reason}`;
      notices.push({ file: snapshot.path, offset: error.offset, unusedBytes, message });
    }
  }
  return null;
}

/**
 * A server that was killed may have left transactions that only the system's memory has. From now on clients see
 * them, and new ones that build on them are acknowledged.
 */
function syncLogs(directory: string, logs: readonly DataFile[]): void {
  const present = new Set(listLogs(directory).map(({ path }) => path));
  for (const { path } of logs) if (present.has(path)) syncFile(path);
  syncDirectory(directory);
}

/** The name of a snapshot says how far its server had come; it takes one only of what the logs have. */
function checkSnapshotsReached(options: RecoveryOptions, notices: RecoveryNotice[]): void {
  const { directory, asideDirectory, tree, truncate } = options;
  const newer = listSnapshots(directory).filter(({ zxid }) => zxid > tree.lastZxid);
  for (const { path, zxid } of newer) {
    const reason = `transactions up to 0x${zxid.toString(16)} were in it, and nothing else has those behind 0x${tree.lastZxid.toString(16)}`;
    if (!truncate) {
      const detail = `the snapshot cannot be read, and ${reason}: bring the file or the logs back, or have it left out`;
      throw new StorageError('LOG_DAMAGED', path, undefined, detail);
    }
    const unusedBytes = statSync(path).size;
    mkdirSync(asideDirectory, { recursive: true });
    renameSync(path, join(asideDirectory, basename(path)));
    const message = `${reason}; it is kept in ${asideDirectory}`;
    notices.push({ file: path, offset: undefined, unusedBytes, message });
  }
}

async function loadOne(
  { path, zxid }: DataFile,
  { directory, tree }: RecoveryOptions,
  sessions: SessionTimeouts,
): Promise<void> {
  if (path.endsWith('.snappy')) {
    const detail = 'snappy is not supported; let its server take one with gz or no compression';
    throw new StorageError('SNAPSHOT_COMPRESSED', path, undefined, detail);
  }
  if (!looksWhole(path)) throw new StorageError('BAD_RECORD', path, undefined, 'it is not whole');
  if (!path.endsWith('.gz')) return runInSlices(readSnapshot(path, zxid, tree, sessions));
  const unpacked = unfinishedPath(directory, basename(path, '.gz'));
  try {
    await unpack(path, unpacked);
    await runInSlices(readSnapshot(unpacked, zxid, tree, sessions));
  } finally {
    rmSync(unpacked, { force: true });
  }
}

async function unpack(path: string, unpacked: string): Promise<void> {
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(unpacked));
  } catch (cause) {
    if (!isOfFile(cause)) throw cause;
    throw new StorageError('BAD_RECORD', path, undefined, 'it cannot be unpacked', cause);
  }
}

async function runInSlices(steps: Iterable<void>): Promise<void> {
  let begin = performance.now();
  for (const _ of steps) {
    if (performance.now() - begin < SLICE_MS) continue;
    await nextTurn();
    begin = performance.now();
  }
}

/**
 * Ephemeral znodes of sessions that are not there go, as when a real server starts: it was killed
 * between the end of a session and theirs, or its files are older than ours.
 */
function endOrphans(tree: DataTree, sessions: SessionTimeouts): number {
  const owners = [...tree.ephemeralsBySession].map(([sessionId]) => sessionId);
  const orphans = owners.filter((sessionId) => !sessions.has(sessionId));
  for (const sessionId of orphans) {
    const header = { sessionId, cxid: 0, zxid: tree.lastZxid, timeMs: 0 };
    tree.apply(header, { type: OP.closeSession, paths: null }, null);
  }
  return orphans.length;
}
