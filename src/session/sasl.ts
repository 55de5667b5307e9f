import { AuthError, RequestError } from '../errors.ts';
import { SASL_ROUNDS_MAX, SECRET_BYTES_MAX } from '../limits.ts';
import { formatHost } from '../transport/index.ts';

/** What a mechanism may know of the connection that it authenticates. */
export interface SaslContext {
  /** Name or address as the connect string has it, never the result of a reverse look-up. */
  readonly host: string;
  /** 1 to 65,535. */
  readonly port: number;
  /** Fires when the attempt to connect is over. The exchange is no longer waited for then. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A SASL mechanism with its credentials, made once and used for every connection: `digestMd5()`, or
 * one of your own (SCRAM, GSSAPI, ...), as long as the server knows it. ZooKeeper negotiates nothing:
 * the server's configuration fixes the mechanism.
 */
export interface SaslMechanism {
  /** Registered name, such as `DIGEST-MD5`. For errors; it is not sent. */
  readonly name: string;
  /** Begins an exchange on a new connection. */
  begin(context: SaslContext): SaslExchange;
}

/**
 * The client's side of one exchange. What it throws (or rejects with) ends the connection: an
 * {@link AuthError} as it is, anything else as the `cause` of one with code `SASL_FAILED`.
 */
export interface SaslExchange {
  /** The first token; an empty one where the server speaks first. */
  start(): Uint8Array | Promise<Uint8Array>;
  /**
   * Takes the server's answer to the last token (null: it has nothing to say, as after the last
   * token of GSSAPI) and gives the next token, or null: authenticated, nothing left to send.
   * Throws when the server's answer does not prove what the mechanism promises.
   */
  step(challenge: Uint8Array | null): SaslAnswer | Promise<SaslAnswer>;
}

/** The next token; null when the exchange is over and has succeeded. */
export type SaslAnswer = Uint8Array | null;

/** One request of op 102: sends a token, gives the server's. Its failures are RequestErrors; the bytes it gives are owned. */
export type SendSaslToken = (token: Uint8Array) => Promise<Uint8Array | null>;

/**
 * Runs one exchange to its end: token by token, nothing else is to be sent meanwhile. Resolves when
 * both sides are satisfied.
 *
 * Rejects with an AuthError when the server refuses, proves nothing or talks nonsense, or when the
 * mechanism fails; with what `send` rejected with when the connection failed; with the reason of the
 * context's signal.
 */
export async function runSasl(
  mechanism: SaslMechanism,
  context: SaslContext,
  send: SendSaslToken,
): Promise<void> {
  const run = new SaslRun(mechanism.name, context);
  const exchange = await run.own(() => mechanism.begin(context));
  let token: SaslAnswer = await run.own(() => exchange.start());
  for (let round = 1; round <= SASL_ROUNDS_MAX; round++) {
    const challenge = await run.ask(send, run.checked(token));
    token = await run.own(() => exchange.step(challenge));
    if (token === null) return;
  }
  throw run.failure('SASL_FAILED', `no end after ${SASL_ROUNDS_MAX} rounds`);
}

class SaslRun {
  readonly #scheme: string;
  readonly #host: string;
  readonly #signal: AbortSignal | undefined;

  constructor(scheme: string, { host, port, signal }: SaslContext) {
    this.#scheme = scheme;
    this.#host = formatHost(host, port);
    this.#signal = signal;
  }

  failure(code: AuthError['code'], detail?: string, cause?: unknown): AuthError {
    return new AuthError({ code, scheme: this.#scheme, host: this.#host, cause }, detail);
  }

  /** The mechanism's part: somebody else's code. */
  async own<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await this.#within(async () => work());
    } catch (error) {
      if (error instanceof AuthError || this.#signal?.aborted === true) throw error;
      throw this.failure('SASL_FAILED', undefined, error);
    }
  }

  /** The server's part. */
  async ask(send: SendSaslToken, token: Uint8Array): Promise<Uint8Array | null> {
    let challenge: Uint8Array | null;
    try {
      challenge = await this.#within(() => send(token));
    } catch (error) {
      throw this.#refusal(error);
    }
    if (challenge !== null && challenge.length > SECRET_BYTES_MAX) {
      throw this.failure('SASL_BAD_CHALLENGE', `a challenge of ${challenge.length} bytes`);
    }
    return challenge;
  }

  checked(token: unknown): Uint8Array {
    if (!(token instanceof Uint8Array)) {
      throw this.failure('SASL_FAILED', `a token must be a Uint8Array, not ${typeof token}`);
    }
    if (token.length <= SECRET_BYTES_MAX) return token;
    const detail = `a token of ${token.length} bytes, the limit is ${SECRET_BYTES_MAX}`;
    throw this.failure('SASL_FAILED', detail);
  }

  /** -115 (or -124 where the server insists on SASL) is a refusal; a lost connection says nothing about the credentials. */
  #refusal(error: unknown): unknown {
    if (!(error instanceof RequestError) || error.outcome !== 'rejected') return error;
    const { serverCode } = error;
    return new AuthError({
      code: 'SASL_REFUSED',
      scheme: this.#scheme,
      host: this.#host,
      serverCode,
      cause: error,
    });
  }

  /** A mechanism may wait for somebody (a ticket server, a person) for longer than the attempt lasts. */
  #within<T>(work: () => Promise<T>): Promise<T> {
    const signal = this.#signal;
    if (signal === undefined) return work();
    return new Promise((resolve, reject) => {
      const aborted = (): void => reject(signal.reason);
      if (signal.aborted) return aborted();
      signal.addEventListener('abort', aborted, { once: true });
      work()
        .then(resolve, reject)
        .finally(() => signal.removeEventListener('abort', aborted));
    });
  }
}
