import type { Operation } from '../adapters/adapter.ts';
import { DRIVER_NAMES, type DriverName, isDriverName } from '../drivers/driver-names.ts';

/** Clients that run in Node. */
export const CLIENTS = [
  'raw-socket',
  'raw-promise',
  'zkwire-promise',
  'zkwire-callback',
  'zookeeper',
  'zookeeper-native',
  'zookeeper-by-name',
  'node-zookeeper-client',
] as const;
export type ClientName = (typeof CLIENTS)[number];
export type LoadClientName = ClientName | DriverName;

export const TARGETS = ['null', 'embedded', 'real', 'ensemble'] as const;
export type Target = (typeof TARGETS)[number];

export interface CaseBase {
  /** Unique, and what `--filter` is matched against. */
  name: string;
  /** Cases of one group run in turns: A B C, then C B A. */
  group: string;
  /** 0: not supported. */
  turns: number;
  /** Part of the default run, the one that ends in five minutes? The others need `--all`. */
  inDefaultRun: boolean;
  /** Is a figure of the table "what it must show" computed from it? */
  quoted?: boolean;
}

export interface LoadCase extends CaseBase {
  kind: 'load';
  client: LoadClientName;
  target: Target;
  operation: Operation;
  payloadBytes: number;
  /** Of a getChildren: names that it must find. */
  childCount?: number;
  depth: number;
}

/** What a group of cases does. */
type LoadWork = Pick<LoadCase, 'target' | 'operation' | 'payloadBytes' | 'childCount' | 'depth'>;

/** What ratios are quoted from: enough turns for a median that one bad turn does not move. */
export const QUOTED_TURNS = 5;
const SECONDARY_TURNS = 2;
/** Java's turns take three times as long, because of its warm-up. */
const JAVA_SECONDARY_TURNS = 1;
const DEPTHS = [1, 16, 128, 1024];
const KIB = 1024;

const OPERATIONS: readonly Pick<LoadWork, 'operation' | 'payloadBytes' | 'childCount'>[] = [
  { operation: 'get', payloadBytes: 100 },
  { operation: 'get', payloadBytes: KIB },
  { operation: 'get', payloadBytes: 64 * KIB },
  { operation: 'set', payloadBytes: 100 },
  { operation: 'set', payloadBytes: KIB },
  { operation: 'set', payloadBytes: 64 * KIB },
  { operation: 'exists', payloadBytes: 100 },
  { operation: 'create', payloadBytes: 100 },
  { operation: 'getChildren', payloadBytes: 0, childCount: 10 },
  { operation: 'getChildren', payloadBytes: 0, childCount: 1000 },
  { operation: 'multi', payloadBytes: 100 },
  { operation: 'mixed', payloadBytes: 100 },
];

/** Clients of every load group; the other baseline and the variants of npm `zookeeper` are in few. */
const EVERYWHERE: readonly LoadClientName[] = [
  'raw-socket',
  'zkwire-promise',
  'zkwire-callback',
  'zookeeper',
  'node-zookeeper-client',
  ...DRIVER_NAMES,
];

const NO_TRANSACTIONS = { multi: 'it has no transactions' };
const NOT_SUPPORTED: Partial<Record<LoadClientName, Partial<Record<Operation, string>>>> = {
  'zkwire-callback': { create: 'it makes no sequential nodes', ...NO_TRANSACTIONS },
  zookeeper: NO_TRANSACTIONS,
  'zookeeper-native': NO_TRANSACTIONS,
  'zookeeper-by-name': NO_TRANSACTIONS,
};

/** Why a client cannot do what a case wants; null when it can. */
export function notSupported({ client, operation }: LoadCase): string | null {
  return NOT_SUPPORTED[client]?.[operation] ?? null;
}

export function byteLabel(bytes: number): string {
  return bytes >= KIB && bytes % KIB === 0 ? `${bytes / KIB}KiB` : `${bytes}B`;
}

/** What is read or written, in names and tables: `100B`, or `10-children`. */
export function sizeLabel({
  payloadBytes,
  childCount,
}: Omit<LoadWork, 'depth' | 'target'>): string {
  return childCount === undefined ? byteLabel(payloadBytes) : `${childCount}-children`;
}

function groupName(work: LoadWork): string {
  return `load/${work.target}/${work.operation}/${sizeLabel(work)}/depth-${work.depth}`;
}

export function loadCaseName(
  target: Target,
  operation: Operation,
  payloadBytes: number,
  depth: number,
  client: LoadClientName,
): string {
  return `${groupName({ target, operation, payloadBytes, depth })}/${client}`;
}

/** Every load case, in the order in which they run. */
export function loadCases(): LoadCase[] {
  return TARGETS.flatMap((target) =>
    OPERATIONS.flatMap((operation) => DEPTHS.map((depth) => ({ target, ...operation, depth }))),
  )
    .filter((work) => !isLeftOut(work))
    .flatMap(loadGroup);
}

/** Groups that would tell nothing, or take for ever. */
function isLeftOut({ target, operation, payloadBytes, childCount = 0, depth }: LoadWork): boolean {
  // One round of 64 MiB takes a real server longer than a turn is measured.
  if (operation === 'set' && payloadBytes === 64 * KIB && depth === 1024) return true;
  // A follower reads as a standalone server does; what differs are writes.
  return target === 'ensemble' && (payloadBytes > 100 || childCount > 10);
}

function loadGroup(work: LoadWork): LoadCase[] {
  const group = groupName(work);
  const clients: readonly LoadClientName[] = [...CLIENTS, ...DRIVER_NAMES];
  return clients
    .filter((client) => isInGroup(client, work))
    .map((client) => {
      const quoted = isQuoted(client, work);
      const benchCase: LoadCase = {
        kind: 'load',
        name: `${group}/${client}`,
        group,
        turns: quoted ? QUOTED_TURNS : secondaryTurns(client),
        inDefaultRun: isInDefaultRun(client, work),
        quoted,
        client,
        ...work,
      };
      return notSupported(benchCase) === null ? benchCase : { ...benchCase, turns: 0 };
    });
}

function secondaryTurns(client: LoadClientName): number {
  return client === 'java' ? JAVA_SECONDARY_TURNS : SECONDARY_TURNS;
}

/** Groups that are looked at first. */
function isHeadline({ target, operation, payloadBytes, depth }: LoadWork): boolean {
  return target === 'null' && operation === 'get' && payloadBytes === 100 && depth !== 16;
}

function isInGroup(client: LoadClientName, work: LoadWork): boolean {
  // Where the server is the limit, both APIs of zkwire are the same line.
  if (client === 'zkwire-callback') return work.target === 'null' || work.target === 'embedded';
  if (EVERYWHERE.includes(client)) return true;
  return isHeadline(work) && (client === 'raw-promise' || work.depth === 128);
}

/** Cases that `figures.ts` computes from. */
function isQuoted(client: LoadClientName, work: LoadWork): boolean {
  const { target, operation, payloadBytes, depth } = work;
  if (operation !== 'get' || payloadBytes !== 100) return false;
  const isPeer = client === 'zookeeper' || client === 'node-zookeeper-client';
  switch (target) {
    case 'null':
      if (depth === 16) return false;
      if (client.startsWith('raw-') || client === 'zkwire-promise') return true;
      return depth === 1024 && client !== 'zkwire-callback';
    case 'embedded':
      return depth === 1024 && client === 'raw-socket';
    case 'real':
      if (depth === 1024) return client === 'raw-socket';
      return depth === 128 && (client === 'zkwire-promise' || isPeer);
    case 'ensemble':
      return false;
  }
}

/** What fits into five minutes, and tells something new. */
function isInDefaultRun(client: LoadClientName, work: LoadWork): boolean {
  const { target, operation, payloadBytes, depth } = work;
  if (isHeadline(work)) return true;
  if (target === 'ensemble' || payloadBytes !== 100 || depth === 16) return false;
  if (operation !== 'get' && operation !== 'set') return false;
  const isSet = operation === 'set';
  if (isSet && depth !== 128) return false;
  switch (target) {
    case 'null':
      return isSet && (client === 'raw-socket' || client === 'zkwire-promise');
    case 'embedded':
      // Slow clients are the limit on any server that is faster than they are.
      return depth !== 1 && (client === 'raw-socket' || client === 'zkwire-promise');
    case 'real':
      // All fast clients are the same line at depth 1024.
      if (depth === 1024) return client === 'raw-socket';
      return depth === 128 || !isDriverName(client);
  }
}
