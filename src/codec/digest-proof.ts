import { createHash } from 'node:crypto';
import { encodedDirective } from './digest-directives.ts';

/** The nonce is used once, so its count is always this. */
export const DIGEST_NONCE_COUNT = '00000001';

/** What both sides of SASL DIGEST-MD5 hash. Bytes are one character each, as on the wire. */
export interface DigestSubject {
  /** As text, like password and realm. */
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  /** Bytes. */
  readonly nonce: string;
  /** Bytes. */
  readonly cnonce: string;
  /** Bytes; `service/server`. */
  readonly digestUri: string;
  /** Bytes; undefined: the client does not say whom it wants to be. */
  readonly authorizationId: string | undefined;
}

/** What shows that a side knows the password: 32 hexadecimal digits each. */
export interface DigestProofs {
  readonly client: string;
  readonly server: string;
}

/** Proofs with quality of protection `auth`, RFC 2831 2.1.2.1 and 2.1.3. */
export function digestProofs(subject: DigestSubject): DigestProofs {
  const { user, password, realm, nonce, cnonce, digestUri, authorizationId } = subject;
  const secret = md5(`${hashed(user)}:${hashed(realm)}:${hashed(password)}`).toString('latin1');
  const wanted = authorizationId === undefined ? '' : `:${authorizationId}`;
  const a1 = md5(`${secret}:${nonce}:${cnonce}${wanted}`).toString('hex');
  const proof = (method: string): string => {
    const a2 = md5(`${method}:${digestUri}`).toString('hex');
    return md5(`${a1}:${nonce}:${DIGEST_NONCE_COUNT}:${cnonce}:auth:${a2}`).toString('hex');
  };
  return { client: proof('AUTHENTICATE'), server: proof('') };
}

/** Whether ISO 8859-1 can hold it. */
export function isLatin1(text: string): boolean {
  return !/[\u0100-\uffff]/.test(text);
}

/** For the hash, text that ISO 8859-1 can hold is hashed in it even where UTF-8 is spoken (RFC 2831 2.1.2.1, and Java). */
function hashed(text: string): string {
  return encodedDirective(text, !isLatin1(text));
}

function md5(bytes: string): Buffer {
  return createHash('md5').update(bytes, 'latin1').digest();
}
