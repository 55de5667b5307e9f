import {
  DigestFault,
  decodedDirective,
  onlyDirective,
  readDirectives,
} from '../codec/digest-directives.ts';

/** What a DIGEST-MD5 server says, RFC 2831 2.1.1 and 2.1.3. */

/** A challenge must be shorter than this, and so must the server's proof. */
const CHALLENGE_BYTES_MAX = 2047;

/** What the response is made of. */
export interface DigestChallenge {
  /** Realms that the server offers; often one, or none. */
  readonly realms: readonly string[];
  /** One character a byte, as it is sent back and hashed. */
  readonly nonce: string;
  /** The server takes UTF-8; otherwise ISO 8859-1. */
  readonly isUtf8: boolean;
}

/** Directives that a server names once at most. */
const SINGLE = ['nonce', 'qop', 'stale', 'maxbuf', 'charset', 'algorithm'] as const;

/** Reads the first token of a server. @throws DigestFault */
export function readDigestChallenge(token: Uint8Array): DigestChallenge {
  const directives = readDirectives(token, CHALLENGE_BYTES_MAX);
  for (const name of SINGLE) onlyDirective(directives, name);
  const one = (name: (typeof SINGLE)[number]): string | undefined => directives.get(name)?.[0];
  if (one('algorithm')?.toLowerCase() !== 'md5-sess') {
    throw new DigestFault('the algorithm is not md5-sess');
  }
  if (!listed(one('qop') ?? 'auth').includes('auth')) {
    throw new DigestFault('the server wants integrity or privacy protection, which is not spoken');
  }
  const charset = one('charset')?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8') {
    throw new DigestFault('the charset is not utf-8');
  }
  const isUtf8 = charset === 'utf-8';
  const nonce = one('nonce') ?? '';
  if (nonce === '') throw new DigestFault('there is no nonce');
  const realms = (directives.get('realm') ?? []).map((realm) => decodedDirective(realm, isUtf8));
  return { realms, nonce, isUtf8 };
}

/** Reads the server's proof, 32 hexadecimal digits in lower case. @throws DigestFault */
export function readServerProof(token: Uint8Array): string {
  const proofs = readDirectives(token, CHALLENGE_BYTES_MAX).get('rspauth') ?? [];
  const proof = proofs[0]?.toLowerCase() ?? '';
  if (proofs.length === 1 && /^[0-9a-f]{32}$/.test(proof)) return proof;
  throw new DigestFault('there is no proof in it');
}

function listed(text: string): string[] {
  return text.split(',').map((option) => option.trim().toLowerCase());
}
