import type { ZooKeeperClient } from '../../client/index.ts';
import { LatencyHistogram, type LatencySummary } from '../../client/latency-histogram.ts';

/** Of the time that is measured, this much goes before, uncounted: V8 compiles what is used much. */
const WARMUP_SHARE = 0.25;
/** Shortest and longest warm-up. */
const WARMUP_MS_MIN = 50;
const WARMUP_MS_MAX = 2_000;
/** After so many requests all is compiled; and of requests that run out, at most this share goes before. */
const WARMUP_OPERATIONS_MAX = 50_000;

/** On a busy machine a short measurement is over before the first answer: that one is waited for, so long. */
const FIRST_ANSWER_MS_MAX = 30_000;

/** One measurement. */
export interface LoadOptions {
  readonly clients: readonly ZooKeeperClient[];
  /** Sends a request; null when there is nothing more to send. */
  readonly issue: (zk: ZooKeeperClient) => Promise<unknown> | null;
  /** How often it does so at most. */
  readonly issuesMax: number;
  /** Requests under way on each connection. */
  readonly depth: number;
  /** At least so long, and until something was answered. */
  readonly measureMs: number;
  /** CPU time of the server so far, in microseconds; null where it cannot be told. */
  readonly serverCpuUs: () => number | null;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** What was measured at one depth. */
export interface LoadResult extends LatencySummary {
  readonly depth: number;
  readonly seconds: number;
  readonly opsPerSecond: number;
  /** CPU time of this process, which runs all connections; user and system, all threads. */
  readonly clientCpuUsPerOp: number;
  /** Null when the server is not ours, or its time cannot be told here. */
  readonly serverCpuUsPerOp: number | null;
}

/** Keeps `depth` requests under way on every connection. Rejects when one fails: it would count as a fast one. */
export async function measureLoad(options: LoadOptions): Promise<LoadResult> {
  const { clients, depth, measureMs, signal, serverCpuUs } = options;
  const warmupOperations = Math.min(WARMUP_OPERATIONS_MAX, options.issuesMax * WARMUP_SHARE);
  const load = new Load(options.issue, warmupOperations);
  const loops = clients.flatMap((zk) => Array.from({ length: depth }, () => load.loop(zk)));
  // Resolves when all loops have ended by themselves; rejects at once when a request fails.
  const over = Promise.all(loops).then(() => {});
  over.catch(() => {});
  try {
    const warmupMs = Math.max(WARMUP_MS_MIN, Math.min(measureMs * WARMUP_SHARE, WARMUP_MS_MAX));
    await pause(warmupMs, Promise.race([over, load.warm]), signal);
    const serverCpuBefore = serverCpuUs();
    const cpuBefore = process.cpuUsage();
    const startMs = performance.now();
    load.latencies = new LatencyHistogram();
    await pause(measureMs, over, signal);
    await pause(FIRST_ANSWER_MS_MAX, Promise.race([over, load.counted]), signal);
    const latencies = load.latencies.summary();
    const seconds = (performance.now() - startMs) / 1_000;
    const cpu = process.cpuUsage(cpuBefore);
    const serverCpu = (serverCpuUs() ?? Number.NaN) - (serverCpuBefore ?? Number.NaN);
    if (signal.aborted) throw new Error('interrupted');
    if (latencies === null) throw new Error(`no request was answered in ${seconds.toFixed(1)} s`);
    const { count } = latencies;
    return {
      depth,
      seconds,
      opsPerSecond: count / seconds,
      ...latencies,
      clientCpuUsPerOp: (cpu.user + cpu.system) / count,
      serverCpuUsPerOp: Number.isNaN(serverCpu) ? null : serverCpu / count,
    };
  } finally {
    load.running = false;
    await Promise.allSettled(loops);
  }
}

class Load {
  running = true;
  /** Null while nothing is counted. */
  latencies: LatencyHistogram | null = null;
  /** Resolves when it has done enough to be warm. */
  readonly warm: Promise<void>;
  /** Resolves when an answer was counted. */
  readonly counted: Promise<void>;
  readonly #issue: LoadOptions['issue'];
  readonly #warmupOperations: number;
  #answered = 0;
  #isWarm: () => void = () => {};
  #hasCounted: () => void = () => {};

  constructor(issue: LoadOptions['issue'], warmupOperations: number) {
    this.#issue = issue;
    this.#warmupOperations = warmupOperations;
    this.warm = new Promise((resolve) => {
      this.#isWarm = resolve;
    });
    this.counted = new Promise((resolve) => {
      this.#hasCounted = resolve;
    });
  }

  async loop(zk: ZooKeeperClient): Promise<void> {
    while (this.running) {
      const startMs = performance.now();
      const answer = this.#issue(zk);
      if (answer === null) return;
      await answer;
      if (++this.#answered >= this.#warmupOperations) this.#isWarm();
      if (this.latencies === null) continue;
      this.latencies.record(performance.now() - startMs);
      this.#hasCounted();
    }
  }
}

/** Waits for a time, or until the load is over or the signal fires. */
async function pause(ms: number, over: Promise<void>, signal: AbortSignal): Promise<void> {
  let done = (): void => {};
  const waited = new Promise<void>((resolve) => {
    done = resolve;
  });
  const timer = setTimeout(done, ms);
  signal.addEventListener('abort', done, { once: true });
  if (signal.aborted) done();
  try {
    await Promise.race([waited, over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', done);
  }
}
