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
  /** Ends the attempt with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** The link is up; the handshake follows. */
  readonly onLinkUp?: ((link: ByteLink) => void) | undefined;
  /** The server has granted a session. Called in the read path, before the next byte is looked at. */
  readonly handOver: (link: ByteLink, ...grant: Parameters<HandOver<T>>) => T;
}

/**
 * One attempt at one server: dial, handshake, hand over. Rejects with a ConnectError, or with what
 * `handOver` threw; the link is gone by then.
 */
export async function attempt<T extends LinkHandler>(options: AttemptOptions<T>): Promise<T> {
  const { host, clock, limitMs, signal } = options;
  const ending = new AbortController();
  const timer = clock.setTimer(() => {
    const detail = `no session after ${Math.round(limitMs)} ms`;
    ending.abort(new ConnectError('CONNECT_TIMEOUT', host, detail));
  }, limitMs);
  const aborted = (): void => {
    ending.abort(new ConnectError('ABORTED', host, undefined, signal?.reason));
  };
  if (signal?.aborted === true) aborted();
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    return await attemptWithin(ending.signal, options);
  } finally {
    clock.clearTimer(timer);
    signal?.removeEventListener('abort', aborted);
  }
}

async function attemptWithin<T extends LinkHandler>(
  signal: AbortSignal,
  options: AttemptOptions<T>,
): Promise<T> {
  signal.throwIfAborted();
  const { host } = options;
  const link = await dialWithin(signal, options.dial, host);
  const drop = (): void => link.destroy(new LinkError('LINK_DESTROYED', host, signal.reason));
  signal.addEventListener('abort', drop, { once: true });
  try {
    signal.throwIfAborted();
    options.onLinkUp?.(link);
    signal.throwIfAborted();
    const handler = await handshake(link, options.wish, (grant) => {
      // An answer that was on its way when the attempt ended must not start anything.
      signal.throwIfAborted();
      return options.handOver(link, grant);
    });
    // The signal may have fired between the answer and now; the link is dropped then.
    signal.throwIfAborted();
    return handler;
  } catch (error) {
    drop();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', drop);
  }
}

/** The limit holds for a dialer that does not listen to its signal too: its late link is dropped. */
function dialWithin(signal: AbortSignal, dial: DialLink, host: string): Promise<ByteLink> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    dialSafely(dial, signal)
      .then(
        (link) => {
          if (signal.aborted) link.destroy(new LinkError('LINK_DESTROYED', host, signal.reason));
          else resolve(link);
        },
        (cause: unknown) => reject(dialFailure(cause, host)),
      )
      .finally(() => signal.removeEventListener('abort', aborted));
  });
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
