import { DigestFault, encodedDirective, quotedDirective } from '../codec/digest-directives.ts';
import { DIGEST_NONCE_COUNT, digestProofs, isLatin1 } from '../codec/digest-proof.ts';
import type { DigestChallenge } from './digest-challenge.ts';

/** Who answers a challenge, and with what. */
export interface DigestLogin {
  readonly user: string;
  readonly password: string;
  /** Undefined: the one that the server offers. */
  readonly realm: string | undefined;
  /** `service/server`. */
  readonly digestUri: string;
  /** The client's nonce: printable ASCII. */
  readonly cnonce: string;
}

/** What a challenge is answered with. */
export interface DigestResponse {
  readonly token: Uint8Array;
  /** What a server that knows the password answers in turn: 32 hexadecimal digits. */
  readonly serverProof: string;
}

/** RFC 2831 2.1.2: a response must be shorter than 4096. */
const RESPONSE_BYTES_MAX = 4095;

/** Answers a challenge with quality of protection `auth`, RFC 2831 2.1.2. @throws DigestFault */
export function digestResponse(challenge: DigestChallenge, login: DigestLogin): DigestResponse {
  const { isUtf8, nonce } = challenge;
  const { user, password, digestUri, cnonce } = login;
  const realm = chosenRealm(challenge, login.realm);
  for (const text of [user, password, realm ?? '', digestUri]) {
    if (!isUtf8 && !isLatin1(text)) {
      throw new DigestFault('the server takes no UTF-8, which the user, password or realm needs');
    }
  }
  const uri = encodedDirective(digestUri, isUtf8);
  const proofs = digestProofs({
    user,
    password,
    realm: realm ?? '',
    nonce,
    cnonce,
    digestUri: uri,
    authorizationId: undefined,
  });
  const quoted = (text: string): string => quotedDirective(encodedDirective(text, isUtf8));
  const directives = [
    ...(isUtf8 ? ['charset=utf-8'] : []),
    `username=${quoted(user)}`,
    ...(realm === undefined ? [] : [`realm=${quoted(realm)}`]),
    `nonce=${quotedDirective(nonce)}`,
    `nc=${DIGEST_NONCE_COUNT}`,
    `cnonce=${quotedDirective(cnonce)}`,
    `digest-uri=${quotedDirective(uri)}`,
    `response=${proofs.client}`,
    'qop=auth',
  ];
  const token = Buffer.from(directives.join(','), 'latin1');
  if (token.length > RESPONSE_BYTES_MAX) {
    throw new DigestFault(
      `its answer has ${token.length} bytes, ${RESPONSE_BYTES_MAX} is the most`,
    );
  }
  return { token, serverProof: proofs.server };
}

/** One of those offered; a server that offers none has none. */
function chosenRealm({ realms }: DigestChallenge, wanted: string | undefined): string | undefined {
  if (wanted !== undefined) {
    if (realms.length === 0 || realms.includes(wanted)) return wanted;
    throw new DigestFault('the server does not offer the realm asked for');
  }
  if (realms.length <= 1) return realms[0];
  throw new DigestFault(`the server offers ${realms.length} realms: name one`);
}
