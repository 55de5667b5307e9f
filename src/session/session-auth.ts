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
  /** Settles once a server has taken all the credentials of the beginning, or refused one. */
  readonly ready: Promise<void>;

  constructor(credentials: readonly Credential[], onRefused: CredentialRefused) {
    this.#credentials = new Credentials(credentials);
    this.#onRefused = onRefused;
    const taken = Array.from(this.#credentials, (credential) => this.#taken(credential));
    this.ready = Promise.all(taken).then(() => {});
    this.ready.catch(() => {});
  }

  /** All of them, in order, on a new connection. */
  sendAll(pipeline: Pipeline): void {
    for (const credential of this.#credentials) this.#send(pipeline, credential);
  }

  /**
   * Keeps a credential and sends it, when there is a connection. Resolves once a server has taken it;
   * a connection that ends before leaves that to the next.
   */
  async add(credential: Credential, pipeline: Pipeline | null): Promise<void> {
    const kept = this.#credentials.add(credential);
    const taken = this.#taken(kept);
    if (pipeline !== null) this.#send(pipeline, kept);
    await taken;
  }

  /** Nobody will be told any more. */
  end(error: ZkwireError): void {
    for (const credential of [...this.#waiting.keys()]) this.#tell(credential, error);
  }

  #taken(credential: CheckedCredential): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiters = this.#waiting.get(credential) ?? [];
      this.#waiting.set(credential, waiters);
      waiters.push({ resolve, reject });
    });
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
