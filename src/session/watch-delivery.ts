import { reportRejection, tellCallbackError } from '../callback-failures.ts';
import type { WatchEvent, WatchHearer } from './watch-event.ts';

/** Told when a listener has thrown, or the promise that it gave was rejected. */
export type WatchErrorHandler = (error: unknown, where: string) => void;

interface Delivery {
  readonly listeners: readonly WatchHearer[];
  readonly event: WatchEvent;
}

/**
 * Brings events to listeners, one after the other. When a listener sets off another event, that
 * one waits until all have heard the first: everybody hears everything in the same order.
 */
export class WatchDelivery {
  readonly #onCallbackError: WatchErrorHandler;
  #delivering = false;
  #waiting: Delivery[] = [];

  constructor(onCallbackError: WatchErrorHandler) {
    this.#onCallbackError = onCallbackError;
  }

  /** `listener` hears of `event`. */
  toOne(listener: WatchHearer, event: WatchEvent): void {
    if (this.#delivering) {
      this.#waiting.push({ listeners: [listener], event });
      return;
    }
    this.#delivering = true;
    this.#call(listener, event);
    this.#finish();
  }

  /** All of `listeners` hear of `event`; the list may be changed once this has returned. */
  toAll(listeners: Iterable<WatchHearer>, event: WatchEvent): void {
    if (this.#delivering) {
      this.#waiting.push({ listeners: [...listeners], event });
      return;
    }
    this.#delivering = true;
    for (const listener of listeners) this.#call(listener, event);
    this.#finish();
  }

  /** What `tell` brings to others is one run: what listeners set off comes after all of it. */
  together(tell: () => void): void {
    if (this.#delivering) {
      tell();
      return;
    }
    this.#delivering = true;
    tell();
    this.#finish();
  }

  #finish(): void {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const { listeners, event } of waiting) {
        for (const listener of listeners) this.#call(listener, event);
      }
    }
    this.#delivering = false;
  }

  #call(listener: WatchHearer, event: WatchEvent): void {
    try {
      const result: unknown =
        typeof listener === 'function' ? listener(event) : listener.hear(event);
      if (result !== undefined) reportRejection(result, (error) => this.#report(error, event));
    } catch (error) {
      this.#report(error, event);
    }
  }

  #report(error: unknown, event: WatchEvent): void {
    tellCallbackError(this.#onCallbackError, error, `watch ${event.path}`);
  }
}
