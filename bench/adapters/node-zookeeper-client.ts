import { loadPeer, peerVersion } from '../peers.ts';
import { MULTI_SETS } from '../servers/canned-replies.ts';
import type { Adapter } from './adapter.ts';

/** The part of npm `node-zookeeper-client` that is used here. It ships no types. */
interface NodeZooKeeperClient {
  once(event: 'connected' | 'disconnected', listener: () => void): void;
  connect(): void;
  getData(path: string, done: (error: Error | null, data: Buffer | undefined) => void): void;
  setData(path: string, data: Buffer, done: (error: Error | null) => void): void;
  exists(path: string, done: (error: Error | null, stat: object | null) => void): void;
  create(path: string, data: Buffer, mode: number, done: (error: Error | null) => void): void;
  getChildren(path: string, done: (error: Error | null, names: string[]) => void): void;
  transaction(): NodeZooKeeperTransaction;
  close(): void;
}

interface NodeZooKeeperTransaction {
  setData(path: string, data: Buffer): unknown;
  commit(done: (error: Error | null) => void): void;
}

interface NodeZooKeeperModule {
  CreateMode: { PERSISTENT_SEQUENTIAL: number };
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
          exists: (path, done) => client.exists(path, (error) => done(error)),
          create: (path, data, done) =>
            client.create(path, data, module.CreateMode.PERSISTENT_SEQUENTIAL, done),
          getChildren: (path, done) => client.getChildren(path, done),
          multi(path, data, done) {
            const transaction = client.transaction();
            for (let nth = 0; nth < MULTI_SETS; nth++) transaction.setData(path, data);
            transaction.commit(done);
          },
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
