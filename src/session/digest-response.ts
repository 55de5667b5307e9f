import { createHash } from 'node:crypto';
import { ChallengeFault, type DigestChallenge } from './digest-challenge.ts';

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

/** The nonce is used once, so its count is always this. */
const NONCE_COUNT = '00000001';

/** RFC 2831 2.1.2: a response must be shorter than 4096. */
const RESPONSE_BYTES_MAX = 4095;

/** Answers a challenge with quality of protection `auth`, RFC 2831 2.1.2. @throws ChallengeFault */
export function digestResponse(challenge: DigestChallenge, login: DigestLogin): DigestResponse {
  const { isUtf8, nonce } = challenge;
  const { user, password, digestUri, cnonce } = login;
  const realm = chosenRealm(challenge, login.realm);
  for (const text of [user, password, realm ?? '', digestUri]) {
    if (!isUtf8 && !isLatin1(text)) {
      throw new ChallengeFault(
        'the server takes no UTF-8, which the user, password or realm needs',
      );
    }
  }
  const secret = md5(`${hashed(user)}:${hashed(realm ?? '')}:${hashed(password)}`);
  const a1 = md5(`${secret.toString('latin1')}:${nonce}:${cnonce}`).toString('hex');
  const uri = onWire(digestUri, isUtf8);
  const proof = (method: string): string => {
    const a2 = md5(`${method}:${uri}`).toString('hex');
    return md5(`${a1}:${nonce}:${NONCE_COUNT}:${cnonce}:auth:${a2}`).toString('hex');
  };
  const directives = [
    ...(isUtf8 ? ['charset=utf-8'] : []),
    `username=${quoted(onWire(user, isUtf8))}`,
    ...(realm === undefined ? [] : [`realm=${quoted(onWire(realm, isUtf8))}`]),
    `nonce=${quoted(nonce)}`,
    `nc=${NONCE_COUNT}`,
    `cnonce=${quoted(cnonce)}`,
    `digest-uri=${quoted(uri)}`,
    `response=${proof('AUTHENTICATE')}`,
    'qop=auth',
  ];
  const token = Buffer.from(directives.join(','), 'latin1');
  if (token.length > RESPONSE_BYTES_MAX) {
    throw new ChallengeFault(
      `its answer has ${token.length} bytes, ${RESPONSE_BYTES_MAX} is the most`,
    );
  }
  return { token, serverProof: proof('') };
}

/** One of those offered; a server that offers none has none. */
function chosenRealm({ realms }: DigestChallenge, wanted: string | undefined): string | undefined {
  if (wanted !== undefined) {
    if (realms.length === 0 || realms.includes(wanted)) return wanted;
    throw new ChallengeFault('the server does not offer the realm asked for');
  }
  if (realms.length <= 1) return realms[0];
  throw new ChallengeFault(`the server offers ${realms.length} realms: name one`);
}

// Below, a string is a row of bytes, one character each.

function md5(bytes: string): Buffer {
  return createHash('md5').update(bytes, 'latin1').digest();
}

function isLatin1(text: string): boolean {
  return !/[\u0100-\uffff]/.test(text);
}

function onWire(text: string, isUtf8: boolean): string {
  return isUtf8 ? utf8(text) : text;
}

/** For the hash, text that ISO 8859-1 can hold is hashed in it even where UTF-8 is spoken (RFC 2831 2.1.2.1, and Java). */
function hashed(text: string): string {
  return isLatin1(text) ? text : utf8(text);
}

function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
