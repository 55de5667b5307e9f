import type { JuteReader } from './jute-reader.ts';
import type { JuteWriter } from './jute-writer.ts';

/**
 * The handshake. Its two records travel without a header, each has an optional last byte that says
 * `readOnly`, and a server may answer with something else altogether. None of this can be said in
 * the schema, so it is written by hand.
 *
 * Sizes are those of the frame body (the length prefix not counted).
 */

/** A session password is always this long. */
export const SESSION_PASSWORD_BYTES = 16;

/** ConnectRequest with a 16-byte password, without the readOnly byte (clients before 3.4, Go). */
export const CONNECT_REQUEST_BYTES = 44;

/** ConnectResponse without the readOnly byte: sent when the request had none. */
export const CONNECT_RESPONSE_BYTES = 36;

/** A ReplyHeader where a ConnectResponse should be: see {@link ConnectRefusal}. */
export const CONNECT_REFUSAL_BYTES = 16;

/** protocolVersion that every ZooKeeper client sends. Servers do not check it. */
export const PROTOCOL_VERSION = 0;

/** First frame of a client. */
export interface ConnectHandshake {
  /** 0. */
  readonly protocolVersion: number;
  /** Greatest zxid seen in ordinary replies. A server that is behind it closes without a reply. */
  readonly lastZxidSeen: bigint;
  /** Session time-out wanted, in ms. */
  readonly timeOut: number;
  /** 0 for a new session. */
  readonly sessionId: bigint;
  /** 16 bytes, all zero for a new session; empty or null is accepted for a new session too. */
  readonly passwd: Buffer | null;
  /** Undefined when the byte is absent. */
  readonly readOnly: boolean | undefined;
}

/** First frame of a server. */
export interface ConnectAcceptance {
  /** 0. */
  readonly protocolVersion: number;
  /** Session time-out granted, in ms. 0 or less: the session that was to be resumed has expired. */
  readonly timeOut: number;
  /** 0 when the session has expired. */
  readonly sessionId: bigint;
  /** 16 bytes, a secret: with it anybody can take the session over. */
  readonly passwd: Buffer | null;
  /** The server is in read-only mode. Undefined when the byte is absent. */
  readonly readOnly: boolean | undefined;
}

/**
 * A read-only server whose `localSessionsEnabled` is off (the default) answers a read-only client
 * with a bare ReplyHeader: xid 0, zxid 0, err -119 (NOTREADONLY), and then falls silent.
 */
export interface ConnectRefusal {
  /** The server's error number, never 0. */
  readonly refused: number;
  /** 0. */
  readonly zxid: bigint;
}

/** True when the server refused the handshake with an error number. */
export function isConnectRefusal(
  answer: ConnectAcceptance | ConnectRefusal,
): answer is ConnectRefusal {
  return 'refused' in answer;
}

/**
 * Reads `int protocolVersion, long lastZxidSeen, int timeOut, long sessionId, buffer passwd,
 * [boolean readOnly]` to the end of the frame: 44 or 45 bytes, or 28 or 29 with an empty password.
 * Throws BAD_HANDSHAKE for any other size. `passwd` is lent.
 */
export function readConnectHandshake(reader: JuteReader): ConnectHandshake {
  const bytes = reader.remaining;
  if (!isHandshakeSize(bytes, 28) && !isHandshakeSize(bytes, CONNECT_REQUEST_BYTES)) {
    refuseSize(reader, 'a connect request', bytes);
  }
  return {
    protocolVersion: reader.int(),
    lastZxidSeen: reader.long(),
    timeOut: reader.int(),
    sessionId: reader.long(),
    passwd: reader.buffer(),
    readOnly: readReadOnly(reader),
  };
}

/** Writes a ConnectRequest; the last byte only when `readOnly` is not undefined. */
export function writeConnectHandshake(
  writer: JuteWriter,
  lastZxidSeen: bigint,
  timeOutMs: number,
  sessionId: bigint,
  passwd: Uint8Array | null,
  readOnly: boolean | undefined,
  protocolVersion: number = PROTOCOL_VERSION,
): void {
  writer.int(protocolVersion);
  writer.long(lastZxidSeen);
  writer.int(timeOutMs);
  writer.long(sessionId);
  writer.buffer(passwd);
  if (readOnly !== undefined) writer.bool(readOnly);
}

/**
 * Reads a server's first frame to its end: `int protocolVersion, int timeOut, long sessionId,
 * buffer passwd, [boolean readOnly]` of 36 or 37 bytes, or the 16-byte refusal.
 * Throws BAD_HANDSHAKE for anything else. `passwd` is lent.
 */
export function readConnectAnswer(reader: JuteReader): ConnectAcceptance | ConnectRefusal {
  const bytes = reader.remaining;
  if (bytes === CONNECT_REFUSAL_BYTES) return readRefusal(reader);
  if (!isHandshakeSize(bytes, CONNECT_RESPONSE_BYTES)) {
    refuseSize(reader, 'a connect response', bytes);
  }
  return {
    protocolVersion: reader.int(),
    timeOut: reader.int(),
    sessionId: reader.long(),
    passwd: reader.buffer(),
    readOnly: readReadOnly(reader),
  };
}

/** Writes a ConnectResponse; the last byte only when `readOnly` is not undefined. */
export function writeConnectAcceptance(
  writer: JuteWriter,
  timeOutMs: number,
  sessionId: bigint,
  passwd: Uint8Array | null,
  readOnly: boolean | undefined,
  protocolVersion: number = PROTOCOL_VERSION,
): void {
  writer.int(protocolVersion);
  writer.int(timeOutMs);
  writer.long(sessionId);
  writer.buffer(passwd);
  if (readOnly !== undefined) writer.bool(readOnly);
}

/** Writes the 16-byte refusal: xid 0, zxid 0, `err`. */
export function writeConnectRefusal(writer: JuteWriter, err: number): void {
  writer.int(0);
  writer.long(0n);
  writer.int(err);
}

function isHandshakeSize(bytes: number, withoutReadOnly: number): boolean {
  return bytes === withoutReadOnly || bytes === withoutReadOnly + 1;
}

function refuseSize(reader: JuteReader, what: string, bytes: number): never {
  reader.failAt(reader.base, 'BAD_HANDSHAKE', `${what} of ${bytes} bytes`);
}

function readRefusal(reader: JuteReader): ConnectRefusal {
  const start = reader.offset;
  const xid = reader.int();
  const zxid = reader.long();
  const refused = reader.int();
  if (xid !== 0 || refused === 0) {
    reader.failAt(start, 'BAD_HANDSHAKE', `a reply with xid ${xid} and err ${refused}`);
  }
  return { refused, zxid };
}

function readReadOnly(reader: JuteReader): boolean | undefined {
  if (reader.remaining === 0) return undefined;
  if (reader.remaining > 1) {
    reader.fail('BAD_HANDSHAKE', `${reader.remaining} bytes left after the password`);
  }
  return reader.bool();
}
