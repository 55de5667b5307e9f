import type { Clock, Timer } from '../../src/session/clock.ts';
import { RANK, type Rank, type ScheduledEvent, type Scheduler } from './scheduler.ts';

/**
 * The event loop of one simulated process, and its clock. It can be blocked: then nothing of the
 * process runs, bytes wait in its sockets, and when it wakes up its timers run before its sockets
 * are read, as in Node.
 */
export class EventLoop implements Clock {
  /** Timers that are set. */
  timers = 0;
  readonly #scheduler: Scheduler;
  /** Monotonic clocks start anywhere. */
  readonly #originMs: number;
  #blockedUntilMs = 0;
  /** Told whenever something of this process begins to run. */
  onRun: (loop: EventLoop) => void = () => {};

  constructor(scheduler: Scheduler, originMs: number) {
    this.#scheduler = scheduler;
    this.#originMs = originMs;
  }

  nowMs(): number {
    return this.#originMs + this.#scheduler.nowMs;
  }

  setTimer(run: () => void, delayMs: number): Timer {
    this.timers++;
    const timer: { event: ScheduledEvent | null } = { event: null };
    // Node rounds timers down to whole milliseconds, and none is shorter than one.
    const dueMs = this.#scheduler.nowMs + Math.max(1, Math.trunc(delayMs));
    this.#enter(dueMs, RANK.timer, timer, () => {
      timer.event = null;
      this.timers--;
      run();
    });
    return timer;
  }

  clearTimer(timer: Timer): void {
    const held = timer as { event: ScheduledEvent | null } | null | undefined;
    if (held?.event == null) return;
    this.#scheduler.cancel(held.event);
    held.event = null;
    this.timers--;
  }

  afterPoll(run: () => void): void {
    this.#enter(this.#scheduler.nowMs, RANK.afterPoll, { event: null }, run);
  }

  /** Runs something of this process, as soon as the process runs at all. */
  io(atMs: number, run: () => void): void {
    this.#enter(atMs, RANK.io, { event: null }, run);
  }

  /** Nothing of the process runs for so long. */
  block(durationMs: number): void {
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, this.#scheduler.nowMs + durationMs);
  }

  /** The process did not run all the time since then. */
  wasBlocked(sinceMs: number): boolean {
    return this.#blockedUntilMs >= sinceMs;
  }

  get blockedUntilMs(): number {
    return this.#blockedUntilMs;
  }

  #enter(
    atMs: number,
    rank: Rank,
    holder: { event: ScheduledEvent | null },
    run: () => void,
  ): void {
    const dueMs = Math.max(atMs, this.#blockedUntilMs);
    holder.event = this.#scheduler.at(
      dueMs,
      () => {
        if (this.#scheduler.nowMs < this.#blockedUntilMs) {
          this.#enter(dueMs, rank, holder, run);
          return;
        }
        this.onRun(this);
        run();
      },
      rank,
    );
  }
}
