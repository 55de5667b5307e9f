import { getHashes } from 'node:crypto';
import { resolve } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { FRAME_BODY_BYTES_MAX } from '../../limits.ts';
import { hintAt } from '../../nearest-name.ts';
import type { ServerRelease } from '../server-release.ts';
import type { RecoveryNotice } from '../storage/recovery.ts';
import { FOUR_LETTER_WORDS, type FourLetterWord } from '../words/word-names.ts';
import {
  badOption,
  checkBoolean,
  checkFunction,
  checkList,
  checkOneOf,
  checkText,
  checkWhole,
} from './option-checks.ts';
import { NUMBER_OPTIONS, OPTION_RANGES, SNAP_RETAIN_COUNT_MIN } from './option-ranges.ts';
import { type ServerClock, systemClock } from './server-clock.ts';
import type { ServerOptions, ServerSaslOptions } from './server-options.ts';

/** Who may authenticate over SASL. */
interface ResolvedSaslOptions {
  /** Passwords by user name. */
  readonly users: ReadonlyMap<string, string>;
  /** Clients whose password is wrong stay connected. */
  readonly allowFailedClients: boolean;
}

/** {@link ServerOptions} with everything filled in, each checked. Times are in milliseconds. */
export interface ResolvedServerOptions {
  /** Undefined: no plain TCP. */
  readonly port: number | undefined;
  /** As `net.Server.listen` takes it; undefined: all addresses. */
  readonly host: string | undefined;
  /** Undefined: no TLS. */
  readonly securePort: number | undefined;
  /** As `host`. */
  readonly secureHost: string | undefined;
  /** There when `securePort` is. */
  readonly tls: TlsOptions | undefined;
  /** Undefined: Node's. */
  readonly listenBacklog: number | undefined;
  /** Absolute; undefined: in memory only. */
  readonly dataDir: string | undefined;
  /** Absolute; there when `dataDir` is. */
  readonly dataLogDir: string | undefined;
  /** Writes are acknowledged when they are on disk. False when there is none. */
  readonly fsync: boolean;
  readonly snapCount: number;
  readonly snapRetainCount: number;
  /** 0: never. */
  readonly purgeIntervalMs: number;
  readonly tickTimeMs: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  readonly sessionlessTimeoutMs: number;
  readonly serverId: number;
  /** 0: any number. */
  readonly maxClientConnections: number;
  /** 0: any number. */
  readonly maxConnections: number;
  readonly juteMaxBufferBytes: number;
  readonly globalOutstandingLimit: number;
  readonly release: ServerRelease;
  readonly readOnly: boolean;
  readonly extendedTypesEnabled: boolean;
  readonly enforceQuota: boolean;
  readonly reconfigEnabled: boolean;
  readonly containerCheckIntervalMs: number;
  readonly containerMaxPerMinute: number;
  /** 0: never. */
  readonly containerMaxNeverUsedIntervalMs: number;
  readonly skipAcl: boolean;
  /** `USER:DIGEST`; undefined: nobody is super. */
  readonly superDigest: string | undefined;
  /** Undefined: nobody. */
  readonly saslSuperUser: string | undefined;
  /** Undefined: nobody. */
  readonly x509SuperUser: string | undefined;
  /** In the names of `node:crypto`: `sha1`, `sha256`, `sha3-256`, ... */
  readonly digestAlgorithm: string;
  /** Empty: everybody is served. Has `sasl` when SASL is required. */
  readonly enforcedAuthSchemes: ReadonlySet<string>;
  /** Undefined: not offered. */
  readonly sasl: ResolvedSaslOptions | undefined;
  /** Those that are answered. */
  readonly fourLetterWords: ReadonlySet<FourLetterWord>;
  readonly onDamagedLog: 'refuse' | 'truncate';
  /** Undefined: a warning of the process. */
  readonly onNotice: ((notice: RecoveryNotice) => void) | undefined;
  readonly clock: ServerClock;
  readonly random: () => number;
}

const SWITCHES = [
  'fsync',
  'readOnly',
  'extendedTypesEnabled',
  'enforceQuota',
  'reconfigEnabled',
  'skipAcl',
] as const satisfies readonly (keyof ServerOptions)[];

const TEXTS = [
  'host',
  'secureHost',
  'dataDir',
  'dataLogDir',
  'saslSuperUser',
  'x509SuperUser',
] as const satisfies readonly (keyof ServerOptions)[];

const OTHERS = [
  'tls',
  'release',
  'superDigest',
  'digestAlgorithm',
  'enforcedAuthSchemes',
  'sasl',
  'fourLetterWords',
  'onDamagedLog',
  'onNotice',
  'clock',
  'random',
] as const satisfies readonly (keyof ServerOptions)[];

/** The name of every option. */
export const SERVER_OPTION_NAMES: ReadonlySet<string> = new Set<keyof ServerOptions>([
  ...NUMBER_OPTIONS,
  ...SWITCHES,
  ...TEXTS,
  ...OTHERS,
]);

/**
 * Checks the options and fills in what was left out. Throws a ZkwireError with code `BAD_ARGUMENT`
 * that names the option, its value (never a secret) and what is allowed.
 */
export function resolveOptions(options: ServerOptions = {}): ResolvedServerOptions {
  checkOptions(options);
  const { tickTimeMs = 2_000, readOnly = false, host = '127.0.0.1', dataDir, sasl } = options;
  const minSessionTimeoutMs = options.minSessionTimeoutMs ?? 2 * tickTimeMs;
  const maxSessionTimeoutMs = options.maxSessionTimeoutMs ?? 20 * tickTimeMs;
  if (minSessionTimeoutMs > maxSessionTimeoutMs) {
    throw badOption(
      `minSessionTimeoutMs, ${minSessionTimeoutMs}, must not be above maxSessionTimeoutMs, ${maxSessionTimeoutMs}` +
        ' (where not given they are 2 and 20 times tickTimeMs)',
    );
  }
  return {
    port: options.port,
    host: listenAddress(host),
    securePort: options.securePort,
    secureHost: listenAddress(options.secureHost ?? host),
    tls: options.tls,
    listenBacklog: options.listenBacklog,
    dataDir: dataDir === undefined ? undefined : resolve(dataDir),
    dataLogDir: dataDir === undefined ? undefined : resolve(options.dataLogDir ?? dataDir),
    fsync: dataDir !== undefined && (options.fsync ?? true),
    snapCount: options.snapCount ?? 100_000,
    snapRetainCount: options.snapRetainCount ?? SNAP_RETAIN_COUNT_MIN,
    purgeIntervalMs: options.purgeIntervalMs ?? 0,
    tickTimeMs,
    minSessionTimeoutMs,
    maxSessionTimeoutMs,
    sessionlessTimeoutMs: options.sessionlessTimeoutMs ?? 10_000,
    serverId: options.serverId ?? 1,
    maxClientConnections: options.maxClientConnections ?? 60,
    maxConnections: options.maxConnections ?? 0,
    juteMaxBufferBytes: options.juteMaxBufferBytes ?? FRAME_BODY_BYTES_MAX,
    globalOutstandingLimit: options.globalOutstandingLimit ?? 1_000,
    release: options.release ?? '3.8',
    readOnly,
    extendedTypesEnabled: options.extendedTypesEnabled ?? true,
    enforceQuota: options.enforceQuota ?? false,
    reconfigEnabled: options.reconfigEnabled ?? false,
    containerCheckIntervalMs: options.containerCheckIntervalMs ?? 60_000,
    containerMaxPerMinute: options.containerMaxPerMinute ?? 10_000,
    containerMaxNeverUsedIntervalMs: options.containerMaxNeverUsedIntervalMs ?? 0,
    skipAcl: options.skipAcl ?? false,
    superDigest: options.superDigest,
    saslSuperUser: options.saslSuperUser,
    x509SuperUser: options.x509SuperUser,
    digestAlgorithm: nodeHash(options.digestAlgorithm ?? 'SHA1'),
    enforcedAuthSchemes: enforcedSchemes(options),
    sasl: sasl === undefined ? undefined : resolveSasl(sasl),
    fourLetterWords: answeredWords(options.fourLetterWords ?? [], readOnly),
    onDamagedLog: options.onDamagedLog ?? 'refuse',
    onNotice: options.onNotice,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
}

function checkOptions(options: ServerOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw badOption(`the options must be an object such as { port: 2181 }, not ${options}`);
  }
  for (const name of Object.keys(options)) {
    if (SERVER_OPTION_NAMES.has(name)) continue;
    const hint = hintAt(name, SERVER_OPTION_NAMES);
    throw badOption(`there is no server option '${name}'.${hint}`);
  }
  for (const name of NUMBER_OPTIONS) {
    const [min, max] = OPTION_RANGES[name];
    if (options[name] !== undefined) checkWhole(name, options[name], min, max);
  }
  for (const name of SWITCHES) if (options[name] !== undefined) checkBoolean(name, options[name]);
  for (const name of TEXTS) if (options[name] !== undefined) checkText(name, options[name]);
  if (options.release !== undefined) checkOneOf('release', options.release, ['3.8', '3.9']);
  if (options.onDamagedLog !== undefined) {
    checkOneOf('onDamagedLog', options.onDamagedLog, ['refuse', 'truncate']);
  }
  if (options.onNotice !== undefined) checkFunction('onNotice', options.onNotice);
  if (options.random !== undefined) checkFunction('random', options.random);
  checkTogether(options);
  checkAccess(options);
}

function checkTogether(options: ServerOptions): void {
  const { securePort, tls, dataDir, dataLogDir } = options;
  if (securePort !== undefined && tls === undefined) {
    throw badOption('securePort needs tls: at least key and cert');
  }
  if (tls !== undefined && securePort === undefined) {
    throw badOption('tls needs securePort: the port on which TLS is spoken');
  }
  if (dataLogDir !== undefined && dataDir === undefined) {
    throw badOption('dataLogDir needs dataDir: the log is of no use without its snapshots');
  }
}

function checkAccess(options: ServerOptions): void {
  const { superDigest, sasl, enforcedAuthSchemes } = options;
  // The value is as good as the password for who has time: it stays out of the message.
  if (superDigest !== undefined && !/^[^:]+:[^:]+$/.test(superDigest)) {
    throw badOption("superDigest must be 'USER:DIGEST', the digest of 'USER:PASSWORD' in base64");
  }
  if (enforcedAuthSchemes !== undefined) {
    checkList('enforcedAuthSchemes', enforcedAuthSchemes, "a list such as ['sasl', 'digest']");
  }
  for (const scheme of enforcedAuthSchemes ?? []) checkText('enforcedAuthSchemes', scheme);
  if (sasl === undefined) return;
  if (typeof sasl.users !== 'object' || sasl.users === null) {
    throw badOption('sasl.users must be an object: passwords by user name');
  }
  for (const [user, password] of Object.entries(sasl.users)) {
    if (typeof password !== 'string') {
      throw badOption(`sasl.users.${user} must be a password, which is text`);
    }
  }
  if (sasl.required !== undefined) checkBoolean('sasl.required', sasl.required);
  if (sasl.allowFailedClients !== undefined) {
    checkBoolean('sasl.allowFailedClients', sasl.allowFailedClients);
  }
}

/** Node listens on all addresses, IPv6 where there is any, when none is named. */
function listenAddress(host: string): string | undefined {
  return host === '*' ? undefined : host;
}

function enforcedSchemes(options: ServerOptions): ReadonlySet<string> {
  return new Set([
    ...(options.enforcedAuthSchemes ?? []),
    ...(options.sasl?.required === true ? ['sasl'] : []),
  ]);
}

function resolveSasl(sasl: ServerSaslOptions): ResolvedSaslOptions {
  return {
    users: new Map(Object.entries(sasl.users)),
    allowFailedClients: sasl.allowFailedClients ?? false,
  };
}

/** `SHA-256` and `SHA256` of Java are `sha256` here; `SHA3-256` keeps its dash. */
function nodeHash(name: string): string {
  checkText('digestAlgorithm', name);
  const lower = name.toLowerCase();
  const plain = lower.startsWith('sha3-') ? lower : lower.replace('-', '');
  // Every Node.js has the default, and listing all takes it a millisecond.
  if (plain === 'sha1' || getHashes().includes(plain)) return plain;
  throw badOption(
    `digestAlgorithm must be one that this Node.js has (SHA1, SHA-256, SHA-512, SHA3-256, ...), not '${name}'`,
  );
}

function answeredWords(
  words: readonly FourLetterWord[] | '*',
  readOnly: boolean,
): ReadonlySet<FourLetterWord> {
  if (words === '*') return new Set(FOUR_LETTER_WORDS);
  checkList('fourLetterWords', words, "'*' or a list such as ['ruok', 'mntr']");
  for (const word of words) checkOneOf('fourLetterWords', word, [...FOUR_LETTER_WORDS, '*']);
  if ((words as readonly string[]).includes('*')) return new Set(FOUR_LETTER_WORDS);
  return new Set([...words, 'srvr', ...(readOnly ? (['isro'] as const) : [])]);
}
