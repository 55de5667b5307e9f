import type { Meter } from '../load/meter.ts';

export type Operation = 'get' | 'set';

/** What one case does, over and over. */
export interface Workload {
  operation: Operation;
  path: string;
  /** What `set` writes and `get` must find. */
  data: Buffer;
  /** Closed loops side by side. */
  depth: number;
}

/** A client whose users await promises. */
export interface PromiseClient {
  style: 'promise';
  get(path: string): Promise<unknown>;
  set(path: string, data: Buffer): Promise<unknown>;
  /** The data in what `get` resolved to; null for a client that decodes nothing. */
  dataOf: ((result: unknown) => Uint8Array | null) | null;
  close(): Promise<void>;
}

export type Done = (error: unknown, data?: Uint8Array | null) => void;

/** A client whose users pass a callback. */
export interface CallbackClient {
  style: 'callback';
  get(path: string, done: Done): void;
  set(path: string, data: Buffer, done: Done): void;
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
  /** @param connectString one `host:port` */
  connect(connectString: string): Promise<BenchClient>;
}
