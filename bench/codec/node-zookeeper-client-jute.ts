import { loadPeer } from '../peers.ts';

/** The inner parts of node-zookeeper-client that are called here. */
interface PeerRecord {
  deserialize(bytes: Buffer, offset: number): number;
}

export interface PeerJute {
  Request: new (header: { xid: number; type: number }, payload: object) => { toBuffer(): Buffer };
  protocol: {
    RequestHeader: new () => { xid: number; type: number };
    GetDataRequest: new () => { path: string; watch: boolean };
    GetDataResponse: new () => PeerRecord & { data: Buffer; stat: { version: number } };
  };
  data: { Stat: new () => PeerRecord & { version: number } };
}

export interface PeerConnectionManager {
  pendingQueue: object[];
  onSocketData(bytes: Buffer): void;
}

interface PeerConnectionManagerClass {
  new (connectString: string, options: object, onState: () => void): PeerConnectionManager;
  STATES: { CONNECTED: number };
}

export function peerJute(): PeerJute {
  return loadPeer('node-zookeeper-client', 'lib/jute') as PeerJute;
}

/** A connection of the peer that believes it is connected; it has no socket. */
export function connectedPeer(): PeerConnectionManager {
  const Manager = loadPeer(
    'node-zookeeper-client',
    'lib/ConnectionManager.js',
  ) as PeerConnectionManagerClass;
  const options = { sessionTimeout: 30_000, spinDelay: 1_000, retries: 0 };
  const manager = new Manager('127.0.0.1:2181', options, () => {});
  return Object.assign(manager, { state: Manager.STATES.CONNECTED });
}
