import { loadPeer, peerVersion } from '../../peers.ts';
import { DATA, type ReconnectDriver } from './driver.ts';

type Done = (error: Error | null) => void;

/** The part of npm `node-zookeeper-client` that is used here. It ships no types. */
interface NodeZooKeeperClient {
  once(event: 'connected' | 'disconnected', listener: () => void): void;
  connect(): void;
  getSessionId(): Buffer;
  getData(path: string, done: Done): void;
  setData(path: string, data: Buffer, done: Done): void;
  exists(path: string, onEvent: () => void, done: Done): void;
  close(): void;
}

interface NodeZooKeeperModule {
  createClient(connectString: string, options: { sessionTimeout: number }): NodeZooKeeperClient;
}

export const driver: ReconnectDriver = {
  name: 'node-zookeeper-client',
  version: peerVersion('node-zookeeper-client'),
  policy:
    'the next server at once; after a whole round a random time up to 1 s (its default spinDelay); requests wait for the next connection; a silent server is never given up',
  connect({ connectString, sessionTimeoutMs, path }) {
    const module = loadPeer('node-zookeeper-client') as NodeZooKeeperModule;
    const client = module.createClient(connectString, { sessionTimeout: sessionTimeoutMs });
    const asked = (ask: (done: Done) => void): Promise<void> =>
      new Promise((resolve, reject) => {
        ask((error) => (error ? reject(error) : resolve()));
      });
    return new Promise((resolve) => {
      client.once('connected', () =>
        resolve({
          get: () => asked((done) => client.getData(path, done)),
          set: () => asked((done) => client.setData(path, DATA, done)),
          watch: (watched) => asked((done) => client.exists(watched, () => {}, done)),
          sessionId: () => client.getSessionId().toString('hex'),
          close: () =>
            new Promise((closed) => {
              client.once('disconnected', () => closed());
              client.close();
            }),
        }),
      );
      client.connect();
    });
  },
};
