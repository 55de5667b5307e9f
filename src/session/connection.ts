import { ConnectError, LinkError, type ZkwireError } from '../errors.ts';
import { CLOSE_TIMEOUT_MS, CONNECT_TIMEOUT_MS, SESSION_TIMEOUT_MS } from '../limits.ts';
import { Pipeline, type PipelineOptions, type WaitLimits } from '../pipeline/index.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import { type Clock, systemClock, type Timer } from './clock.ts';
import { DeadlineSweeper } from './deadline-sweeper.ts';
import { handshake, type SessionGrant } from './handshake.ts';
import { KeepAlive } from './keep-alive.ts';

/** Makes a byte link to the server, or rejects. `signal` ends the attempt. */
export type Dialer = (signal: AbortSignal) => Promise<ByteLink>;

export interface ConnectionOptions
  extends Pick<PipelineOptions, 'requestsMax' | 'bytesMax' | 'bodyBytesMax' | 'events'> {
  /** Session time-out to ask for, in ms; the server clamps it. Default 30,000. */
  readonly sessionTimeoutMs?: number | undefined;
  /** Limit for dial plus handshake, in ms. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Ends the attempt to connect. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

const NEW_SESSION_PASSWORD: Uint8Array = new Uint8Array(16);

/** One connection to one server with one session on it: pipeline, keep-alive, deadlines, close. */
export class Connection {
  readonly pipeline: Pipeline;
  readonly session: SessionGrant;
  readonly #clock: Clock;
  readonly #keepAlive: KeepAlive;
  readonly #sweeper: DeadlineSweeper;
  #closing: Promise<void> | null = null;
  #closeTimer: Timer = null;
  #onOver: () => void = () => {};
  /** Resolves with the reason once the connection is over. */
  readonly ended: Promise<ZkwireError>;

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
      events: {
        ...(events.onCallbackError && { onCallbackError: events.onCallbackError.bind(events) }),
        onNotification: (event, zxid) => events.onNotification?.(event, zxid),
        onPing: () => events.onPing?.(),
        onEnd: (error) => {
          this.#keepAlive.stop();
          this.#sweeper.stop();
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
  static async open(dialer: Dialer, host: string, options: ConnectionOptions): Promise<Connection> {
    const clock = options.clock ?? systemClock;
    const limitMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const attempt = new AbortController();
    const timer: Timer = clock.setTimer(() => {
      const detail = `no session after ${limitMs} ms`;
      attempt.abort(new ConnectError('CONNECT_TIMEOUT', host, detail));
    }, limitMs);
    const aborted = (): void => {
      const reason = options.signal?.reason;
      attempt.abort(new ConnectError('ABORTED', host, undefined, reason));
    };
    if (options.signal?.aborted === true) aborted();
    options.signal?.addEventListener('abort', aborted, { once: true });
    try {
      return await openWithin(attempt.signal, dialer, host, options);
    } finally {
      clock.clearTimer(timer);
      options.signal?.removeEventListener('abort', aborted);
    }
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
    this.#dropWhenSilent();
    try {
      // The answer ends the connection from this side: a read-only server leaves the socket open (seen on 3.8.0 and 3.9.5).
      pipeline.closeSession(() => this.#drop());
    } catch {
      this.#drop();
    }
    await over;
    this.#clock.clearTimer(this.#closeTimer);
  }

  /** Looks every two seconds whether one more request was answered. */
  #dropWhenSilent(): void {
    const { replies } = this.pipeline.counters();
    this.#closeTimer = this.#clock.setTimer(() => {
      if (this.pipeline.counters().replies === replies) this.#drop();
      else this.#dropWhenSilent();
    }, CLOSE_TIMEOUT_MS);
  }

  #drop(): void {
    this.pipeline.destroy(new LinkError('LINK_DESTROYED', this.pipeline.host));
  }
}

async function openWithin(
  signal: AbortSignal,
  dialer: Dialer,
  host: string,
  options: ConnectionOptions,
): Promise<Connection> {
  signal.throwIfAborted();
  let link: ByteLink;
  try {
    link = await dialWithin(signal, dialer, host);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new ConnectError('CONNECT_FAILED', host, messageOf(cause), cause);
  }
  const drop = (): void => link.destroy(new LinkError('LINK_DESTROYED', host, signal.reason));
  signal.addEventListener('abort', drop, { once: true });
  if (signal.aborted) drop();
  try {
    let connection: Connection | null = null;
    const wish = {
      sessionTimeoutMs: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
      lastZxidSeen: 0n,
      sessionId: 0n,
      password: NEW_SESSION_PASSWORD,
      readOnly: false,
    };
    await handshake(link, wish, (grant) => {
      connection = new Connection(link, grant, options);
      return connection.pipeline;
    });
    // The signal may have fired between the server's answer and now; the link is dropped then.
    signal.throwIfAborted();
    return connection as unknown as Connection;
  } catch (error) {
    drop();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', drop);
  }
}

/** The limit holds for a dialer that does not listen to its signal too: its late link is dropped. */
function dialWithin(signal: AbortSignal, dialer: Dialer, host: string): Promise<ByteLink> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    dialer(signal)
      .then((link) => {
        if (signal.aborted) link.destroy(new LinkError('LINK_DESTROYED', host, signal.reason));
        else resolve(link);
      }, reject)
      .finally(() => signal.removeEventListener('abort', aborted));
  });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
