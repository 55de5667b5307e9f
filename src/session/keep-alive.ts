import type { Clock, Timer } from './clock.ts';

/** What is kept alive: counters that move when something is sent or heard. */
export interface KeepAliveTarget {
  readonly reads: number;
  readonly writes: number;
  ping(): void;
}

/** Looks per session time-out: dead is noticed, and a ping sent, late by at most a twelfth of it. */
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
  readonly #pingAfterMs: number;
  readonly #deadAfterMs: number;
  readonly #lookMs: number;
  #timer: Timer = null;
  #stopped = false;
  #reads = 0;
  #writes = 0;
  #heardMs: number;
  #sentMs: number;

  constructor(
    target: KeepAliveTarget,
    sessionTimeoutMs: number,
    clock: Clock,
    onSilent: (silentMs: number) => void,
  ) {
    this.#target = target;
    this.#clock = clock;
    this.#onSilent = onSilent;
    this.#lookMs = sessionTimeoutMs / LOOKS_PER_TIMEOUT;
    // A look comes up to one interval late: ping one interval early, so that a third is never passed.
    this.#pingAfterMs = sessionTimeoutMs / 3 - this.#lookMs;
    this.#deadAfterMs = (sessionTimeoutMs * 2) / 3;
    this.#heardMs = clock.nowMs();
    this.#sentMs = this.#heardMs;
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimer(this.#timer);
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => this.#look(), this.#lookMs);
  }

  #look(): void {
    if (this.#stopped) return;
    const nowMs = this.#clock.nowMs();
    this.#notice(nowMs);
    if (nowMs - this.#heardMs >= this.#deadAfterMs) {
      this.#clock.afterPoll(() => this.#judge());
    }
    if (nowMs - this.#sentMs >= this.#pingAfterMs) {
      this.#target.ping();
      this.#sentMs = nowMs;
    }
    this.#arm();
  }

  #judge(): void {
    if (this.#stopped) return;
    const nowMs = this.#clock.nowMs();
    this.#notice(nowMs);
    const silentMs = nowMs - this.#heardMs;
    if (silentMs < this.#deadAfterMs) return;
    this.stop();
    this.#onSilent(silentMs);
  }

  #notice(nowMs: number): void {
    const { reads, writes } = this.#target;
    if (reads !== this.#reads) {
      this.#reads = reads;
      this.#heardMs = nowMs;
    }
    if (writes !== this.#writes) {
      this.#writes = writes;
      this.#sentMs = nowMs;
    }
  }
}
