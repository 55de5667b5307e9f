import { marked } from './error-mark.ts';

/**
 * Every error that zkwire throws or rejects with. All of them carry a stable string `code`;
 * classify by `code` (or by `outcome`), never by the message.
 */

/** Base of every zkwire error. `ZkwireError.is`, and the `is` of each class below, work across copies of the package; `instanceof` does not. */
export class ZkwireError extends Error {
  /** Whether `value` is an error of zkwire, of this copy of the package or another. */
  static readonly is: (value: unknown) => value is ZkwireError = marked(ZkwireError, 'ZkwireError');
  /** What went wrong, in one word that stays the same from version to version. */
  readonly code: string;

  /** `message` is for people; nothing may depend on its words. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ZkwireError';
    this.code = code;
  }
}

/**
 * Until somebody asks for the text of its stack, V8 keeps with an error the objects whose methods were
 * running: for what ends a connection that is the connection, with its slabs. So the text is made here.
 */
function letGo(error: unknown): void {
  if (error instanceof Error) void error.stack;
}

/** Codes of {@link WireError}: what was wrong with the bytes. */
export const WIRE_ERROR_CODES = {
  TRUNCATED: 'a fixed-size field does not fit into what is left of the frame',
  BAD_LENGTH: 'a string or buffer length is below -1 or longer than what is left of the frame',
  BAD_COUNT: 'a vector count is below -1 or cannot fit into what is left of the frame',
  BAD_TEXT: 'a string is not UTF-8',
  BAD_FRAME_LENGTH: 'a frame length is negative or too small for its header',
  FRAME_TOO_LARGE: 'a frame is longer than the limit',
  BAD_MULTI: 'the framing of a multi or multiRead is broken',
  BAD_HANDSHAKE: 'a connect request or response has none of the known sizes',
  UNKNOWN_OPCODE: 'the operation code is not known, so the body cannot be decoded',
  UNEXPECTED_XID: 'a reply does not belong to the oldest pending request',
  UNEXPECTED_NULL: 'a field that no correct peer leaves null is null',
} as const;

/** Code of a {@link WireError}. */
export type WireErrorCode = keyof typeof WIRE_ERROR_CODES;

/**
 * Bytes that do not follow the protocol.
 * `offset` counts from the first byte of the frame, its 4-byte length prefix included, and points
 * at the field that was wrong (for a string, buffer or vector: at its length word).
 */
export class WireError extends ZkwireError {
  /** Whether `value` is one, of this copy of the package or another. */
  static override readonly is: (value: unknown) => value is WireError = marked(
    WireError,
    'WireError',
  );
  /** What was wrong. */
  declare readonly code: WireErrorCode;
  /** Where, in bytes from the first of the frame's length prefix. */
  readonly offset: number;

  /** The message gets the offset behind it. */
  constructor(code: WireErrorCode, offset: number, message: string, options?: ErrorOptions) {
    super(code, `${message} (at byte ${offset} of the frame)`, options);
    this.name = 'WireError';
    this.offset = offset;
    letGo(this);
  }
}

/**
 * What happened to a failed request:
 * - `not-sent`: no byte of it left the process. Always safe to retry.
 * - `unknown`: it may have left and no answer came. A write may have been applied.
 * - `rejected`: the server answered with an error and applied nothing.
 */
export type Outcome = 'not-sent' | 'unknown' | 'rejected';

/** Codes that zkwire itself gives to a failed request; a server's refusal carries the server's name for it. */
export const REQUEST_ERROR_CODES = {
  CONNECTION_LOSS: 'the connection ended before an answer came',
  CONNECTION_CLOSED: 'the connection or client was closed before the request was made',
  NOT_CONNECTED: 'there is no connection, and the client was told not to wait for one',
  SESSION_LOST: 'nothing was heard for the session time-out: the session may be gone',
  SESSION_EXPIRED: 'the session has expired; the request was not carried over to a new one',
  AUTH_FAILED: 'the server refused a credential; the client is done',
  REQUEST_TIMEOUT: 'no answer came within the time given to the request',
  ABORTED: 'the AbortSignal of the request fired',
  PIPELINE_FULL: 'the limit of requests or bytes in flight is reached; await room()',
  REQUEST_TOO_LARGE: 'the encoded request would be larger than the server accepts',
  BAD_ARGUMENT: 'an argument cannot be sent (for example a malformed path)',
  BAD_REPLY: 'the reply could not be decoded; the connection is closed',
  REPLY_TOO_LARGE: 'the reply is over the limit and was skipped; the connection goes on',
} as const;

/** Code of a failed request that zkwire itself gives. */
export type RequestErrorCode = keyof typeof REQUEST_ERROR_CODES;

/** Everything that is known about a failed request. */
export interface RequestFailure {
  /** A {@link RequestErrorCode}, or the server's name for its refusal (`'NONODE'`, `'BADVERSION'`, ...). */
  readonly code: string;
  /** Whether it is safe to repeat. */
  readonly outcome: Outcome;
  /** The server's number, when the server refused. */
  readonly serverCode?: number | undefined;
  /** Name of the operation, as in the opcode table: `getData`, `create2`, ... */
  readonly operation: string;
  /** As the caller named it, without the chroot. Absent when the operation has none. */
  readonly path?: string | undefined;
  /** Absent when the request never got one. */
  readonly xid?: number | undefined;
  /** `host:port` of the server, when there was a connection. */
  readonly host?: string | undefined;
  /** What it comes from: the {@link LinkError} of a lost connection, the reason of a signal. */
  readonly cause?: unknown;
}

/** A request that failed. `outcome` says whether retrying is safe. One that was made has no frames in its stack: none would be the caller's. */
export class RequestError extends ZkwireError implements RequestFailure {
  /** Whether `value` is one, of this copy of the package or another. */
  static override readonly is: (value: unknown) => value is RequestError = marked(
    RequestError,
    'RequestError',
  );
  readonly outcome: Outcome;
  readonly serverCode: number | undefined;
  readonly operation: string;
  readonly path: string | undefined;
  readonly xid: number | undefined;
  readonly host: string | undefined;

  /** `detail` takes the place of the words that go with the code. */
  constructor(failure: RequestFailure, detail?: string) {
    const options = failure.cause === undefined ? undefined : { cause: failure.cause };
    super(failure.code, requestErrorMessage(failure, detail), options);
    this.name = 'RequestError';
    this.outcome = failure.outcome;
    this.serverCode = failure.serverCode;
    this.operation = failure.operation;
    this.path = failure.path;
    this.xid = failure.xid;
    this.host = failure.host;
  }
}

function requestErrorMessage(failure: RequestFailure, detail: string | undefined): string {
  const subject =
    failure.path === undefined
      ? failure.operation
      : `${failure.operation} ${JSON.stringify(failure.path)}`;
  const number = failure.serverCode === undefined ? '' : ` (${failure.serverCode})`;
  const where = failure.host === undefined ? '' : ` [${failure.host}]`;
  const known = REQUEST_ERROR_CODES[failure.code as RequestErrorCode] as string | undefined;
  const explanation = detail ?? known;
  const text = explanation === undefined ? '' : `: ${explanation}`;
  return `${subject}: ${failure.code}${number}${text}; outcome ${failure.outcome}${where}`;
}

/** Codes of {@link ConnectError}: why no usable connection came about. */
export const CONNECT_ERROR_CODES = {
  BAD_CONNECT_STRING: 'the connect string cannot be understood',
  CONNECT_FAILED: 'no TCP or TLS connection could be made',
  TLS_FAILED: 'TCP connected, and TLS did not come about: a certificate, its name, or no TLS there',
  CONNECT_TIMEOUT: 'dial and handshake took longer than the limit',
  HANDSHAKE_CLOSED:
    'the server closed the connection without answering the handshake: it has too many from this address (maxClientCnxns), is behind what was seen, or wants TLS',
  HANDSHAKE_REFUSED: 'the server answered the handshake with an error',
  SESSION_EXPIRED: 'the server does not know the session that was to be resumed',
  BAD_HANDSHAKE: 'the answer to the handshake is not a ConnectResponse',
  ABORTED: 'the AbortSignal fired',
} as const;

/** Code of a {@link ConnectError}. */
export type ConnectErrorCode = keyof typeof CONNECT_ERROR_CODES;

/** `connect()` did not lead to a session. Nothing but the handshake was sent. */
export class ConnectError extends ZkwireError {
  /** Whether `value` is one, of this copy of the package or another. */
  static override readonly is: (value: unknown) => value is ConnectError = marked(
    ConnectError,
    'ConnectError',
  );
  /** Why there is no session. */
  declare readonly code: ConnectErrorCode;
  /** `host:port` of the server; undefined when it is about none, or about several. */
  readonly host: string | undefined;

  /** `detail` takes the place of the words that go with the code. */
  constructor(code: ConnectErrorCode, host: string | undefined, detail?: string, cause?: unknown) {
    // What a dialer says may begin with the code already.
    const text = withoutCode(code, detail ?? CONNECT_ERROR_CODES[code]);
    // What a link says ends with the host already.
    const where = host === undefined || text.endsWith(`[${host}]`) ? '' : ` [${host}]`;
    super(code, `${code}: ${text}${where}`, cause === undefined ? undefined : { cause });
    this.name = 'ConnectError';
    this.host = host;
    letGo(this);
    letGo(cause);
  }
}

function withoutCode(code: string, text: string): string {
  return text.startsWith(`${code}: `) ? text.slice(code.length + 2) : text;
}

/** Codes of {@link LinkError}: why a byte link ended. */
export const LINK_ERROR_CODES = {
  LINK_CLOSED: 'the peer closed the connection',
  LINK_FAILED: 'the socket reported an error',
  TLS_FAILED: 'TCP connected, and TLS did not come about: a certificate, its name, or no TLS there',
  LINK_DESTROYED: 'the connection was closed from this side',
  LINK_FAULT: 'an injected fault ended the link',
  PEER_SILENT: 'nothing was heard from the peer for too long',
  PROTOCOL_VIOLATION: 'the peer sent bytes that do not follow the protocol',
} as const;

/** Code of a {@link LinkError}. */
export type LinkErrorCode = keyof typeof LINK_ERROR_CODES;

/** Why a link ended. The `cause` is the socket's own error where there was one. */
export class LinkError extends ZkwireError {
  /** Whether `value` is one, of this copy of the package or another. */
  static override readonly is: (value: unknown) => value is LinkError = marked(
    LinkError,
    'LinkError',
  );
  /** Why the link ended. */
  declare readonly code: LinkErrorCode;
  /** `host:port` of the peer. */
  readonly host: string;

  /** `cause` is the system's error, where there is one. */
  constructor(code: LinkErrorCode, host: string, cause?: unknown) {
    // OpenSSL ends some of its messages with a line break.
    const because = cause instanceof Error ? `: ${cause.message.trimEnd()}` : '';
    super(
      code,
      `${LINK_ERROR_CODES[code]}${because} [${host}]`,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'LinkError';
    this.host = host;
    letGo(this);
    letGo(cause);
  }
}

/** Codes of {@link AuthError}: why somebody is not who they say. */
export const AUTH_ERROR_CODES = {
  AUTH_REFUSED:
    'the server refused a credential: it does not know the scheme, or not this identity',
  AUTH_REQUIRED: 'the server serves only clients that have authenticated, and this one has not',
  SASL_REFUSED: 'the server refused the SASL authentication, for example a wrong password',
  SASL_NOT_OFFERED: 'the server answered SASL with nothing: none is set up there',
  SASL_BAD_CHALLENGE: 'the server sent a SASL challenge that is malformed or not acceptable',
  SASL_SERVER_UNPROVEN: 'the server did not prove that it knows the password too',
  SASL_FAILED: 'the SASL mechanism of this side failed',
} as const;

/** Code of an {@link AuthError}. */
export type AuthErrorCode = keyof typeof AUTH_ERROR_CODES;

/** What is known about a failed authentication. No secret is among it. */
export interface AuthFailure {
  /** Why it failed. */
  readonly code: AuthErrorCode;
  /** Scheme of the credential, or name of the SASL mechanism; undefined when there is none. */
  readonly scheme?: string | undefined;
  /** `host:port` of the server. */
  readonly host?: string | undefined;
  /** The server's number, when the server refused. */
  readonly serverCode?: number | undefined;
  /** What it comes from. */
  readonly cause?: unknown;
}

/** Authentication failed. Trying again with the same credentials leads to the same. */
export class AuthError extends ZkwireError {
  /** Whether `value` is one, of this copy of the package or another. */
  static override readonly is: (value: unknown) => value is AuthError = marked(
    AuthError,
    'AuthError',
  );
  /** Why it failed. */
  declare readonly code: AuthErrorCode;
  /** Scheme of the credential, or name of the SASL mechanism; undefined when there is none. */
  readonly scheme: string | undefined;
  /** `host:port` of the server. */
  readonly host: string | undefined;
  /** The server's number, when the server refused. */
  readonly serverCode: number | undefined;

  /** `detail` takes the place of the words that go with the code. */
  constructor(failure: AuthFailure, detail?: string) {
    const { code, scheme, host, serverCode, cause } = failure;
    const whose = scheme === undefined ? '' : `${scheme}: `;
    const number = serverCode === undefined ? '' : ` (${serverCode})`;
    const where = host === undefined ? '' : ` [${host}]`;
    super(
      code,
      `${whose}${code}${number}: ${detail ?? AUTH_ERROR_CODES[code]}${where}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'AuthError';
    letGo(this);
    this.scheme = scheme;
    this.host = host;
    this.serverCode = serverCode;
  }
}

/** Codes of {@link StorageError}: what is wrong with a data directory, or with writing to it. */
export const STORAGE_ERROR_CODES = {
  BAD_HEADER: 'the file does not begin as a file of its kind does',
  BAD_LENGTH: 'the length of a transaction is not possible',
  BAD_CHECKSUM: 'the checksum is not that of the bytes',
  BAD_END: 'a transaction does not end with the byte 0x42',
  BAD_RECORD: 'what is in the file cannot be decoded',
  ZXID_GAP: 'transactions are missing before this one',
  LOG_DAMAGED: 'the log is damaged, and there are transactions behind the damage',
  SNAPSHOT_COMPRESSED: 'the newest snapshot is compressed in a way that is not supported',
  DIRECTORY_IN_USE: 'another server has the data directory open',
  DIRECTORY_UNUSABLE: 'the data directory cannot be read or written',
  WRITE_FAILED: 'the disk failed: nothing written from now on is acknowledged',
} as const;

/** Code of a {@link StorageError}. */
export type StorageErrorCode = keyof typeof STORAGE_ERROR_CODES;

/** A server's files are not as they should be, or cannot be written. */
export class StorageError extends ZkwireError {
  /** Whether `value` is one, of this copy of the package or another. */
  static override readonly is: (value: unknown) => value is StorageError = marked(
    StorageError,
    'StorageError',
  );
  /** What is wrong. */
  declare readonly code: StorageErrorCode;
  /** The file or directory. */
  readonly file: string;
  /** The byte of the file where it begins to be wrong; undefined when it is about the whole file. */
  readonly offset: number | undefined;
  /** What is wrong, in words, without the place. */
  readonly reason: string;

  /** `detail` takes the place of the words that go with the code. */
  constructor(
    code: StorageErrorCode,
    file: string,
    offset: number | undefined,
    detail?: string,
    cause?: unknown,
  ) {
    const because = cause instanceof Error ? `: ${cause.message}` : '';
    const reason = `${detail ?? STORAGE_ERROR_CODES[code]}${because}`;
    const where = offset === undefined ? file : `${file}, byte ${offset}`;
    super(code, `${code}: ${reason} (${where})`, cause === undefined ? undefined : { cause });
    this.name = 'StorageError';
    this.file = file;
    this.offset = offset;
    this.reason = reason;
  }
}

/** Codes of {@link ServiceError}: why a recipe for services cannot give what it was asked for. */
export const SERVICE_ERROR_CODES = {
  NO_INSTANCE: 'no instance of the service is registered',
} as const;

/** Code of a {@link ServiceError}. */
export type ServiceErrorCode = keyof typeof SERVICE_ERROR_CODES;

/** There is nobody to choose from: later there may be. */
export class ServiceError extends ZkwireError {
  /** Whether `value` is one, of this copy of the package or another. */
  static override readonly is: (value: unknown) => value is ServiceError = marked(
    ServiceError,
    'ServiceError',
  );
  /** Why. */
  declare readonly code: ServiceErrorCode;
  /** Path of the service, as the client names it. */
  readonly servicePath: string;

  /** The message is the meaning of the code, and the path. */
  constructor(code: ServiceErrorCode, servicePath: string) {
    super(code, `${code}: ${SERVICE_ERROR_CODES[code]} (${servicePath})`);
    this.name = 'ServiceError';
    this.servicePath = servicePath;
  }
}
