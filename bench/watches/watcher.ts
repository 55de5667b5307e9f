import type { WatchClient, WatchStyle } from './cases.ts';

/** Told of every event that a user of the client would hear, with the path of its node. */
export type Heard = (path: string) => void;

/** A connected client, as its users have it. */
export interface WatchingClient {
  /** Registers a watch of that style; events go to `heard`, given when it connected. */
  watch(path: string, style: WatchStyle): Promise<void>;
  /** One request: the server answers it behind all events that it asks for. */
  exists(path: string): Promise<void>;
  close(): Promise<void>;
}

/** One client, in a module of its own so that a process loads only one. */
export interface WatcherAdapter {
  readonly name: string;
  readonly version: string;
  connect(connectString: string, heard: Heard): Promise<WatchingClient>;
}

export async function loadWatcher(client: WatchClient): Promise<WatcherAdapter> {
  switch (client) {
    case 'zkwire-listener':
      return (await import('./zkwire-listener.ts')).adapter;
    case 'zkwire-iterator':
      return (await import('./zkwire-iterator.ts')).adapter;
    case 'zookeeper':
      return (await import('./zookeeper.ts')).adapter;
    case 'node-zookeeper-client':
      return (await import('./node-zookeeper-client.ts')).adapter;
  }
}
