import { loadPeer, peerVersion } from '../peers.ts';
import type { WatcherAdapter } from './watcher.ts';

type Done = (error: Error | null) => void;

/** The part of npm `node-zookeeper-client` that is used here. It ships no types. */
interface NodeZooKeeperClient {
  once(event: 'connected' | 'disconnected', listener: () => void): void;
  connect(): void;
  exists(path: string, done: Done): void;
  exists(path: string, onEvent: (event: { path: string }) => void, done: Done): void;
  close(): void;
}

interface NodeZooKeeperModule {
  createClient(connectString: string, options: { sessionTimeout: number }): NodeZooKeeperClient;
}

const SESSION_TIMEOUT_MS = 30_000;

/** It has one-shot watches only. */
export const adapter: WatcherAdapter = {
  name: 'node-zookeeper-client',
  version: peerVersion('node-zookeeper-client'),
  connect(connectString, heard) {
    const module = loadPeer('node-zookeeper-client') as NodeZooKeeperModule;
    const client = module.createClient(connectString, { sessionTimeout: SESSION_TIMEOUT_MS });
    const onEvent = (event: { path: string }): void => heard(event.path);
    const asked = (ask: (done: Done) => void): Promise<void> =>
      new Promise((resolve, reject) => {
        ask((error) => (error ? reject(error) : resolve()));
      });
    return new Promise((resolve) => {
      client.once('connected', () =>
        resolve({
          watch: (path) => asked((done) => client.exists(path, onEvent, done)),
          exists: (path) => asked((done) => client.exists(path, done)),
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
