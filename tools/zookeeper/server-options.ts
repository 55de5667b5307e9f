import type { ZooKeeperInstallation } from './installation.ts';

/** What a server's TLS port asks of a client: a certificate, one if it has one, or none. */
export type ClientAuth = 'need' | 'want' | 'none';

/** How to run a server. Everything is optional; times are milliseconds. */
export interface ServerOptions {
  /** Which ZooKeeper. Default: what `findZooKeeper()` finds. */
  readonly installation?: ZooKeeperInstallation;
  /** Client port. Default: a free one. A given port that is taken makes the start fail. */
  readonly port?: number;
  /** ZooKeeper's `tickTime`. Default 2000. */
  readonly tickTimeMs?: number;
  /** Shortest session time-out a client is granted. Default: two ticks, as ZooKeeper does. */
  readonly minSessionTimeoutMs?: number;
  /** Longest session time-out a client is granted. Default: twenty ticks, as ZooKeeper does. */
  readonly maxSessionTimeoutMs?: number;
  /**
   * Further lines of `zoo.cfg`, for example `['forceSync=no', 'snapCount=1000']`. They come last and
   * so win; ports and data directory have options of their own and must not be set here.
   */
  readonly configLines?: readonly string[];
  /** Largest Java heap in MiB. Default 256. */
  readonly heapMiB?: number;
  /** Further flags for the Java virtual machine, after ours, so that they win. */
  readonly jvmFlags?: readonly string[];
  /**
   * Start faster and use less CPU, but run slower: first compiler tier and serial collector only.
   * For tests. Never for measurements. Default false.
   */
  readonly fastStart?: boolean;
  /** Open a TLS port with throw-away certificates too; `true` is `{ clientAuth: 'need' }`. */
  readonly tls?: boolean | { readonly clientAuth?: ClientAuth };
  /** Allow TTL nodes. Default false, as ZooKeeper does. */
  readonly extendedTypesEnabled?: boolean;
  /** Serve reads in a minority to clients that ask for it. Ensembles only. Default false. */
  readonly readOnlyMode?: boolean;
  /** `user:base64(sha1(user:password))` who may do everything. `digestId()` makes one. */
  readonly superDigest?: string;
  /** Four-letter words that are answered. Default: all. `srvr` and `conf` always are. */
  readonly fourLetterWords?: readonly string[];
  /** `jute.maxbuffer` in bytes: longest packet and node that the server takes. Default 1 MiB - 1. */
  readonly maxBufferBytes?: number;
  /** Keep data here and leave it there. Default: a directory that goes with the server. */
  readonly dataDir?: string;
  /** How much the server logs. Default `INFO`. */
  readonly logLevel?: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR';
  /** Give up when the server does not serve after this time. Default 30 000. */
  readonly startTimeoutMs?: number;
}
