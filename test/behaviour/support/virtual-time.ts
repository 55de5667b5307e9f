import type { ServerClock } from '../../../src/server/config/server-clock.ts';
import type { Clock } from '../../../src/session/clock.ts';

interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

/** Turns of the event loop in which whatever a timer sets off has come to rest: a handshake takes a few. */
const TURNS = 12;

/** The time of a server and its clients, which passes when a test says so. */
export class VirtualTime implements Clock, ServerClock {
  #nowMs = 100_000;
  readonly #timers = new Set<Due>();

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + Math.floor(this.#nowMs);
  }

  setTimer(run: () => void, delayMs: number): Due {
    // As Node's timers: whole milliseconds, and one at least.
    const due = { atMs: this.#nowMs + Math.max(1, Math.trunc(delayMs)), run };
    this.#timers.add(due);
    return due;
  }

  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as Due);
  }

  afterPoll(run: () => void): void {
    setImmediate(run);
  }

  /** What is under way goes on until only time can bring something new. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** So much time passes; timers run when they are due, one by one. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await this.settle();
    for (let due = this.#next(endMs); due !== undefined; due = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      this.#timers.delete(due);
      due.run();
      await this.settle();
    }
    this.#nowMs = endMs;
  }

  #next(endMs: number): Due | undefined {
    let first: Due | undefined;
    for (const due of this.#timers) {
      if (due.atMs <= endMs && (first === undefined || due.atMs < first.atMs)) first = due;
    }
    return first;
  }
}
