import { performance } from 'node:perf_hooks';

/** Asked of the timer: as often as timers of Node can come. */
const TICK_MS = 1;

/**
 * How long the event loop goes without coming to its timers. A timer of 1 ms that comes 9 ms after the
 * last time tells of a stall of 8 ms: whatever wanted to run had to wait so long, whether for one long
 * callback, for a collection of garbage, or for another process on this core.
 */
export class StallMeter {
  readonly #nowMs: () => number;
  #timer: NodeJS.Timeout | null = null;
  #lastMs = 0;
  #longestMs = 0;
  #longestEverMs = 0;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  start(): void {
    this.begin();
    const next = (): void => {
      this.tick();
      this.#timer = setTimeout(next, TICK_MS);
    };
    this.#timer = setTimeout(next, TICK_MS);
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    // The stall at hand counts as far as it went.
    this.tick();
  }

  begin(): void {
    this.#lastMs = this.#nowMs();
  }

  /** The loop has come to its timers. */
  tick(): void {
    const nowMs = this.#nowMs();
    const stallMs = Math.max(0, nowMs - this.#lastMs - TICK_MS);
    this.#lastMs = nowMs;
    if (stallMs > this.#longestMs) this.#longestMs = stallMs;
    if (stallMs > this.#longestEverMs) this.#longestEverMs = stallMs;
  }

  /** Longest stall since the last time that this was asked. */
  takeLongestMs(): number {
    const longestMs = this.#longestMs;
    this.#longestMs = 0;
    return longestMs;
  }

  /** Longest stall of all. */
  get longestMs(): number {
    return this.#longestEverMs;
  }
}
