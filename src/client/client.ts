import { type InspectOptions, inspect } from 'node:util';
import { ConnectError } from '../errors.ts';
import type { PipelineCounters } from '../pipeline/index.ts';
import {
  type Credential,
  parseConnectString,
  type Session,
  type SessionTicket,
} from '../session/index.ts';
import { LendingClient } from './lending-client.ts';
import type { Metrics } from './metrics.ts';
import { Operations } from './operations.ts';
import type { RequestObservation } from './request-observation.ts';
import type { ClientStats, SessionStats } from './session-stats.ts';

/**
 * A ZooKeeper client: a session that outlives its connections, and every operation on it. Requests are
 * pipelined: calling many methods without awaiting each is how to be fast. Replies come in the order
 * of the calls.
 *
 * Every method rejects with a RequestError whose `outcome` says what happened: `not-sent` (safe to
 * repeat), `unknown` (it may have been applied) or `rejected` (the server said no).
 * Bytes that a promise gives belong to the caller.
 */
export class ZooKeeperClient extends Operations {
  /** The callback API, which lends bytes instead of copying them. */
  readonly lending: LendingClient;
  readonly #session: Session;
  readonly #requests: RequestObservation;
  readonly #stats: SessionStats;

  /** @internal made by `connect()` */
  constructor(
    session: Session,
    requests: RequestObservation,
    stats: SessionStats,
    requestTimeoutMs?: number,
  ) {
    super(session, requestTimeoutMs);
    this.#session = session;
    this.#requests = requests;
    this.#stats = stats;
    this.lending = new LendingClient(session);
  }

  /** `host:port` of the server that requests go to; null while there is none. */
  get host(): string | null {
    return this.#session.host;
  }

  /** Changes when the session has expired and a new one was made. */
  get sessionId(): bigint {
    return this.#session.sessionId;
  }

  /** The session time-out that the server granted. */
  get sessionTimeoutMs(): number {
    return this.#session.sessionTimeoutMs;
  }

  /** Whether there is a connection with a session on it. */
  get connected(): boolean {
    return this.#session.host !== null;
  }

  /** Path that all paths are below: `''`, or like `/a/b`. */
  get chroot(): string {
    return this.#session.chroot;
  }

  /** Whether one more request is accepted now; if not, methods reject with PIPELINE_FULL. */
  get hasRoom(): boolean {
    return this.#session.pipeline.hasRoom;
  }

  /** Resolves when there is room for a request again; check `hasRoom` after it. */
  room(): Promise<void> {
    return this.#session.pipeline.room();
  }

  /** Of the connection that requests go to now. */
  counters(): PipelineCounters {
    return this.#session.pipeline.counters();
  }

  /** What happened to the client so far: connections, expiries, watch events, pings. */
  stats(): ClientStats {
    return this.#stats.snapshot(this.#session.watches);
  }

  /** Requests by operation: outcomes, errors, bytes and latencies. Null unless they were started. */
  get metrics(): Metrics | null {
    return this.#requests.metrics;
  }

  /** Counts requests from now on, which costs each of them a little. Called again it gives the same Metrics. */
  startMetrics(): Metrics {
    return this.#requests.startMetrics();
  }

  /** Counts no more. The Metrics that were given keep what they have. */
  stopMetrics(): void {
    this.#requests.stopMetrics();
  }

  /**
   * Adds an identity to the session, on this connection and all later ones, in order. Resolves once a
   * server has taken it. Rejects with an AuthError when it was refused: the client is done then.
   */
  addAuth(credential: Credential): Promise<void> {
    return this.#session.addAuth(credential);
  }

  /**
   * Takes a new list of servers. Moves to another server when this one is not among them, or when the
   * load has to be spread over more of them; no request is lost by that. The chroot cannot change.
   * Throws a ConnectError `BAD_CONNECT_STRING`.
   */
  updateServers(connectString: string): void {
    const { servers, chroot } = parseConnectString(connectString);
    if (chroot !== this.#session.chroot) {
      const detail = `the chroot cannot change from ${JSON.stringify(this.#session.chroot)} to ${JSON.stringify(chroot)}`;
      throw new ConnectError('BAD_CONNECT_STRING', undefined, `connect string: ${detail}`);
    }
    this.#session.updateServers(servers);
  }

  /**
   * Leaves the session alive on the servers and gives what another client, in this process or another,
   * needs to go on with it: option `resume`. Requests made before are still answered.
   */
  detach(): Promise<SessionTicket> {
    return this.#session.detach();
  }

  /**
   * Ends the session (its ephemeral nodes go) and the connection. Requests made before are still
   * answered; a server that answers nothing for two seconds is left. Without a connection nobody is
   * told: the servers let the session expire.
   */
  close(): Promise<void> {
    return this.#session.close();
  }

  /** `await using zk = await connect(...)`: the same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
  static {
    // Inspection shows this, instead of what an EventEmitter is made of.
    const custom = {
      value(this: ZooKeeperClient, depth: number, options: InspectOptions): string {
        return depth < 0
          ? '[ZooKeeperClient]'
          : `ZooKeeperClient ${inspect(this.#shown(), options)}`;
      },
    };
    Object.defineProperty(ZooKeeperClient.prototype, inspect.custom, custom);
  }

  #shown(): object {
    const { ended, watches, sessionId, sessionTimeoutMs, chroot } = this.#session;
    const { data, exist, child, persistent, recursive } = watches.sizes;
    const without = ended === null ? 'disconnected' : 'closed';
    return {
      state: this.connected ? 'connected' : without,
      host: this.host,
      sessionId: `0x${BigInt.asUintN(64, sessionId).toString(16)}`,
      sessionTimeoutMs,
      chroot,
      pending: this.counters().inflight,
      watches: data + exist + child + persistent + recursive,
    };
  }
}
