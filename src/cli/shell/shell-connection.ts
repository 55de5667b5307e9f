import {
  type ConnectError,
  type ConnectOptions,
  connect,
  type StateEvent,
  type ZooKeeperClient,
} from '../../client/index.ts';
import { parseConnectString } from '../../session/index.ts';
import type { ShownEvent } from './shell-output.ts';

/** State of a session, in the words of the prompt. */
export type ShellState =
  | 'CONNECTING'
  | 'CONNECTED'
  | 'CONNECTEDREADONLY'
  | 'EXPIRED'
  | 'AUTH_FAILED'
  | 'CLOSED';

/** What a connection tells the shell. */
export interface ConnectionEvents {
  onEvent(event: ShownEvent): void;
  /** Every server was tried and none gave a session; trying goes on. */
  onRefused(failures: readonly ConnectError[]): void;
}

/** How to connect. */
export interface ConnectionOptions {
  readonly connectString: string;
  readonly sessionTimeoutMs: number;
  readonly readOnly: boolean;
  /** Largest request; undefined: as servers have it by default. */
  readonly frameBytesMax: number | undefined;
  /** Undefined: no TLS. */
  readonly tls: ConnectOptions['tls'];
}

/** One session of the shell, from the first attempt on. Its client is there once there is a session. */
export class ShellConnection {
  readonly connectString: string;
  /** Rejects when there never will be a session. */
  readonly client: Promise<ZooKeeperClient>;
  readonly #events: ConnectionEvents;
  readonly #stop = new AbortController();
  #state: ShellState = 'CONNECTING';
  #client: ZooKeeperClient | null = null;

  /** Throws a ConnectError when the connect string makes no sense. */
  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    parseConnectString(options.connectString);
    this.connectString = options.connectString;
    this.#events = events;
    this.client = connect(options.connectString, {
      sessionTimeoutMs: options.sessionTimeoutMs,
      readOnly: options.readOnly,
      frameBytesMax: options.frameBytesMax,
      tls: options.tls,
      connectRounds: Number.POSITIVE_INFINITY,
      // As in Java: whoever has lost the session is to know, and connects anew.
      afterExpiry: 'end',
      signal: this.#stop.signal,
      onState: (event) => this.#told(event),
    });
    this.client.then(
      (client) => {
        this.#client = client;
      },
      () => {
        if (this.alive) this.#state = 'CLOSED';
      },
    );
  }

  get state(): ShellState {
    return this.#state;
  }

  /** The client, while it is connected. */
  get connectedClient(): ZooKeeperClient | null {
    return this.connected ? this.#client : null;
  }

  /** Whether there is a session on a connection. */
  get connected(): boolean {
    return this.#state === 'CONNECTED' || this.#state === 'CONNECTEDREADONLY';
  }

  /** Whether there is a session or may be one. */
  get alive(): boolean {
    return this.connected || this.#state === 'CONNECTING';
  }

  /** Ends the session, or the attempts. */
  async close(): Promise<void> {
    this.#stop.abort();
    const client = await this.client.catch(() => null);
    await client?.close();
  }

  #told(event: StateEvent): void {
    switch (event.state) {
      case 'session':
        this.#enter(
          event.readOnly ? 'CONNECTEDREADONLY' : 'CONNECTED',
          event.readOnly ? 'ConnectedReadOnly' : 'SyncConnected',
        );
        break;
      case 'disconnected':
        // One that was asked for is told as the end of the session alone.
        if (this.connected && !this.#stop.signal.aborted) this.#enter('CONNECTING', 'Disconnected');
        break;
      case 'refused':
        this.#events.onRefused(event.failures);
        break;
      case 'expired':
        this.#enter('EXPIRED', 'Expired');
        break;
      case 'auth-failed':
        this.#enter('AUTH_FAILED', 'AuthFailed');
        break;
      case 'closed':
        this.#enter(this.alive ? 'CLOSED' : this.#state, 'Closed');
        break;
      default:
    }
  }

  #enter(state: ShellState, word: string): void {
    this.#state = state;
    this.#events.onEvent({ state: word, type: 'None', path: null });
  }
}
