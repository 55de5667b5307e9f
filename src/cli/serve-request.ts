import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import type { ServerOptions } from '../server/config/server-options.ts';
import { readSystemProperties, readZooCfg, type ZooCfg } from '../server/config/zoo-cfg.ts';
import type { FourLetterWord } from '../server/words/word-names.ts';
import { parseOptions } from './command-options.ts';
import { fileFailure } from './file-failure.ts';
import { UsageError } from './usage-error.ts';

/** What `zkwire serve` was asked for. */
export interface ServeRequest {
  readonly options: ServerOptions;
  /** What is not as the configuration file wants it, for people. */
  readonly notes: readonly string[];
}

/** ZooKeeper's own port. */
const PORT = 2181;

const OPTIONS = {
  port: { type: 'string', short: 'p' },
  host: { type: 'string' },
  'data-dir': { type: 'string', short: 'd' },
  'data-log-dir': { type: 'string' },
  'no-fsync': { type: 'boolean', default: false },
  config: { type: 'string', short: 'c' },
  define: { type: 'string', short: 'D', multiple: true, default: [] as string[] },
  'tick-time': { type: 'string' },
  'min-session-timeout': { type: 'string' },
  'max-session-timeout': { type: 'string' },
  'max-client-connections': { type: 'string' },
  'secure-port': { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  ca: { type: 'string' },
  'client-auth': { type: 'string' },
  release: { type: 'string' },
  words: { type: 'string' },
  'on-damaged-log': { type: 'string' },
  'read-only': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

type Values = ReturnType<typeof parseValues>['values'];

function parseValues(argv: readonly string[]) {
  return parseOptions({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
}

/**
 * Reads the command line, and the files that it names. Null: help is asked for.
 * Throws a UsageError, or a ZkwireError with code `BAD_ARGUMENT`.
 */
export function parseServeRequest(argv: readonly string[]): ServeRequest | null {
  const { values, positionals } = parseValues(argv);
  if (values.help) return null;
  const [positional, ...others] = positionals;
  if (others.length > 0) throw new UsageError(`one configuration file, not ${positionals.length}`);
  if (positional !== undefined && values.config !== undefined) {
    throw new UsageError('the configuration file is named twice');
  }
  const file = positional ?? values.config;
  const configured = readConfig(file, definitions(values.define));
  const options: ServerOptions = {
    // A file says itself whether there is a port without TLS.
    ...(file === undefined ? { port: PORT } : {}),
    ...configured.options,
    ...asked(values),
  };
  if (options.port === undefined && options.securePort === undefined) {
    throw new UsageError(
      `${file} names neither clientPort nor secureClientPort; try --port ${PORT}`,
    );
  }
  return { options, notes: configured.notes };
}

function readConfig(file: string | undefined, properties: Record<string, string>): ZooCfg {
  if (file === undefined) return readSystemProperties(properties);
  const text = readText(file);
  try {
    const { options, notes } = readZooCfg(text, properties);
    return { options, notes: notes.map((note) => `${file}: ${note}`) };
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

function definitions(defined: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    defined.map((definition) => {
      const at = definition.indexOf('=');
      if (at === 0) throw new UsageError(`-D needs NAME=VALUE, not '${definition}'`);
      // As for java: a name alone has an empty value.
      return at < 0 ? [definition, ''] : [definition.slice(0, at), definition.slice(at + 1)];
    }),
  );
}

/** The options that are asked for by name; they win over the file. */
function asked(values: Values): ServerOptions {
  const options = {
    port: whole(values.port, '--port'),
    host: values.host,
    secureHost: values.host,
    dataDir: values['data-dir'],
    dataLogDir: values['data-log-dir'],
    fsync: values['no-fsync'] ? false : undefined,
    tickTimeMs: whole(values['tick-time'], '--tick-time'),
    minSessionTimeoutMs: whole(values['min-session-timeout'], '--min-session-timeout'),
    maxSessionTimeoutMs: whole(values['max-session-timeout'], '--max-session-timeout'),
    maxClientConnections: whole(values['max-client-connections'], '--max-client-connections'),
    securePort: whole(values['secure-port'], '--secure-port'),
    tls: tlsOptions(values),
    release: values.release as ServerOptions['release'],
    fourLetterWords: words(values.words),
    onDamagedLog: values['on-damaged-log'] as ServerOptions['onDamagedLog'],
    readOnly: values['read-only'] ? true : undefined,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function whole(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text)) {
    throw new UsageError(`${option} must be a whole number, not '${text}'`);
  }
  return Number(text);
}

function words(list: string | undefined): ServerOptions['fourLetterWords'] {
  if (list === undefined) return undefined;
  const named = list.split(',').map((word) => word.trim());
  return named.includes('*') ? '*' : (named as FourLetterWord[]);
}

function tlsOptions(values: Values): TlsOptions | undefined {
  const { cert, key, ca, 'client-auth': wanted } = values;
  const auth = clientAuth(wanted ?? (ca === undefined ? 'none' : 'need'));
  if (wanted !== undefined && cert === undefined) {
    throw new UsageError('--client-auth is of TLS, which needs --cert and --key');
  }
  if (cert === undefined && key === undefined && ca === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new UsageError('TLS needs --cert and --key');
  return {
    cert: readText(cert),
    key: readText(key),
    ...(ca === undefined ? {} : { ca: readText(ca) }),
    ...auth,
  };
}

function clientAuth(wanted: string): TlsOptions {
  if (wanted === 'none') return { requestCert: false };
  if (wanted === 'want') return { requestCert: true, rejectUnauthorized: false };
  if (wanted === 'need') return { requestCert: true, rejectUnauthorized: true };
  throw new UsageError(`--client-auth must be none, want or need, not '${wanted}'`);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${fileFailure(error)}`);
  }
}
