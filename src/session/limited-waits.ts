import { AbortListeners } from '../pipeline/abort-listeners.ts';
import type { WaitLimits } from '../pipeline/index.ts';
import type { SweepTarget } from './deadline-sweeper.ts';

/** Told once, when the limits of a wait end it; `cause` is the reason of the signal. */
export type WaitOver = (code: 'ABORTED' | 'REQUEST_TIMEOUT', cause: unknown) => void;

interface Wait {
  readonly limits: WaitLimits;
  readonly onOver: WaitOver;
}

/** Waits of callers for what is more than one request, or goes on when they have gone. */
export class LimitedWaits implements SweepTarget {
  readonly #waits = new Map<number, Wait>();
  #lastNumber = 0;
  readonly #aborts: AbortListeners = new AbortListeners((number, reason) =>
    this.#end(number, 'ABORTED', reason),
  );

  /** Limits that leave no time are the caller's business. Gives a function that ends the wait without a word. */
  begin(limits: WaitLimits, onOver: WaitOver): () => void {
    const number = ++this.#lastNumber;
    this.#waits.set(number, { limits, onOver });
    if (limits.signal !== undefined) this.#aborts.add(limits.signal, number);
    this.#aborts.update();
    return () => void this.#take(number);
  }

  get nextDeadlineMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { limits } of this.#waits.values()) {
      nextMs = Math.min(nextMs, limits.deadlineMs ?? Number.POSITIVE_INFINITY);
    }
    return nextMs;
  }

  sweep(nowMs: number): void {
    for (const [number, { limits }] of this.#waits) {
      const { deadlineMs } = limits;
      if (deadlineMs !== undefined && deadlineMs <= nowMs) {
        this.#end(number, 'REQUEST_TIMEOUT', undefined);
      }
    }
  }

  #end(number: number, code: 'ABORTED' | 'REQUEST_TIMEOUT', cause: unknown): void {
    this.#take(number)?.onOver(code, cause);
  }

  #take(number: number): Wait | undefined {
    const wait = this.#waits.get(number);
    if (wait?.limits.signal !== undefined) this.#aborts.remove(wait.limits.signal, number);
    this.#waits.delete(number);
    this.#aborts.update();
    return wait;
  }
}
