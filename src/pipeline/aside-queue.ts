import { operationName } from '../codec/operations.ts';
import { serverCodeName } from '../codec/server-codes.ts';
import { RequestError, WireError, type ZkwireError } from '../errors.ts';

/** Called once: null when the server accepted. */
export type AsideCallback = (error: RequestError | null) => void;

/** Requests beside the ring: their replies all carry one reserved xid, and come in order among themselves. */
export class AsideQueue {
  readonly #callbacks: AsideCallback[] = [];
  readonly #operation: number;
  readonly #max: number;
  readonly #host: string;
  readonly #guard: (call: () => void, operation: number) => void;

  /** @param guard Runs a user's callback and survives what it throws. */
  constructor(
    operation: number,
    max: number,
    host: string,
    guard: (call: () => void, operation: number) => void,
  ) {
    this.#operation = operation;
    this.#max = max;
    this.#host = host;
    this.#guard = guard;
  }

  get isFull(): boolean {
    return this.#callbacks.length >= this.#max;
  }

  push(callback: AsideCallback): void {
    this.#callbacks.push(callback);
  }

  /** The oldest was answered. */
  answer(serverCode: number): void {
    const callback = this.#callbacks.shift();
    const operation = operationName(this.#operation);
    if (callback === undefined) {
      const detail = `a reply to ${operation} came and none is pending`;
      throw new WireError('UNEXPECTED_XID', 4, detail);
    }
    const failure =
      serverCode === 0
        ? null
        : new RequestError({
            code: serverCodeName(serverCode),
            serverCode,
            outcome: 'rejected',
            operation,
            host: this.#host,
          });
    this.#guard(() => callback(failure), this.#operation);
  }

  fail(error: ZkwireError): void {
    for (const callback of this.#callbacks.splice(0)) {
      const failure = new RequestError({
        code: 'CONNECTION_LOSS',
        outcome: 'unknown',
        operation: operationName(this.#operation),
        host: this.#host,
        cause: error,
      });
      this.#guard(() => callback(failure), this.#operation);
    }
  }
}
