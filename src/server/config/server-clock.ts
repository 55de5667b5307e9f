import { performance } from 'node:perf_hooks';

/** A timer that was set; give it back to `clearTimer`. */
export type ServerTimer = unknown;

/** Time as the server sees it. Given from outside, so that tests choose what time it is. */
export interface ServerClock {
  /** Milliseconds since any fixed moment; never goes back. Sessions and latencies are measured with it. */
  nowMs(): number;
  /** Milliseconds since 1970, whole: what znodes are stamped with. */
  wallMs(): number;
  /** Runs once, not earlier than after `delayMs`. */
  setTimer(run: () => void, delayMs: number): ServerTimer;
  /** Gives up a timer; one that ran, or null, is no error. */
  clearTimer(timer: ServerTimer): void;
}

/**
 * The time of this process. Its timers do not keep the process alive: listeners do, and a server in
 * memory should not hold up the end of the test that forgot to close it.
 */
export const systemClock: ServerClock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimer: (run, delayMs) => setTimeout(run, delayMs).unref(),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
