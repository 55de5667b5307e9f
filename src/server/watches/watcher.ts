import type { ACL } from '../../codec/index.ts';

/** Who is told of changes: a connection. Known by its identity. */
export interface Watcher {
  /**
   * One event for one notification frame. Must not throw; it may give up this watcher, and others.
   * `eventType` and `path` go on the wire, and so does `zxid` as it is: -1 where the release sends
   * that. `acl` is what READ has to be granted by (CVE-2024-23944); null: nothing to check.
   */
  notify(eventType: number, path: string, zxid: bigint, acl: readonly ACL[] | null): void;
}

/** How a path is watched, as bits. 3.8 keeps one of them for a path and watcher, 3.9 all. */
export const WATCH_MODE = { once: 1, persistent: 2, recursive: 4 } as const;

/** One or more of {@link WATCH_MODE}. */
export type WatchModes = number;

/** A watcher and the paths that it watches, in each of the two tables. */
export interface WatcherPaths {
  readonly watcher: Watcher;
  /** Modes by path, by the index of the table; null: never watched anything there. */
  readonly paths: [Map<string, WatchModes> | null, Map<string, WatchModes> | null];
  /** Number of the last change that it was told of. */
  toldOf: number;
}
