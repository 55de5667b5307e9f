/** Requests that a simulation draws from. */
export const OPERATION_KINDS = [
  'get',
  'get-lent',
  'exists',
  'children',
  'children-stat',
  'set',
  'set-lent',
  'set-version',
  'create',
  'create-stat',
  'create-ephemeral',
  'create-sequential',
  'create-ephemeral-sequential',
  'create-container',
  'create-ttl',
  'delete',
  'multi',
  'multi-check',
  'sync',
  'large',
  'watch-data',
  'watch-exists',
  'watch-children',
  'watch-persistent',
  'watch-recursive',
  'unwatch',
  'remove-watches',
  'check-watches',
  'get-acl',
  'set-acl',
  'ephemerals',
  'count',
  'who-am-i',
  'multi-read',
  'config',
  'too-large',
  'bad-path',
  'add-auth',
  'get-many',
  'exists-many',
  'children-many',
  'walk',
  'discover',
  'create-protected',
  'create-protected-again',
  'ensure-path',
  'delete-recursive',
] as const;

export type OperationKind = (typeof OPERATION_KINDS)[number];

/** Requests that have to do with watches. */
const WATCH_KINDS = [
  'watch-data',
  'watch-exists',
  'watch-children',
  'watch-persistent',
  'watch-recursive',
  'unwatch',
  'remove-watches',
  'check-watches',
] as const satisfies readonly OperationKind[];

export type WatchOperationKind = (typeof WATCH_KINDS)[number];

export function isAboutWatches(kind: OperationKind): kind is WatchOperationKind {
  return (WATCH_KINDS as readonly OperationKind[]).includes(kind);
}

/** The rarer requests. */
const QUERY_KINDS = [
  'get-acl',
  'set-acl',
  'ephemerals',
  'count',
  'who-am-i',
  'multi-read',
  'config',
  'too-large',
  'bad-path',
] as const satisfies readonly OperationKind[];

export type QueryKind = (typeof QUERY_KINDS)[number];

export function isQuery(kind: OperationKind): kind is QueryKind {
  return (QUERY_KINDS as readonly OperationKind[]).includes(kind);
}

/** Reads of many nodes. */
const MANY_KINDS = [
  'get-many',
  'exists-many',
  'children-many',
  'walk',
  'discover',
] as const satisfies readonly OperationKind[];

export type ManyKind = (typeof MANY_KINDS)[number];

export function readsMany(kind: OperationKind): kind is ManyKind {
  return (MANY_KINDS as readonly OperationKind[]).includes(kind);
}

/** Writes of several requests. */
const HELPER_KINDS = [
  'create-protected',
  'create-protected-again',
  'ensure-path',
  'delete-recursive',
] as const satisfies readonly OperationKind[];

export type HelperKind = (typeof HELPER_KINDS)[number];

export function isHelper(kind: OperationKind): kind is HelperKind {
  return (HELPER_KINDS as readonly OperationKind[]).includes(kind);
}
