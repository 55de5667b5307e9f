import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import process from 'node:process';
import type { Workload } from '../adapters/adapter.ts';
import { loadAdapter } from '../adapters/index.ts';
import { type JobResult, nodePath } from '../jobs.ts';
import { checkOnce, drive } from '../load/drive.ts';
import { Meter, pause } from '../load/meter.ts';
import { payloadOf } from '../servers/canned-replies.ts';
import { SUSTAINED_DEPTH, type SustainedCase } from './cases.ts';
import { Collections } from './collections.ts';
import { secondKey } from './second-keys.ts';
import { StallMeter } from './stall-meter.ts';

/** A client that cannot close is not waited for: the process ends anyway. */
const CLOSE_TIMEOUT_MS = 1_000;
const SECOND_MS = 1_000;

export interface SustainedJob
  extends Pick<SustainedCase, 'client' | 'payloadBytes' | 'seconds' | 'warmupMs'> {
  readonly connectString: string;
}

/** One turn of one client; the process that it runs in has loaded no other. */
export async function runSustainedTurn(job: SustainedJob): Promise<JobResult> {
  const path = nodePath(job.payloadBytes);
  const data = payloadOf(job.payloadBytes);
  const workload: Workload = { operation: 'get', path, data, depth: SUSTAINED_DEPTH };
  const adapter = await loadAdapter(job.client);
  const client = await adapter.connect(job.connectString);
  await checkOnce(client, workload);
  const meter = new Meter();
  const drained = drive(client, workload, meter);
  const watch = new LoadWatch(() => meter.completed);
  const { operations, opsPerSecond, cpuUsPerOp } = await meter.measure(
    job.warmupMs,
    job.seconds * SECOND_MS,
    (phase) => (phase === 'measuring' ? watch.start() : watch.stop()),
  );
  await Promise.race([drained.then(() => client.close()), pause(CLOSE_TIMEOUT_MS)]);
  const values = { operations, opsPerSecond, cpuUsPerOp, ...watch.values() };
  return { subject: adapter.name, version: adapter.version, values };
}

/** What becomes of the process while it is under load: by second, and as a whole. */
class LoadWatch {
  readonly #completed: () => number;
  readonly #stalls = new StallMeter();
  readonly #delay = monitorEventLoopDelay({ resolution: 1 });
  readonly #collections = new Collections();
  readonly #values: Record<string, number> = {};
  #timer: NodeJS.Timeout | undefined;
  #second = 0;
  #lastMs = 0;
  #lastCompleted = 0;
  #switchesBefore = process.resourceUsage();

  constructor(completed: () => number) {
    this.#completed = completed;
  }

  start(): void {
    this.#switchesBefore = process.resourceUsage();
    this.#lastMs = performance.now();
    this.#lastCompleted = this.#completed();
    this.#collections.start();
    this.#delay.enable();
    this.#stalls.start();
    this.#timer = setInterval(() => this.#endSecond(), SECOND_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#endSecond();
    this.#stalls.stop();
    this.#delay.disable();
    this.#collections.stop();
    const { voluntaryContextSwitches, involuntaryContextSwitches } = process.resourceUsage();
    const before = this.#switchesBefore;
    Object.assign(this.#values, {
      longestStallMs: this.#stalls.longestMs,
      // Of Node's own measurement, which counts the millisecond that it sleeps too.
      loopDelayP50Ms: this.#delay.percentile(50) / 1e6,
      loopDelayP99Ms: this.#delay.percentile(99) / 1e6,
      loopDelayP999Ms: this.#delay.percentile(99.9) / 1e6,
      loopDelayMaxMs: this.#delay.max / 1e6,
      voluntarySwitches: voluntaryContextSwitches - before.voluntaryContextSwitches,
      involuntarySwitches: involuntaryContextSwitches - before.involuntaryContextSwitches,
      ...this.#collections.values(),
    });
  }

  values(): Record<string, number> {
    return this.#values;
  }

  /** A second is as long as it took: operations are given a second all the same. */
  #endSecond(): void {
    const nowMs = performance.now();
    const completed = this.#completed();
    const seconds = (nowMs - this.#lastMs) / SECOND_MS;
    // The end comes right behind the last full second, when the machine is on time.
    if (seconds < 0.5) return;
    this.#second++;
    const { rss, heapUsed } = process.memoryUsage();
    const of = { opsPerSecond: (completed - this.#lastCompleted) / seconds, rss, heapUsed };
    const stallMs = this.#stalls.takeLongestMs();
    for (const [name, value] of Object.entries({ ...of, stallMs })) {
      this.#values[secondKey(this.#second, name)] = value;
    }
    this.#lastMs = nowMs;
    this.#lastCompleted = completed;
  }
}
