import type { ServerClock, ServerTimer } from '../config/server-clock.ts';
import { Session } from './session.ts';
import { firstSessionId } from './session-ids.ts';

/** Sessions that expire in one turn of the event loop: each is a transaction. The others wait for the next. */
const EXPIRED_A_TURN_MAX = 1000;

/** What a tracker needs. */
export interface SessionTrackerOptions {
  readonly clock: ServerClock;
  /** First byte of the ids of new sessions; 1 is what Apache's server takes when there is no ensemble. */
  readonly serverId: number;
  /** Sessions expire at multiples of it. */
  readonly tickTimeMs: number;
  /** Shortest time-out that is granted. */
  readonly minSessionTimeoutMs: number;
  /** Longest time-out that is granted. */
  readonly maxSessionTimeoutMs: number;
  /**
   * Runs something when all that lay in the sockets has been read: see after-reads.ts. Nobody expires
   * before that, however late the timer came.
   */
  readonly afterReads: (run: () => void) => void;
  /** A session has expired, and is closing now: the transaction that ends it is the owner's to make. */
  readonly onExpired: (session: Session) => void;
}

/** Sessions that expire together. */
export interface ExpiryBucket {
  /** When, in ms since 1970. */
  readonly expiresAtMs: number;
  readonly sessions: Iterable<Session>;
}

/**
 * Sessions and their time. As in Apache's, time-outs are rounded up to the next tick, so sessions
 * lie in buckets, one for each tick: one timer for all of them, and to hear of a session costs a
 * comparison while its bucket stays the same.
 */
export class SessionTracker {
  readonly #options: SessionTrackerOptions;
  readonly #clock: ServerClock;
  readonly #tickMs: number;
  readonly #sessions: Map<bigint, Session> = new Map();
  /** By the number of the tick. A bucket that becomes empty stays until its time, as in Apache's `dump`. */
  readonly #buckets: Map<number, Set<Session>> = new Map();
  /** First tick that has not been swept. */
  #nextTick = 0;
  #nextId: bigint;
  #timer: ServerTimer = null;
  /** The timer is set, or the sweep that follows it is under way. */
  #isArmed = false;
  #isStopped = false;

  /** Without sessions. The timer runs while there are any. */
  constructor(options: SessionTrackerOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#tickMs = options.tickTimeMs;
    this.#nextId = firstSessionId(options.clock.wallMs(), options.serverId);
  }

  /** Sessions, closing ones included. */
  get size(): number {
    return this.#sessions.size;
  }

  /** What a client gets that asks for `wishMs`. */
  clampTimeout(wishMs: number): number {
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#options;
    return Math.min(Math.max(wishMs, minSessionTimeoutMs), maxSessionTimeoutMs);
  }

  /** A new session with a new id. `timeoutMs` is taken as it is: clamp it before. */
  create(timeoutMs: number): Session {
    // Sessions from the log may come from a server whose clock is ahead.
    while (this.#sessions.has(this.#nextId)) this.#nextId++;
    return this.add(this.#nextId++, timeoutMs);
  }

  /** A session with a known id, from the log or a snapshot. Its time starts now, as if it had been heard. */
  add(id: bigint, timeoutMs: number): Session {
    let session = this.#sessions.get(id);
    if (session === undefined) {
      session = new Session(id, timeoutMs);
      this.#sessions.set(id, session);
    }
    this.touch(session);
    return session;
  }

  /** The session with this id, closing ones included. */
  get(id: bigint): Session | undefined {
    return this.#sessions.get(id);
  }

  /** All sessions, closing ones included, in the order in which they came. */
  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** A client is back with its session and has been granted `timeoutMs`. False when it is closing. */
  resume(session: Session, timeoutMs: number): boolean {
    if (session.isClosing) return false;
    session.grantedMs = timeoutMs;
    return this.touch(session);
  }

  /** Something was heard of it at `nowMs` of the clock. False when it is closing. */
  touch(session: Session, nowMs: number = this.#clock.nowMs()): boolean {
    if (session.isClosing) return false;
    const tick = Math.floor((nowMs + session.grantedMs) / this.#tickMs) + 1;
    if (tick !== session.expiryTick) this.#move(session, tick);
    return true;
  }

  /** Refuses its requests from now on, and lets it no more expire: the transaction that ends it is on its way. */
  close(session: Session): void {
    session.isClosing = true;
    this.#buckets.get(session.expiryTick)?.delete(session);
    session.expiryTick = Number.NaN;
  }

  /** The transaction that ends it was applied. An unknown id is no error: in a log sessions may end twice. */
  remove(id: bigint): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.close(session);
  }

  /** Nobody expires any more. */
  stop(): void {
    this.#isStopped = true;
    this.#clock.clearTimer(this.#timer);
  }

  /** Buckets in the order in which they expire, for the four-letter word `dump`; empty ones included. */
  buckets(): ExpiryBucket[] {
    const toWallMs = this.#clock.wallMs() - this.#clock.nowMs();
    const byTick = [...this.#buckets].sort(([a], [b]) => a - b);
    return byTick.map(([tick, sessions]) => ({
      expiresAtMs: Math.round(tick * this.#tickMs + toWallMs),
      sessions,
    }));
  }

  #move(session: Session, tick: number): void {
    this.#buckets.get(session.expiryTick)?.delete(session);
    let bucket = this.#buckets.get(tick);
    if (bucket === undefined) {
      bucket = new Set();
      this.#buckets.set(tick, bucket);
    }
    bucket.add(session);
    session.expiryTick = tick;
    if (!this.#isArmed) this.#start();
  }

  #start(): void {
    this.#nextTick = this.#lastTick() + 1;
    this.#arm();
  }

  /** The last one that is over. */
  #lastTick(): number {
    return Math.floor(this.#clock.nowMs() / this.#tickMs);
  }

  #arm(): void {
    this.#isArmed = !this.#isStopped && this.#buckets.size > 0;
    if (!this.#isArmed) return;
    const delayMs = Math.max(this.#nextTick * this.#tickMs - this.#clock.nowMs(), 1);
    this.#timer = this.#clock.setTimer(() => this.#due(), Math.ceil(delayMs));
  }

  /** What is heard between now and the sweep saves a session, though it comes after its time. */
  #due(): void {
    const lastTick = this.#lastTick();
    this.#options.afterReads(() => this.#sweep(lastTick));
  }

  #sweep(lastTick: number): void {
    if (this.#isStopped) return;
    let isDone = false;
    try {
      isDone = this.#expireUntil(lastTick);
    } finally {
      // Whatever one of those told did: the others still expire.
      if (isDone) this.#goOn();
      else this.#options.afterReads(() => this.#sweep(lastTick));
    }
  }

  #goOn(): void {
    // More ticks are over by now. A clock of a test may say so once only: no timer that is set now would run.
    if (this.#buckets.size > 0 && this.#nextTick <= this.#lastTick()) this.#due();
    else this.#arm();
  }

  /** False when there is more to do. */
  #expireUntil(lastTick: number): boolean {
    let left = EXPIRED_A_TURN_MAX;
    for (; this.#nextTick <= lastTick && this.#buckets.size > 0; this.#nextTick++) {
      const bucket = this.#buckets.get(this.#nextTick);
      if (bucket === undefined) continue;
      for (const session of bucket) {
        if (left-- === 0) return false;
        this.close(session);
        this.#options.onExpired(session);
        if (this.#isStopped) return true;
      }
      this.#buckets.delete(this.#nextTick);
    }
    return true;
  }
}
