import type { ScheduledEvent, Scheduler } from './scheduler.ts';

interface Entry {
  readonly atMs: number;
  readonly run: () => void;
}

/** Messages between servers: in order, each after a delay of its own. */
export class Channel {
  readonly #scheduler: Scheduler;
  readonly #delayMs: () => number;
  #entries: Entry[] = [];
  #event: ScheduledEvent | null = null;
  #lastMs = 0;
  #stalled = false;

  constructor(scheduler: Scheduler, delayMs: () => number) {
    this.#scheduler = scheduler;
    this.#delayMs = delayMs;
  }

  push(run: () => void): void {
    this.#lastMs = Math.max(this.#lastMs, this.#scheduler.nowMs + this.#delayMs());
    this.#entries.push({ atMs: this.#lastMs, run });
    this.#arm();
  }

  /** What is under way is lost. */
  clear(): void {
    this.#entries = [];
    this.#lastMs = 0;
    this.#scheduler.cancel(this.#event);
    this.#event = null;
  }

  stall(): void {
    this.#stalled = true;
    this.#scheduler.cancel(this.#event);
    this.#event = null;
  }

  release(): void {
    this.#stalled = false;
    this.#arm();
  }

  #arm(): void {
    const head = this.#entries[0];
    if (head === undefined || this.#stalled || this.#event !== null) return;
    this.#event = this.#scheduler.at(head.atMs, () => {
      this.#event = null;
      this.#deliver();
      this.#arm();
    });
  }

  /** Everything that is due; what a message does may clear or stall the channel. */
  #deliver(): void {
    const { nowMs } = this.#scheduler;
    while (!this.#stalled && this.#entries.length > 0 && this.#entries[0]!.atMs <= nowMs) {
      (this.#entries.shift() as Entry).run();
    }
  }
}
