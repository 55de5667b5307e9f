import type { ClientName } from '../cases.ts';

export interface DriverOptions {
  /** `host:port,...` */
  readonly connectString: string;
  readonly sessionTimeoutMs: number;
  /** Path of the node that is read and written. */
  readonly path: string;
}

/** A client that reconnects by itself, as its users have it. */
export interface ReconnectClient {
  /** Reads the node once. Rejects when the client says that it failed; never asks again by itself. */
  get(): Promise<void>;
  /** Writes it once, in any version. */
  set(): Promise<void>;
  /** Watches whether a node exists. */
  watch(path: string): Promise<void>;
  /** Changes when the session was lost. */
  sessionId(): string;
  close(): Promise<void>;
}

/** What `set` writes. */
export const DATA: Buffer = Buffer.alloc(100, 0x5a);

/** One client, in a module of its own so that a process loads only one. */
export interface ReconnectDriver {
  /** Package and version, for the report. */
  readonly name: string;
  readonly version: string;
  /** How it comes back after a loss, in a line: times without it are not fair to compare. */
  readonly policy: string;
  /** Resolves with the first session. */
  connect(options: DriverOptions): Promise<ReconnectClient>;
}

export async function loadDriver(client: ClientName): Promise<ReconnectDriver> {
  switch (client) {
    case 'bare-socket':
      return (await import('./bare-socket.ts')).driver;
    case 'zkwire':
      return (await import('./zkwire.ts')).driver;
    case 'zookeeper':
      return (await import('./zookeeper.ts')).driver;
    case 'node-zookeeper-client':
      return (await import('./node-zookeeper-client.ts')).driver;
  }
}
