import { TIMER_MS_MAX } from '../limits.ts';
import type { Clock, Timer } from './clock.ts';

/** What the watch has to know of the session. */
export interface LossWatchOwner {
  sessionTimeoutMs(): number;
  /** Whether there is a server to hear now, or nothing to lose any more: then the silence counts no longer. */
  isSafe(): boolean;
  /** Nothing was heard for the session time-out. */
  lost(silentMs: number): void;
}

/** Tells when the servers may have expired a session: nothing was heard for its time-out. */
export class LossWatch {
  /** When the servers were last heard, on the clock. */
  heardMs = 0;
  readonly #clock: Clock;
  readonly #owner: LossWatchOwner;
  #timer: Timer = null;

  constructor(clock: Clock, owner: LossWatchOwner) {
    this.#clock = clock;
    this.#owner = owner;
  }

  /** To be called when the servers cannot be heard any more. */
  start(): void {
    this.stop();
    const clock = this.#clock;
    // Timers count whole milliseconds, and drop what is beyond.
    const inMs = Math.ceil(this.heardMs + this.#owner.sessionTimeoutMs() - clock.nowMs());
    const judge = (): void => clock.afterPoll(() => this.#judge());
    this.#timer = clock.setTimer(judge, Math.min(Math.max(0, inMs), TIMER_MS_MAX));
  }

  stop(): void {
    this.#clock.clearTimer(this.#timer);
  }

  #judge(): void {
    if (this.#owner.isSafe()) return;
    // After a blocked event loop a server's word may have come in between, and begun another wait.
    const silentMs = this.#clock.nowMs() - this.heardMs;
    if (silentMs < this.#owner.sessionTimeoutMs()) this.start();
    else this.#owner.lost(silentMs);
  }
}
