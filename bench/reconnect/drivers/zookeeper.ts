import { loadPeer, peerVersion } from '../../peers.ts';
import { DATA, type ReconnectClient, type ReconnectDriver } from './driver.ts';

/** The part of npm `zookeeper` that is used here. */
interface ZooKeeperPeer {
  client_id: string;
  init(config: object): unknown;
  once(event: 'connect' | 'close', listener: () => void): void;
  get(path: string, watch: boolean): Promise<unknown>;
  set(path: string, data: Buffer, version: number): Promise<unknown>;
  aw_exists(path: string, onEvent: () => void, done: (code: number) => void): void;
  close(): unknown;
}

interface ZooKeeperPeerClass {
  new (config: object): ZooKeeperPeer;
  constants: { ZOO_LOG_LEVEL_ERROR: number };
}

const NO_NODE = -101;

function open(connectString: string, sessionTimeoutMs: number): Promise<ZooKeeperPeer> {
  const Peer = loadPeer('zookeeper') as ZooKeeperPeerClass;
  const config = {
    connect: connectString,
    timeout: sessionTimeoutMs,
    debug_level: Peer.constants.ZOO_LOG_LEVEL_ERROR,
    host_order_deterministic: false,
    data_as_buffer: true,
  };
  const peer = new Peer(config);
  return new Promise((resolve) => {
    peer.once('connect', () => resolve(peer));
    peer.init(config);
  });
}

export const driver: ReconnectDriver = {
  name: 'zookeeper',
  version: peerVersion('zookeeper'),
  policy:
    'as libzookeeper does it, seen only when its addon polls next; after "close" (it may call a session expired by itself) a new client is made',
  async connect({ connectString, sessionTimeoutMs, path }): Promise<ReconnectClient> {
    let closing = false;
    let peer = await openKept();

    // Its own examples do so: a client that has closed itself never comes back.
    async function openKept(): Promise<ZooKeeperPeer> {
      const opened = await open(connectString, sessionTimeoutMs);
      opened.once('close', () => {
        if (closing) return;
        void openKept().then((next) => {
          peer = next;
        });
      });
      return opened;
    }

    return {
      async get() {
        await peer.get(path, false);
      },
      async set() {
        await peer.set(path, DATA, -1);
      },
      watch: (watched) =>
        new Promise((resolve, reject) => {
          peer.aw_exists(
            watched,
            () => {},
            (code) => {
              if (code === 0 || code === NO_NODE) resolve();
              else reject(new Error(`exists failed with ${code}`));
            },
          );
        }),
      sessionId: () => peer.client_id,
      close: () =>
        new Promise((resolve) => {
          closing = true;
          peer.once('close', () => resolve());
          peer.close();
        }),
    };
  },
};
