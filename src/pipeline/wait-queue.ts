interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Callers that wait for room in a full pipeline, or for an idle one; first come first served. */
export class WaitQueue {
  #waiters: Waiter[] = [];

  get size(): number {
    return this.#waiters.length;
  }

  wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** Lets at most `count` waiters go on; all of them by default. */
  admit(count: number = this.#waiters.length): void {
    for (const waiter of this.#waiters.splice(0, count)) waiter.resolve();
  }

  fail(error: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
