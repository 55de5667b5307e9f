import { loadPeer } from '../peers.ts';

/** The part of npm `zookeeper` that is used here. It ships types for its wrapper only. */
export interface ZooKeeperPeer {
  native: NativeZooKeeper;
  init(config: object): unknown;
  once(event: 'connect' | 'close', listener: () => void): void;
  get(path: string, watch: boolean): Promise<[stat: unknown, data: Buffer | null]>;
  set(path: string, data: Buffer, version: number): Promise<unknown>;
  exists(path: string, watch: boolean): Promise<unknown>;
  create(path: string, data: Buffer, flags: number): Promise<string>;
  get_children(path: string, watch: boolean): Promise<string[]>;
  close(): unknown;
}

/** The addon's own object, under the JavaScript wrapper. */
export interface NativeZooKeeper {
  a_get(path: string, watch: boolean, done: NativeDone): number;
  a_set(path: string, data: Buffer, version: number, done: NativeDone): number;
  a_exists(path: string, watch: boolean, done: NativeDone): number;
  a_create(path: string, data: Buffer, flags: number, done: NativeDone): number;
  a_get_children(path: string, watch: boolean, done: NativeNamesDone): number;
}

export type NativeDone = (code: number, error: string, stat: unknown, data?: Buffer | null) => void;

export type NativeNamesDone = (code: number, error: string, names: string[]) => void;

/** `ZOO_SEQUENCE` of a persistent node. */
export const SEQUENTIAL = 2;

interface ZooKeeperPeerClass {
  new (config: object): ZooKeeperPeer;
  constants: { ZOO_LOG_LEVEL_ERROR: number };
}

const SESSION_TIMEOUT_MS = 30_000;

export function connectPeer(connectString: string): Promise<ZooKeeperPeer> {
  const Peer = loadPeer('zookeeper') as ZooKeeperPeerClass;
  const config = {
    connect: connectString,
    timeout: SESSION_TIMEOUT_MS,
    debug_level: Peer.constants.ZOO_LOG_LEVEL_ERROR,
    host_order_deterministic: false,
    data_as_buffer: true,
  };
  const client = new Peer(config);
  return new Promise((resolve) => {
    client.once('connect', () => resolve(client));
    client.init(config);
  });
}

export function closePeer(client: ZooKeeperPeer): Promise<void> {
  return new Promise((resolve) => {
    client.once('close', () => resolve());
    client.close();
  });
}
