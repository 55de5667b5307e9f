import { callGuarded, tellCallbackError } from '../callback-failures.ts';
import type { StateEvent } from './session-events.ts';
import type { SessionOptions } from './session-options.ts';

/**
 * Tells what happened to a session, one event after the other. What listeners set off waits until all
 * have heard the event at hand: whoever listens beside them hears everything in the same order.
 */
export class StateTeller {
  readonly #options: Pick<SessionOptions, 'onState' | 'onCallbackError'>;
  readonly #waiting: StateEvent[] = [];
  #telling = false;
  /** That the session may be lost is told once, until it is back. */
  #isLossTold = false;

  constructor(options: Pick<SessionOptions, 'onState' | 'onCallbackError'>) {
    this.#options = options;
  }

  /** All have heard of `event` when this returns, unless a listener is being told right now. */
  tell(event: StateEvent): void {
    if (event.state === 'session') this.#isLossTold = false;
    this.#waiting.push(event);
    if (this.#telling) return;
    this.#telling = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#call(next);
    }
    this.#telling = false;
  }

  /** The servers may expire the session from now on. Nobody is told again of the same loss. */
  tellLost(sessionId: bigint, silentMs: number): void {
    if (this.#isLossTold) return;
    this.#isLossTold = true;
    this.tell({ state: 'lost', sessionId, silentMs });
  }

  #call(event: StateEvent): void {
    const { onState, onCallbackError } = this.#options;
    callGuarded(
      () => onState(event),
      (thrown) => tellCallbackError(onCallbackError, thrown, event.state),
    );
  }
}
