import type { Clock, Timer } from './clock.ts';

/** What is kept alive. */
export interface KeepAliveTarget {
  /** When bytes last came, on the clock's time. */
  readonly heardMs: number;
  /** Moves when something is sent. */
  readonly writes: number;
  /** Sends a ping. */
  ping(): void;
}

/** Looks per session time-out: a ping is sent late by at most a twelfth of it. */
const LOOKS_PER_TIMEOUT = 12;

/**
 * Pings when nothing was sent for a third of the session time-out, as Java and C do, so that a lost
 * ping leaves time for another. Declares the peer dead when nothing was heard for two thirds: the last
 * third is for finding another server.
 */
export class KeepAlive {
  readonly #target: KeepAliveTarget;
  readonly #clock: Clock;
  readonly #onSilent: (silentMs: number) => void;
  /** False: nothing is sent. A silent peer is noticed all the same. */
  pings = true;
  readonly #pingAfterMs: number;
  readonly #deadAfterMs: number;
  readonly #lookMs: number;
  #timer: Timer = null;
  #stopped = false;
  #writes = 0;
  #sentMs: number;

  /** Starts at once. `onSilent` is called once, with how long nothing was heard; nothing follows it. */
  constructor(
    target: KeepAliveTarget,
    sessionTimeoutMs: number,
    clock: Clock,
    onSilent: (silentMs: number) => void,
  ) {
    this.#target = target;
    this.#clock = clock;
    this.#onSilent = onSilent;
    // Whole milliseconds, as timers are: a timer that drops the rest of 333.3 would come just too early, and the ping one look late.
    this.#lookMs = Math.max(1, Math.floor(sessionTimeoutMs / LOOKS_PER_TIMEOUT));
    // A look comes up to one interval late: ping one interval early, so that a third is never passed.
    // And a millisecond before that look: sums of fractions may fall short of it.
    this.#pingAfterMs = this.#lookMs * (LOOKS_PER_TIMEOUT / 3 - 1) - 1;
    this.#deadAfterMs = (sessionTimeoutMs * 2) / 3;
    this.#sentMs = clock.nowMs();
    this.#arm(this.#sentMs);
  }

  /** Ends it: no ping and no word any more. */
  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimer(this.#timer);
  }

  /** The next look, earlier when the peer would be dead before it. */
  #arm(nowMs: number): void {
    if (this.#stopped) return;
    const deadInMs = this.#target.heardMs + this.#deadAfterMs - nowMs;
    // When it is overdue already, a judgement is on its way.
    const delayMs = deadInMs > 0 ? Math.min(this.#lookMs, deadInMs) : this.#lookMs;
    this.#timer = this.#clock.setTimer(() => this.#look(), delayMs);
  }

  #look(): void {
    const nowMs = this.#clock.nowMs();
    this.#notice(nowMs);
    if (nowMs - this.#target.heardMs >= this.#deadAfterMs) {
      this.#clock.afterPoll(() => this.#judge());
    }
    if (this.pings && nowMs - this.#sentMs >= this.#pingAfterMs) {
      this.#target.ping();
      this.#sentMs = nowMs;
    }
    this.#arm(nowMs);
  }

  #judge(): void {
    if (this.#stopped) return;
    const nowMs = this.#clock.nowMs();
    const silentMs = nowMs - this.#target.heardMs;
    if (silentMs < this.#deadAfterMs) return;
    this.stop();
    this.#onSilent(silentMs);
  }

  #notice(nowMs: number): void {
    const { writes } = this.#target;
    if (writes !== this.#writes) {
      this.#writes = writes;
      this.#sentMs = nowMs;
    }
  }
}
