import { performance } from 'node:perf_hooks';
import { exceededByOneIn, PERCENTILES } from './percentiles.ts';
import type { Schedule } from './schedule.ts';

/** Time and the turns of the event loop, given from outside for tests. */
export interface LoopClock {
  nowMs(): number;
  nextTurn(turn: () => void): void;
}

/**
 * A turn of the loop a look, without a timer: a timer's tick of 1 ms would be in the latency of every
 * client. It keeps one core busy, and sockets are looked at between two turns.
 */
export const SYSTEM_CLOCK: LoopClock = {
  nowMs: () => performance.now(),
  nextTurn: (turn) => void setImmediate(turn),
};

/** Makes one request; `done` is called once, when it is answered or has failed. */
export type MakeRequest = (done: (error: unknown) => void) => void;

export interface OpenLoopPlan {
  readonly schedule: Schedule;
  /** What the schedule amounts to, on average. */
  readonly perSecond: number;
  /** Requests that are due in this time are made and not counted. */
  readonly warmupMs: number;
  readonly measureMs: number;
  /** Replies are waited for so long after the measured time. */
  readonly drainMs: number;
  /** Most requests under way: what is due beyond them waits, and its time runs. */
  readonly inFlightMax: number;
}

/** As the drivers of other languages give it (bench/drivers/README.md). */
export type OpenLoopValues = Record<string, number | null>;

/** Requests of the measured time, at most: 192 MiB of memory for their times. */
const SAMPLES_MAX = 2 ** 23;

/**
 * Makes requests when they are due, whatever became of those before, and takes their latency from the
 * time when they were due. A client or server that falls behind cannot hide it: what it holds up is late.
 */
export class OpenLoop {
  readonly #request: MakeRequest;
  readonly #plan: OpenLoopPlan;
  readonly #clock: LoopClock;
  readonly #endMs: number;
  /** By sample: when it was due, when it was handed to the client, and its latency. NaN: not yet. */
  readonly #dueMs: Float64Array;
  readonly #lagMs: Float64Array;
  readonly #latencyMs: Float64Array;
  #startMs = 0;
  #nextDueMs = 0;
  #inFlight = 0;
  /** Samples that were handed to the client. */
  #sent = 0;
  #answered = 0;
  /** Of all requests, those of the warm-up too: answered in the measured time. */
  #completedInTime = 0;
  /** Of the samples alone. */
  #answeredInTime = 0;
  #failure: Error | null = null;

  constructor(request: MakeRequest, plan: OpenLoopPlan, clock: LoopClock = SYSTEM_CLOCK) {
    this.#request = request;
    this.#plan = plan;
    this.#clock = clock;
    this.#endMs = plan.warmupMs + plan.measureMs;
    const expected = (plan.perSecond * plan.measureMs) / 1000;
    // Poisson arrivals spread by the root of their number.
    const most = Math.ceil(expected + 10 * Math.sqrt(expected) + 10);
    if (most > SAMPLES_MAX) throw new Error(`${most} requests are too many to keep their times`);
    // Filled, so that no page is touched for the first time while time is taken.
    this.#dueMs = new Float64Array(most).fill(Number.NaN);
    this.#lagMs = new Float64Array(most).fill(Number.NaN);
    this.#latencyMs = new Float64Array(most).fill(Number.NaN);
  }

  /** Rejects when a request fails: it would count as a fast one. */
  run(): Promise<OpenLoopValues> {
    this.#startMs = this.#clock.nowMs();
    this.#nextDueMs = this.#plan.schedule.next();
    return new Promise((resolve, reject) => {
      const turn = (): void => {
        const nowMs = this.#clock.nowMs() - this.#startMs;
        this.#makeDue(nowMs);
        if (this.#failure !== null) reject(this.#failure);
        else if (this.#isOver(nowMs)) resolve(this.#values(nowMs));
        else this.#clock.nextTurn(turn);
      };
      turn();
    });
  }

  /** Makes what is due by now, as far as there is room. What becomes due meanwhile is for the next turn. */
  #makeDue(nowMs: number): void {
    const { inFlightMax, schedule, warmupMs } = this.#plan;
    while (this.#nextDueMs <= nowMs && this.#nextDueMs < this.#endMs) {
      if (this.#inFlight >= inFlightMax || this.#failure !== null) return;
      const dueMs = this.#nextDueMs;
      this.#nextDueMs = schedule.next();
      this.#inFlight++;
      if (dueMs < warmupMs) this.#request((error) => this.#answer(error, -1));
      else {
        const sample = this.#newSample(dueMs, nowMs);
        this.#request((error) => this.#answer(error, sample));
      }
    }
  }

  #newSample(dueMs: number, nowMs: number): number {
    const sample = this.#sent++;
    if (sample >= this.#dueMs.length) this.#failure ??= new Error('more requests than planned');
    this.#dueMs[sample] = dueMs;
    this.#lagMs[sample] = nowMs - dueMs;
    return sample;
  }

  #answer(error: unknown, sample: number): void {
    const nowMs = this.#clock.nowMs() - this.#startMs;
    this.#inFlight--;
    if (error) this.#failure ??= error instanceof Error ? error : new Error(String(error));
    const inTime = nowMs < this.#endMs;
    if (inTime && nowMs >= this.#plan.warmupMs) this.#completedInTime++;
    if (sample < 0) return;
    this.#answered++;
    if (inTime) this.#answeredInTime++;
    this.#latencyMs[sample] = nowMs - (this.#dueMs[sample] as number);
  }

  #isOver(nowMs: number): boolean {
    if (nowMs < this.#endMs) return false;
    const isSent = this.#nextDueMs >= this.#endMs;
    if (isSent && this.#answered === this.#sent) return true;
    return nowMs >= this.#endMs + this.#plan.drainMs;
  }

  #values(nowMs: number): OpenLoopValues {
    this.#addUnsent(nowMs);
    const due = this.#sent;
    if (due === 0) throw new Error('no request was due in the measured time');
    const unanswered = due - this.#answered;
    for (let sample = 0; sample < due; sample++) {
      // What was never answered has waited at least so long.
      if (Number.isNaN(this.#latencyMs[sample])) {
        this.#latencyMs[sample] = nowMs - (this.#dueMs[sample] as number);
      }
    }
    const latencies = this.#latencyMs.subarray(0, due).sort();
    const lags = this.#lagMs.subarray(0, due).sort();
    const { perSecond, measureMs } = this.#plan;
    return {
      offeredPerSecond: perSecond,
      due,
      completedPerSecond: (this.#completedInTime * 1000) / measureMs,
      unanswered,
      backlog: due - this.#answeredInTime,
      samples: due,
      ...Object.fromEntries(
        PERCENTILES.map(({ name, oneIn }) => [name, inUs(exceededByOneIn(latencies, oneIn))]),
      ),
      maxUs: inUs(latencies[due - 1]),
      lagP50Us: inUs(exceededByOneIn(lags, 2)),
      lagP99Us: inUs(exceededByOneIn(lags, 100)),
      lagMaxUs: inUs(lags[due - 1]),
    };
  }

  /** What was due and could not even be sent is a sample like any other. */
  #addUnsent(nowMs: number): void {
    while (this.#nextDueMs < this.#endMs && this.#sent < this.#dueMs.length) {
      if (this.#nextDueMs >= this.#plan.warmupMs) this.#newSample(this.#nextDueMs, nowMs);
      this.#nextDueMs = this.#plan.schedule.next();
    }
  }
}

function inUs(ms: number | null | undefined): number | null {
  return typeof ms === 'number' && Number.isFinite(ms) ? ms * 1000 : null;
}
