import type { ResolvedServerOptions } from '../config/resolve-options.ts';
import type { ConnectionStatistics, ServerStatistics } from './statistics.ts';

/** What the words tell of one connection. */
export interface ConnectionView {
  /** `address:port` of the client. */
  readonly name: string;
  /** What is waited for: 1 requests, 4 room to send, 5 both, 0 nothing. */
  readonly interestOps: number;
  /** Requests that have no answer yet. */
  readonly outstandingRequests: number;
  /** 0 when there is none. */
  readonly sessionId: bigint;
  /** Time-out that the handshake granted. */
  readonly sessionTimeoutMs: number;
  /** When it came, in ms since 1970. */
  readonly sinceMs: number;
  /** When it is given up if nothing comes, in ms since 1970. */
  readonly expiresAtMs: number;
  readonly statistics: ConnectionStatistics;
}

/** Sessions that expire together. */
export interface ExpiringSessions {
  /** In ms since 1970. */
  readonly expiresAtMs: number;
  readonly sessions: Iterable<{ readonly id: bigint }>;
}

/** Numbers of watches in the table for data, which is all that `wchs` counts. */
interface WatchCounts {
  /** Connections that watch something. */
  readonly connections: number;
  /** Paths that are watched. */
  readonly paths: number;
  readonly watches: number;
}

/** What the words tell of watches. `Watcher` is a connection, known by its session. */
export interface WatchView {
  /** All watches; those in both tables count twice. */
  readonly count: number;
  readonly summary: WatchCounts;
  /** Sessions and the paths that each watches, of the table for data. */
  bySession(): Iterable<readonly [sessionId: bigint, paths: Iterable<string>]>;
  /** Paths and the sessions that watch each, of the table for data. */
  byPath(): Iterable<readonly [path: string, sessionIds: Iterable<bigint>]>;
}

/** The last of every 128 transactions, and the digest of the tree behind it. */
export interface TreeDigest {
  readonly zxid: bigint;
  readonly digest: bigint;
}

/** All that the four-letter words show of a server. Everything is as it is at the moment of asking. */
export interface ServerView {
  readonly options: ResolvedServerOptions;
  /** Port that is listened on; null: none. */
  readonly port: number | null;
  /** The same for TLS. */
  readonly securePort: number | null;
  /** Since the server was started. */
  readonly uptimeMs: number;
  readonly statistics: ServerStatistics;
  /** Requests that have no answer yet, of all connections. */
  readonly outstandingRequests: number;
  readonly lastZxid: bigint;
  /** As ZooKeeper counts: the root counts twice, so a new tree has 5. */
  readonly nodeCount: number;
  /** Bytes of paths and data. */
  readonly approximateDataBytes: number;
  readonly ephemeralCount: number;
  readonly sessionCount: number;
  /** All that are open, the one that asks included, in any order. */
  readonly connections: { readonly size: number } & Iterable<ConnectionView>;
  readonly watches: WatchView;
  /** In the order in which they expire. */
  sessionBuckets(): Iterable<ExpiringSessions>;
  /** Sessions that have ephemeral nodes, and these. */
  ephemerals(): Iterable<readonly [sessionId: bigint, paths: Iterable<string>]>;
  /** Empty when none are kept. */
  digests(): Iterable<TreeDigest>;
}
