import { ZkwireError } from '../errors.ts';
import { SESSION_TIMEOUT_MS } from '../limits.ts';
import { jittered, roundPauseMs } from './backoff.ts';
import { distinctEndpoints, type Endpoint, sameEndpoint } from './connect-string.ts';
import { type Rebalance, rebalancing } from './rebalance.ts';

/** What to try next, and how long to wait before. */
export interface NextAttempt {
  /** The server to dial. */
  readonly endpoint: Endpoint;
  /** 0 but after a whole round has failed. */
  readonly pauseMs: number;
}

/**
 * Which server to try next. Shuffled once, then round robin, so that the clients of a lost server
 * spread over all others. The attempts of a round follow each other at once; before the next round
 * there is a pause with jitter that grows with the rounds.
 *
 * Names are not resolved here: that is for each dial to do.
 */
export class ServerList {
  readonly #random: () => number;
  #servers: readonly Endpoint[];
  /** Place of the endpoint handed out last, or of the one connected to; -1 for none in the list. */
  #at = -1;
  /** Endpoints handed out since the last connection or update. */
  #attempts = 0;
  /** Attempts in a row that were of no use: pauses go by these. */
  #useless = 0;
  #uselessBefore = 0;
  #forgiven = false;
  #preferred: Endpoint | null = null;
  #rebalance: Rebalance | null = null;

  /** `random` gives numbers from 0 up to, not including, 1. Endpoints named twice count once; none at all is a ZkwireError `BAD_ARGUMENT`. */
  constructor(endpoints: readonly Endpoint[], random: () => number) {
    this.#random = random;
    this.#servers = this.#shuffled(endpoints);
  }

  /** How many servers there are. */
  get size(): number {
    return this.#servers.length;
  }

  /** Whole rounds of servers that have failed since the last connection or update. A round counts as failed when `next` is asked for more. */
  get rounds(): number {
    return Math.max(0, Math.floor((this.#attempts - 1) / this.size));
  }

  /** All endpoints in the order of trying, from the one behind `current` on, without it. */
  others(current: Endpoint): readonly Endpoint[] {
    const at = this.#placeOf(current);
    return [...this.#servers.slice(at + 1), ...this.#servers.slice(0, Math.max(at, 0))];
  }

  /**
   * The next server to try: the one behind the last. To be asked once an attempt or a connection has
   * failed, not before. `sessionTimeoutMs` bounds the pause: see `roundPauseMs`.
   */
  next(sessionTimeoutMs: number = SESSION_TIMEOUT_MS): NextAttempt {
    const pauseMs = this.#pauseMs(sessionTimeoutMs);
    this.#attempts++;
    this.#useless++;
    const endpoint = this.#takePreferred() ?? this.#rebalance?.next() ?? this.#following();
    this.#at = this.#placeOf(endpoint);
    return { endpoint, pauseMs };
  }

  /** There is a session on a connection to `endpoint`: rounds count anew, and the first attempt after its loss comes at once. */
  connected(endpoint: Endpoint): void {
    this.#at = this.#placeOf(endpoint);
    this.#attempts = 0;
    this.#uselessBefore = this.#useless;
    this.#useless = 0;
    this.#preferred = null;
    this.#rebalance = null;
  }

  /**
   * The connection has ended. `served`: the server had answered something after the handshake.
   *
   * A server that grants sessions and then hangs up would be connected to in a busy loop. So the
   * first such connection is forgiven, and those that follow count for the pauses as failed attempts.
   */
  lost(served: boolean): void {
    if (!served && this.#forgiven) this.#useless = this.#uselessBefore;
    this.#forgiven = !served;
  }

  /** The next attempt goes to `endpoint`, the ones after it to those behind it. Ignored when it is not in the list. */
  prefer(endpoint: Endpoint): void {
    if (this.#placeOf(endpoint) >= 0) this.#preferred = endpoint;
  }

  /**
   * Takes a new list of servers, with a new round. `current` is the server of the connection or of
   * the attempt under way. `move`: leave it, and ask for the next one.
   *
   * Of many clients that get the same list just as many are told so as bring all servers to the same
   * number of clients. One that has no server (null) starts with any of the new list.
   * An empty list is a ZkwireError `BAD_ARGUMENT`, and the old one stays.
   */
  update(endpoints: readonly Endpoint[], current: Endpoint | null): 'stay' | 'move' {
    const servers = this.#shuffled(endpoints);
    const home = current === null ? null : (this.#headedFor() ?? current);
    const plan = home === null ? null : rebalancing(this.#servers, servers, home, this.#random);
    const stays = current === null || (plan === null && sameEndpoint(current, home as Endpoint));
    this.#servers = servers;
    this.#attempts = 0;
    this.#useless = 0;
    this.#rebalance = plan;
    this.#preferred = stays || plan !== null ? null : home;
    this.#at = home === null ? -1 : this.#placeOf(home);
    return stays ? 'stay' : 'move';
  }

  /** Where a client goes that was sent away and has not asked for a server since: it counts as being there. */
  #headedFor(): Endpoint | null {
    if (this.#attempts > 0) return null;
    return this.#preferred ?? this.#rebalance?.next() ?? null;
  }

  #pauseMs(sessionTimeoutMs: number): number {
    if (this.#useless === 0 || this.#useless % this.size > 0) return 0;
    return jittered(roundPauseMs(this.#useless / this.size, sessionTimeoutMs), this.#random);
  }

  #takePreferred(): Endpoint | null {
    const preferred = this.#preferred;
    this.#preferred = null;
    return preferred;
  }

  #following(): Endpoint {
    return this.#servers[(this.#at + 1) % this.size] as Endpoint;
  }

  #placeOf(endpoint: Endpoint): number {
    return this.#servers.findIndex((server) => sameEndpoint(server, endpoint));
  }

  /** A copy in random order (Fisher and Yates), each endpoint once. */
  #shuffled(endpoints: readonly Endpoint[]): readonly Endpoint[] {
    const servers = distinctEndpoints(endpoints);
    if (servers.length === 0) throw new ZkwireError('BAD_ARGUMENT', 'a list of no servers');
    for (let last = servers.length - 1; last > 0; last--) {
      const chosen = Math.floor(this.#random() * (last + 1));
      [servers[last], servers[chosen]] = [servers[chosen] as Endpoint, servers[last] as Endpoint];
    }
    return servers;
  }
}
