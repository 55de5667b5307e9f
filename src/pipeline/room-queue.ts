import type { RequestError } from '../errors.ts';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: RequestError) => void;
}

/** Callers that wait for room in a full pipeline, first come first served. */
export class RoomQueue {
  #waiters: Waiter[] = [];

  get size(): number {
    return this.#waiters.length;
  }

  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** Lets at most `count` waiters go on. */
  admit(count: number): void {
    for (const waiter of this.#waiters.splice(0, count)) waiter.resolve();
  }

  fail(error: RequestError): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
