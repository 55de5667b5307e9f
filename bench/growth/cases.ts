import type { ClientNeeds } from '../adapters/adapter.ts';
import type { ClientName } from '../cases.ts';
import type { LaneCase } from '../lanes/lane.ts';
import type { PeerName } from '../peers.ts';
import type { LoadWork, WalkTimes, WatchWork } from './growth-work.ts';

/** A client that lists or reads or writes, with more and more of something. */
export interface LoadGrowthCase extends LaneCase {
  readonly curve: 'payload' | 'depth' | 'children';
  readonly client: ClientName;
  readonly operation: LoadWork['operation'];
  readonly needs: ClientNeeds;
  readonly xs: readonly number[];
  readonly times: WalkTimes;
}

export interface WatchGrowthCase extends LaneCase {
  readonly curve: 'watches';
  readonly style: WatchWork['style'];
  readonly xs: readonly number[];
  readonly events: number;
  /** Watches of the warm-up. */
  readonly warmup: number;
}

export interface ConnectionGrowthCase extends LaneCase {
  readonly curve: 'connections';
  readonly target: 'null' | 'embedded';
  readonly xs: readonly number[];
  readonly times: WalkTimes;
}

export type GrowthCase = LoadGrowthCase | WatchGrowthCase | ConnectionGrowthCase;

/** Points of each curve. */
export const XS = {
  /** The last one is as near to 1 MiB as a request may come: servers take 1,048,575 B with header and path. */
  payload: [0, 100, 1024, 10 * 1024, 64 * 1024, 256 * 1024, 1023 * 1024],
  depth: [1, 4, 16, 64, 128, 256, 1_024, 4_096, 16_384, 65_536],
  children: [10, 100, 1_000, 10_000, 100_000],
  watches: [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000],
  connections: [1, 10, 100, 1_000],
} as const;

/** Of the curves that are not of the payload. */
export const USUAL_PAYLOAD_BYTES = 100;

/** The same for every payload: 16 times 1 MiB are in flight at the end, in both directions of the socket. */
export const PAYLOAD_DEPTH = 16;
/** Four lists of 100,000 names are 6.4 MB. */
export const CHILDREN_DEPTH = 4;
/** Room for one; servers and clients stop at 1 MiB by default. */
const FRAME_BYTES_MAX = 16 * 1024 * 1024;
/** Of all connections together, so that with 1,000 of them each has one request in flight; and of each of them. */
export const CONNECTIONS_DEPTH = { shared: 1_000, own: 10 };

/** What figures are quoted from, what they are compared with, and what takes long. */
const TURNS = { quoted: 10, compared: 3, long: 3, peers: 2 };
const TIMES: WalkTimes = { warmupMs: 400, settleMs: 50, measureMs: 120 };
const QUICK_TIMES: WalkTimes = { warmupMs: 100, settleMs: 20, measureMs: 40 };
const EVENTS = 20_000;
const QUICK_EVENTS = 2_000;
const WARMUP_WATCHES = 20_000;
const QUICK_WARMUP_WATCHES = 1_000;
/** Points that a quick run leaves out because they take long. */
const QUICK_WATCHES_MAX = 10_000;
const QUICK_CONNECTIONS_MAX = 100;

/** Start and end of a process. */
const PROCESS_MS = 200;
/** Typical times on two cores of a cloud machine. */
const WATCHES_MS = 6_000;
const QUICK_WATCHES_MS = 1_000;
const CONNECTIONS_MS = 3_500;
const QUICK_CONNECTIONS_MS = 1_000;
/** Peers are slow to come round where it is deep: for their estimate. */
const PEER_STRETCH = 1.5;

/** All cases, in the order in which they run. */
export function growthCases(quick: boolean): GrowthCase[] {
  const cases = [
    ...payloadCases('get', ['raw-socket', 'zkwire-promise', 'zkwire-callback']),
    ...payloadCases('set', ['raw-socket', 'zkwire-promise']),
    ...depthCases(),
    ...childrenCases(),
    ...watchCases(quick),
    ...connectionCases(quick),
  ];
  return quick ? cases.map(asQuick) : cases;
}

const PEERS: readonly PeerName[] = ['zookeeper', 'node-zookeeper-client'];

function payloadCases(operation: 'get' | 'set', clients: readonly ClientName[]): LoadGrowthCase[] {
  return [...clients, ...PEERS].map((client) =>
    loadCase('payload', `growth/payload/${operation}`, operation, client, TURNS.compared),
  );
}

function depthCases(): LoadGrowthCase[] {
  const quoted: ClientName[] = ['raw-promise', 'zkwire-promise', 'zkwire-callback'];
  return [
    loadCase('depth', 'growth/depth', 'get', 'raw-socket', TURNS.compared),
    ...quoted.map((client) => loadCase('depth', 'growth/depth', 'get', client, TURNS.quoted)),
    ...PEERS.map((client) => loadCase('depth', 'growth/depth', 'get', client, TURNS.peers)),
  ];
}

function childrenCases(): LoadGrowthCase[] {
  const clients: ClientName[] = ['raw-socket', 'zkwire-promise', ...PEERS];
  return clients.map((client) => {
    const turns = client === 'zkwire-promise' ? TURNS.quoted : TURNS.compared;
    return loadCase('children', 'growth/children', 'getChildren', client, turns);
  });
}

/** Beyond what clients do by default: of peers that have no such limit nothing is asked. */
const NEEDS: Readonly<Record<LoadGrowthCase['curve'], ClientNeeds>> = {
  payload: {},
  depth: { depthMax: Math.max(...XS.depth) },
  children: { frameBytesMax: FRAME_BYTES_MAX },
};

function loadCase(
  curve: LoadGrowthCase['curve'],
  group: string,
  operation: LoadWork['operation'],
  client: ClientName,
  turns: number,
): LoadGrowthCase {
  const peer = PEERS.find((name) => name === client) ?? null;
  return {
    name: `${group}/${client}`,
    group,
    turns: peer === null ? turns : TURNS.peers,
    turnMs: loadTurnMs(XS[curve].length, TIMES) * (peer === null ? 1 : PEER_STRETCH),
    peer,
    curve,
    client,
    operation,
    needs: NEEDS[curve],
    xs: XS[curve],
    times: TIMES,
  };
}

function loadTurnMs(points: number, { warmupMs, settleMs, measureMs }: WalkTimes): number {
  return PROCESS_MS + warmupMs + points * (settleMs + measureMs);
}

function watchCases(quick: boolean): WatchGrowthCase[] {
  return (['persistent', 'one-shot'] as const).map((style) => ({
    name: `growth/watches/${style}`,
    group: 'growth/watches',
    turns: TURNS.long,
    turnMs: quick ? QUICK_WATCHES_MS : WATCHES_MS,
    peer: null,
    curve: 'watches',
    style,
    xs: XS.watches.filter((count) => !quick || count <= QUICK_WATCHES_MAX),
    events: quick ? QUICK_EVENTS : EVENTS,
    warmup: quick ? QUICK_WARMUP_WATCHES : WARMUP_WATCHES,
  }));
}

function connectionCases(quick: boolean): ConnectionGrowthCase[] {
  return (['null', 'embedded'] as const).map((target) => ({
    name: `growth/connections/${target}`,
    group: 'growth/connections',
    turns: TURNS.long,
    turnMs: quick ? QUICK_CONNECTIONS_MS : CONNECTIONS_MS,
    peer: null,
    curve: 'connections',
    target,
    xs: XS.connections.filter((count) => !quick || count <= QUICK_CONNECTIONS_MAX),
    times: TIMES,
  }));
}

function asQuick(each: GrowthCase): GrowthCase {
  if (each.curve === 'watches') return { ...each, turns: 1 };
  const turnMs =
    each.curve === 'connections' ? each.turnMs : loadTurnMs(each.xs.length, QUICK_TIMES);
  return { ...each, turns: 1, turnMs, times: QUICK_TIMES };
}
