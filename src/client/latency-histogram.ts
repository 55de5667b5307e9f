import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** How long answers took, in ms. Percentiles are exact to a thousandth of their value. */
export interface LatencySummary {
  /** Answers measured. */
  readonly count: number;
  /** Shortest. */
  readonly minMs: number;
  /** Arithmetic mean. */
  readonly meanMs: number;
  /** Half of the answers took no longer. */
  readonly p50Ms: number;
  /** Nine of ten took no longer. */
  readonly p90Ms: number;
  /** 99 of 100 took no longer. */
  readonly p99Ms: number;
  /** 999 of 1,000 took no longer. */
  readonly p999Ms: number;
  /** Longest. */
  readonly maxMs: number;
}

/** Longest time told apart: an hour. Longer ones count as one. Bounds the memory of a histogram to about 180 KiB. */
const LATENCY_MS_MAX = 3_600_000;

const US_PER_MS = 1000;

/** Latencies in whole microseconds, counted by `node:perf_hooks`. */
export class LatencyHistogram {
  readonly #histogram: RecordableHistogram = createHistogram({
    lowest: 1,
    highest: LATENCY_MS_MAX * US_PER_MS,
    figures: 3,
  });

  record(latencyMs: number): void {
    const boundedMs = Math.min(latencyMs, LATENCY_MS_MAX);
    this.#histogram.record(Math.max(1, Math.round(boundedMs * US_PER_MS)));
  }

  /** Null when nothing was recorded. */
  summary(): LatencySummary | null {
    const histogram = this.#histogram;
    if (histogram.count === 0) return null;
    return {
      count: histogram.count,
      minMs: inMs(histogram.min),
      meanMs: inMs(histogram.mean),
      p50Ms: inMs(histogram.percentile(50)),
      p90Ms: inMs(histogram.percentile(90)),
      p99Ms: inMs(histogram.percentile(99)),
      p999Ms: inMs(histogram.percentile(99.9)),
      maxMs: inMs(histogram.max),
    };
  }
}

function inMs(us: number): number {
  return Math.round(us) / US_PER_MS;
}
