import { percentileOfSorted } from '../statistics.ts';

/** 2^19 samples: 4 MiB of memory that is only touched as far as it is used. */
const SAMPLES_MAX = 2 ** 19;
/** Fewer samples than this beyond a percentile, and it is not given: it would be one outlier. */
const BEYOND_MIN = 2;

export interface LatencySummary {
  samples: number;
  /** Microseconds; null when there were too few samples for that percentile. */
  p50Us: number | null;
  p90Us: number | null;
  p99Us: number | null;
  p999Us: number | null;
}

/**
 * Raw latencies. Recording is one store, the same for every client, and no histogram is between the
 * measurement and the percentile. When the memory is full, every second sample is dropped and from
 * then on only every second one is kept.
 */
export class LatencySamples {
  readonly #valuesUs = new Float64Array(SAMPLES_MAX);
  #count = 0;
  #seen = 0;
  #stride = 1;

  record(valueUs: number): void {
    if (this.#seen++ % this.#stride !== 0) return;
    if (this.#count === SAMPLES_MAX) this.#thin();
    this.#valuesUs[this.#count++] = valueUs;
  }

  clear(): void {
    this.#count = 0;
    this.#seen = 0;
    this.#stride = 1;
  }

  summary(): LatencySummary {
    const sorted = this.#valuesUs.slice(0, this.#count).sort();
    const at = (share: number): number | null =>
      sorted.length * (1 - share) >= BEYOND_MIN ? percentileOfSorted(sorted, share) : null;
    return {
      samples: sorted.length,
      p50Us: at(0.5),
      p90Us: at(0.9),
      p99Us: at(0.99),
      p999Us: at(0.999),
    };
  }

  #thin(): void {
    for (let index = 0; index < SAMPLES_MAX / 2; index++) {
      this.#valuesUs[index] = this.#valuesUs[index * 2] as number;
    }
    this.#count = SAMPLES_MAX / 2;
    this.#stride *= 2;
  }
}
