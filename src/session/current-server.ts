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
  #endpoint: Endpoint | null = null;
  /** When it granted the session. */
  #sinceMs = 0;
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

  /** Requests flow. */
  connected(): void {
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

  /** The connection is over; `answered` says whether anything came after the handshake. */
  lost(answered: boolean): void {
    this.stop();
    this.#search = null;
    this.#endpoint = null;
    const livedMs = this.#options.clock.nowMs() - this.#sinceMs;
    this.#servers.lost(answered || livedMs >= SERVED_AFTER_MS);
  }

  /**
   * Takes a new list of servers. `connecting` is the server of the attempt under way, when there is
   * no connection. `move`: leave this server or that attempt, to spread the load.
   */
  update(servers: readonly Endpoint[], connecting: Endpoint | null): 'stay' | 'move' {
    const advice = this.#servers.update(servers, this.#endpoint ?? connecting);
    if (advice === 'stay' && this.#search !== null) this.searchWritable();
    return advice;
  }

  /** Ends the search. */
  stop(): void {
    this.#search?.stop();
  }
}
