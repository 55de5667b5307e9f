import { ConnectError, LinkError, ZkwireError } from '../errors.ts';
import type { ByteLink, LinkHandler } from '../transport/byte-link.ts';
import type { Clock } from './clock.ts';
import { type HandOver, handshake, type SessionWish } from './handshake.ts';

/** Makes a byte link to one server, or rejects. `signal` ends the attempt. */
export type DialLink = (signal: AbortSignal) => Promise<ByteLink>;

/** What one attempt needs. */
export interface AttemptOptions<T extends LinkHandler> {
  /** Makes the link. */
  readonly dial: DialLink;
  /** `host:port`, for errors. */
  readonly host: string;
  /** What the handshake asks for. */
  readonly wish: SessionWish;
  /** Limit of dial and handshake together, in ms. */
  readonly limitMs: number;
  /** Times the limit. */
  readonly clock: Clock;
  /** The link is up; the handshake follows. */
  readonly onLinkUp?: ((link: ByteLink) => void) | undefined;
  /** The server has granted a session. Called in the read path, before the next byte is looked at. */
  readonly handOver: (link: ByteLink, ...grant: Parameters<HandOver<T>>) => T;
}

/**
 * One attempt at one server: dial, handshake, hand over. Rejects with a ConnectError, or with what
 * `handOver` threw; the link is gone by then. `signal` ends it with `ABORTED`.
 */
export async function attempt<T extends LinkHandler>(
  options: AttemptOptions<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { host } = options;
  if (signal?.aborted === true) throw new ConnectError('ABORTED', host, undefined, signal.reason);
  const attempt = new Attempt(options);
  const aborted = (): void => attempt.abort(signal?.reason);
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    return await attempt.run();
  } finally {
    signal?.removeEventListener('abort', aborted);
  }
}

/** An {@link attempt} that is ended by a call. */
export class Attempt<T extends LinkHandler> {
  readonly #options: AttemptOptions<T>;
  /** For the dialer, which may be somebody else's. */
  readonly #dialing: AbortController = new AbortController();
  #refuseDial: (reason: ConnectError) => void = () => {};
  /** From dialled to handed over. */
  #link: ByteLink | null = null;
  /** Why it ended before it led to something. */
  #ended: ConnectError | null = null;
  #done = false;

  constructor(options: AttemptOptions<T>) {
    this.#options = options;
  }

  /** Ends it with `ABORTED`. What it has led to stays. */
  abort(cause: unknown): void {
    this.#end(new ConnectError('ABORTED', this.#options.host, undefined, cause));
  }

  /** To be called once. Settles as {@link attempt} does. */
  async run(): Promise<T> {
    const { clock, limitMs, host } = this.#options;
    const timer = clock.setTimer(() => {
      const detail = `no session after ${Math.round(limitMs)} ms`;
      this.#end(new ConnectError('CONNECT_TIMEOUT', host, detail));
    }, limitMs);
    try {
      this.#throwIfEnded();
      return await this.#handshake(await this.#dial());
    } catch (error) {
      this.#drop();
      throw this.#ended ?? error;
    } finally {
      this.#done = true;
      clock.clearTimer(timer);
    }
  }

  /** The limit holds for a dialer that does not listen to its signal too: its late link is dropped. */
  #dial(): Promise<ByteLink> {
    const { dial, host } = this.#options;
    return new Promise((resolve, reject) => {
      this.#refuseDial = reject;
      dialSafely(dial, this.#dialing.signal).then(
        (link) => {
          this.#link = link;
          if (this.#ended === null) resolve(link);
          else this.#drop();
        },
        (cause: unknown) => reject(dialFailure(cause, host)),
      );
    });
  }

  async #handshake(link: ByteLink): Promise<T> {
    const { wish, onLinkUp, handOver } = this.#options;
    this.#throwIfEnded();
    onLinkUp?.(link);
    this.#throwIfEnded();
    const handler = await handshake(link, wish, (grant) => {
      // An answer that was on its way when the attempt ended must not start anything.
      this.#throwIfEnded();
      return handOver(link, grant);
    });
    // It may have ended between the answer and now; the link is dropped then.
    this.#throwIfEnded();
    return handler;
  }

  #end(reason: ConnectError): void {
    if (this.#done || this.#ended !== null) return;
    this.#ended = reason;
    this.#dialing.abort(reason);
    this.#refuseDial(reason);
    this.#drop();
  }

  #drop(): void {
    this.#link?.destroy(
      new LinkError('LINK_DESTROYED', this.#options.host, this.#ended ?? undefined),
    );
  }

  #throwIfEnded(): void {
    if (this.#ended !== null) throw this.#ended;
  }
}

/** A dialer of somebody else's may throw instead of rejecting. */
async function dialSafely(dial: DialLink, signal: AbortSignal): Promise<ByteLink> {
  return await dial(signal);
}

function dialFailure(cause: unknown, host: string): ConnectError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  const code =
    ZkwireError.is(cause) && cause.code === 'TLS_FAILED' ? 'TLS_FAILED' : 'CONNECT_FAILED';
  return new ConnectError(code, host, detail, cause);
}
