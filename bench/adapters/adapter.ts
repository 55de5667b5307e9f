import type { Meter } from '../load/meter.ts';

export const OPERATIONS = [
  'get',
  'set',
  'exists',
  'create',
  'getChildren',
  'multi',
  'mixed',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Of so many operations of the mix, one writes. */
export const MIXED_CYCLE = 5;

/** Is the nth operation of a mix a `set`? The others are `get`. */
export function isMixedSet(nth: number): boolean {
  return nth % MIXED_CYCLE === MIXED_CYCLE - 1;
}

/** What `create` is given: a sequential node under the path of the workload. */
export function createdPath(path: string): string {
  return `${path}/n-`;
}

/** What one case does, over and over. */
export interface Workload {
  operation: Operation;
  path: string;
  /** What `set` writes and `get` must find. */
  data: Buffer;
  /** Names that `getChildren` must find. Default 0. */
  childCount?: number;
  /** Closed loops side by side. */
  depth: number;
}

/** A client whose users await promises. What it cannot do is not there. */
export interface PromiseClient {
  style: 'promise';
  get(path: string): Promise<unknown>;
  set(path: string, data: Buffer): Promise<unknown>;
  /** Of a node that is there. */
  exists?(path: string): Promise<unknown>;
  /** Makes a persistent sequential node. */
  create?(path: string, data: Buffer): Promise<unknown>;
  /** Resolves to the names, in any order. */
  getChildren?(path: string): Promise<{ length: number }>;
  /** Writes the same `MULTI_SETS` times in one transaction. */
  multi?(path: string, data: Buffer): Promise<unknown>;
  /** The data in what `get` resolved to; null for a client that decodes nothing. */
  dataOf: ((result: unknown) => Uint8Array | null) | null;
  close(): Promise<void>;
}

export type Done = (error: unknown, data?: Uint8Array | null) => void;

export type ChildrenDone = (error: unknown, names?: { length: number } | null) => void;

/** A client whose users pass a callback. What it cannot do is not there. */
export interface CallbackClient {
  style: 'callback';
  get(path: string, done: Done): void;
  set(path: string, data: Buffer, done: Done): void;
  exists?(path: string, done: Done): void;
  create?(path: string, data: Buffer, done: Done): void;
  getChildren?(path: string, done: ChildrenDone): void;
  multi?(path: string, data: Buffer, done: Done): void;
  close(): Promise<void>;
}

/** No client at all: it drives itself, because its point is to have nothing in between. */
export interface SocketClient {
  style: 'socket';
  /** As `drive` does it: resolves when the meter has stopped and the last reply is in. */
  run(workload: Workload, meter: Meter): Promise<void>;
  close(): Promise<void>;
}

export type BenchClient = PromiseClient | CallbackClient | SocketClient;

/** One way of talking to ZooKeeper, each in a module of its own so that a process loads only one. */
export interface Adapter {
  /** Package (or layer) and version, for the report. */
  name: string;
  version: string;
  /** False where it uses `recv` and `send`, which the kernel's count of reads and writes leaves out. */
  readonly syscallsAreCounted?: boolean;
  /**
   * @param connectString one `host:port`
   * @param needs what a client has to be told that has a limit; others do as they do
   */
  connect(connectString: string, needs?: ClientNeeds): Promise<BenchClient>;
}

/** What a case asks for beyond the usual. */
export interface ClientNeeds {
  /** Longest frame, in bytes. */
  readonly frameBytesMax?: number;
  /** Requests in flight at most. */
  readonly depthMax?: number;
}
