import { type ConnectOptions, connect, type ZooKeeperClient } from '../../../src/client/index.ts';
import type { RegistrationEvent, ServiceInstance } from '../../../src/recipes/index.ts';
import { createServer, type EmbeddedServer } from '../../../src/server/index.ts';

/** A server in memory, and the clients that were made on it. */
export class ServiceRig implements AsyncDisposable {
  readonly server: EmbeddedServer;
  readonly #clients: ZooKeeperClient[] = [];

  private constructor(server: EmbeddedServer) {
    this.server = server;
  }

  static async start(): Promise<ServiceRig> {
    return new ServiceRig(await createServer());
  }

  async client(chroot = '', options: ConnectOptions = {}): Promise<ZooKeeperClient> {
    const zk = await connect(this.server.connectString + chroot, {
      sessionTimeoutMs: 10_000,
      ...options,
    });
    this.#clients.push(zk);
    return zk;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.faults.clear();
    this.server.faults.thaw();
    await Promise.all(this.#clients.map((zk) => zk.close()));
    await this.server.close();
  }
}

/** What was told, and who waits for it. */
export class Told<T> {
  readonly all: T[] = [];
  #wake: () => void = () => {};

  readonly tell = (value: T): void => {
    this.all.push(value);
    this.#wake();
  };

  /** The first that is so, from the `from`th on, now or later. */
  async until(is: (value: T) => boolean, from = 0): Promise<T> {
    for (;;) {
      const found = this.all.slice(from).find(is);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Told of a registration, by type. */
export function typesOf(told: Told<RegistrationEvent>): string[] {
  return told.all.map(({ type }) => type);
}

export function addressesOf(instances: readonly ServiceInstance[]): string[] {
  return instances.map(({ address }) => address);
}
