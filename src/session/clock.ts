import { performance } from 'node:perf_hooks';

/** A timer that was set; give it back to `clearTimer`. */
export type Timer = unknown;

/** Time as the session sees it. Given from outside, so that tests choose what time it is. */
export interface Clock {
  /** Milliseconds since any fixed moment; never goes back. */
  nowMs(): number;
  setTimer(run: () => void, delayMs: number): Timer;
  clearTimer(timer: Timer): void;
  /**
   * Runs after the sockets have been read once more. After a blocked event loop the timers come
   * first, while the peer's answers still lie in the kernel: nobody is declared dead before this.
   */
  afterPoll(run: () => void): void;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  setTimer: (run, delayMs) => setTimeout(run, delayMs),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
  afterPoll: (run) => {
    setImmediate(run);
  },
};
