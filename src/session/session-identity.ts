import { ConnectError } from '../errors.ts';
import { NEW_SESSION_PASSWORD } from './connection.ts';
import type { SessionGrant, SessionWish } from './handshake.ts';
import { SessionTicket } from './session-ticket.ts';

interface Granted {
  readonly sessionId: bigint;
  readonly password: Uint8Array;
  readonly sessionTimeoutMs: number;
  /** False while only read-only servers have served it: they made the id up, others must not see it. */
  readonly writable: boolean;
}

/** What a session is known by on the servers, and how far it has come: all that outlives a connection. */
export class SessionIdentity {
  /** Highest zxid in the replies of the connections that are over. */
  lastZxidSeen = 0n;
  /** Xid of the last request on them: counting goes on behind it, in a new session too. */
  lastXid = 0;
  #granted: Granted | null = null;
  /** Somebody was told of the session that was granted. */
  #isTold = false;

  /** Without a ticket, nothing is known before a server has granted something. */
  constructor(resume: SessionTicket | undefined) {
    if (resume === undefined) return;
    const { sessionId, password, sessionTimeoutMs } = resume;
    this.#granted = { sessionId, password, sessionTimeoutMs, writable: true };
    this.lastZxidSeen = resume.lastZxidSeen;
    this.lastXid = resume.lastXid;
    this.#isTold = true;
  }

  /** There is a session, as far as we know. */
  get known(): boolean {
    return this.#granted !== null;
  }

  /** 0n when there is none. */
  get sessionId(): bigint {
    return this.#granted?.sessionId ?? 0n;
  }

  /** What was granted; null when there is no session. */
  get sessionTimeoutMs(): number | null {
    return this.#granted?.sessionTimeoutMs ?? null;
  }

  /** What is shown to the next server; null: a new session is asked for. */
  get #offered(): Granted | null {
    return this.#granted?.writable === true ? this.#granted : null;
  }

  /** Somebody was told of it and could go on with it. */
  get resumable(): boolean {
    return this.#isTold && this.#offered !== null;
  }

  /** What the next server is asked for. */
  wish(sessionTimeoutMs: number, readOnly: boolean): SessionWish {
    const { lastZxidSeen } = this;
    const { sessionId, password } = this.#offered ?? NEW_SESSION;
    return { sessionTimeoutMs, readOnly, lastZxidSeen, sessionId, password };
  }

  /** Takes what a server granted. Throws ConnectError `SESSION_EXPIRED` when that is not the session asked for. */
  take(grant: SessionGrant, host: string): void {
    const offered = this.#offered;
    if (offered !== null && grant.sessionId !== offered.sessionId) {
      throw new ConnectError('SESSION_EXPIRED', host, 'the server answered with a new session');
    }
    const { sessionId, password, sessionTimeoutMs, readOnly } = grant;
    const writable = !readOnly || offered !== null;
    this.#granted = { sessionId, password, sessionTimeoutMs, writable };
  }

  /** Requests can be made in it, and it is told. */
  told(): void {
    this.#isTold = true;
  }

  /** The connection ended before requests could be made: nobody misses a session that was not told. */
  fellShort(): void {
    if (!this.#isTold) this.#granted = null;
  }

  /** The servers have forgotten it. */
  expired(): void {
    this.#granted = null;
    this.#isTold = false;
    this.lastZxidSeen = 0n;
  }

  /** For whoever resumes it, which must be possible. */
  ticket(): SessionTicket {
    const { sessionId, password, sessionTimeoutMs } = this.#granted as Granted;
    const { lastZxidSeen, lastXid } = this;
    return new SessionTicket({ sessionId, password, sessionTimeoutMs, lastZxidSeen, lastXid });
  }
}

const NEW_SESSION = { sessionId: 0n, password: NEW_SESSION_PASSWORD };
