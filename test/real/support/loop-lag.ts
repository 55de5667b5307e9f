import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** How long this process was kept from its event loop: what it does late because of that, no client can help. */
export class LoopLag implements Disposable {
  readonly #delays: IntervalHistogram = monitorEventLoopDelay({ resolution: 5 });

  constructor() {
    this.#delays.enable();
  }

  /** The longest time so far, in ms. */
  get mostMs(): number {
    return this.#delays.count === 0 ? 0 : this.#delays.max / 1e6;
  }

  [Symbol.dispose](): void {
    this.#delays.disable();
  }
}
