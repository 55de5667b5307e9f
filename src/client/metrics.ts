import { operationName } from '../codec/index.ts';
import type { Outcome, RequestError } from '../errors.ts';
import { LatencyHistogram, type LatencySummary } from './latency-histogram.ts';

/** What became of the requests of one operation. */
export interface OperationMetrics {
  /** Requests that have settled: the sum of the four outcomes. */
  readonly requests: number;
  /** Done. */
  readonly ok: number;
  /** The server said no. */
  readonly rejected: number;
  /** No answer came, and the request may have left: a loss, a time-out, an abort. */
  readonly unknown: number;
  /** No byte of it left: safe to repeat. */
  readonly notSent: number;
  /** Failed requests by code: `{ NONODE: 3, CONNECTION_LOSS: 1 }`. */
  readonly errors: Readonly<Record<string, number>>;
  /** As on the wire, with length prefixes and headers. */
  readonly requestBytes: number;
  /** The same of their replies. */
  readonly replyBytes: number;
  /** Of those that the server answered, `ok` or `rejected`; null when there is none. */
  readonly latency: LatencySummary | null;
}

/** Plain data: it can be made JSON of. */
export interface MetricsSnapshot {
  /** Time that the counters cover, in ms. */
  readonly durationMs: number;
  /** By operation, those that were used: `getData`, `setData`, `create`, `multi`, ... */
  readonly operations: Readonly<Record<string, OperationMetrics>>;
}

/** Codes counted by name for each operation; a server may make up numbers without end, and more are `OTHER`. */
const CODES_MAX = 64;
const OTHER_CODES = 'OTHER';

/** Counts requests as they settle. */
export class Metrics {
  readonly #nowMs: () => number;
  #startMs: number;
  #endMs: number | null = null;
  readonly #tallies = new Map<number, OperationTally>();

  /** @param nowMs monotonic clock */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#startMs = nowMs();
  }

  /** @internal A request has settled. */
  settled(
    operation: number,
    requestBytes: number,
    replyBytes: number,
    latencyMs: number,
    error: RequestError | null,
  ): void {
    let tally = this.#tallies.get(operation);
    if (tally === undefined) {
      tally = new OperationTally();
      this.#tallies.set(operation, tally);
    }
    tally.settled(requestBytes, replyBytes, latencyMs, error);
  }

  /** @internal Nothing more is counted. */
  stop(): void {
    this.#endMs ??= this.#nowMs();
  }

  /** What was counted since the start, or since the last `reset`. */
  snapshot(): MetricsSnapshot {
    const operations: Record<string, OperationMetrics> = {};
    for (const [operation, tally] of this.#tallies) {
      operations[operationName(operation)] = tally.snapshot();
    }
    const endMs = this.#endMs ?? this.#nowMs();
    return { durationMs: endMs - this.#startMs, operations };
  }

  /** Counts from zero again. */
  reset(): void {
    this.#tallies.clear();
    this.#startMs = this.#endMs ?? this.#nowMs();
  }
}

/** Counters of one operation. */
class OperationTally {
  #ok = 0;
  readonly #failed: Record<Outcome, number> = { rejected: 0, unknown: 0, 'not-sent': 0 };
  readonly #errors = new Map<string, number>();
  #requestBytes = 0;
  #replyBytes = 0;
  readonly #latency = new LatencyHistogram();

  settled(
    requestBytes: number,
    replyBytes: number,
    latencyMs: number,
    error: RequestError | null,
  ): void {
    this.#requestBytes += requestBytes;
    this.#replyBytes += replyBytes;
    if (error === null) this.#ok++;
    else this.#countError(error);
    if (error === null || error.outcome === 'rejected') this.#latency.record(latencyMs);
  }

  #countError({ code, outcome }: RequestError): void {
    this.#failed[outcome]++;
    const errors = this.#errors;
    const known = errors.has(code) || errors.size < CODES_MAX;
    const name = known ? code : OTHER_CODES;
    errors.set(name, (errors.get(name) ?? 0) + 1);
  }

  snapshot(): OperationMetrics {
    const { rejected, unknown, 'not-sent': notSent } = this.#failed;
    return {
      requests: this.#ok + rejected + unknown + notSent,
      ok: this.#ok,
      rejected,
      unknown,
      notSent,
      errors: Object.fromEntries(this.#errors),
      requestBytes: this.#requestBytes,
      replyBytes: this.#replyBytes,
      latency: this.#latency.summary(),
    };
  }
}
