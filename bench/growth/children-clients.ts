import type { BenchClient, CallbackClient, Done, PromiseClient } from '../adapters/adapter.ts';
import type { ClientName } from '../cases.ts';
import { loadPeer, peerVersion } from '../peers.ts';

/** Room for a reply with 100,000 names; the clients' default is what servers allow, 1 MiB. */
const FRAME_BYTES_MAX = 16 * 1024 * 1024;
const SESSION_TIMEOUT_MS = 30_000;

/** A client whose `get` asks for the children of a node, so that loads are driven as those of `get` are. */
export interface ChildrenClient {
  readonly name: string;
  readonly version: string;
  readonly client: BenchClient;
  /** Names of a node's children; null for what decodes nothing. */
  readonly list: ((path: string) => Promise<readonly string[]>) | null;
}

/** Connects, with that client's module loaded and no other's. */
export function connectForChildren(
  client: ClientName,
  connectString: string,
): Promise<ChildrenClient> {
  switch (client) {
    case 'raw-socket':
      return connectRawSocket(connectString);
    case 'zkwire-promise':
      return connectZkwire(connectString, 'promise');
    case 'zkwire-callback':
      return connectZkwire(connectString, 'callback');
    case 'zookeeper':
      return connectZooKeeper(connectString);
    case 'node-zookeeper-client':
      return connectNodeZooKeeperClient(connectString);
    default:
      throw new Error(`children are not listed with ${client}`);
  }
}

const NO_SET = {
  set: (): never => {
    throw new Error('a client that lists children sets nothing');
  },
};

async function connectRawSocket(connectString: string): Promise<ChildrenClient> {
  const { adapter } = await import('../adapters/raw-socket.ts');
  const client = await adapter.connect(connectString);
  return { name: adapter.name, version: adapter.version, client, list: null };
}

async function connectZkwire(
  connectString: string,
  style: 'promise' | 'callback',
): Promise<ChildrenClient> {
  const { connect } = await import('zkwire');
  const { zkwireVersion } = await import('../adapters/zkwire-version.ts');
  const zk = await connect(connectString, { frameBytesMax: FRAME_BYTES_MAX });
  const close = (): Promise<void> => zk.close();
  const promises: PromiseClient = {
    style: 'promise',
    get: (path) => zk.getChildren(path),
    dataOf: null,
    close,
    ...NO_SET,
  };
  const callbacks: CallbackClient = {
    style: 'callback',
    get: (path, done) => zk.lending.getChildren(path, (error) => done(error)),
    close,
    ...NO_SET,
  };
  return {
    name: `zkwire (${style}s)`,
    version: zkwireVersion,
    client: style === 'promise' ? promises : callbacks,
    list: (path) => zk.getChildren(path),
  };
}

async function connectZooKeeper(connectString: string): Promise<ChildrenClient> {
  const { closePeer, connectPeer } = await import('../adapters/zookeeper-peer.ts');
  const peer = await connectPeer(connectString);
  const { get_children } = peer as unknown as {
    get_children(path: string, watch: boolean): Promise<string[]>;
  };
  const list = (path: string): Promise<string[]> => get_children.call(peer, path, false);
  return {
    name: 'zookeeper',
    version: peerVersion('zookeeper'),
    client: { style: 'promise', get: list, dataOf: null, close: () => closePeer(peer), ...NO_SET },
    list,
  };
}

/** The part of npm `node-zookeeper-client` that is used here. */
interface NodeZooKeeperClient {
  once(event: 'connected' | 'disconnected', listener: () => void): void;
  connect(): void;
  getChildren(path: string, done: (error: Error | null, children?: string[]) => void): void;
  close(): void;
}

interface NodeZooKeeperModule {
  createClient(connectString: string, options: { sessionTimeout: number }): NodeZooKeeperClient;
}

async function connectNodeZooKeeperClient(connectString: string): Promise<ChildrenClient> {
  const module = loadPeer('node-zookeeper-client') as NodeZooKeeperModule;
  const peer = module.createClient(connectString, { sessionTimeout: SESSION_TIMEOUT_MS });
  await new Promise<void>((resolve) => {
    peer.once('connected', resolve);
    peer.connect();
  });
  const client: CallbackClient = {
    style: 'callback',
    get: (path: string, done: Done) => peer.getChildren(path, (error) => done(error)),
    close: () =>
      new Promise((resolve) => {
        peer.once('disconnected', resolve);
        peer.close();
      }),
    ...NO_SET,
  };
  const list = (path: string): Promise<string[]> =>
    new Promise((resolve, reject) => {
      peer.getChildren(path, (error, children) => {
        if (error !== null) reject(error);
        else resolve(children ?? []);
      });
    });
  const version = peerVersion('node-zookeeper-client');
  return { name: 'node-zookeeper-client', version, client, list };
}
