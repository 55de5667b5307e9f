import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** A log or a snapshot; which one, the name says. */
export interface DataFile {
  readonly path: string;
  /** Of a log: its first transaction. Of a snapshot: the last one that is wholly in it. */
  readonly zxid: bigint;
}

/** What the names of files begin with that are not finished; no server takes them for its own. */
const UNFINISHED = 'unfinished-';

/** `log.<zxid>`. Apache's servers give no other names; copies like `log.5.bak` are nobody's. */
const LOG_NAME = /^log\.([0-9a-f]{1,16})$/;
/** `snapshot.<zxid>`, with the compression behind it (since 3.6). */
const SNAPSHOT_NAME = /^snapshot\.([0-9a-f]{1,16})(\.gz|\.snappy)?$/;

/** A length of 1, and `/`: how every snapshot ends that is whole and not compressed. */
const SNAPSHOT_TAIL = Buffer.from('000000012f', 'hex');
/** How every file of gzip begins. */
const GZIP_HEAD = Buffer.from('1f8b', 'hex');

/** Where the files of `dataDir` (or of a log directory) are: Apache's servers keep them one folder below. */
export function versionDirectory(dataDir: string): string {
  return join(dataDir, 'version-2');
}

/** Logs in a `version-2` directory, oldest first; none when there is no such directory. */
export function listLogs(directory: string): DataFile[] {
  return listFiles(directory, LOG_NAME);
}

/** Snapshots in a `version-2` directory, oldest first; none when there is no such directory. */
export function listSnapshots(directory: string): DataFile[] {
  return listFiles(directory, SNAPSHOT_NAME);
}

/** Those of `logs` (oldest first) that may hold transactions behind `zxid`: a log goes on until the next begins. */
export function logsFrom(logs: readonly DataFile[], zxid: bigint): readonly DataFile[] {
  const first = logs.findLastIndex((log) => log.zxid <= zxid + 1n);
  return logs.slice(Math.max(first, 0));
}

/** Does the file end as a snapshot does? A server that was killed leaves half of one. */
export function looksWhole(path: string): boolean {
  const isGzip = path.endsWith('.gz');
  const wanted = isGzip ? GZIP_HEAD : SNAPSHOT_TAIL;
  if (path.endsWith('.snappy')) return true;
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(wanted.length);
    if (size < wanted.length) return false;
    readSync(file, bytes, 0, wanted.length, isGzip ? 0 : size - wanted.length);
    return bytes.equals(wanted);
  } finally {
    closeSync(file);
  }
}

/** Path of the log whose first transaction is `zxid`. */
export function logPath(directory: string, zxid: bigint): string {
  return join(directory, `log.${zxid.toString(16)}`);
}

/** Path of the snapshot that begins with everything up to `zxid`. */
export function snapshotPath(directory: string, zxid: bigint): string {
  return join(directory, `snapshot.${zxid.toString(16)}`);
}

/** Path that a file has until it is whole. */
export function unfinishedPath(directory: string, name: string): string {
  return join(directory, `${UNFINISHED}${name}`);
}

/**
 * Makes a directory, with those above it, and their names durable. Node's own `recursive` tries for ever where
 * nothing can be made in a directory that is there (`/proc`).
 */
export function makeDirectory(directory: string, fsync: boolean): void {
  const missing: string[] = [];
  for (let at = resolve(directory); !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const path of missing) {
    makeOne(path);
    if (fsync) syncDirectory(dirname(path));
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** Makes the directory, and removes what a server that was killed had not finished. */
export function prepareDirectory(directory: string, fsync: boolean): void {
  makeDirectory(directory, fsync);
  for (const name of readdirSync(directory)) {
    if (name.startsWith(UNFINISHED)) rmSync(join(directory, name));
  }
}

/** Makes new names in a directory durable, where the system has a way to, while others run. */
export async function syncNames(directory: string): Promise<void> {
  const names = await openNames(directory);
  try {
    await names?.sync();
  } finally {
    await names?.close();
  }
}

/** A directory, for `sync` to make new names in it durable; null on Windows, which opens none. */
export async function openNames(directory: string): Promise<FileHandle | null> {
  return process.platform === 'win32' ? null : open(directory, 'r');
}

/** The same as `syncNames`, at once: for a server that serves nobody yet. */
export function syncDirectory(directory: string): void {
  // Windows opens no directories.
  if (process.platform !== 'win32') sync(directory, 'r');
}

/** Makes durable what somebody else has written to a file. */
export function syncFile(path: string): void {
  // Windows wants the right to write for it; elsewhere a file that may only be read will do.
  sync(path, process.platform === 'win32' ? 'r+' : 'r');
}

function sync(path: string, flags: 'r' | 'r+'): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function listFiles(directory: string, pattern: RegExp): DataFile[] {
  return namesIn(directory)
    .flatMap((name) => {
      const zxid = pattern.exec(name)?.[1];
      if (zxid === undefined) return [];
      return [{ path: join(directory, name), zxid: BigInt.asIntN(64, BigInt(`0x${zxid}`)) }];
    })
    .sort((a, b) => (a.zxid < b.zxid ? -1 : a.zxid > b.zxid ? 1 : 0));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
