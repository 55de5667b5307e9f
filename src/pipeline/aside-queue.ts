import { operationName } from '../codec/operations.ts';
import { serverCodeName } from '../codec/server-codes.ts';
import { RequestError, WireError, type ZkwireError } from '../errors.ts';
import { notSent } from './request-failure.ts';

/** Called once: null when the server accepted. */
export type AsideCallback = (error: RequestError | null) => void;

interface Waiter {
  readonly operation: number;
  readonly callback: AsideCallback;
}

/** Requests beside the ring: their replies all carry one reserved xid, and come in order among themselves. */
export class AsideQueue {
  readonly #waiters: Waiter[] = [];
  readonly #operation: number;
  readonly #max: number;
  readonly #host: string;
  readonly #guard: (call: () => unknown, operation: number) => void;

  /** @param guard Runs a user's callback and survives what it throws. */
  constructor(
    operation: number,
    max: number,
    host: string,
    guard: (call: () => unknown, operation: number) => void,
  ) {
    this.#operation = operation;
    this.#max = max;
    this.#host = host;
    this.#guard = guard;
  }

  /** Throws PIPELINE_FULL when there is no room for one more. */
  checkRoom(operation: number): void {
    if (this.#waiters.length < this.#max) return;
    throw notSent('PIPELINE_FULL', operation, null, this.#host);
  }

  /** `operation`: which of those that share the queue. */
  push(callback: AsideCallback, operation: number = this.#operation): void {
    this.#waiters.push({ operation, callback });
  }

  /** The oldest was answered. */
  answer(serverCode: number): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      const detail = `a reply to ${operationName(this.#operation)} came and none is pending`;
      throw new WireError('UNEXPECTED_XID', 4, detail);
    }
    const { operation, callback } = waiter;
    const failure =
      serverCode === 0
        ? null
        : new RequestError({
            code: serverCodeName(serverCode),
            serverCode,
            outcome: 'rejected',
            operation: operationName(operation),
            host: this.#host,
          });
    this.#guard(() => callback(failure), operation);
  }

  fail(error: ZkwireError): void {
    for (const { operation, callback } of this.#waiters.splice(0)) {
      const failure = new RequestError({
        code: 'CONNECTION_LOSS',
        outcome: 'unknown',
        operation: operationName(operation),
        host: this.#host,
        cause: error,
      });
      this.#guard(() => callback(failure), operation);
    }
  }
}
