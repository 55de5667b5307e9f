import { ConnectError, type ZkwireError } from '../errors.ts';
import type { LinkHandler } from '../transport/byte-link.ts';
import { type ByteLink, formatHost } from '../transport/index.ts';
import { Attempt } from './attempt.ts';
import { attemptLimitMs } from './backoff.ts';
import type { Timer } from './clock.ts';
import type { Endpoint } from './connect-string.ts';
import type { SessionGrant, SessionWish } from './handshake.ts';
import type { ServerList } from './server-list.ts';
import type { StateEvent } from './session-events.ts';
import type { SessionOptions } from './session-options.ts';

/** What the connector needs of the session that it connects. */
export interface ConnectorOwner {
  /** The session's time-out, granted or asked for. */
  readonly sessionTimeoutMs: number;
  /** What the next handshake asks for. */
  wish(): SessionWish;
  /** A state event of the connector's: an attempt that failed, for one. */
  tell(event: StateEvent): void;
  /** In the read path: gives who hears the bytes that follow. */
  granted(link: ByteLink, grant: SessionGrant, endpoint: Endpoint): LinkHandler;
  /** A server said that the session asked for is gone. Called before the next attempt. */
  expired(error: ConnectError): void;
}

/** Of one server: a pause or none, then an attempt. */
interface Turn {
  attempt: Attempt<LinkHandler> | null;
  /** Nothing follows. */
  left: boolean;
}

const SASL_CUT_SHORT = 'the connection ended before SASL was over';

/** Tries one server after the other until one grants a session. */
export class Connector {
  readonly #options: SessionOptions;
  readonly #servers: ServerList;
  readonly #owner: ConnectorOwner;
  /** Of this round. */
  #failures: ConnectError[] = [];
  /** Null: none is on, since there is a session or nothing has begun. */
  #turn: Turn | null = null;
  #endpoint: Endpoint | null = null;
  #pauseTimer: Timer = null;
  /** Server of the attempt, once its link is up. */
  #upHost: string | null = null;
  /** An attempt is over, and the next one follows by itself, whatever those do who hear of it. */
  #changing = false;
  #stopped = false;

  constructor(options: SessionOptions, servers: ServerList, owner: ConnectorOwner) {
    this.#options = options;
    this.#servers = servers;
    this.#owner = owner;
  }

  /** The server of the newest attempt, one that is planned too; null before the first. */
  get endpoint(): Endpoint | null {
    return this.#endpoint;
  }

  /** Leaves the attempt for one at a server that the list gives now. */
  restart(): void {
    if (this.#turn === null || this.#changing) return;
    this.#changing = true;
    this.#leave(new ConnectError('ABORTED', undefined, 'the list of servers has changed'));
    this.#goOn();
  }

  /** To be called once the connection before is over. */
  next(): void {
    if (this.#stopped) return;
    const { clock } = this.#options;
    const { rounds } = this.#servers;
    const { endpoint, pauseMs } = this.#servers.next(this.#owner.sessionTimeoutMs);
    const turn: Turn = { attempt: null, left: false };
    this.#turn = turn;
    this.#endpoint = endpoint;
    if (this.#servers.rounds > rounds) this.#tellRefused();
    if (turn.left) return;
    if (pauseMs === 0) this.#try(endpoint, turn);
    else this.#pauseTimer = clock.setTimer(() => this.#try(endpoint, turn), pauseMs);
  }

  #goOn(): void {
    this.#changing = false;
    this.next();
  }

  /** Requests flow, or there is a new list of servers: what failed before is not told with the next round. */
  newRound(): void {
    this.#failures = [];
  }

  /** A server has granted a session, and the connection ended before requests could flow. */
  fellShort(reason: ZkwireError, host: string): void {
    // What is told of an exchange that took too long is in the cause.
    const { cause } = reason;
    if (cause instanceof ConnectError) this.#failures.push(cause);
    else this.#failures.push(new ConnectError('HANDSHAKE_CLOSED', host, SASL_CUT_SHORT, reason));
  }

  /** Ends the attempt or the pause; nothing follows. */
  stop(reason: ZkwireError): void {
    this.#stopped = true;
    this.#leave(reason);
  }

  #leave(reason: ZkwireError): void {
    this.#options.clock.clearTimer(this.#pauseTimer);
    if (this.#turn !== null) {
      this.#turn.left = true;
      this.#turn.attempt?.abort(reason);
    }
    this.#tellDown(reason);
  }

  #tellRefused(): void {
    const failures = this.#failures.splice(0);
    this.#owner.tell({ state: 'refused', rounds: this.#servers.rounds, failures });
  }

  #try(endpoint: Endpoint, turn: Turn): void {
    const host = formatHost(endpoint.host, endpoint.port);
    this.#owner.tell({ state: 'connecting', host });
    if (turn.left) return;
    const { clock, connectTimeoutMs, dialer } = this.#options;
    const { size, rounds } = this.#servers;
    let granted = false;
    turn.attempt = new Attempt({
      dial: (ending) => dialer(endpoint, ending),
      host,
      wish: this.#owner.wish(),
      limitMs: attemptLimitMs(this.#owner.sessionTimeoutMs, size, connectTimeoutMs, rounds),
      clock,
      onLinkUp: () => {
        this.#upHost = host;
        this.#owner.tell({ state: 'connected', host });
      },
      handOver: (link, grant) => {
        const handler = this.#handOver(link, grant, endpoint);
        granted = true;
        return handler;
      },
    });
    turn.attempt.run().catch((reason: unknown) => {
      if (!granted && !turn.left) this.#failed(asConnectError(reason, host), endpoint);
    });
  }

  /** The link is the session's from now on: a listener that ends the session at once needs it for its last word. */
  #handOver(link: ByteLink, grant: SessionGrant, endpoint: Endpoint): LinkHandler {
    const turn = this.#turn;
    const upHost = this.#upHost;
    this.#turn = null;
    this.#upHost = null;
    try {
      return this.#owner.granted(link, grant, endpoint);
    } catch (error) {
      this.#turn = turn;
      this.#upHost = upHost;
      throw error;
    }
  }

  /** An attempt led to no session. */
  #failed(error: ConnectError, endpoint: Endpoint): void {
    this.#changing = true;
    const { sessionId } = this.#owner.wish();
    const expired = error.code === 'SESSION_EXPIRED' && sessionId !== 0n;
    if (expired) {
      this.#owner.tell({
        state: 'expired',
        host: formatHost(endpoint.host, endpoint.port),
        sessionId,
      });
    } else {
      this.#failures.push(error);
    }
    this.#tellDown(error);
    if (expired && !this.#stopped) {
      // It did answer, and will give a new session: the round begins anew.
      this.#servers.connected(endpoint);
      this.newRound();
      this.#owner.expired(error);
    }
    this.#goOn();
  }

  /** What was `connected` and led to no session is over. */
  #tellDown(reason: ZkwireError): void {
    const host = this.#upHost;
    this.#upHost = null;
    if (host !== null) this.#owner.tell({ state: 'disconnected', host, reason });
  }
}

function asConnectError(reason: unknown, host: string): ConnectError {
  if (reason instanceof ConnectError) return reason;
  return new ConnectError('CONNECT_FAILED', host, String(reason), reason);
}
