import { SERVER_CODE } from '../codec/index.ts';
import {
  AuthError,
  type ConnectError,
  LinkError,
  type RequestErrorCode,
  ZkwireError,
} from '../errors.ts';
import { Pipeline, type PipelineOptions, type WaitLimits } from '../pipeline/index.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import type { Endpoint } from './connect-string.ts';
import { Connection } from './connection.ts';
import { Connector } from './connector.ts';
import type { Credential } from './credentials.ts';
import { DeadlineSweeper } from './deadline-sweeper.ts';
import type { SessionGrant } from './handshake.ts';
import { LimitedWaits, type WaitOver } from './limited-waits.ts';
import { LossWatch } from './loss-watch.ts';
import type { RequestPort } from './request-port.ts';
import { ServerList } from './server-list.ts';
import { SessionAuth } from './session-auth.ts';
import type { StateEvent } from './session-events.ts';
import { SessionIdentity } from './session-identity.ts';
import { authenticate, restoreWatches } from './session-opening.ts';
import type { SessionOptions } from './session-options.ts';
import type { SessionTicket } from './session-ticket.ts';
import { WatchRegistry } from './watch-registry.ts';
import { WritableSearch } from './writable-search.ts';

/**
 * A session that outlives its connections. One connection at a time; between two of them requests
 * are parked. Everything that happens is told as a {@link StateEvent}, in order.
 *
 * The clock, chance and the links come from outside.
 */
export class Session implements RequestPort {
  readonly chroot: string;
  readonly watches: WatchRegistry;
  /** Where the next request goes. Changes with the connection. */
  pipeline: Pipeline;
  readonly #options: SessionOptions;
  readonly #servers: ServerList;
  readonly #connector: Connector;
  readonly #auth: SessionAuth;
  readonly #sweeper: DeadlineSweeper;
  readonly #waits: LimitedWaits = new LimitedWaits();
  readonly #lossWatch: LossWatch;
  readonly #identity: SessionIdentity;
  /** The connection in use, from the handshake on; `#live` once requests flow on it. */
  #connection: Connection | null = null;
  #live = false;
  #endpoint: Endpoint | null = null;
  /** What a connection that is being left still owes. */
  #leaving: Connection | null = null;
  /** When the connection was handed over. */
  #connectedMs = 0;
  #search: WritableSearch | null = null;
  #ended: ZkwireError | null = null;
  #ending: Promise<void> | null = null;

  /** Nothing is tried before `start()`. */
  constructor(options: SessionOptions) {
    this.#options = options;
    this.chroot = options.chroot;
    this.watches = new WatchRegistry(options.chroot, options.onCallbackError);
    this.#servers = new ServerList(options.servers, options.random);
    this.#connector = this.#newConnector();
    this.#lossWatch = this.#newLossWatch();
    this.#auth = new SessionAuth(options.credentials, (host, error) =>
      this.#authFailed(host, error),
    );
    this.#sweeper = this.#newSweeper();
    this.#identity = new SessionIdentity(options.resume);
    if (this.#identity.known) this.#lossWatch.heardMs = options.clock.nowMs();
    this.pipeline = this.#parked(null);
  }

  /** Begins to connect. */
  start(): void {
    this.#connector.next();
    // A session from elsewhere runs out too while nobody answers.
    if (this.#identity.known && this.#ended === null) this.#lossWatch.start();
  }

  // What the parts ask of the session, and nobody else.

  #newConnector(): Connector {
    const session = this;
    return new Connector(this.#options, this.#servers, {
      get sessionTimeoutMs() {
        return session.sessionTimeoutMs;
      },
      wish: () => this.#identity.wish(this.#options.sessionTimeoutMs, this.#options.readOnly),
      tell: (event) => this.#tell(event),
      granted: (link, grant, endpoint) => this.#granted(link, grant, endpoint),
      expired: (error) => this.#expired(error),
    });
  }

  #newLossWatch(): LossWatch {
    const session = this;
    return new LossWatch(this.#options.clock, {
      get sessionTimeoutMs() {
        return session.sessionTimeoutMs;
      },
      get isSafe() {
        return session.#live || session.#ended !== null || session.#connection !== null;
      },
      lost: (silentMs) => this.#silent(silentMs),
    });
  }

  #newSweeper(): DeadlineSweeper {
    const session = this;
    return new DeadlineSweeper(
      {
        get nextDeadlineMs() {
          const leavingMs = session.#leaving?.pipeline.nextDeadlineMs ?? Number.POSITIVE_INFINITY;
          const { nextDeadlineMs } = session.pipeline;
          return Math.min(nextDeadlineMs, leavingMs, session.#waits.nextDeadlineMs);
        },
        sweep: (nowMs) => {
          this.#leaving?.pipeline.sweep(nowMs);
          this.pipeline.sweep(nowMs);
          this.#waits.sweep(nowMs);
        },
      },
      this.#options.clock,
    );
  }

  // What others may know.

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
    return this.#live ? this.pipeline.host : null;
  }

  /** Highest zxid in the replies so far. */
  get lastZxidSeen(): bigint {
    return this.#connection?.pipeline.lastZxidSeen ?? this.#identity.lastZxidSeen;
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
    if (timeoutMs === undefined && signal === undefined) return undefined;
    const deadlineMs = timeoutMs === undefined ? undefined : this.#sweeper.deadlineIn(timeoutMs);
    return { signal, deadlineMs };
  }

  wait(limits: WaitLimits, onOver: WaitOver): () => void {
    return this.#waits.begin(limits, onOver);
  }

  // A connection begins.

  /** In the read path: the server's next bytes go to the pipeline that this gives. */
  #granted(link: ByteLink, grant: SessionGrant, endpoint: Endpoint): Pipeline {
    const resumed = this.#identity.resumable;
    this.#identity.take(grant, link.host);
    this.#endpoint = endpoint;
    this.#connectedMs = this.#options.clock.nowMs();
    const connection = new Connection(link, grant, {
      ...this.#pipelineOptions(),
      clock: this.#options.clock,
      events: {
        onNotification: (event, zxid) => this.watches.dispatch(event.type, event.path, zxid),
        onPing: (roundTripMs) => this.#options.onPing?.(roundTripMs),
        onAuthRequired: () => this.#authRequired(connection),
        onLost: (reason) => this.#lost(connection, reason),
        onEnd: () => this.#over(),
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
    const parked = this.pipeline;
    // A link may end inside a write: nothing is written before everything stands.
    pipeline.hold();
    this.#auth.sendAll(pipeline);
    restoreWatches(pipeline, this.watches, this.#identity.lastZxidSeen);
    this.#live = true;
    this.pipeline = pipeline;
    parked.moveUnsentTo(pipeline);
    this.#lossWatch.stop();
    this.#connector.succeeded();
    this.#servers.connected(this.#endpoint as Endpoint);
    const { sessionId, sessionTimeoutMs, readOnly } = session;
    this.#tell({
      state: 'session',
      host: pipeline.host,
      sessionId,
      sessionTimeoutMs,
      resumed,
      readOnly,
    });
    if (this.pipeline === pipeline) {
      if (readOnly) this.#searchWritable();
      this.watches.resync();
    }
    pipeline.release();
  }

  #pipelineOptions(): PipelineOptions {
    const { inflightMax, inflightBytesMax, frameBytesMax, schedule, observer } = this.#options;
    return {
      requestsMax: inflightMax,
      bytesMax: inflightBytesMax,
      bodyBytesMax: frameBytesMax,
      lastXid: this.#identity.lastXid,
      lastZxidSeen: this.#identity.lastZxidSeen,
      schedule,
      observer,
    };
  }

  /** A place for requests without a connection; `reason` says why there is none. */
  #parked(reason: ZkwireError | null): Pipeline {
    const { onCallbackError, whileDisconnected } = this.#options;
    const parked = Pipeline.parked({ ...this.#pipelineOptions(), events: { onCallbackError } });
    if (whileDisconnected === 'fail' && reason !== null) parked.refuse('NOT_CONNECTED', reason);
    return parked;
  }

  // A connection ends.

  /** Nothing of it has failed yet: what never left is kept. */
  #lost(connection: Connection, reason: ZkwireError): void {
    const { pipeline } = connection;
    this.#identity.lastXid = pipeline.lastXid;
    this.#identity.lastZxidSeen = pipeline.lastZxidSeen;
    this.#lossWatch.heardMs = pipeline.heardMs;
    this.#search?.stop();
    this.#search = null;
    const live = this.#live;
    this.#connection = null;
    this.#live = false;
    if (this.#leaving === connection) this.#leaving = null;
    else if (!live) this.#connector.fellShort(reason, pipeline.host);
    else if (this.#ended === null) this.#parkUnsent(pipeline, reason);
    const livedMs = this.#options.clock.nowMs() - this.#connectedMs;
    this.#servers.lost(pipeline.reads > 0 || livedMs >= SERVED_AFTER_MS);
    this.#tell({ state: 'disconnected', host: pipeline.host, reason });
    if (this.#ended === null) this.#lossWatch.start();
  }

  #parkUnsent(from: Pipeline, reason: ZkwireError): void {
    const parked = this.#parked(reason);
    this.pipeline = parked;
    if (this.#options.whileDisconnected === 'wait') from.moveUnsentTo(parked);
  }

  /** Everything of it has failed: on to the next. */
  #over(): void {
    if (this.#connection === null && !this.#connector.busy) this.#connector.next();
  }

  /** Nothing was heard for the session time-out. After an expiry: nobody has given a new session for so long. */
  #silent(silentMs: number): void {
    const hasSession = this.#identity.known;
    const what = hasSession ? 'nothing was heard' : 'no server has given a new session';
    const detail = `${what} for ${Math.round(silentMs)} ms`;
    if (hasSession) this.#tell({ state: 'lost', sessionId: this.sessionId, silentMs });
    if (this.#ended !== null) return;
    this.#refuseParked('SESSION_LOST', new ZkwireError('SESSION_LOST', detail));
  }

  /** What is parked fails, and what is asked for from now on, whatever it failed with until now. */
  #refuseParked(code: RequestErrorCode, cause: ZkwireError): void {
    if (this.#live) return;
    if (this.pipeline.ended) this.pipeline = this.#parked(null);
    this.pipeline.refuse(code, cause);
  }

  /** By a server's word. */
  #expired(error: ConnectError): void {
    this.#refuseParked('SESSION_EXPIRED', error);
    this.watches.end('expired', error);
    if (this.#ended !== null) return;
    if (this.#options.afterExpiry === 'end') {
      this.#finish(error, 'SESSION_EXPIRED');
      return;
    }
    this.#identity.expired();
    this.pipeline = this.#parked(error);
    // What waits for the new session waits no longer than for one that may come back.
    this.#lossWatch.heardMs = this.#options.clock.nowMs();
    this.#lossWatch.start();
  }

  #notAuthenticated(connection: Connection, error: unknown): void {
    if (this.#connection !== connection || this.#ended !== null) return;
    const { pipeline } = connection;
    if (error instanceof AuthError) this.#authFailed(pipeline.host, error);
    else pipeline.destroy(new LinkError('LINK_DESTROYED', pipeline.host, error));
  }

  /** Going on would be of no use: the next connection would be served no better. */
  #authRequired(connection: Connection): void {
    if (this.#connection !== connection || !this.#live) return;
    const { host } = connection.pipeline;
    const serverCode = SERVER_CODE.SESSIONCLOSEDREQUIRESASLAUTH;
    this.#authFailed(host, new AuthError({ code: 'AUTH_REQUIRED', host, serverCode }));
  }

  #authFailed(host: string, error: ZkwireError): void {
    if (this.#ended !== null) return;
    // First of all: who hears of it may ask for the end, which is this one.
    this.#ended = error;
    this.#tell({ state: 'auth-failed', host, error });
    this.watches.end('auth-failed', error);
    this.#finish(error, 'AUTH_FAILED');
  }

  // Moves.

  #searchWritable(): void {
    const { clock, dialer, random } = this.#options;
    this.#search?.stop();
    this.#search = new WritableSearch({
      servers: this.#servers.others(this.#endpoint as Endpoint),
      dialer,
      clock,
      random,
      onFound: (endpoint) => {
        this.#servers.prefer(endpoint);
        this.#move();
      },
    });
  }

  /** Takes a new list of servers; leaves the connected one when load has to be spread. */
  updateServers(servers: readonly Endpoint[]): void {
    if (this.#ended !== null) return;
    const current = this.#connection === null ? this.#connector.endpoint : this.#endpoint;
    const move = this.#servers.update(servers, current) === 'move';
    if (move && this.#connection === null) this.#connector.restart();
    else if (move) this.#move();
    else if (this.#search !== null) this.#searchWritable();
  }

  /** To another server, without losing a request: new ones are parked while the old ones are answered. */
  #move(): void {
    const connection = this.#connection;
    if (connection === null || this.#leaving !== null) return;
    const { pipeline } = connection;
    const drop = (): void => pipeline.destroy(new LinkError('LINK_DESTROYED', pipeline.host));
    // Between the tokens of SASL: there is nothing to wait for.
    if (!this.#live) {
      drop();
      return;
    }
    this.#leaving = connection;
    this.#live = false;
    pipeline.flush();
    this.pipeline = this.#parked(null);
    pipeline.admitWaiting();
    connection.drain().then(
      () => {
        // Who has ended the session meanwhile drops it, after its last word.
        if (this.#ended === null) drop();
      },
      () => {},
    );
  }

  /** Adds a credential, for this connection and all later ones. Resolves once a server has taken it. */
  addAuth(credential: Credential): Promise<void> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    return this.#auth.add(credential, this.#live ? this.pipeline : null);
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
    this.#refuseParked('CONNECTION_CLOSED', closed);
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
    const parked = this.#live ? this.#parked(null) : this.pipeline;
    this.pipeline.flush();
    this.#ended = detached;
    this.#live = false;
    this.pipeline = parked;
    this.#leaving = connection;
    this.#stop();
    this.#refuseParked('CONNECTION_CLOSED', detached);
    if (connection !== null) {
      await connection.drain().catch(() => {});
      connection.pipeline.destroy(new LinkError('LINK_DESTROYED', connection.pipeline.host));
    }
    this.#tell({ state: 'detached', sessionId: this.sessionId });
    this.#finishTelling('detached', null);
    return this.#identity.ticket();
  }

  /** The end that nobody asked for. */
  #finish(error: ZkwireError, code: RequestErrorCode): void {
    this.#ended = error;
    this.#stop();
    this.#leaving?.pipeline.refuse(code, error);
    this.#connection?.pipeline.refuse(code, error);
    this.#refuseParked(code, error);
    this.#ending ??= Promise.resolve();
    this.#finishTelling('closed', error);
  }

  #finishTelling(reason: 'closed' | 'detached', error: ZkwireError | null): void {
    // Until now requests that were made before could time out.
    this.#sweeper.stop();
    this.watches.end(reason, error);
    this.#auth.end(this.#ended as ZkwireError);
    this.#tell({ state: 'closed', reason: error });
  }

  #stop(): void {
    this.#lossWatch.stop();
    this.#search?.stop();
    this.#connector.stop(this.#ended as ZkwireError);
  }

  #tell(event: StateEvent): void {
    try {
      this.#options.onState(event);
    } catch (thrown) {
      this.#options.onCallbackError(thrown, event.state);
    }
  }
}

/** A connection that lived this long has served, even when nothing was asked of it. */
const SERVED_AFTER_MS = 1000;
