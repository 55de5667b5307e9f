import type { FaultClock } from '../../../src/transport/fault-lane.ts';

interface ManualTimer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** Time that passes when a test says so. */
export class ManualClock implements FaultClock {
  nowMs = 0;
  readonly timers: ManualTimer[] = [];

  setTimer(run: () => void, delayMs: number): ManualTimer {
    const timer = { dueMs: this.nowMs + delayMs, run };
    this.timers.push(timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    const index = this.timers.indexOf(timer as ManualTimer);
    if (index >= 0) this.timers.splice(index, 1);
  }

  /** Runs the timers of the next `ms`, those due first first, equal ones in the order in which they were set. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const next = this.timers.reduce<ManualTimer | null>(
        (first, timer) => (first === null || timer.dueMs < first.dueMs ? timer : first),
        null,
      );
      if (next === null || next.dueMs > untilMs) break;
      this.nowMs = next.dueMs;
      this.clearTimer(next);
      next.run();
    }
    this.nowMs = untilMs;
  }
}
