import { rmSync } from 'node:fs';
import { SNAP_RETAIN_COUNT_MIN } from '../config/option-ranges.ts';
import { listLogs, listSnapshots, logsFrom, looksWhole } from './data-files.ts';

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
