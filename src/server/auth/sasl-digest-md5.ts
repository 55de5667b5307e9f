import { randomBytes, timingSafeEqual } from 'node:crypto';
import {
  DigestFault,
  decodedDirective,
  onlyDirective,
  readDirectives,
} from '../../codec/digest-directives.ts';
import { type DigestProofs, digestProofs } from '../../codec/digest-proof.ts';

/** Both fixed in Apache's servers, whatever their host. */
const REALM = 'zk-sasl-md5';
const DIGEST_URI = `zookeeper/${REALM}`;

/** As many as Java's server takes; it writes them in base64. */
const NONCE_BYTES = 30;

/** Longest token that Java's server looks at. */
const RESPONSE_BYTES_MAX = 4096;

/** What becomes of a client's token. */
export type SaslStep =
  /** The exchange goes on; the client has to answer this. */
  | { readonly state: 'challenge'; readonly token: Uint8Array }
  /** The client is `user`, and this token proves to it that the server knows its password too. */
  | { readonly state: 'done'; readonly token: Uint8Array; readonly user: string }
  /** The client has not shown who it is. `reason` is for the log: nothing of the token is in it. */
  | { readonly state: 'failed'; readonly reason: string };

/**
 * The server's side of one exchange of SASL DIGEST-MD5 (RFC 2831), as ZooKeeper's servers offer it:
 * one realm, quality of protection `auth`. Unlike Apache's, which takes the password of whoever
 * logged in last (ZOOKEEPER-4839), it lets no user in that it does not know.
 */
export class SaslDigestMd5 {
  readonly #users: ReadonlyMap<string, string>;
  readonly #random: (bytes: number) => Uint8Array;
  #nonce: string | null = null;
  #isOver = false;

  /** `users`: passwords by name. `random`: for the nonce; default: the system's. */
  constructor(
    users: ReadonlyMap<string, string>,
    random: (bytes: number) => Uint8Array = randomBytes,
  ) {
    this.#users = users;
    this.#random = random;
  }

  /** Takes the next token of the client; the first should be empty. After `done` and `failed` each fails. */
  step(token: Uint8Array): SaslStep {
    if (this.#isOver) return this.#failed('the exchange is over');
    if (this.#nonce === null) return this.#challenge(token);
    this.#isOver = true;
    try {
      return this.#check(readResponse(token), this.#nonce);
    } catch (fault) {
      if (!(fault instanceof DigestFault)) throw fault;
      return this.#failed(`the response cannot be taken: ${fault.message}`);
    }
  }

  #challenge(token: Uint8Array): SaslStep {
    if (token.length > RESPONSE_BYTES_MAX) return this.#failed('the first token is too long');
    const nonce = Buffer.from(this.#random(NONCE_BYTES)).toString('base64');
    this.#nonce = nonce;
    const challenge = `realm="${REALM}",nonce="${nonce}",charset=utf-8,algorithm=md5-sess`;
    return { state: 'challenge', token: Buffer.from(challenge, 'latin1') };
  }

  #check(response: DigestMd5Response, nonce: string): SaslStep {
    const { user, realm, cnonce, digestUri, authorizationId, proof } = response;
    if (response.nonce !== nonce) return this.#failed('the nonce is another');
    const password = this.#users.get(user);
    // With a password that nobody has, so that an unknown user takes as long as a wrong password.
    const tried = password ?? randomBytes(NONCE_BYTES).toString('hex');
    const subject = { user, password: tried, realm, nonce, cnonce, digestUri, authorizationId };
    const proofs: DigestProofs = digestProofs(subject);
    const isRight = timingSafeEqual(Buffer.from(proof, 'latin1'), Buffer.from(proofs.client));
    if (password === undefined || !isRight) return this.#failed('wrong user or password');
    return { state: 'done', token: Buffer.from(`rspauth=${proofs.server}`), user };
  }

  #failed(reason: string): SaslStep {
    this.#isOver = true;
    return { state: 'failed', reason };
  }
}

/** What a client answers; `user` and `realm` as text, the others as bytes, one character each. */
interface DigestMd5Response {
  readonly user: string;
  readonly realm: string;
  readonly nonce: string;
  readonly cnonce: string;
  readonly digestUri: string;
  /** It is hashed, and else without meaning: Apache's servers let nobody be somebody else. */
  readonly authorizationId: string | undefined;
  /** 32 characters. */
  readonly proof: string;
}

/** What may be there once. Java's server takes no notice of the count of the nonce, `nc`, nor of what it does not know. */
const SINGLE = [
  'username',
  'realm',
  'nonce',
  'cnonce',
  'digest-uri',
  'response',
  'authzid',
  'charset',
  'qop',
  'maxbuf',
] as const;

function readResponse(token: Uint8Array): DigestMd5Response {
  const directives = readDirectives(token, RESPONSE_BYTES_MAX);
  const value = (name: (typeof SINGLE)[number]): string | undefined => directives.get(name)?.[0];
  const needed = (name: (typeof SINGLE)[number]): string => {
    const found = value(name);
    if (found === undefined) throw new DigestFault(`there is no ${name}`);
    return found;
  };
  for (const name of SINGLE) onlyDirective(directives, name);
  if ((value('charset') ?? 'utf-8') !== 'utf-8') throw new DigestFault('the charset is another');
  if ((value('qop') ?? 'auth') !== 'auth') throw new DigestFault('the qop is another');
  if (!/^\d+$/.test(value('maxbuf') ?? '0')) throw new DigestFault('maxbuf is no number');
  const digestUri = needed('digest-uri');
  if (digestUri.toLowerCase() !== DIGEST_URI) throw new DigestFault('it is for another service');
  // As UTF-8 even where the client does not say that it is, as Java reads it.
  const realm = decodedDirective(value('realm') ?? '', true);
  if (realm !== REALM) throw new DigestFault('the realm is another');
  const proof = needed('response');
  if (proof.length !== 32) throw new DigestFault('the response has not 32 digits');
  return {
    user: decodedDirective(needed('username'), true),
    realm,
    nonce: needed('nonce'),
    cnonce: needed('cnonce'),
    digestUri,
    authorizationId: value('authzid'),
    proof,
  };
}
