import { loadPeer, peerVersion } from '../peers.ts';
import type { Adapter } from './adapter.ts';

/** The part of npm `node-zookeeper-client` that is used here. It ships no types. */
interface NodeZooKeeperClient {
  once(event: 'connected' | 'disconnected', listener: () => void): void;
  connect(): void;
  getData(path: string, done: (error: Error | null, data: Buffer | undefined) => void): void;
  setData(path: string, data: Buffer, done: (error: Error | null) => void): void;
  close(): void;
}

interface NodeZooKeeperModule {
  createClient(connectString: string, options: { sessionTimeout: number }): NodeZooKeeperClient;
}

const SESSION_TIMEOUT_MS = 30_000;

/** Callbacks are its only API. */
export const adapter: Adapter = {
  name: 'node-zookeeper-client',
  version: peerVersion('node-zookeeper-client'),
  connect(connectString) {
    const module = loadPeer('node-zookeeper-client') as NodeZooKeeperModule;
    const client = module.createClient(connectString, { sessionTimeout: SESSION_TIMEOUT_MS });
    return new Promise((resolve) => {
      client.once('connected', () =>
        resolve({
          style: 'callback',
          get: (path, done) => client.getData(path, done),
          set: (path, data, done) => client.setData(path, data, done),
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
