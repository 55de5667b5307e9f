import type { Pipeline } from '../pipeline/index.ts';
import type { Endpoint } from './connect-string.ts';
import type { ServerList } from './server-list.ts';
import type { SessionOptions } from './session-options.ts';
import { WritableSearch } from './writable-search.ts';

/** A connection that lived this long has served, even when nothing was asked of it. */
const SERVED_AFTER_MS = 1000;

/** The server that a session is connected to: whether it serves, and whether the session should be on another. */
export class CurrentServer {
  readonly #options: SessionOptions;
  readonly #servers: ServerList;
  /** There is a better one, and the list gives it next. */
  readonly #onBetter: () => void;
  /** Of the connection, or of the one before. */
  #endpoint: Endpoint | null = null;
  /** When it granted the session. */
  #sinceMs = 0;
  /** Requests flow on it; null before that. */
  #pipeline: Pipeline | null = null;
  /** Requests that were answered before that, those of SASL. */
  #answeredBefore = 0;
  /** While it is read-only. */
  #search: WritableSearch | null = null;

  constructor(options: SessionOptions, servers: ServerList, onBetter: () => void) {
    this.#options = options;
    this.#servers = servers;
    this.#onBetter = onBetter;
  }

  /** The server at `endpoint` has granted a session. */
  granted(endpoint: Endpoint): void {
    this.#endpoint = endpoint;
    this.#sinceMs = this.#options.clock.nowMs();
  }

  /** Requests flow on `pipeline`. */
  connected(pipeline: Pipeline): void {
    this.#pipeline = pipeline;
    this.#answeredBefore = pipeline.counters().replies;
    this.#servers.connected(this.#endpoint as Endpoint);
  }

  /** It takes no writes: looks for one that does, from the beginning. */
  searchWritable(): void {
    const { clock, dialer, random } = this.#options;
    this.#search?.stop();
    this.#search = new WritableSearch({
      servers: this.#servers.others(this.#endpoint as Endpoint),
      dialer,
      clock,
      random,
      onFound: (endpoint) => {
        this.#servers.prefer(endpoint);
        this.#onBetter();
      },
    });
  }

  /** The connection is over; `left`: by our wish. One on which no request ever flowed is no more than a failed attempt. */
  lost(left: boolean): void {
    if (this.#pipeline !== null) this.#servers.lost(left || this.#hasServed(this.#pipeline));
    this.stop();
    this.#search = null;
    this.#pipeline = null;
  }

  /** What it said of its own accord, or to credentials and watches, does not count: any that hangs up then would. */
  #hasServed(pipeline: Pipeline): boolean {
    const livedMs = this.#options.clock.nowMs() - this.#sinceMs;
    return livedMs >= SERVED_AFTER_MS || pipeline.counters().replies > this.#answeredBefore;
  }

  /**
   * Takes a new list of servers. `current` is this one or that of the attempt under way, null before
   * any. `move`: leave it, to spread the load.
   */
  update(servers: readonly Endpoint[], current: Endpoint | null): 'stay' | 'move' {
    const advice = this.#servers.update(servers, current);
    if (this.#search !== null) this.searchWritable();
    return advice;
  }

  /** Ends the search. */
  stop(): void {
    this.#search?.stop();
  }
}
