import type { Clock, Timer } from '../../../src/session/clock.ts';

interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

/** Time that passes when a test says so. */
export class ManualClock implements Clock {
  #nowMs = 1000;
  #timers: Due[] = [];
  #polls: (() => void)[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  setTimer(run: () => void, delayMs: number): Timer {
    if (!(delayMs >= 0)) throw new RangeError(`a timer in ${delayMs} ms`);
    const due = { atMs: this.#nowMs + delayMs, run };
    this.#timers.push(due);
    return due;
  }

  clearTimer(timer: Timer): void {
    this.#timers = this.#timers.filter((due) => due !== timer);
  }

  afterPoll(run: () => void): void {
    this.#polls.push(run);
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.length;
  }

  /** When the next timer is due, in ms from now. */
  get nextInMs(): number {
    return Math.min(...this.#timers.map((due) => due.atMs)) - this.#nowMs;
  }

  /** Time passes; timers run when they are due, and sockets are read after each. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let due = this.#next(endMs); due !== undefined; due = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      this.clearTimer(due);
      due.run();
      this.poll();
    }
    this.#nowMs = endMs;
  }

  /** The event loop was blocked: time has passed, and the timers that are due run one after the other. */
  block(ms: number): void {
    this.#nowMs += ms;
    const late = this.#timers.filter((due) => due.atMs <= this.#nowMs);
    for (const due of late) {
      this.clearTimer(due);
      due.run();
    }
  }

  /** The sockets have been read. */
  poll(): void {
    for (const run of this.#polls.splice(0)) run();
  }

  #next(endMs: number): Due | undefined {
    return this.#timers.filter((due) => due.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
  }
}
