import type { ServerInstallation } from './server-installation.ts';

/** What a server's TLS port asks of a client: a certificate, one if it has one, or none. */
export type ClientAuth = 'need' | 'want' | 'none';

/** Who may log in with SASL, mechanism DIGEST-MD5. */
export interface SaslUsers {
  /**
   * Passwords by user. A user's name is a JAAS option: letters (of any language), digits, `_`, `-`,
   * `$`, `*` and `.` only.
   */
  readonly users: Readonly<Record<string, string>>;
  /** What becomes of a client that has not logged in, or failed to: see below. Default `optional`. */
  readonly login?: SaslLogin;
}

/**
 * - `optional`: without a login it is served; a login that fails ends its connection.
 * - `required`: without a login every request is refused with -124 and the connection ends.
 * - `forgiving`: it is served even after a login that failed.
 */
export type SaslLogin = 'optional' | 'required' | 'forgiving';

/** How to run a server. Everything is optional; times are milliseconds. */
export interface ServerOptions {
  /**
   * Which server: a ZooKeeper, or `embeddedInstallation()`, which knows standalone servers only and
   * of these options leaves out what is about the JVM. Default: what `findZooKeeper()` finds, or as
   * the environment variable `ZKWIRE_TEST_SERVER` (`apache`, `embedded`) says.
   */
  readonly installation?: ServerInstallation;
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
  /** Let clients log in with SASL. Default: the server knows no SASL. */
  readonly sasl?: SaslUsers;
  /**
   * Serve only clients that have authenticated with one of these schemes (`enforce.auth`): others
   * get -124 and their connection ends. Default: serve all.
   */
  readonly enforceAuthSchemes?: readonly string[];
  /** Refuse writes that exceed a quota (-125), since 3.7. Default false: they are logged only. */
  readonly enforceQuota?: boolean;
  /** Allow `reconfig`. Default false, as ZooKeeper does. Who may do it, the ACL of `/zookeeper/config` says. */
  readonly reconfigEnabled?: boolean;
  /**
   * Sessions that their server keeps to itself until they make an ephemeral node. Without them a
   * server in read-only mode refuses every new session. Default false, as ZooKeeper does.
   */
  readonly localSessions?: boolean;
  /** Allow TTL nodes. Default false, as ZooKeeper does. */
  readonly extendedTypesEnabled?: boolean;
  /**
   * Serve reads in a minority to clients that ask for it. Ensembles only; clients without a session
   * get one only with `localSessions` too. Default false.
   */
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
  /** Give up when the server does not serve after this time. Default 120 000. */
  readonly startTimeoutMs?: number;
}
