import type { ServerClock, ServerTimer } from '../../../../src/server/config/server-clock.ts';

interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

/** Time that passes when a test says so, and sockets that are read when it says so. */
export class ManualTime implements ServerClock {
  #nowMs: number;
  readonly #timers: Set<Due> = new Set();
  #reads: (() => void)[] = [];

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return Math.floor(this.#nowMs) + 1_700_000_000_000;
  }

  setTimer(run: () => void, delayMs: number): ServerTimer {
    const due = { atMs: this.#nowMs + delayMs, run };
    this.#timers.add(due);
    return due;
  }

  clearTimer(timer: ServerTimer): void {
    this.#timers.delete(timer as Due);
  }

  readonly afterReads = (run: () => void): void => void this.#reads.push(run);

  get timers(): number {
    return this.#timers.size;
  }

  /** When the next timer is due, in ms from now. */
  get nextInMs(): number {
    return Math.min(...Array.from(this.#timers, ({ atMs }) => atMs)) - this.#nowMs;
  }

  /** Turns that wait until the sockets were read. */
  get waiting(): number {
    return this.#reads.length;
  }

  /** Time passes; timers run when they are due, and all sockets are read after each. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let due = this.#next(endMs); due !== undefined; due = this.#next(endMs)) {
      this.#nowMs = Math.max(this.#nowMs, due.atMs);
      this.#timers.delete(due);
      due.run();
      while (this.#reads.length > 0) this.read();
    }
    this.#nowMs = endMs;
  }

  /** The event loop was blocked: the timers that are late run, and nothing was read yet. */
  block(ms: number): void {
    this.#nowMs += ms;
    for (const due of [...this.#timers]) {
      if (due.atMs > this.#nowMs) continue;
      this.#timers.delete(due);
      due.run();
    }
  }

  /** The sockets have been read. */
  read(): void {
    for (const run of this.#reads.splice(0)) run();
  }

  #next(endMs: number): Due | undefined {
    const due = [...this.#timers].filter(({ atMs }) => atMs <= endMs);
    return due.sort((a, b) => a.atMs - b.atMs)[0];
  }
}
