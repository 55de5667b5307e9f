import { warn } from '../callback-failures.ts';

interface Waiting {
  readonly sequences: Set<number>;
  /** Null: the signal is not listened to yet. */
  listener: (() => void) | null;
}

/**
 * One `abort` listener a signal, however many requests share it: a listener each would cost a
 * microsecond a request and make Node warn of a leak.
 *
 * What looks like an AbortSignal may be somebody's own object, and then its methods and getters run their
 * code: it may throw, make requests, end the connection. So `add` and `remove` only take down what is due,
 * and `update` does it, where nothing is half done.
 */
export class AbortListeners {
  readonly #bySignal = new Map<AbortSignal, Waiting>();
  /** Signals that have their first request or have lost their last one. */
  readonly #due: AbortSignal[] = [];
  /** Signals whose requests are told right now, with the reasons. */
  readonly #firing = new Map<AbortSignal, unknown>();
  readonly #aborted: (sequence: number, reason: unknown) => void;
  readonly #report: (thrown: unknown) => void;

  /**
   * @param aborted Called for each request of a signal that fires, oldest first.
   * @param report Told what a signal throws, which is then a signal that never fires. Default: a process warning.
   */
  constructor(
    aborted: (sequence: number, reason: unknown) => void,
    report: (thrown: unknown) => void = warn,
  ) {
    this.#aborted = aborted;
    this.#report = report;
  }

  add(signal: AbortSignal, sequence: number): void {
    let waiting = this.#bySignal.get(signal);
    if (waiting === undefined) {
      waiting = { sequences: new Set(), listener: null };
      this.#bySignal.set(signal, waiting);
      this.#due.push(signal);
    }
    waiting.sequences.add(sequence);
  }

  /** The request is settled: its signal no longer matters to it. */
  remove(signal: AbortSignal, sequence: number): void {
    const waiting = this.#bySignal.get(signal);
    if (waiting?.sequences.delete(sequence) !== true) return;
    if (waiting.sequences.size === 0) this.#due.push(signal);
  }

  /** Begins to listen, and ends it, where that is due. */
  update(): void {
    for (let signal = this.#due.pop(); signal !== undefined; signal = this.#due.pop()) {
      const waiting = this.#bySignal.get(signal);
      if (waiting === undefined) continue;
      if (waiting.sequences.size === 0) {
        this.#bySignal.delete(signal);
        this.#unlisten(signal, waiting);
      } else if (waiting.listener === null) {
        this.#listen(signal, waiting);
      }
    }
  }

  /** Signals of requests that have fired, with their reasons, whether or not it was told yet. */
  fired(): ReadonlyMap<AbortSignal, unknown> {
    const fired = new Map(this.#firing);
    for (const signal of [...this.#bySignal.keys()]) {
      if (this.#hasFired(signal)) fired.set(signal, this.#reasonOf(signal));
    }
    return fired;
  }

  #listen(signal: AbortSignal, waiting: Waiting): void {
    const listener = (): void => this.#fire(signal, waiting);
    waiting.listener = listener;
    try {
      signal.addEventListener('abort', listener, { once: true });
    } catch (thrown) {
      this.#report(thrown);
    }
    // It may have fired since it was looked at, and it tells nobody who comes late.
    if (!this.#hasFired(signal)) return;
    this.#unlisten(signal, waiting);
    listener();
  }

  #unlisten(signal: AbortSignal, { listener }: Waiting): void {
    if (listener === null) return;
    try {
      signal.removeEventListener('abort', listener);
    } catch (thrown) {
      this.#report(thrown);
    }
  }

  #fire(signal: AbortSignal, waiting: Waiting): void {
    // Only a signal that is none calls again, or after it was told not to.
    if (this.#bySignal.get(signal) !== waiting) return;
    this.#bySignal.delete(signal);
    const reason = this.#reasonOf(signal);
    this.#firing.set(signal, reason);
    for (const sequence of waiting.sequences) this.#aborted(sequence, reason);
    this.#firing.delete(signal);
  }

  #hasFired(signal: AbortSignal): boolean {
    try {
      return signal.aborted === true;
    } catch (thrown) {
      this.#report(thrown);
      return false;
    }
  }

  #reasonOf(signal: AbortSignal): unknown {
    try {
      return signal.reason;
    } catch (thrown) {
      this.#report(thrown);
      return undefined;
    }
  }
}
