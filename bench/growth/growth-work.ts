import type { ClientNeeds, Operation } from '../adapters/adapter.ts';
import type { ClientName } from '../cases.ts';

/** What the process of one turn is told to do: it walks all points of a curve in their order. */
export type GrowthWork = LoadWork | WatchWork | ConnectionWork;

/** How long things are done, in ms. */
export interface WalkTimes {
  /** Once, at the first point: V8 compiles what all of them run. */
  readonly warmupMs: number;
  /** At each point, thrown away. */
  readonly settleMs: number;
  readonly measureMs: number;
}

export interface LoadPoint {
  readonly x: number;
  readonly connectString: string;
  readonly path: string;
  readonly payloadBytes: number;
  readonly childCount: number;
  /** Of the longer of request and reply, about: says how much slower this point may be than the one before. */
  readonly frameBytes: number;
  /** Closed loops side by side. */
  readonly depth: number;
}

export interface LoadWork extends WalkTimes {
  readonly kind: 'load';
  readonly client: ClientName;
  readonly operation: Operation;
  readonly needs: ClientNeeds;
  readonly points: readonly LoadPoint[];
}

export interface WatchWork {
  readonly kind: 'watches';
  readonly style: 'persistent' | 'one-shot';
  /** Of a growth responder. */
  readonly connectString: string;
  /** Watches that are registered, from point to point. */
  readonly counts: readonly number[];
  /** Events that are dispatched at each point. */
  readonly events: number;
  /** Watches of a client before, for V8 to compile what all points run. */
  readonly warmup: number;
}

/** A process that collects a large heap on a busy machine must not lose its session. */
export const SESSION_TIMEOUT_MS = 600_000;

export interface ConnectionWork extends WalkTimes {
  readonly kind: 'connections';
  readonly connectString: string;
  readonly counts: readonly number[];
  /** Requests in flight of all clients together, however many they are. */
  readonly sharedDepth: number;
  /** And of each, however many there are. */
  readonly ownDepth: number;
}

/** Name of a measured value at a point of a curve. */
export function pointKey(metric: string, x: number): string {
  return `${metric} at ${x}`;
}

/** What stands below this many has a cost that is smaller than what the process does besides. */
export const COUNT_MIN: Readonly<Record<'watches' | 'heap' | 'rss', number>> = {
  watches: 1_000,
  heap: 10,
  rss: 100,
};
