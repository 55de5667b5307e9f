import { performance } from 'node:perf_hooks';

/** A timer that was set; give it back to `clearTimer`. */
export type Timer = unknown;

/** Time as the session sees it. Given from outside, so that tests choose what time it is. */
export interface Clock {
  /** Milliseconds since any fixed moment; never goes back. */
  nowMs(): number;
  /** Runs once, not earlier than after `delayMs`. */
  setTimer(run: () => void, delayMs: number): Timer;
  /** Gives up a timer; one that ran, or null, is no error. */
  clearTimer(timer: Timer): void;
  /**
   * Runs after the sockets have been read once more. After a blocked event loop the timers come
   * first, while the peer's answers still lie in the kernel: nobody is declared dead before this.
   */
  afterPoll(run: () => void): void;
}

/** The time of this process: `performance.now()` and Node's timers. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  setTimer: (run, delayMs) => setTimeout(run, delayMs),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  afterPoll: (run) => {
    setImmediate(run);
  },
};
