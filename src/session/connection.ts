import { LinkError, type ZkwireError } from '../errors.ts';
import { CLOSE_TIMEOUT_MS, CONNECT_TIMEOUT_MS, SESSION_TIMEOUT_MS } from '../limits.ts';
import { Pipeline, type PipelineOptions, type WaitLimits } from '../pipeline/index.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import { attempt, type DialLink } from './attempt.ts';
import { type Clock, systemClock, type Timer } from './clock.ts';
import { DeadlineSweeper } from './deadline-sweeper.ts';
import type { SessionGrant, SessionWish } from './handshake.ts';
import { KeepAlive } from './keep-alive.ts';

/** Options of {@link Connection}; those not described here are those of the pipeline. */
export interface ConnectionOptions
  extends Pick<
    PipelineOptions,
    | 'requestsMax'
    | 'bytesMax'
    | 'bodyBytesMax'
    | 'events'
    | 'lastXid'
    | 'lastZxidSeen'
    | 'schedule'
    | 'observer'
  > {
  /** Session time-out to ask for, in ms; the server clamps it. Default 30,000. */
  readonly sessionTimeoutMs?: number | undefined;
  /** Limit for dial plus handshake, in ms. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Ends the attempt to connect. */
  readonly signal?: AbortSignal | undefined;
  /** Default: {@link systemClock}. */
  readonly clock?: Clock | undefined;
}

/** Of a session that is to be made. */
export const NEW_SESSION_PASSWORD: Uint8Array = new Uint8Array(16);

/** One connection to one server with one session on it: pipeline, keep-alive, deadlines, close. */
export class Connection {
  /** Where requests are made. */
  readonly pipeline: Pipeline;
  /** What the server granted. */
  readonly session: SessionGrant;
  readonly #clock: Clock;
  readonly #keepAlive: KeepAlive;
  readonly #sweeper: DeadlineSweeper;
  #closing: Promise<void> | null = null;
  #onOver: () => void = () => {};
  /** Resolves with the reason once the connection is over. */
  readonly ended: Promise<ZkwireError>;

  /** Over a link whose handshake is done; `open` does both. */
  constructor(link: ByteLink, session: SessionGrant, options: ConnectionOptions) {
    let end: (error: ZkwireError) => void = () => {};
    this.ended = new Promise((resolve) => {
      end = resolve;
    });
    const events = options.events ?? {};
    this.session = session;
    this.#clock = options.clock ?? systemClock;
    this.pipeline = new Pipeline(link, {
      requestsMax: options.requestsMax,
      bytesMax: options.bytesMax,
      bodyBytesMax: options.bodyBytesMax,
      lastXid: options.lastXid,
      lastZxidSeen: options.lastZxidSeen,
      schedule: options.schedule,
      observer: options.observer,
      nowMs: () => this.#clock.nowMs(),
      events: {
        ...(events.onCallbackError && { onCallbackError: events.onCallbackError.bind(events) }),
        onNotification: (event, zxid) => events.onNotification?.(event, zxid),
        onPing: (roundTripMs) => events.onPing?.(roundTripMs),
        onAuthRequired: () => events.onAuthRequired?.(),
        onLost: (error) => {
          this.#keepAlive.stop();
          this.#sweeper.stop();
          events.onLost?.(error);
        },
        onEnd: (error) => {
          end(error);
          this.#onOver();
          events.onEnd?.(error);
        },
      },
    });
    this.#sweeper = new DeadlineSweeper(this.pipeline, this.#clock);
    this.#keepAlive = new KeepAlive(
      this.pipeline,
      session.sessionTimeoutMs,
      this.#clock,
      (silentMs) => {
        const cause = new Error(`nothing was heard for ${Math.round(silentMs)} ms`);
        this.pipeline.destroy(new LinkError('PEER_SILENT', link.host, cause));
      },
    );
  }

  /** Dials, shakes hands for a new session and starts keeping it alive. Rejects with a ConnectError. */
  static async open(dial: DialLink, host: string, options: ConnectionOptions): Promise<Connection> {
    let connection: Connection | null = null;
    const wish: SessionWish = {
      sessionTimeoutMs: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      lastZxidSeen: 0n,
      sessionId: 0n,
      password: NEW_SESSION_PASSWORD,
      readOnly: false,
    };
    const limitMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const { clock = systemClock, signal } = options;
    const handOver = (link: ByteLink, grant: SessionGrant): Pipeline => {
      connection = new Connection(link, grant, options);
      return connection.pipeline;
    };
    await attempt({ dial, host, wish, limitMs, clock, handOver }, signal);
    return connection as unknown as Connection;
  }

  /** Limits of one request's wait, from the caller's time-out and signal; undefined when it has none. */
  waitLimits(
    timeoutMs: number | undefined,
    signal: AbortSignal | undefined,
  ): WaitLimits | undefined {
    if (timeoutMs === undefined && signal === undefined) return undefined;
    const limits: WaitLimits = {
      signal,
      deadlineMs: timeoutMs === undefined ? undefined : this.#sweeper.deadlineIn(timeoutMs),
    };
    return limits;
  }

  /** False: no pings, as between the tokens of SASL, where they are out of place. Default true. */
  set pings(on: boolean) {
    this.#keepAlive.pings = on;
  }

  /**
   * Ends the session: closeSession is the last request, everything before it is still answered.
   * Resolves when the connection is over; it is dropped after two seconds without any answer.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { pipeline } = this;
    if (pipeline.ended) return;
    const over = new Promise<void>((resolve) => {
      this.#onOver = resolve;
    });
    const stop = this.#dropWhenSilent();
    try {
      // The answer ends the connection from this side: a read-only server leaves the socket open (seen on 3.8.0 and 3.9.5).
      pipeline.closeSession(() => this.drop());
    } catch {
      this.drop();
    }
    await over;
    stop();
  }

  /**
   * Resolves when every request made so far is answered; rejects when the connection ends first, as it
   * does after two seconds without any answer. Make no requests on this connection meanwhile.
   */
  async drain(): Promise<void> {
    const stop = this.#dropWhenSilent();
    try {
      await this.pipeline.idle();
    } finally {
      stop();
    }
  }

  /** Looks every two seconds whether one more request was answered. Gives a function that ends this. */
  #dropWhenSilent(): () => void {
    let timer: Timer;
    const look = (before: number): void => {
      timer = this.#clock.setTimer(() => {
        const { replies } = this.pipeline.counters();
        if (replies === before) this.drop();
        else look(replies);
      }, CLOSE_TIMEOUT_MS);
    };
    look(this.pipeline.counters().replies);
    return () => this.#clock.clearTimer(timer);
  }

  /** Ends the connection at once; the session lives on. `cause` says why. */
  drop(cause?: unknown): void {
    this.pipeline.destroy(new LinkError('LINK_DESTROYED', this.pipeline.host, cause));
  }
}
