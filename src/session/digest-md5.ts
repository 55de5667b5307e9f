import { randomBytes, timingSafeEqual } from 'node:crypto';
import { DigestFault } from '../codec/digest-directives.ts';
import { AuthError, type AuthErrorCode } from '../errors.ts';
import { formatHost } from '../transport/index.ts';
import { badArgument, checkText } from './auth-arguments.ts';
import { readDigestChallenge, readServerProof } from './digest-challenge.ts';
import { type DigestResponse, digestResponse } from './digest-response.ts';
import type { SaslAnswer, SaslContext, SaslExchange, SaslMechanism } from './sasl.ts';

/** Who logs in with DIGEST-MD5. */
export interface DigestMd5Options {
  /** Name in the server's JAAS section, where it is `user_<name>`. ACLs know it as `sasl:<name>`. */
  readonly user: string;
  /** As the server has it; it is in no error, log or inspection. */
  readonly password: string;
  /** Only for servers that offer several. Default: the one that the server offers. */
  readonly realm?: string | undefined;
  /** `service/server`, which both sides hash. Default `zookeeper/zk-sasl-md5`: Apache's servers fix it, whatever their host. */
  readonly digestUri?: string | undefined;
  /** Source of the client's nonce. Default: the system's, made for secrets. */
  readonly random?: ((bytes: number) => Uint8Array) | undefined;
}

const NAME = 'DIGEST-MD5';
const DIGEST_URI = 'zookeeper/zk-sasl-md5';

/** Four times what RFC 2831 asks for. */
const CNONCE_BYTES = 32;

/**
 * SASL DIGEST-MD5 (RFC 2831) as Apache's servers speak it: `sasl: digestMd5({ user, password })`.
 * The server has to prove that it knows the password too. The password does not cross the wire, but
 * MD5 is weak: use TLS as well where others can listen. Fails where OpenSSL runs in FIPS mode.
 *
 * Throws a ZkwireError with code `BAD_ARGUMENT`.
 */
export function digestMd5(options: DigestMd5Options): SaslMechanism {
  return new DigestMd5(options);
}

class DigestMd5 implements SaslMechanism {
  readonly name: string = NAME;
  readonly #options: DigestMd5Options;

  constructor(options: DigestMd5Options) {
    checkText('user', options.user);
    if (options.user === '') throw badArgument('user must not be empty');
    checkText('password', options.password);
    checkText('realm', options.realm ?? '');
    checkText('digestUri', options.digestUri ?? '');
    for (const name of ['user', 'realm', 'digestUri'] as const) {
      if (/\p{Cc}/u.test(options[name] ?? '')) {
        throw badArgument(`${name} must not have control characters`);
      }
    }
    this.#options = { ...options };
  }

  begin(context: SaslContext): SaslExchange {
    return new DigestMd5Exchange(this.#options, formatHost(context.host, context.port));
  }
}

class DigestMd5Exchange implements SaslExchange {
  readonly #options: DigestMd5Options;
  readonly #host: string;
  /** What the server has to answer; null until the challenge is answered. */
  #serverProof: string | null = null;

  constructor(options: DigestMd5Options, host: string) {
    this.#options = options;
    this.#host = host;
  }

  /** The server speaks first. */
  start(): Uint8Array {
    return new Uint8Array(0);
  }

  step(token: Uint8Array | null): SaslAnswer {
    if (this.#serverProof !== null) return this.#check(token, this.#serverProof);
    if (token === null) throw this.#failure('SASL_NOT_OFFERED');
    const response = this.#read('SASL_BAD_CHALLENGE', () => this.#respond(token));
    this.#serverProof = response.serverProof;
    return response.token;
  }

  #respond(token: Uint8Array): DigestResponse {
    const { user, password, realm, digestUri = DIGEST_URI, random = randomBytes } = this.#options;
    const cnonce = Buffer.from(random(CNONCE_BYTES)).toString('base64');
    const login = { user, password, realm, digestUri, cnonce };
    return digestResponse(readDigestChallenge(token), login);
  }

  /** A server that lets in whose login failed (`zookeeper.allowSaslFailedClients`) says nothing here: null. */
  #check(token: Uint8Array | null, expected: string): null {
    if (token === null) throw this.#failure('SASL_SERVER_UNPROVEN');
    const proof = this.#read('SASL_SERVER_UNPROVEN', () => readServerProof(token));
    if (timingSafeEqual(Buffer.from(proof), Buffer.from(expected))) return null;
    throw this.#failure('SASL_SERVER_UNPROVEN');
  }

  #read<T>(code: AuthErrorCode, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof DigestFault) throw this.#failure(code, error.message);
      throw error;
    }
  }

  #failure(code: AuthErrorCode, detail?: string): AuthError {
    const text = detail === undefined ? undefined : `the server's token: ${detail}`;
    return new AuthError({ code, scheme: NAME, host: this.#host }, text);
  }
}
