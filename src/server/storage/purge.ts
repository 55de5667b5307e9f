import { closeSync, fstatSync, openSync, readSync, rmSync } from 'node:fs';
import { type DataFile, listLogs, listSnapshots } from './data-files.ts';

/** As in ZooKeeper. */
export const SNAP_RETAIN_COUNT_MIN = 3;

/** A length of 1, and `/`: how every snapshot ends that is whole and not compressed. */
const SNAPSHOT_TAIL = Buffer.from('000000012f', 'hex');
/** How every file of gzip begins. */
const GZIP_HEAD = Buffer.from('1f8b', 'hex');

/**
 * Removes all snapshots but the newest `keep` that are whole, and the logs that none of those needs. Returns the
 * paths that are gone. Throws what the file system does.
 */
export function purge(directory: string, logDirectory: string, keep: number): string[] {
  const kept = listSnapshots(directory)
    .filter((file) => looksWhole(file.path))
    .slice(-Math.max(keep, SNAP_RETAIN_COUNT_MIN));
  const [oldest] = kept;
  if (oldest === undefined) return [];
  const logs = listLogs(logDirectory);
  // As Apache's: also the log before one that begins right behind the snapshot.
  const needed = new Set(logsFrom(logs, oldest.zxid - 1n));
  const old = [
    ...listSnapshots(directory).filter(({ zxid }) => zxid < oldest.zxid),
    ...logs.filter((log) => !needed.has(log)),
  ];
  for (const { path } of old) rmSync(path, { force: true });
  return old.map(({ path }) => path);
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
