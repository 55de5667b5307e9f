import type { TlsFiles } from './tls-files.ts';

/** What a server says of itself in `srvr`; undefined while it serves nobody. */
export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer' | 'read-only';

/** A ZooKeeper server on 127.0.0.1 that this process started. */
export interface ZooKeeperServer extends AsyncDisposable {
  readonly host: string;
  /** Port for clients without TLS. */
  readonly port: number;
  /** `host:port`, without TLS. */
  readonly connectString: string;
  /** Port for clients with TLS, when it was asked for. */
  readonly securePort: number | undefined;
  /** `host:securePort`, when TLS was asked for. */
  readonly secureConnectString: string | undefined;
  /** Certificates and keys for clients of `securePort`. */
  readonly tls: TlsFiles | undefined;
  readonly version: string;
  /** Process id of the server, the last one after it has ended. */
  readonly pid: number;
  readonly running: boolean;
  readonly dataDir: string;
  /** The last lines of its log (default 40), also after it has ended. */
  logTail(lines?: number): string;
  /** Answer to a four-letter word. Rejects when the server does not answer in two seconds. */
  fourLetterWord(word: string): Promise<string>;
  /** What it is now; undefined when it does not serve. Never rejects. */
  mode(): Promise<ServerMode | undefined>;
  /** Ends it, waits for that, removes its throw-away directory. Calling it again is harmless. */
  stop(): Promise<void>;
  /** Ends it and waits for that, but keeps ports and data for `restart()`. Default SIGKILL. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Freezes it (SIGSTOP): connections stay open and nothing answers. */
  pause(): void;
  /** Ends a `pause()`. */
  resume(): void;
  /**
   * Ends it if it runs and starts it again with the same ports and data. Resolves when it serves, or,
   * with `waitUntilServing: false` (a member without quorum does not serve), when it is launched.
   */
  restart(options?: { readonly waitUntilServing?: boolean }): Promise<void>;
}

/** A server did not come to serve. The message ends with the last lines of its log. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
  /** True when one of its ports was in use. */
  readonly portTaken: boolean;

  constructor(reason: string, logTail: string, portTaken: boolean) {
    super(`ZooKeeper did not start: ${reason}\n${logTail}`);
    this.portTaken = portTaken;
  }
}
