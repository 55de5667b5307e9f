import type { StateEvent, StateName, WatchRegistry } from '../session/index.ts';

/** What happened to a client since it was made. */
export interface ClientStats {
  /** Attempts to connect, one for each server tried. */
  readonly attempts: number;
  /** Attempts in which TCP or TLS came up. */
  readonly connections: number;
  /** Sessions made: 1, and one more for each expiry that was overcome. */
  readonly sessions: number;
  /** Times that a connection took up a session that was there before. */
  readonly reconnects: number;
  /** Rounds in which every server failed. */
  readonly refusedRounds: number;
  /** Times that nothing was heard for the session time-out. */
  readonly losses: number;
  /** Times that a server said the session had expired. */
  readonly expiries: number;
  /** Notifications that some watch heard. */
  readonly watchEvents: number;
  /** Notifications that nobody here watches. */
  readonly watchEventsIgnored: number;
  /** Pings answered. */
  readonly pings: number;
  /** Round trip of the last ping answered; null before the first. */
  readonly pingMs: number | null;
}

/** Counts what happens to a session. Always on: all of it is rare. */
export class SessionStats {
  readonly #states = new Map<StateName, number>();
  #resumed = 0;
  #pings = 0;
  #pingMs: number | null = null;

  count(event: StateEvent): void {
    this.#states.set(event.state, this.#times(event.state) + 1);
    if (event.state === 'session' && event.resumed) this.#resumed++;
  }

  pinged(roundTripMs: number | null): void {
    this.#pings++;
    this.#pingMs = roundTripMs ?? this.#pingMs;
  }

  snapshot(watches: Pick<WatchRegistry, 'events' | 'ignored'>): ClientStats {
    return {
      attempts: this.#times('connecting'),
      connections: this.#times('connected'),
      sessions: this.#times('session') - this.#resumed,
      reconnects: this.#resumed,
      refusedRounds: this.#times('refused'),
      losses: this.#times('lost'),
      expiries: this.#times('expired'),
      watchEvents: watches.events,
      watchEventsIgnored: watches.ignored,
      pings: this.#pings,
      pingMs: this.#pingMs,
    };
  }

  #times(state: StateName): number {
    return this.#states.get(state) ?? 0;
  }
}
