/**
 * One `abort` listener a signal, however many requests share it: a listener each would cost a
 * microsecond a request and make Node warn of a leak.
 */
export class AbortListeners {
  readonly #bySignal = new Map<AbortSignal, { sequences: Set<number>; listener: () => void }>();
  readonly #aborted: (sequence: number, reason: unknown) => void;

  /** @param aborted Called for each request of a signal that fires, oldest first. */
  constructor(aborted: (sequence: number, reason: unknown) => void) {
    this.#aborted = aborted;
  }

  /** Signals listened to now. */
  get size(): number {
    return this.#bySignal.size;
  }

  add(signal: AbortSignal, sequence: number): void {
    const known = this.#bySignal.get(signal);
    if (known !== undefined) {
      known.sequences.add(sequence);
      return;
    }
    const sequences = new Set([sequence]);
    const listener = (): void => {
      this.#bySignal.delete(signal);
      for (const waiting of sequences) this.#aborted(waiting, signal.reason);
    };
    this.#bySignal.set(signal, { sequences, listener });
    signal.addEventListener('abort', listener, { once: true });
  }

  /** The request is settled: its signal no longer matters to it. */
  remove(signal: AbortSignal, sequence: number): void {
    const known = this.#bySignal.get(signal);
    if (known === undefined) return;
    known.sequences.delete(sequence);
    if (known.sequences.size > 0) return;
    this.#bySignal.delete(signal);
    signal.removeEventListener('abort', known.listener);
  }
}
