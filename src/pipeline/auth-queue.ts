import { serverCodeName } from '../codec/server-codes.ts';
import { type LinkError, RequestError, WireError } from '../errors.ts';

/** Called once: null when the server accepted the credential. */
export type AuthCallback = (error: RequestError | null) => void;

/** Credentials sent and not answered at most; more in one connection is a mistake somewhere. */
export const AUTHS_MAX = 64;

/** Auth packets wait beside the ring: their replies all carry xid -4, in order among themselves. */
export class AuthQueue {
  readonly #callbacks: AuthCallback[] = [];
  readonly #host: string;
  readonly #guard: (call: () => void) => void;

  /** @param guard Runs a user's callback and survives what it throws. */
  constructor(host: string, guard: (call: () => void) => void) {
    this.#host = host;
    this.#guard = guard;
  }

  get isFull(): boolean {
    return this.#callbacks.length >= AUTHS_MAX;
  }

  push(callback: AuthCallback): void {
    this.#callbacks.push(callback);
  }

  /** The oldest credential was answered. */
  answer(serverCode: number): void {
    const callback = this.#callbacks.shift();
    if (callback === undefined) {
      throw new WireError('UNEXPECTED_XID', 4, 'an auth reply came and no auth is pending');
    }
    const failure =
      serverCode === 0
        ? null
        : new RequestError({
            code: serverCodeName(serverCode),
            serverCode,
            outcome: 'rejected',
            operation: 'auth',
            host: this.#host,
          });
    this.#guard(() => callback(failure));
  }

  fail(error: LinkError): void {
    for (const callback of this.#callbacks.splice(0)) {
      const failure = new RequestError({
        code: 'CONNECTION_LOSS',
        outcome: 'unknown',
        operation: 'auth',
        host: this.#host,
        cause: error,
      });
      this.#guard(() => callback(failure));
    }
  }
}
