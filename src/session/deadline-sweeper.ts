import { DEADLINE_SWEEP_MS } from '../limits.ts';
import type { Clock, Timer } from './clock.ts';

/** What is swept. */
export interface SweepTarget {
  /** Earliest deadline, Infinity when there is none. */
  readonly nextDeadlineMs: number;
  sweep(nowMs: number): void;
}

/**
 * One timer a connection for the deadlines of all its requests; none while no request has one. What has
 * come in time counts: the sockets are read before a deadline is found to have passed.
 */
export class DeadlineSweeper {
  readonly #target: SweepTarget;
  readonly #clock: Clock;
  #timer: Timer = null;
  #armed = false;
  #stopped = false;

  constructor(target: SweepTarget, clock: Clock) {
    this.#target = target;
    this.#clock = clock;
  }

  /**
   * The deadline that is `timeoutMs` from now; makes sure that somebody looks. -Infinity when no time
   * is left, NaN for what is no time: requests with such a deadline are refused.
   */
  deadlineIn(timeoutMs: number): number {
    if (typeof timeoutMs !== 'number' || Number.isNaN(timeoutMs)) return Number.NaN;
    if (timeoutMs <= 0) return Number.NEGATIVE_INFINITY;
    if (!this.#armed) this.#arm(Math.min(timeoutMs, DEADLINE_SWEEP_MS));
    return this.#clock.nowMs() + timeoutMs;
  }

  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimer(this.#timer);
  }

  #arm(delayMs: number): void {
    if (this.#stopped) return;
    this.#armed = true;
    this.#timer = this.#clock.setTimer(() => this.#look(), delayMs);
  }

  #look(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#target.nextDeadlineMs > nowMs) this.#rest(nowMs);
    else this.#clock.afterPoll(() => this.#sweep(nowMs));
  }

  #sweep(nowMs: number): void {
    if (this.#stopped) return;
    // What is told here may end the connection, and with it this.
    this.#target.sweep(nowMs);
    this.#rest(nowMs);
  }

  /** Until the next look, if there is to be one. */
  #rest(nowMs: number): void {
    const waitMs = this.#target.nextDeadlineMs - nowMs;
    if (waitMs === Number.POSITIVE_INFINITY) this.#armed = false;
    else this.#arm(Math.min(waitMs, DEADLINE_SWEEP_MS));
  }
}
