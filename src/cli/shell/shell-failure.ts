import { RequestError, ZkwireError } from '../../client/index.ts';
import { SERVER_CODE } from '../../codec/index.ts';
import { hintAt } from '../../nearest-name.ts';
import type { CommandText } from './command-definition.ts';

/** Exit codes of the shell; the first three are those of `zkCli.sh`. */
export const EXIT = {
  OK: 0,
  FAILED: 1,
  UNKNOWN_COMMAND: 127,
  /** The command line of `zkwire shell` is wrong, as with the other commands of `zkwire`. */
  WRONG_COMMAND_LINE: 2,
  /** As shells tell of a command that was ended by Ctrl-C. */
  INTERRUPTED: 130,
} as const;

/** Why a command did not do what it should. The message is what is printed. */
export class ShellFailure extends Error {
  /** A code of zkwire or the server's name for it, or one of the shell's own: see docs/shell.md. */
  readonly code: string;
  readonly path: string | null;
  /** The server's number, when a server has refused. */
  readonly serverCode: number | null;

  constructor(
    code: string,
    message: string,
    details: { path?: string | null; serverCode?: number | null; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.path = details.path ?? null;
    this.serverCode = details.serverCode ?? null;
  }

  get exitCode(): number {
    if (this.code === 'UNKNOWN_COMMAND') return EXIT.UNKNOWN_COMMAND;
    return this.code === 'INTERRUPTED' ? EXIT.INTERRUPTED : EXIT.FAILED;
  }
}

/** There is no such command among those that are named. */
export function unknownCommand(name: string, names: readonly string[]): ShellFailure {
  const hint = hintAt(name, names);
  const behind = hint === '' ? " (try 'help')" : `.${hint}`;
  return new ShellFailure('UNKNOWN_COMMAND', `Command not found: ${name}${behind}`);
}

/** The words do not fit the command: shows how it is used. */
export function usageFailure({ name, syntax }: CommandText): ShellFailure {
  return new ShellFailure('USAGE', `${name} ${syntax}`);
}

/** The path cannot be one; found out before anything is sent. */
export function pathFailure(path: string, message: string): ShellFailure {
  return new ShellFailure('BAD_ARGUMENT', message, { path });
}

/** How `zkCli.sh` begins what it says of an error, where that is not its general form. */
const SENTENCES: Readonly<Record<string, string>> = {
  NONODE: 'Node does not exist: ',
  NOCHILDRENFOREPHEMERALS: 'Ephemerals cannot have children: ',
  NODEEXISTS: 'Node already exists: ',
  NOTEMPTY: 'Node not empty: ',
  NOTREADONLY: 'Not a read-only call: ',
  INVALIDACL: 'Acl is not valid : ',
  NOAUTH: 'Insufficient permission : ',
  BADARGUMENTS: 'Arguments are not valid : ',
  BADVERSION: 'version No is not valid : ',
  QUOTAEXCEEDED: 'Quota has exceeded : ',
};

const WHOLE_SENTENCES: Readonly<Record<string, string>> = {
  RECONFIGINPROGRESS:
    'Another reconfiguration is in progress -- concurrent reconfigs not supported (yet)',
  NEWCONFIGNOQUORUM:
    'No quorum of new config is connected and up-to-date with the leader of last commmitted config - try invoking reconfiguration after new servers are connected and synced',
};

/** Java's names of errors, for the general form `KeeperErrorCode = ...`. */
const KEEPER_WORDS: Readonly<Record<string, string>> = {
  SYSTEMERROR: 'SystemError',
  RUNTIMEINCONSISTENCY: 'RuntimeInconsistency',
  DATAINCONSISTENCY: 'DataInconsistency',
  CONNECTIONLOSS: 'ConnectionLoss',
  MARSHALLINGERROR: 'MarshallingError',
  UNIMPLEMENTED: 'Unimplemented',
  OPERATIONTIMEOUT: 'OperationTimeout',
  APIERROR: 'APIError',
  NONODE: 'NoNode',
  NOAUTH: 'NoAuth',
  BADVERSION: 'BadVersion',
  NOCHILDRENFOREPHEMERALS: 'NoChildrenForEphemerals',
  NODEEXISTS: 'NodeExists',
  INVALIDACL: 'InvalidACL',
  AUTHFAILED: 'AuthFailed',
  NOTEMPTY: 'Directory not empty',
  SESSIONEXPIRED: 'Session expired',
  SESSIONMOVED: 'Session moved',
  NOTREADONLY: 'Not a read-only call',
  EPHEMERALONLOCALSESSION: 'Ephemeral node on local session',
  NOWATCHER: 'No such watcher',
  RECONFIGDISABLED: 'Reconfig is disabled',
  SESSIONCLOSEDREQUIRESASLAUTH: 'Session closed because client failed to authenticate',
  QUOTAEXCEEDED: 'Quota has exceeded',
  THROTTLEDOP: 'Op throttled due to high load',
};

/** What zkwire calls the losses that Java has a name for. */
const LOSSES: Readonly<Record<string, string>> = {
  CONNECTION_LOSS: 'CONNECTIONLOSS',
  CONNECTION_CLOSED: 'CONNECTIONLOSS',
  NOT_CONNECTED: 'CONNECTIONLOSS',
  SESSION_LOST: 'CONNECTIONLOSS',
  SESSION_EXPIRED: 'SESSIONEXPIRED',
  AUTH_FAILED: 'AUTHFAILED',
  REQUEST_TIMEOUT: 'OPERATIONTIMEOUT',
};

/** `KeeperErrorCode = NoNode for /a`. */
export function keeperMessage(name: string, path: string | null): string {
  const word = KEEPER_WORDS[name] ?? `Unknown error ${name}`;
  return `KeeperErrorCode = ${word}${path === null ? '' : ` for ${path}`}`;
}

/** What is printed of any error, in the words of `zkCli.sh` where it has some. */
export function failureOf(error: unknown): ShellFailure {
  if (error instanceof ShellFailure) return error;
  if (!ZkwireError.is(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return new ShellFailure('FAILED', message, { cause: error });
  }
  const { code } = error;
  const path = error instanceof RequestError ? (error.path ?? null) : null;
  const serverCode = error instanceof RequestError ? (error.serverCode ?? null) : null;
  return new ShellFailure(code, messageOf(error, LOSSES[code] ?? code, path), {
    path,
    serverCode,
    cause: error,
  });
}

function messageOf(error: ZkwireError, name: string, path: string | null): string {
  const sentence = SENTENCES[name];
  if (sentence !== undefined) return sentence + (path ?? '');
  const whole = WHOLE_SENTENCES[name];
  if (whole !== undefined) return whole;
  // The others are found out here, and say themselves what was wrong.
  return name in SERVER_CODE ? keeperMessage(name, path) : error.message;
}

/** The same as if the server had refused: `name` as in the table of server codes. */
export function refusal(name: keyof typeof SERVER_CODE, path: string | null): ShellFailure {
  const message =
    SENTENCES[name] === undefined ? keeperMessage(name, path) : SENTENCES[name] + path;
  return new ShellFailure(name, message, { path });
}
