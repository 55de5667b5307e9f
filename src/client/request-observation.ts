import { operationName } from '../codec/index.ts';
import type { RequestError } from '../errors.ts';
import type { RequestObserver } from '../pipeline/index.ts';
import { type RequestMessage, requestChannel } from './diagnostics.ts';
import { Metrics } from './metrics.ts';

/**
 * Stands at every pipeline of a client and passes requests on to whoever is interested: metrics,
 * when they were started, and subscribers of the channel. While there is neither, a request costs
 * one look whether there is.
 */
export class RequestObservation implements RequestObserver {
  readonly #clockMs: () => number;
  readonly #client: () => object;
  #metrics: Metrics | null = null;
  #messages: RequestMessage[] = [];

  /**
   * @param clockMs monotonic clock in ms
   * @param client for the messages
   */
  constructor(clockMs: () => number, client: () => object) {
    this.#clockMs = clockMs;
    this.#client = client;
  }

  /** Null while they are not wanted. */
  get metrics(): Metrics | null {
    return this.#metrics;
  }

  startMetrics(): Metrics {
    this.#metrics ??= new Metrics(this.#clockMs);
    return this.#metrics;
  }

  stopMetrics(): void {
    this.#metrics?.stop();
    this.#metrics = null;
  }

  /** @internal by the pipeline */
  nowMs(): number {
    const wanted = this.#metrics !== null || requestChannel.hasSubscribers;
    return wanted ? this.#clockMs() : Number.NaN;
  }

  /** @internal by the pipeline */
  settled(
    operation: number,
    path: string | null,
    xid: number,
    host: string,
    requestBytes: number,
    replyBytes: number,
    beganMs: number,
    error: RequestError | null,
  ): void {
    const durationMs = this.#clockMs() - beganMs;
    this.#metrics?.settled(operation, requestBytes, replyBytes, durationMs, error);
    if (!requestChannel.hasSubscribers) return;
    // Subscribers may do anything, make requests too: not in the middle of the read path.
    if (this.#messages.length === 0) queueMicrotask(() => this.#publish());
    this.#messages.push({
      client: this.#client(),
      operation: operationName(operation),
      path,
      xid,
      host: host === '' ? null : host,
      requestBytes,
      replyBytes,
      durationMs,
      error,
    });
  }

  #publish(): void {
    const messages = this.#messages;
    this.#messages = [];
    for (const message of messages) requestChannel.publish(message);
  }
}
