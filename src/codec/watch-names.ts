/** Numbers about watches, as in Apache's `Watcher.Event` and `ZooDefs`. */

/** `type` of a WatcherEvent. Servers send 1 to 4 only; the others are made by client libraries. */
export const EVENT_TYPE = {
  None: -1,
  NodeCreated: 1,
  NodeDeleted: 2,
  NodeDataChanged: 3,
  NodeChildrenChanged: 4,
  DataWatchRemoved: 5,
  ChildWatchRemoved: 6,
  PersistentWatchRemoved: 7,
} as const;

/** `state` of a WatcherEvent. Servers send SyncConnected only. */
export const KEEPER_STATE = {
  Unknown: -1,
  Disconnected: 0,
  NoSyncConnected: 1,
  SyncConnected: 3,
  AuthFailed: 4,
  ConnectedReadOnly: 5,
  SaslAuthenticated: 6,
  Closed: 7,
  Expired: -112,
} as const;

/** `mode` of an AddWatchRequest. */
export const ADD_WATCH_MODE = { Persistent: 0, PersistentRecursive: 1 } as const;

/** `type` of CheckWatchesRequest and RemoveWatchesRequest. 4 and 5 exist since 3.9.0. */
export const WATCHER_TYPE = {
  Children: 1,
  Data: 2,
  Any: 3,
  Persistent: 4,
  PersistentRecursive: 5,
} as const;

/** The name of `value` in one of the tables above, or the number itself. */
export function nameIn(table: Readonly<Record<string, number>>, value: number): string {
  for (const name of Object.keys(table)) if (table[name] === value) return name;
  return String(value);
}
