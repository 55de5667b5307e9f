import { setTimeout as delay } from 'node:timers/promises';
import { systemMs } from './system-time.ts';

/** The time, and how to let some of it pass. */
export interface AskerClock {
  nowMs(): number;
  delay(ms: number): Promise<void>;
}

/** The clock that all processes of a benchmark share. */
const SYSTEM_CLOCK: AskerClock = { nowMs: systemMs, delay };

/** A request that was answered, by the clock of `systemMs`. */
export interface GoodReply {
  readonly askedMs: number;
  readonly settledMs: number;
}

/** Good replies that are kept until somebody asks for them; far more than a fault takes to be reported. */
const KEPT_MAX = 200_000;

/** After an ask that failed at once: a client that refuses requests must not keep a processor busy. */
const REFUSED_PAUSE_MS = 1;

/**
 * One request after the other, as somebody who wants an answer and goes on asking. Errors are counted and
 * asked again.
 */
export class Asker {
  readonly #ask: () => Promise<void>;
  readonly #paceMs: number;
  readonly #clock: AskerClock;
  #good: GoodReply[] = [];
  #failed = 0;
  #waiting: { afterMs: number; resolve: (good: GoodReply) => void } | null = null;
  #stopped = false;

  /**
   * @param paceMs pause between a good reply and the next request; 0: none at all
   */
  constructor(ask: () => Promise<void>, paceMs: number, clock: AskerClock = SYSTEM_CLOCK) {
    this.#ask = ask;
    this.#paceMs = paceMs;
    this.#clock = clock;
  }

  /** Requests that failed so far. */
  get failed(): number {
    return this.#failed;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
  }

  /** The first good reply to a request that was made after that time. Those before it are forgotten. */
  firstGoodAfter(afterMs: number): Promise<GoodReply> {
    const found = this.#good.find(({ askedMs }) => askedMs > afterMs);
    this.#good = [];
    if (found !== undefined) return Promise.resolve(found);
    return new Promise((resolve) => {
      this.#waiting = { afterMs, resolve };
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const askedMs = this.#clock.nowMs();
      try {
        await this.#ask();
        this.#answered({ askedMs, settledMs: this.#clock.nowMs() });
        if (this.#paceMs > 0) await this.#clock.delay(this.#paceMs);
      } catch {
        this.#failed++;
        if (this.#clock.nowMs() - askedMs < REFUSED_PAUSE_MS)
          await this.#clock.delay(REFUSED_PAUSE_MS);
      }
    }
  }

  #answered(good: GoodReply): void {
    const waiting = this.#waiting;
    if (waiting !== null && good.askedMs > waiting.afterMs) {
      this.#waiting = null;
      waiting.resolve(good);
      return;
    }
    if (this.#good.length === KEPT_MAX) this.#good = this.#good.slice(KEPT_MAX / 2);
    this.#good.push(good);
  }
}
