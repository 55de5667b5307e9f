import type { RequestError } from '../errors.ts';
import { BATCH_REQUESTS_MAX } from '../limits.ts';
import type { Decode, WaitLimits } from '../pipeline/index.ts';
import { errorWithoutFrames } from '../pipeline/request-failure.ts';
import type { RequestPort } from '../session/index.ts';
import { waitForRoom } from './room-wait.ts';

/** One kind of request, to be made for many paths. */
export interface BatchKind<T> {
  /** Name in the opcode table, for failures. */
  readonly operation: string;
  /** Encodes the request for one path. Throws RequestError `not-sent`. */
  encode(port: RequestPort, path: string): void;
  readonly decode: Decode<T>;
  /** Makes a result of a failure that is none. */
  readonly failed?: (error: RequestError) => T | RequestError;
}

/** The caller has stopped waiting: what was not asked yet will not be. */
const GIVEN_UP: ReadonlySet<string> = new Set(['ABORTED', 'REQUEST_TIMEOUT']);

/**
 * The same request for many paths: one promise for all, and no object of its own for each. Resolves
 * with one result a path, in the order of the paths, an error where it failed. Never rejects.
 *
 * A bounded number is in flight; every reply asks for the next. `T` must not be undefined.
 */
export function batch<T>(
  port: RequestPort,
  paths: readonly string[],
  kind: BatchKind<T>,
  limits: WaitLimits | undefined,
): Promise<(T | RequestError)[]> {
  return new Promise((resolve) => new Batch(port, paths, kind, limits, resolve).ask());
}

class Batch<T> {
  readonly #port: RequestPort;
  /** A copy: the caller may change the list meanwhile. */
  readonly #paths: readonly string[];
  readonly #kind: BatchKind<T>;
  readonly #limits: WaitLimits | undefined;
  readonly #resolve: (results: (T | RequestError)[]) => void;
  readonly #results: (T | RequestError | undefined)[];
  /** Paths before this one were asked for. */
  #asked = 0;
  /** Before this one there is a result for every path. */
  #settled = 0;
  #inflight = 0;
  #asking = false;

  constructor(
    port: RequestPort,
    paths: readonly string[],
    kind: BatchKind<T>,
    limits: WaitLimits | undefined,
    resolve: (results: (T | RequestError)[]) => void,
  ) {
    this.#port = port;
    this.#paths = paths.slice();
    this.#kind = kind;
    this.#limits = limits;
    this.#resolve = resolve;
    this.#results = new Array(paths.length);
  }

  /** Asks for what may be in flight. */
  ask(): void {
    // A link may answer inside a write: the loop below goes on then.
    if (this.#asking) return;
    this.#asking = true;
    while (this.#asked < this.#paths.length && this.#inflight < BATCH_REQUESTS_MAX) {
      if (!this.#port.pipeline.hasRoom) {
        if (this.#inflight > 0) break;
        this.#awaitRoom();
        return;
      }
      this.#askNext();
    }
    this.#asking = false;
    if (this.#inflight === 0) this.#resolve(this.#results as (T | RequestError)[]);
  }

  /** Others have filled the pipeline, and no reply of ours will come to go on with. */
  #awaitRoom(): void {
    const goOn = (): void => {
      this.#asking = false;
      this.ask();
    };
    const request = { operation: this.#kind.operation, path: this.#paths[this.#asked] };
    waitForRoom(this.#port, this.#limits, request).then(goOn, (error: RequestError) => {
      if (GIVEN_UP.has(error.code)) this.#giveUp(error.code, error.cause);
      // Too many wait, or the connection has ended: the request itself tells.
      else this.#askNext();
      goOn();
    });
  }

  #askNext(): void {
    const index = this.#asked++;
    try {
      this.#kind.encode(this.#port, this.#paths[index]!);
      // Before the commit: a link may answer inside a write.
      this.#inflight++;
      this.#commit();
    } catch (error) {
      this.#results[index] = error as RequestError;
    }
  }

  #commit(): void {
    try {
      this.#port.pipeline.settle(this.#kind.decode, this.#answered, this.#failed, this.#limits);
    } catch (error) {
      this.#inflight--;
      throw error;
    }
  }

  readonly #answered = (value: T): void => this.#settle(value);

  readonly #failed = (error: Error): void => {
    const failure = error as RequestError;
    const { failed } = this.#kind;
    if (GIVEN_UP.has(failure.code)) this.#giveUp(failure.code, failure.cause);
    this.#settle(failed === undefined ? failure : failed(failure));
  };

  /** The requests of a batch settle in their order: what is due is the first without a result. */
  #settle(result: T | RequestError): void {
    while (this.#results[this.#settled] !== undefined) this.#settled++;
    this.#results[this.#settled++] = result;
    this.#inflight--;
    this.ask();
  }

  #giveUp(code: string, cause: unknown): void {
    const { operation } = this.#kind;
    for (; this.#asked < this.#paths.length; this.#asked++) {
      const path = this.#paths[this.#asked];
      const failure = { code, outcome: 'not-sent', operation, path, cause } as const;
      this.#results[this.#asked] = errorWithoutFrames(failure);
    }
  }
}
