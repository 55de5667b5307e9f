import { SESSION_TIMEOUT_MS } from '../../limits.ts';
import { findCommand } from './command-table.ts';

/** What the command line of `zkwire shell` asks for. */
export interface ShellRequest {
  readonly connectString: string;
  readonly sessionTimeoutMs: number;
  readonly readOnly: boolean;
  readonly json: boolean;
  readonly history: boolean;
  /** Words of the command to run; none: lines are read. */
  readonly words: readonly string[];
}

/** The command line is wrong. */
export class ShellUsageError extends Error {}

const CONNECT_STRING = '127.0.0.1:2181';

/**
 * Reads the command line; null when help is asked for. Options stand before the command, and have one hyphen or
 * two. The first word is taken for servers unless they were given by `-server`, it is a command, or it cannot be an address.
 */
export function parseShellArguments(argv: readonly string[]): ShellRequest | null {
  let connectString: string | undefined;
  let sessionTimeoutMs = SESSION_TIMEOUT_MS;
  const flags = new Set<string>();
  let at = 0;
  const value = (option: string): string => {
    const next = argv[++at];
    if (next === undefined) throw new ShellUsageError(`no argument found for option ${option}`);
    return next;
  };
  for (; at < argv.length; at++) {
    const option = argv[at]!;
    if (!option.startsWith('-')) {
      if (connectString !== undefined || !isAddress(option)) break;
      connectString = option;
      continue;
    }
    const name = option.replace(/^--?/, '');
    if (name === 'help' || name === 'h') return null;
    if (name === 'server') connectString = value(option);
    else if (name === 'timeout') sessionTimeoutMs = timeoutOf(value(option));
    else if (FLAGS.has(name)) flags.add(name);
    else throw new ShellUsageError(`unknown option '${option}'`);
  }
  return {
    connectString: connectString ?? CONNECT_STRING,
    sessionTimeoutMs,
    readOnly: flags.has('r'),
    json: flags.has('json'),
    history: !flags.has('no-history'),
    words: argv.slice(at),
  };
}

/** `waitforconnection` is what this shell always does: a command waits for the connection. */
const FLAGS: ReadonlySet<string> = new Set(['r', 'json', 'no-history', 'waitforconnection']);

function isAddress(word: string): boolean {
  return findCommand(word) === undefined && (/[:.,[/]/.test(word) || word === 'localhost');
}

function timeoutOf(text: string): number {
  const timeoutMs = Number(text);
  if (/^\d{1,10}$/.test(text) && timeoutMs >= 1 && timeoutMs < 2 ** 31) return timeoutMs;
  throw new ShellUsageError(`-timeout must be milliseconds from 1 to 2^31-1, not '${text}'`);
}
