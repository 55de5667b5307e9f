import { AuthError, type RequestError, type ZkwireError } from '../errors.ts';
import type { Pipeline } from '../pipeline/index.ts';
import { type CheckedCredential, type Credential, Credentials } from './credentials.ts';

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: ZkwireError) => void;
}

/** Called when a server has refused a credential: that is final. */
export type CredentialRefused = (host: string, error: AuthError) => void;

/** The credentials of a session: sent on every connection, and told to whoever added one. */
export class SessionAuth {
  readonly #credentials: Credentials;
  readonly #onRefused: CredentialRefused;
  readonly #waiting = new Map<CheckedCredential, Waiter[]>();

  constructor(credentials: readonly Credential[], onRefused: CredentialRefused) {
    this.#credentials = new Credentials(credentials);
    this.#onRefused = onRefused;
  }

  /** All of them, in order, on a new connection. */
  sendAll(pipeline: Pipeline): void {
    for (const credential of this.#credentials) this.#send(pipeline, credential);
  }

  /**
   * Keeps a credential and sends it, when there is a connection. Resolves once a server has taken it;
   * a connection that ends before leaves that to the next.
   */
  add(credential: Credential, pipeline: Pipeline | null): Promise<void> {
    return new Promise((resolve, reject) => {
      const kept = this.#credentials.add(credential);
      const waiters = this.#waiting.get(kept) ?? [];
      this.#waiting.set(kept, waiters);
      waiters.push({ resolve, reject });
      if (pipeline !== null) this.#send(pipeline, kept);
    });
  }

  /** Nobody will be told any more. */
  end(error: ZkwireError): void {
    for (const credential of [...this.#waiting.keys()]) this.#tell(credential, error);
  }

  #send(pipeline: Pipeline, credential: CheckedCredential): void {
    const { scheme, auth } = credential;
    try {
      pipeline.auth(scheme, auth, (error) => this.#answered(pipeline.host, credential, error));
    } catch (error) {
      this.#tell(credential, error as RequestError);
    }
  }

  #answered(host: string, credential: CheckedCredential, error: RequestError | null): void {
    if (error === null) {
      this.#tell(credential, null);
    } else if (error.outcome === 'rejected') {
      const { scheme } = credential;
      const { serverCode } = error;
      const failure = new AuthError({
        code: 'AUTH_REFUSED',
        scheme,
        host,
        serverCode,
        cause: error,
      });
      this.#tell(credential, failure);
      this.#onRefused(host, failure);
    }
  }

  #tell(credential: CheckedCredential, error: ZkwireError | null): void {
    const waiters = this.#waiting.get(credential) ?? [];
    this.#waiting.delete(credential);
    for (const { resolve, reject } of waiters) {
      if (error === null) resolve();
      else reject(error);
    }
  }
}
