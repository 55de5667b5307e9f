import type { Slab } from '../codec/index.ts';
import { LinkError } from '../errors.ts';
import {
  WRITABLE_PROBE_MS,
  WRITABLE_SEARCH_PAUSE_MS,
  WRITABLE_SEARCH_PAUSE_MS_MAX,
} from '../limits.ts';
import type { ByteLink, LinkHandler } from '../transport/byte-link.ts';
import { jittered } from './backoff.ts';
import type { Clock, Timer } from './clock.ts';
import type { Endpoint } from './connect-string.ts';

export interface WritableSearchOptions {
  /** The servers to ask, in this order, again and again: all but the one that the session is on. None: nothing is done. */
  readonly servers: readonly Endpoint[];
  readonly dialer: (endpoint: Endpoint, signal: AbortSignal) => Promise<ByteLink>;
  readonly clock: Clock;
  /** Numbers from 0 up to, not including, 1. */
  readonly random: () => number;
  /** A server that takes writes. Called once, at most; the search is over by then. */
  readonly onFound: (endpoint: Endpoint) => void;
}

/**
 * While a session is on a read-only server: looks for one that takes writes, with the four-letter
 * word `isro` on a connection of its own, which makes no session there.
 *
 * One server a probe and one probe at a time, at first after 100 ms, then after pauses that double
 * up to a minute, with jitter: many clients may have ended on a read-only server at the same moment.
 */
export class WritableSearch {
  readonly #options: WritableSearchOptions;
  #pauseMs: number = WRITABLE_SEARCH_PAUSE_MS;
  #probes = 0;
  #timer: Timer = null;
  #ending: AbortController | null = null;
  #stopped = false;

  constructor(options: WritableSearchOptions) {
    this.#options = options;
    if (options.servers.length > 0) this.#arm();
  }

  /** Probes that were begun. */
  get probes(): number {
    return this.#probes;
  }

  /** Ends the search: no timer and no link of it is left, and nobody is called any more. */
  stop(): void {
    this.#stopped = true;
    this.#options.clock.clearTimer(this.#timer);
    this.#ending?.abort();
  }

  #arm(): void {
    const { clock, random } = this.#options;
    const delayMs = jittered(this.#pauseMs, random);
    this.#pauseMs = Math.min(this.#pauseMs * 2, WRITABLE_SEARCH_PAUSE_MS_MAX);
    this.#timer = clock.setTimer(() => void this.#probe(), delayMs);
  }

  async #probe(): Promise<void> {
    const { servers, clock, dialer, onFound } = this.#options;
    const endpoint = servers[this.#probes++ % servers.length] as Endpoint;
    const ending = new AbortController();
    this.#ending = ending;
    this.#timer = clock.setTimer(() => ending.abort(), WRITABLE_PROBE_MS);
    const writable = await isWritable(endpoint, dialer, ending.signal);
    clock.clearTimer(this.#timer);
    if (this.#stopped) return;
    this.#ending = null;
    if (!writable) {
      this.#arm();
      return;
    }
    this.stop();
    onFound(endpoint);
  }
}

/** Asks one server: false for everything that is not a clear yes. */
async function isWritable(
  endpoint: Endpoint,
  dialer: WritableSearchOptions['dialer'],
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await ask(await dialWithin(endpoint, dialer, signal), signal);
  } catch {
    return false;
  }
}

/** The limit holds for a dialer that does not listen to its signal too: its late link is dropped. */
async function dialWithin(
  endpoint: Endpoint,
  dialer: WritableSearchOptions['dialer'],
  signal: AbortSignal,
): Promise<ByteLink> {
  const dialing = dialer(endpoint, signal);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  dialing.then(
    (link) => {
      if (signal.aborted) drop(link);
    },
    () => {},
  );
  return await Promise.race([dialing, aborted]);
}

async function ask(link: ByteLink, signal: AbortSignal): Promise<boolean> {
  try {
    return await new Promise<boolean>((resolve) => {
      const answer = new Answer(resolve);
      signal.addEventListener('abort', () => answer.onEnd(), { once: true });
      if (signal.aborted) answer.onEnd();
      link.start(answer);
      const slab = link.pool.acquire();
      link.write(slab, 0, slab.bytes.write(QUESTION, 'latin1'));
    });
  } finally {
    drop(link);
  }
}

function drop(link: ByteLink): void {
  link.destroy(new LinkError('LINK_DESTROYED', link.host));
}

/** Bare on the wire, without a frame. */
const QUESTION = 'isro';

/** Servers end the answer (`rw`, `ro`, or a sentence why not) by closing; tools between may add the end of the line. */
const YES = 'rw\n';

/** Collects the answer as long as it can become a yes, and no longer: it is never more than three bytes. */
class Answer implements LinkHandler {
  readonly wantedBytes = 0;
  readonly #settle: (writable: boolean) => void;
  #text = '';

  constructor(settle: (writable: boolean) => void) {
    this.#settle = settle;
  }

  onBytes(slab: Slab, start: number, end: number): number {
    const needed = YES.length + 1;
    this.#text += slab.bytes.toString('latin1', start, Math.min(end, start + needed));
    if (!YES.startsWith(this.#text)) this.#settle(false);
    return end;
  }

  onDrain(): void {}

  /** The server has closed, or its time is up: what is there is the answer. */
  onEnd(): void {
    this.#settle(this.#text === 'rw' || this.#text === YES);
  }
}
