import type { TlsOptions } from 'node:tls';
import type { ServerRelease } from '../server-release.ts';
import type { RecoveryNotice } from '../storage/recovery.ts';
import type { FourLetterWord } from '../words/word-names.ts';
import type { ServerClock } from './server-clock.ts';

/** Who may authenticate over SASL (DIGEST-MD5), and what happens to those who do not. */
export interface ServerSaslOptions {
  /** Passwords by user name. */
  readonly users: Readonly<Record<string, string>>;
  /**
   * Clients that have not authenticated over SASL are refused with SESSIONCLOSEDREQUIRESASLAUTH, as
   * with `zookeeper.sessionRequireClientSASLAuth`. Default false.
   */
  readonly required?: boolean | undefined;
  /**
   * Clients whose password is wrong stay connected, as nobody, as with
   * `zookeeper.allowSaslFailedClients`. Default false: their connection ends.
   */
  readonly allowFailedClients?: boolean | undefined;
}

/**
 * Options of `createServer`; all are optional. Without `port` and `securePort` the server is reached in this
 * process only; without `dataDir` its data end with it. Times are in milliseconds.
 */
export interface ServerOptions {
  /** TCP port; 0: any free one. Default: none is listened on, the server is in memory. */
  readonly port?: number | undefined;
  /** Address or name to listen on; `*`: all addresses of the machine. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** TCP port for TLS, beside or instead of `port`; 0: any free one. Needs `tls`. Default: none. */
  readonly securePort?: number | undefined;
  /** As `host`, for `securePort`. Default: what `host` is. */
  readonly secureHost?: string | undefined;
  /**
   * Options of `node:tls`: `key` and `cert`, or `pfx`; `ca` with `requestCert: true` asks clients for
   * certificates, and `rejectUnauthorized: false` serves those who have none. Needs `securePort`.
   */
  readonly tls?: TlsOptions | undefined;
  /** Connections that the system accepts ahead of the server. Default: Node's, 511. */
  readonly listenBacklog?: number | undefined;

  /**
   * Directory of snapshots, in the format of Apache ZooKeeper (the files are in its `version-2`). It is
   * made when it is not there. Default: none, data are kept in memory only.
   */
  readonly dataDir?: string | undefined;
  /** Directory of the transaction log. Needs `dataDir`. Default: what `dataDir` is. */
  readonly dataLogDir?: string | undefined;
  /**
   * A write is acknowledged when it is on disk. False: when the system has it, so that a crash of the
   * machine may lose what was acknowledged last; one of the process does not. Default true; without
   * `dataDir` it means nothing.
   */
  readonly fsync?: boolean | undefined;
  /** Transactions between two snapshots: between half of it and all of it, chosen at random. Default 100,000. */
  readonly snapCount?: number | undefined;
  /** Snapshots that a purge keeps, with the logs that belong to them; at least 3. Default 3. */
  readonly snapRetainCount?: number | undefined;
  /** Time between two purges of old snapshots and logs; 0: never. Default 0. */
  readonly purgeIntervalMs?: number | undefined;

  /** The unit in which sessions expire: late by up to one tick. Default 2,000. */
  readonly tickTimeMs?: number | undefined;
  /** Shortest session time-out granted. Default 2 ticks. */
  readonly minSessionTimeoutMs?: number | undefined;
  /** Longest session time-out granted. Default 20 ticks. */
  readonly maxSessionTimeoutMs?: number | undefined;
  /** A connection that has not asked for a session for so long is closed. Default 10,000. */
  readonly sessionlessTimeoutMs?: number | undefined;
  /** First byte of the ids of the sessions, 0 to 254. Default 1. */
  readonly serverId?: number | undefined;

  /** Connections from one address; 0: any number. `maxClientCnxns` of ZooKeeper. Default 60. */
  readonly maxClientConnections?: number | undefined;
  /** Connections in all; 0: any number. `maxCnxns` of ZooKeeper. Default 0. */
  readonly maxConnections?: number | undefined;
  /** Largest body of a request in bytes, `jute.maxbuffer`. Default 1,048,575. */
  readonly juteMaxBufferBytes?: number | undefined;
  /**
   * Taken, since configurations have it, and without effect: requests are answered as they are read, and
   * what waits for the disk is limited in bytes. Default 1,000.
   */
  readonly globalOutstandingLimit?: number | undefined;

  /** Which ZooKeeper the server behaves like where releases differ: `3.8` or `3.9`. Default `3.8`. */
  readonly release?: ServerRelease | undefined;
  /** Serves reads only, and only to clients that accept that. Default false. */
  readonly readOnly?: boolean | undefined;
  /**
   * TTL nodes can be created. ZooKeeper has them switched off (`zookeeper.extendedTypesEnabled`); here
   * they are on, since nobody's data are at stake and a test of TTL nodes should need no setting.
   * Default true; false in what is read from a `zoo.cfg` that does not say.
   */
  readonly extendedTypesEnabled?: boolean | undefined;
  /** Writes over a quota are refused with QUOTAEXCEEDED; otherwise quotas are only counted. Default false. */
  readonly enforceQuota?: boolean | undefined;
  /**
   * How a reconfig request is refused: there is no ensemble here that could change. False: RECONFIGDISABLED,
   * true: as ZooKeeper on its own refuses it. Default false.
   */
  readonly reconfigEnabled?: boolean | undefined;
  /** Time between two searches for empty containers and TTL nodes that are due. Default 60,000. */
  readonly containerCheckIntervalMs?: number | undefined;
  /** Nodes that such searches delete in a minute at most. Default 10,000. */
  readonly containerMaxPerMinute?: number | undefined;
  /** A container that never had a child is deleted after so long; 0: never. Default 0. */
  readonly containerMaxNeverUsedIntervalMs?: number | undefined;

  /** ACLs are not looked at. Default false. */
  readonly skipAcl?: boolean | undefined;
  /** `USER:` and the digest of `USER:PASSWORD` in base64: who has the password may do everything. Default: nobody. */
  readonly superDigest?: string | undefined;
  /** User of SASL who may do everything. Default: nobody. */
  readonly saslSuperUser?: string | undefined;
  /** Subject of a TLS certificate, in the form of RFC 2253, who may do everything. Default: nobody. */
  readonly x509SuperUser?: string | undefined;
  /** How passwords of scheme `digest` are hashed, in the names of Java: `SHA1`, `SHA-256`, ... Default `SHA1`. */
  readonly digestAlgorithm?: string | undefined;
  /**
   * Clients that have authenticated with none of these schemes are refused with
   * SESSIONCLOSEDREQUIRESASLAUTH, as with `zookeeper.enforce.auth.enabled`. Default: none, everybody is served.
   */
  readonly enforcedAuthSchemes?: readonly string[] | undefined;
  /** SASL by DIGEST-MD5. Default: not offered. */
  readonly sasl?: ServerSaslOptions | undefined;

  /**
   * Four-letter words that are answered, or `*` for all. `srvr` always is, and `isro` with `readOnly`.
   * `wchc`, `wchp`, `cons` and `dump` name every watch, connection and session to whoever can connect
   * (CVE-2017-5637). Default: these only.
   */
  readonly fourLetterWords?: readonly FourLetterWord[] | '*' | undefined;

  /**
   * What to do about a transaction log that is damaged with transactions behind the damage: `refuse` to
   * start, or `truncate`: go on with what is before it, and put the damaged files aside. The torn end
   * that a killed server leaves is no such damage: it is cut, and told. Default `refuse`.
   */
  readonly onDamagedLog?: 'refuse' | 'truncate' | undefined;
  /**
   * Is told of what was got over: a torn or damaged file and what was not used of it, a snapshot that
   * could not be taken. Default: a warning of the process.
   */
  readonly onNotice?: ((notice: RecoveryNotice) => void) | undefined;

  /** Time, for tests. Default: that of the process. */
  readonly clock?: ServerClock | undefined;
  /** Numbers from 0 up to, not including, 1; never for secrets. For tests. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}
