import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { SESSION_PASSWORD_BYTES } from '../codec/connect.ts';
import { ZkwireError } from '../errors.ts';

/** What a session is resumed with. */
export interface SessionTicketFields {
  /** Not 0. */
  readonly sessionId: bigint;
  /** 16 bytes. A secret: with it anybody can take the session over. */
  readonly password: Uint8Array;
  /** Greatest zxid in an ordinary reply of the session; a server that is behind it does not resume. */
  readonly lastZxidSeen: bigint;
  /** Xid of the session's last request: counting goes on behind it. */
  readonly lastXid: number;
  /** What the server granted, in ms: the session lives about that long without a client. */
  readonly sessionTimeoutMs: number;
}

/** Format and version in one: a reader refuses what it does not know. */
const PREFIX = 'zkwire-session-1.';
const FIELDS_BYTES = 8 + SESSION_PASSWORD_BYTES + 8 + 4 + 4;
const CHECK_BYTES = 4;
const TEXT_CHARS = PREFIX.length + Math.ceil(((FIELDS_BYTES + CHECK_BYTES) * 4) / 3);

/**
 * A session to go on with: what `detach()` gives and the option `resume` takes, in this process or,
 * by way of `serialize()`, in another one. Works once: whoever resumes first has the session, and a
 * second one takes it from the first. Watches and credentials are not in it.
 *
 * Inspection, JSON and enumeration leave the password out; only `password` and `serialize()` give it.
 */
export class SessionTicket implements SessionTicketFields {
  readonly sessionId: bigint;
  readonly lastZxidSeen: bigint;
  readonly lastXid: number;
  readonly sessionTimeoutMs: number;
  readonly #password: Buffer;

  /** Throws a ZkwireError with code `BAD_SESSION_TICKET`. */
  constructor(fields: SessionTicketFields) {
    this.sessionId = fields.sessionId;
    this.lastZxidSeen = fields.lastZxidSeen;
    this.lastXid = fields.lastXid;
    this.sessionTimeoutMs = fields.sessionTimeoutMs;
    checkFields(fields);
    this.#password = Buffer.from(fields.password);
  }

  /** 16 bytes, a copy. A secret. */
  get password(): Buffer {
    return Buffer.from(this.#password);
  }

  /** One line of ASCII for `parse()`. It holds the session's password: keep it like one. */
  serialize(): string {
    const bytes = Buffer.alloc(FIELDS_BYTES);
    bytes.writeBigInt64BE(this.sessionId, 0);
    bytes.set(this.#password, 8);
    bytes.writeBigInt64BE(this.lastZxidSeen, 24);
    bytes.writeInt32BE(this.lastXid, 32);
    bytes.writeInt32BE(this.sessionTimeoutMs, 36);
    return `${PREFIX}${Buffer.concat([bytes, checkOf(bytes)]).toString('base64url')}`;
  }

  /** Reads what `serialize()` wrote. Throws a ZkwireError with code `BAD_SESSION_TICKET`. */
  static parse(text: string): SessionTicket {
    if (typeof text !== 'string') throw bad(`must be a string, not ${typeof text}`);
    if (!text.startsWith(PREFIX)) throw bad(`does not begin with ${PREFIX}`);
    if (text.length !== TEXT_CHARS) {
      throw bad(`has ${text.length} characters instead of ${TEXT_CHARS}`);
    }
    const encoded = text.slice(PREFIX.length);
    const bytes = Buffer.from(encoded, 'base64url');
    // Node's decoder skips what it does not know.
    if (bytes.toString('base64url') !== encoded) throw bad('is not base64url');
    const fields = bytes.subarray(0, FIELDS_BYTES);
    if (!checkOf(fields).equals(bytes.subarray(FIELDS_BYTES))) throw bad('was changed on its way');
    return new SessionTicket({
      sessionId: fields.readBigInt64BE(0),
      password: fields.subarray(8, 8 + SESSION_PASSWORD_BYTES),
      lastZxidSeen: fields.readBigInt64BE(24),
      lastXid: fields.readInt32BE(32),
      sessionTimeoutMs: fields.readInt32BE(36),
    });
  }

  /** Without the password; longs as decimal text. */
  toJSON(): Record<string, string | number> {
    return {
      sessionId: String(this.sessionId),
      lastZxidSeen: String(this.lastZxidSeen),
      lastXid: this.lastXid,
      sessionTimeoutMs: this.sessionTimeoutMs,
    };
  }
}

// What `console.log` shows. Asked to, Node would call the getter of the password.
Object.defineProperty(SessionTicket.prototype, inspect.custom, {
  value(this: SessionTicket): string {
    return `SessionTicket ${inspect({ ...this })}`;
  },
});

/** Against copies that lost or changed a character; no protection from an attacker. */
function checkOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, CHECK_BYTES);
}

function checkFields(fields: SessionTicketFields): void {
  const { sessionId, password, lastZxidSeen, lastXid, sessionTimeoutMs } = fields;
  checkLong('sessionId', sessionId);
  if (sessionId === 0n) throw bad('sessionId is 0, which is no session');
  if (!(password instanceof Uint8Array) || password.length !== SESSION_PASSWORD_BYTES) {
    throw bad(`password must be ${SESSION_PASSWORD_BYTES} bytes`);
  }
  checkLong('lastZxidSeen', lastZxidSeen);
  if (lastZxidSeen < 0n) throw bad(`lastZxidSeen must not be negative, as ${lastZxidSeen} is`);
  checkInt('lastXid', lastXid, 0);
  checkInt('sessionTimeoutMs', sessionTimeoutMs, 1);
}

function checkLong(name: string, value: unknown): void {
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return;
  throw bad(`${name} must be a bigint of 64 bits`);
}

function checkInt(name: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least && value < 2 ** 31) return;
  throw bad(`${name} must be a whole number of ${least} to 2^31-1`);
}

function bad(detail: string): ZkwireError {
  return new ZkwireError('BAD_SESSION_TICKET', `session ticket: ${detail}`);
}
