import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { heapBytesPerOperation } from './heap-allocation.ts';
import { type IoCallsPerOperation, ioCallsPerOperation, ioCounts } from './io-counts.ts';
import { LatencySamples, type LatencySummary } from './latency-samples.ts';

/** At most this many of the loops of a case take the time, evenly spread over them. */
const TIMED_LOOPS_MAX = 64;

/** How often it is looked whether a warm-up has done enough. */
const LOOK_EVERY_MS = 20;

/** How much longer than it should a measurement lasts in which nothing was completed yet. */
const FIRST_OPERATION_MS_MAX = 1_000;

/** System calls: `read` and `write`, not `recv`, `send` or `epoll_wait`; null where nobody counts them. */
export interface TurnMeasurement extends LatencySummary, IoCallsPerOperation {
  operations: number;
  seconds: number;
  opsPerSecond: number;
  /** CPU time of the client's process, all its threads, user and system. */
  cpuUsPerOp: number;
  /** Largest resident size of the process so far, Node itself included. */
  peakRssBytes: number;
  /** On the JavaScript heap, measured after the rest; null when it was not. */
  allocatedBytesPerOp: number | null;
}

/** Every n-th loop is timed. The same for every client: it depends on the depth alone. */
export function timedLoopStride(depth: number): number {
  return Math.max(1, Math.ceil(depth / TIMED_LOOPS_MAX));
}

/** Counts what a driver completes and tells it when to stop. */
export class Meter {
  /** Drivers issue no further operation once this is false. */
  running = true;
  completed = 0;
  readonly latencies = new LatencySamples();
  #reject: (cause: Error) => void = () => {};
  readonly #failure: Promise<never> = new Promise((_, reject) => {
    this.#reject = reject;
  });

  /** Ends the turn with an error: a failed operation would count as a fast one. */
  fail(cause: unknown): void {
    this.running = false;
    this.#reject(cause instanceof Error ? cause : new Error(String(cause)));
  }

  /** Lets the driver run for `ms`, and on until so many operations are complete, up to `msMax`; then stops it. */
  async run(ms: number, operations: number, msMax: number): Promise<void> {
    await this.#wait(ms);
    for (let waitedMs = ms; this.completed < operations && waitedMs < msMax; ) {
      await this.#wait(LOOK_EVERY_MS);
      waitedMs += LOOK_EVERY_MS;
    }
    this.running = false;
  }

  /**
   * Lets the driver run for `warmupMs`, which is thrown away, and measures it for `measureMs`.
   *
   * @param allocationMs the heap is looked at for so long after that; 0: not at all
   */
  async measure(
    warmupMs: number,
    measureMs: number,
    onPhase: (phase: 'measuring' | 'measured') => void,
    allocationMs = 0,
  ): Promise<TurnMeasurement> {
    await this.#wait(warmupMs);
    onPhase('measuring');
    this.latencies.clear();
    const ioBefore = ioCounts();
    const completedBefore = this.completed;
    const cpuBefore = process.cpuUsage();
    const startMs = performance.now();
    await this.#wait(measureMs);
    // A process that was not let run since then finds its timer before its socket.
    for (let ms = 0; this.completed === completedBefore && ms < FIRST_OPERATION_MS_MAX; ) {
      await this.#wait(LOOK_EVERY_MS);
      ms += LOOK_EVERY_MS;
    }
    const seconds = (performance.now() - startMs) / 1000;
    const cpu = process.cpuUsage(cpuBefore);
    const operations = this.completed - completedBefore;
    const io = ioCallsPerOperation(ioBefore, ioCounts(), operations);
    const peakRssBytes = process.resourceUsage().maxRSS * 1024;
    onPhase('measured');
    const latencies = this.latencies.summary();
    const allocatedBytesPerOp = allocationMs === 0 ? null : await this.#allocated(allocationMs);
    this.running = false;
    if (operations === 0) throw new Error(`no operation completed in ${seconds.toFixed(1)} s`);
    return {
      operations,
      seconds,
      opsPerSecond: operations / seconds,
      cpuUsPerOp: (cpu.user + cpu.system) / operations,
      peakRssBytes,
      ...io,
      allocatedBytesPerOp,
      ...latencies,
    };
  }

  #allocated(ms: number): Promise<number | null> {
    const bytes = heapBytesPerOperation(() => this.completed, ms);
    return Promise.race([bytes, this.#failure]);
  }

  /** Rejects at once when an operation fails. */
  #wait(ms: number): Promise<void> {
    return Promise.race([pause(ms), this.#failure]);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
