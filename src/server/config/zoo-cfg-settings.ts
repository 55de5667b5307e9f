import { badOption } from './option-checks.ts';
import {
  type NumberOption,
  OPTION_RANGES,
  SNAP_COUNT_MIN,
  SNAP_RETAIN_COUNT_MIN,
} from './option-ranges.ts';
import type { ServerOptions } from './server-options.ts';

/** One setting and where it stands: `line 3` of the file, or `-D` on the command line. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  readonly where: string;
}

/** Options that are being put together. */
export type OptionsDraft = { -readonly [Name in keyof ServerOptions]: ServerOptions[Name] };

/** What a setting does to the options. */
type ApplySetting = (setting: Setting, options: OptionsDraft, notes: string[]) => void;

/** Settings of one name. */
type SettingTable = ReadonlyMap<string, ApplySetting>;

const HOUR_MS: number = 60 * 60 * 1000;

/** Keys that ZooKeeper reads from the file itself. All others become system properties. */
export const FILE_SETTINGS: SettingTable = new Map<string, ApplySetting>([
  ['clientPort', number('port', { unset: 0 })],
  ['clientPortAddress', text('host')],
  ['secureClientPort', number('securePort', { unset: 0 })],
  ['secureClientPortAddress', text('secureHost')],
  ['clientPortListenBacklog', number('listenBacklog', { unset: -1 })],
  ['dataDir', text('dataDir')],
  ['dataLogDir', text('dataLogDir')],
  ['tickTime', number('tickTimeMs')],
  ['minSessionTimeout', number('minSessionTimeoutMs', { unset: -1 })],
  ['maxSessionTimeout', number('maxSessionTimeoutMs', { unset: -1 })],
  ['maxClientCnxns', number('maxClientConnections')],
  ['autopurge.snapRetainCount', number('snapRetainCount', { atLeast: SNAP_RETAIN_COUNT_MIN })],
  ['autopurge.purgeInterval', number('purgeIntervalMs', { factor: HOUR_MS })],
  ['reconfigEnabled', switchOf('reconfigEnabled')],
]);

/** System properties, by their whole names. */
export const PROPERTY_SETTINGS: SettingTable = new Map<string, ApplySetting>([
  ['jute.maxbuffer', number('juteMaxBufferBytes')],
  ['znode.container.checkIntervalMs', number('containerCheckIntervalMs')],
  ['znode.container.maxPerMinute', number('containerMaxPerMinute')],
  ['znode.container.maxNeverUsedIntervalMs', number('containerMaxNeverUsedIntervalMs')],
  ['zookeeper.snapCount', number('snapCount', { atLeast: SNAP_COUNT_MIN })],
  ['zookeeper.globalOutstandingLimit', number('globalOutstandingLimit')],
  ['zookeeper.maxCnxns', number('maxConnections')],
  ['zookeeper.nio.sessionlessCnxnTimeout', number('sessionlessTimeoutMs')],
  ['zookeeper.extendedTypesEnabled', switchOf('extendedTypesEnabled')],
  ['zookeeper.enforceQuota', switchOf('enforceQuota')],
  ['zookeeper.skipACL', ({ value }, options) => (options.skipAcl = value === 'yes')],
  ['zookeeper.forceSync', ({ value }, options) => (options.fsync = value !== 'no')],
  ['zookeeper.DigestAuthenticationProvider.superDigest', text('superDigest')],
  ['zookeeper.superUser', text('saslSuperUser')],
  ['zookeeper.X509AuthenticationProvider.superUser', text('x509SuperUser')],
  ['zookeeper.DigestAuthenticationProvider.digestAlg', text('digestAlgorithm')],
]);

/** Those without `zookeeper.` in front: in the file they do nothing. */
export const JVM_PROPERTIES: ReadonlySet<string> = new Set([
  'jute.maxbuffer',
  'readonlymode.enabled',
  'java.security.auth.login.config',
  ...[...PROPERTY_SETTINGS.keys()].filter((name) => name.startsWith('znode.')),
]);

/** What a file may ask for and does not get. */
export const UNSUPPORTED: readonly (readonly [RegExp, string])[] = [
  [/^zookeeper\.dynamicConfigFile$/, 'there is no ensemble here whose members it could name'],
  [/^zookeeper\.observerMasterPort$/, 'this is one node: observers cannot follow it'],
  [/^zookeeper\.(group|weight)\./, 'this is one node: there is no quorum'],
  [/^zookeeper\.metricsProvider\./, 'metrics are answered to the word mntr only'],
  [
    /^zookeeper\.DigestAuthenticationProvider\.enabled$/,
    'the scheme digest cannot be switched off',
  ],
  [/^zookeeper\.(ssl\.(crl|ocsp))$/, 'certificates are not looked up in revocation lists'],
  [/^zookeeper\.ssl\.(ciphersuites|context\.supplier\.class)$/, 'the ciphers are those of Node.js'],
  [/^zookeeper\.client\.portUnification$/, 'a port speaks TLS or it does not'],
];

/**
 * Of ensembles, of the innards of the Java server, or of its logs: nothing that a client of one node
 * could notice.
 */
const OF_NO_CONCERN: readonly RegExp[] = [
  /^zookeeper\.(initLimit|syncLimit|electionAlg|electionPortBindRetry|cnxTimeout|peerType|syncEnabled)$/,
  /^zookeeper\.(connectToLearnerMasterLimit|leaderServes|standaloneEnabled|oraclePath)$/,
  /^zookeeper\.(quorum|multiAddress|observer|learner|leader|follower|ssl\.quorum|fastleader)\./,
  /^zookeeper\.(quorumListenOnAllIPs|sslQuorum|sslQuorumReloadCertFiles|portUnification|tcpKeepAlive)$/,
  /^zookeeper\.(localSessionsEnabled|localSessionsUpgradingEnabled|closeSessionTxn\.enabled)$/,
  /^zookeeper\.(admin|jmx|log|console|root|netty|nio|commitProcessor|messageTracker|pathStats)\./,
  /^zookeeper\.(jvm\.pause\.|request_throttle|request_stale|connection_throttle|throttled_op)/,
  /^zookeeper\.(preAllocSize|fsync\.warningthresholdms|commitLogCount|snapshotSizeFactor|snapSizeLimitInKb)$/,
  /^zookeeper\.(txnLogSizeLimitInKb|maxResponseCacheSize|maxGetChildrenResponseCacheSize|watchManagerName)$/,
  /^zookeeper\.(digest\.enabled|snapshot\.|datadir\.autocreate|db\.autocreate|serverCnxnFactory$)/,
  /^zookeeper\.(flushDelay|maxWriteQueuePollTime|maxBatchSize|bitHashCacheSize|watcherClean|clientTcpKeepAlive)/,
  /^zookeeper\.(largeRequestMaxBytes|largeRequestThreshold|intBufferStartingSizeBytes)$/,
  /^(?!zookeeper\.|jute\.|znode\.|readonlymode)/,
];

/** Whether nobody needs to be told that a setting does nothing here. */
export function isOfNoConcern(name: string): boolean {
  return OF_NO_CONCERN.some((pattern) => pattern.test(name));
}

interface NumberForm {
  /** The value that stands for none. */
  readonly unset?: number;
  /** Lower values count as this one, as in ZooKeeper. */
  readonly atLeast?: number;
  /** What one of the file is in the unit of the option. */
  readonly factor?: number;
}

/** As Java reads a system property: decimal, or hex with 0x. */
const WHOLE = /^([+-]?\d{1,15}|0x[0-9a-f]{1,12})$/i;

function number(option: NumberOption, form: NumberForm = {}): ApplySetting {
  const { unset, atLeast = Number.NEGATIVE_INFINITY, factor = 1 } = form;
  const [min, max] = OPTION_RANGES[option];
  return ({ name, value, where }, options, notes) => {
    const given = WHOLE.test(value) ? Number(value) : Number.NaN;
    if (given === unset) return;
    if (given < atLeast) notes.push(`${where}: ${name} ${given} counts as ${atLeast}`);
    const wanted = Math.max(given, atLeast) * factor;
    if (!(wanted >= min && wanted <= max)) {
      const range = `${Math.ceil(min / factor)} to ${Math.floor(max / factor)}`;
      throw badOption(
        `${where}: ${name} must be a whole number of ${range}, not ${JSON.stringify(value)}`,
      );
    }
    options[option] = wanted;
  };
}

type TextOption =
  | 'host'
  | 'secureHost'
  | 'dataDir'
  | 'dataLogDir'
  | 'superDigest'
  | 'saslSuperUser'
  | 'x509SuperUser'
  | 'digestAlgorithm';

function text(option: TextOption): ApplySetting {
  return ({ name, value, where }, options) => {
    if (value === '') throw badOption(`${where}: ${name} has no value`);
    options[option] = value;
  };
}

type SwitchOption = 'reconfigEnabled' | 'extendedTypesEnabled' | 'enforceQuota';

function switchOf(option: SwitchOption): ApplySetting {
  return ({ name, value, where }, options, notes) => {
    const lower = value.toLowerCase();
    if (lower !== 'true' && lower !== 'false') {
      notes.push(`${where}: ${name} is neither true nor false, and counts as false`);
    }
    options[option] = lower === 'true';
  };
}
