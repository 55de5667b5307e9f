import type { ServerRelease } from '../../../../src/server/server-release.ts';
import { WatchTables } from '../../../../src/server/watches/watch-tables.ts';
import { Listener, nodeOf } from './heard.ts';

export const RELEASES: readonly ServerRelease[] = ['3.8', '3.9'];
export const CHILDREN = 1;
export const DATA = 2;
export const ANY = 3;
export const PERSISTENT = 4;
export const RECURSIVE = 5;
export const TYPES = [CHILDREN, DATA, ANY, PERSISTENT, RECURSIVE];

/** The znode that changes, and the one above it. */
export const node = nodeOf('node');
export const parentNode = nodeOf('parent');

/** Tables, two connections, and changes in short. */
export function bench(release: ServerRelease) {
  const tables = new WatchTables(release);
  const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
  return {
    tables,
    one: new Listener(),
    two: new Listener(),
    create: (path: string, zxid = 7n) =>
      tables.created(path, parentOf(path), node, parentNode, zxid),
    delete: (path: string, zxid = 7n) =>
      tables.deleted(path, parentOf(path), node, parentNode, zxid),
    change: (path: string, zxid = 7n) => tables.dataChanged(path, node, zxid),
  };
}
