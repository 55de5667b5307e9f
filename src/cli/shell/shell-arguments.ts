import { readFileSync } from 'node:fs';
import type { ConnectOptions } from '../../client/index.ts';
import { FRAME_BODY_BYTES_CEILING, SESSION_TIMEOUT_MS } from '../../limits.ts';
import { hintAt } from '../../nearest-name.ts';
import { fileFailure } from '../file-failure.ts';
import { UsageError } from '../usage-error.ts';
import { findCommand } from './command-table.ts';
import type { ConnectionOptions } from './shell-connection.ts';

/** What the command line of `zkwire shell` asks for. */
export interface ShellRequest extends ConnectionOptions {
  readonly json: boolean;
  readonly history: boolean;
  /** Whether the command line names the servers. */
  readonly isServerNamed: boolean;
  /** Words of the command to run; none: lines are read. */
  readonly words: readonly string[];
}

const CONNECT_STRING = '127.0.0.1:2181';

/** Options that are followed by a value. */
const VALUED: ReadonlySet<string> = new Set([
  'server',
  'timeout',
  'max-frame',
  'ca',
  'cert',
  'key',
  'servername',
]);

/** `waitforconnection` is what this shell always does: a command waits for the connection. */
const FLAGS: ReadonlySet<string> = new Set([
  'r',
  'json',
  'no-history',
  'waitforconnection',
  'tls',
  'help',
  'h',
]);

/**
 * Reads the command line; null when help is asked for. Options stand before the command, with one hyphen
 * or two. The first word names the servers if it looks like an address and `-server` was not given.
 */
export function parseShellArguments(argv: readonly string[]): ShellRequest | null {
  const given = new Map<string, string>();
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at]!;
    const name = nameOf(word);
    if (!word.startsWith('-')) {
      if (given.has('server') || !isAddress(word)) break;
      given.set('server', word);
    } else if (FLAGS.has(name)) given.set(name, flagIn(word));
    else if (VALUED.has(name)) given.set(name, valueIn(word) ?? wordBehind(word, argv[++at]));
    else throw new UsageError(`unknown option '${word}'.${hintAt(name, [...FLAGS, ...VALUED])}`);
  }
  if (given.has('help') || given.has('h')) return null;
  return {
    connectString: given.get('server') ?? CONNECT_STRING,
    isServerNamed: given.has('server'),
    sessionTimeoutMs: wholeOf(given, 'timeout', 2 ** 31 - 1) ?? SESSION_TIMEOUT_MS,
    frameBytesMax: wholeOf(given, 'max-frame', FRAME_BODY_BYTES_CEILING),
    readOnly: given.has('r'),
    tls: tlsOf(given),
    json: given.has('json'),
    history: !given.has('no-history'),
    words: argv.slice(at),
  };
}

function isAddress(word: string): boolean {
  return findCommand(word) === undefined && (/[:.,[/]/.test(word) || word === 'localhost');
}

/** Without the hyphens, and without a value in the same word. */
function nameOf(word: string): string {
  return word.replace(/^--?/, '').replace(/=.*$/s, '');
}

/** Of `--timeout=5000`. */
function valueIn(word: string): string | undefined {
  const at = word.indexOf('=');
  return at < 0 ? undefined : word.slice(at + 1);
}

function flagIn(word: string): string {
  if (!word.includes('=')) return '';
  throw new UsageError(`-${nameOf(word)} takes no value: '${word}'`);
}

function wordBehind(option: string, value: string | undefined): string {
  if (value === undefined) throw new UsageError(`no argument found for option ${option}`);
  const name = nameOf(value);
  if (value.startsWith('-') && (FLAGS.has(name) || VALUED.has(name))) {
    throw new UsageError(`no argument found for option ${option}: '${value}' is an option, too`);
  }
  return value;
}

type Given = ReadonlyMap<string, string>;

function wholeOf(given: Given, name: string, max: number): number | undefined {
  const text = given.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d{1,10}$/.test(text) && value >= 1 && value <= max) return value;
  throw new UsageError(`-${name} must be a whole number from 1 to ${max}, not '${text}'`);
}

/** Any option about TLS means it. */
function tlsOf(given: Given): ConnectOptions['tls'] {
  const servername = given.get('servername');
  const files = (['ca', 'cert', 'key'] as const).filter((name) => given.has(name));
  if (!given.has('tls') && servername === undefined && files.length === 0) return undefined;
  const read = files.map((name) => [name, fileOf(name, given.get(name) as string)] as const);
  return { ...Object.fromEntries(read), ...(servername !== undefined && { servername }) };
}

function fileOf(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`--${option} ${path}: ${fileFailure(error)}`);
  }
}
