import { SERVER_CODE } from '../codec/index.ts';
import { AuthError, type ConnectError, type RequestErrorCode, ZkwireError } from '../errors.ts';
import type { Pipeline, WaitLimits } from '../pipeline/index.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import type { Endpoint } from './connect-string.ts';
import { Connection } from './connection.ts';
import { Connector } from './connector.ts';
import type { Credential } from './credentials.ts';
import { CurrentServer } from './current-server.ts';
import type { SessionGrant } from './handshake.ts';
import type { WaitOver } from './limited-waits.ts';
import { LossWatch } from './loss-watch.ts';
import type { RequestPort } from './request-port.ts';
import { ServerList } from './server-list.ts';
import { SessionAuth } from './session-auth.ts';
import { SessionIdentity } from './session-identity.ts';
import { authenticate, restoreWatches } from './session-opening.ts';
import type { SessionOptions } from './session-options.ts';
import { SessionRequests } from './session-requests.ts';
import type { SessionTicket } from './session-ticket.ts';
import { StateTeller } from './state-teller.ts';
import { WatchRegistry } from './watch-registry.ts';

/**
 * A session that outlives its connections. One connection at a time; between two of them requests
 * are parked. Everything that happens is told as a `StateEvent`, in order.
 *
 * The clock, chance and the links come from outside.
 */
export class Session implements RequestPort {
  readonly chroot: string;
  readonly watches: WatchRegistry;
  readonly #options: SessionOptions;
  readonly #identity: SessionIdentity;
  readonly #requests: SessionRequests;
  readonly #connector: Connector;
  readonly #server: CurrentServer;
  readonly #auth: SessionAuth;
  readonly #lossWatch: LossWatch;
  readonly #states: StateTeller;
  /** From its handshake on until it is over; only in between do requests flow on it. */
  #connection: Connection | null = null;
  #ended: ZkwireError | null = null;
  #ending: Promise<void> | null = null;

  /** Nothing is tried before `start()`. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.chroot = options.chroot;
    this.#states = new StateTeller(options);
    this.watches = new WatchRegistry(options.chroot, options.onCallbackError);
    const servers = new ServerList(options.servers, options.random);
    this.#connector = this.#newConnector(servers);
    this.#server = new CurrentServer(options, servers, () => this.#move());
    this.#lossWatch = new LossWatch(options.clock, {
      sessionTimeoutMs: () => this.sessionTimeoutMs,
      isSafe: () => this.#ended !== null || this.#connection !== null,
      lost: (silentMs) => this.#silent(silentMs),
    });
    this.#auth = new SessionAuth(options.credentials, (host, error) =>
      this.#authFailed(host, error),
    );
    this.#identity = new SessionIdentity(options.resume);
    if (this.#identity.known) this.#lossWatch.heardMs = options.clock.nowMs();
    this.#requests = new SessionRequests(options, this.#identity);
  }

  /** Begins to connect. */
  start(): void {
    if (this.#ended !== null) return;
    // A session from elsewhere runs out too while nobody answers.
    if (this.#identity.known) this.#lossWatch.start();
    this.#connector.next();
  }

  // What the parts ask of the session, and nobody else.

  #newConnector(servers: ServerList): Connector {
    const session = this;
    return new Connector(this.#options, servers, {
      get sessionTimeoutMs() {
        return session.sessionTimeoutMs;
      },
      wish: () => this.#identity.wish(this.#options.sessionTimeoutMs, this.#options.readOnly),
      tell: (event) => {
        this.#states.tell(event);
        if (event.state === 'refused') this.#requests.refused(event.failures.at(-1)!);
      },
      granted: (link, grant, endpoint) => this.#granted(link, grant, endpoint),
      expired: (error) => this.#expired(error),
    });
  }

  // What others may know.

  /** Where the next request goes. Changes with the connection. */
  get pipeline(): Pipeline {
    return this.#requests.pipeline;
  }

  /** 0n before the first session. */
  get sessionId(): bigint {
    return this.#identity.sessionId;
  }

  /** What the server granted; before that, what is asked for. */
  get sessionTimeoutMs(): number {
    return this.#identity.sessionTimeoutMs ?? this.#options.sessionTimeoutMs;
  }

  /** `host:port` of the server that requests go to now; null without one. */
  get host(): string | null {
    return this.#requests.flowing ? this.pipeline.host : null;
  }

  /** Why the client is done; null while it is not. */
  get ended(): ZkwireError | null {
    return this.#ended;
  }

  /** Settles once a server has taken all the credentials of the beginning, or refused one. */
  get authenticated(): Promise<void> {
    return this.#auth.ready;
  }

  /** Limits of one request's wait, from the caller's time-out and signal; undefined when it has none. */
  waitLimits(
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
  ): WaitLimits | undefined {
    return this.#requests.waitLimits(timeoutMs, signal);
  }

  wait(limits: WaitLimits, onOver: WaitOver): () => void {
    return this.#requests.wait(limits, onOver);
  }

  // A connection begins.

  /** In the read path: the server's next bytes go to the pipeline that this gives. */
  #granted(link: ByteLink, grant: SessionGrant, endpoint: Endpoint): Pipeline {
    const resumed = this.#identity.resumable;
    this.#identity.take(grant, link.host);
    this.#server.granted(endpoint);
    const connection = new Connection(link, grant, {
      ...this.#requests.pipelineOptions(),
      clock: this.#options.clock,
      events: {
        onNotification: (event, zxid) => this.watches.dispatch(event.type, event.path, zxid),
        onPing: (roundTripMs) => this.#options.onPing?.(roundTripMs),
        onAuthRequired: () => this.#authRequired(connection),
        onLost: (reason) => this.#lost(connection, reason),
        // Everything of it has failed.
        onEnd: () => this.#connector.next(),
        onCallbackError: this.#options.onCallbackError,
      },
    });
    this.#connection = connection;
    this.#open(connection, resumed, endpoint);
    return connection.pipeline;
  }

  #open(connection: Connection, resumed: boolean, endpoint: Endpoint): void {
    const { sasl, clock, connectTimeoutMs } = this.#options;
    if (sasl === undefined) {
      this.#begin(connection, resumed);
      return;
    }
    // A server that requires SASL ends the connection at any other request, a ping included.
    connection.pings = false;
    authenticate(connection, sasl, endpoint, clock, connectTimeoutMs).then(
      () => {
        if (this.#connection === connection && this.#ended === null) {
          connection.pings = true;
          this.#begin(connection, resumed);
        }
      },
      (error: unknown) => this.#notAuthenticated(connection, error),
    );
  }

  /** Credentials, then watches, then what was parked; and from now on everything. */
  #begin(connection: Connection, resumed: boolean): void {
    const { pipeline, session } = connection;
    // A link may end inside a write: nothing is written before everything stands.
    pipeline.hold();
    this.#auth.sendAll(pipeline);
    const endUnset = restoreWatches(pipeline, this.watches, this.#identity.lastZxidSeen);
    this.#requests.flowOn(pipeline);
    this.#lossWatch.stop();
    this.#connector.newRound();
    this.#server.connected(pipeline);
    const { host } = pipeline;
    const { sessionId, sessionTimeoutMs, readOnly } = session;
    this.#identity.told();
    this.#states.tell({ state: 'session', host, sessionId, sessionTimeoutMs, resumed, readOnly });
    // Whoever heard of it may have asked for the end, or for another server.
    if (readOnly && this.#ended === null && this.#requests.flowing) this.#server.searchWritable();
    endUnset();
    // Who has begun to leave as it was told still hears events on it: not before the mark of the gap.
    if (this.#connection === connection) this.watches.resync();
    pipeline.release();
  }

  // A connection ends.

  /** Nothing of it has failed yet: what never left is kept. */
  #lost(connection: Connection, reason: ZkwireError): void {
    const { pipeline } = connection;
    this.#identity.lastXid = pipeline.lastXid;
    this.#identity.lastZxidSeen = pipeline.lastZxidSeen;
    this.#lossWatch.heardMs = pipeline.heardMs;
    this.#connection = null;
    const { flowing, leaving } = this.#requests;
    this.#server.lost(leaving);
    if (!flowing && !leaving) {
      this.#identity.fellShort();
      this.#connector.fellShort(reason, pipeline.host);
    }
    this.#requests.lost(this.#ended === null ? reason : null);
    this.#states.tell({ state: 'disconnected', host: pipeline.host, reason });
    if (this.#ended === null) this.#lossWatch.start();
  }

  /** Nothing was heard for the session time-out. After an expiry: nobody has given a new session for so long. */
  #silent(silentMs: number): void {
    const hasSession = this.#identity.known;
    const what = hasSession ? 'nothing was heard' : 'no server has given a new session';
    const detail = `${what} for ${Math.round(silentMs)} ms`;
    if (hasSession) this.#states.tellLost(this.sessionId, silentMs);
    if (this.#ended !== null) return;
    this.#requests.refuse('SESSION_LOST', new ZkwireError('SESSION_LOST', detail));
  }

  /** By a server's word. */
  #expired(error: ConnectError): void {
    this.#requests.refuse('SESSION_EXPIRED', error);
    this.watches.end('expired', error);
    if (this.#ended !== null) return;
    if (this.#options.afterExpiry === 'end') {
      this.#finish(error, 'SESSION_EXPIRED');
      return;
    }
    this.#identity.expired();
    this.#requests.park(error);
    // What waits for the new session waits no longer than for one that may come back.
    this.#lossWatch.heardMs = this.#options.clock.nowMs();
    this.#lossWatch.start();
  }

  #notAuthenticated(connection: Connection, error: unknown): void {
    if (this.#ended !== null) return;
    // Of a server that has hung up right behind it, too.
    if (error instanceof AuthError) this.#authFailed(connection.pipeline.host, error);
    else connection.drop(error);
  }

  /** Going on would be of no use: the next connection would be served no better. */
  #authRequired(connection: Connection): void {
    if (!this.#requests.flowing) return;
    const { host } = connection.pipeline;
    const serverCode = SERVER_CODE.SESSIONCLOSEDREQUIRESASLAUTH;
    this.#authFailed(host, new AuthError({ code: 'AUTH_REQUIRED', host, serverCode }));
  }

  #authFailed(host: string, error: ZkwireError): void {
    if (this.#ended !== null) return;
    // First of all: who hears of it may ask for the end, which is this one.
    this.#ended = error;
    this.#states.tell({ state: 'auth-failed', host, error });
    this.watches.end('auth-failed', error);
    this.#finish(error, 'AUTH_FAILED');
  }

  // Moves.

  /** Takes a new list of servers; leaves the connected one when load has to be spread. */
  updateServers(servers: readonly Endpoint[]): void {
    if (this.#ended !== null) return;
    if (this.#server.update(servers, this.#connector.endpoint) === 'move') {
      if (this.#connection === null) this.#connector.restart();
      else this.#move();
    }
    // After the move: a server that is left between the tokens of SASL is none that failed.
    this.#connector.newRound();
  }

  /** To another server, without losing a request: new ones are parked while the old ones are answered. */
  #move(): void {
    const connection = this.#connection;
    if (connection === null || this.#requests.leaving) return;
    // Between the tokens of SASL: there is nothing to wait for.
    if (!this.#requests.flowing) {
      connection.drop();
      return;
    }
    this.#requests.leave();
    connection.pipeline.admitWaiting();
    connection.drain().then(
      () => {
        // Who has ended the session meanwhile drops it, after its last word.
        if (this.#ended === null) connection.drop();
      },
      () => {},
    );
  }

  /** Adds a credential, for this connection and all later ones. Resolves once a server has taken it. */
  addAuth(credential: Credential): Promise<void> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return this.#auth.add(credential, this.#requests.flowing ? this.pipeline : null);
  }

  // Ends.

  /** Ends the session, when there is a connection to say so on; otherwise the servers let it expire. */
  close(): Promise<void> {
    this.#ending ??= this.#close();
    return this.#ending;
  }

  async #close(): Promise<void> {
    if (this.#ended !== null) return;
    const closed = new ZkwireError('CONNECTION_CLOSED', 'the client was closed');
    const connection = this.#connection;
    this.#ended = closed;
    this.#stop();
    this.#requests.refuse('CONNECTION_CLOSED', closed);
    if (connection !== null) await connection.close();
    this.#finishTelling('closed', null);
  }

  /**
   * Leaves the session alive on the servers, for whoever resumes it with the ticket within its
   * time-out. Requests made so far are still answered.
   */
  async detach(): Promise<SessionTicket> {
    if (this.#ended !== null) throw this.#ended;
    if (!this.#identity.resumable) {
      throw new ZkwireError('BAD_ARGUMENT', 'there is no session yet that could be resumed');
    }
    const detached = new ZkwireError(
      'CONNECTION_CLOSED',
      'the client was detached from its session',
    );
    const connection = this.#connection;
    if (this.#requests.flowing) this.#requests.leave();
    this.#ended = detached;
    let left = (): void => {};
    this.#ending = new Promise((resolve) => {
      left = resolve;
    });
    this.#stop();
    this.#requests.refuse('CONNECTION_CLOSED', detached);
    if (connection !== null) {
      await connection.drain().catch(() => {});
      connection.drop();
    }
    this.#states.tell({ state: 'detached', sessionId: this.sessionId });
    this.#finishTelling('detached', null);
    left();
    return this.#identity.ticket();
  }

  /** The end that nobody asked for. */
  #finish(error: ZkwireError, code: RequestErrorCode): void {
    this.#ended = error;
    this.#stop();
    this.#connection?.pipeline.refuse(code, error);
    this.#requests.refuse(code, error);
    this.#finishTelling('closed', error);
  }

  #finishTelling(reason: 'closed' | 'detached', error: ZkwireError | null): void {
    // Until now requests that were made before could time out.
    this.#requests.stop();
    this.watches.end(reason, error);
    this.#auth.end(this.#ended as ZkwireError);
    this.#states.tell({ state: 'closed', reason: error });
  }

  #stop(): void {
    this.#lossWatch.stop();
    this.#server.stop();
    this.#connector.stop(this.#ended as ZkwireError);
  }
}
