import { afterAll, beforeAll } from 'vitest';
import { type ConnectOptions, connect, type ZooKeeperClient } from '../../../src/client/index.ts';
import {
  type ServerOptions,
  startServer,
  type ZooKeeperServer,
} from '../../../tools/zookeeper/index.ts';

/** A server and a client on it, for all tests of a `describe`. */
export class RealClient {
  #server: ZooKeeperServer | null = null;
  #zk: ZooKeeperClient | null = null;
  #nodes = 0;

  /** To be called in the `describe`. */
  constructor(serverOptions: ServerOptions = {}, options: ConnectOptions = {}) {
    beforeAll(async () => {
      this.#server = await startServer({
        fastStart: true,
        extendedTypesEnabled: true,
        configLines: ['forceSync=no'],
        ...serverOptions,
      });
      this.#zk = await connect(this.#server.connectString, options);
    });
    afterAll(async () => {
      await this.#zk?.close();
      await this.#server?.stop();
    });
  }

  get server(): ZooKeeperServer {
    return this.#server as ZooKeeperServer;
  }

  get zk(): ZooKeeperClient {
    return this.#zk as ZooKeeperClient;
  }

  /** A path that no other test uses. */
  fresh(): string {
    return `/n${++this.#nodes}`;
  }
}
