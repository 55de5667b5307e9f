/**
 * What a DIGEST-MD5 server says, RFC 2831 2.1.1 and 2.1.3, read strictly: it comes from the network
 * before anybody has proved anything. Text is kept as one character a byte until its charset is known.
 */

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

/** The server's token cannot be taken. The message has none of its text in it. */
export class ChallengeFault extends Error {
  override readonly name = 'ChallengeFault';
}

/** Directives that a server names once at most. */
const SINGLE = ['nonce', 'qop', 'stale', 'maxbuf', 'charset', 'algorithm'] as const;

/** Reads the first token of a server. @throws ChallengeFault */
export function readDigestChallenge(token: Uint8Array): DigestChallenge {
  const directives = readDirectives(token);
  for (const name of SINGLE) {
    if ((directives.get(name)?.length ?? 0) > 1) throw new ChallengeFault(`${name} is given twice`);
  }
  const one = (name: (typeof SINGLE)[number]): string | undefined => directives.get(name)?.[0];
  if (one('algorithm')?.toLowerCase() !== 'md5-sess') {
    throw new ChallengeFault('the algorithm is not md5-sess');
  }
  if (!listed(one('qop') ?? 'auth').includes('auth')) {
    throw new ChallengeFault(
      'the server wants integrity or privacy protection, which is not spoken',
    );
  }
  const charset = one('charset')?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8') {
    throw new ChallengeFault('the charset is not utf-8');
  }
  const isUtf8 = charset === 'utf-8';
  const nonce = one('nonce') ?? '';
  if (nonce === '') throw new ChallengeFault('there is no nonce');
  const realms = (directives.get('realm') ?? []).map((realm) => decoded(realm, isUtf8));
  return { realms, nonce, isUtf8 };
}

/** Reads the server's proof, 32 hexadecimal digits in lower case. @throws ChallengeFault */
export function readServerProof(token: Uint8Array): string {
  const proofs = readDirectives(token).get('rspauth') ?? [];
  const proof = proofs[0]?.toLowerCase() ?? '';
  if (proofs.length === 1 && /^[0-9a-f]{32}$/.test(proof)) return proof;
  throw new ChallengeFault('there is no proof in it');
}

function listed(text: string): string[] {
  return text.split(',').map((option) => option.trim().toLowerCase());
}

function decoded(text: string, isUtf8: boolean): string {
  if (!isUtf8) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'latin1'));
  } catch {
    throw new ChallengeFault('a realm is not UTF-8');
  }
}

/** Between directives: commas and white space, in any number. */
const SEPARATOR = /[ \t\r\n,]*/y;
const NAME = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
/** Control characters have no business here, not even behind a backslash. */
const QUOTED = /"((?:[\t !#-[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*)"/y;
const BEHIND = /[ \t\r\n]*(?:,|$)/y;

/** `name=value, name="value", ...`: values by the lower-case name, in order. */
function readDirectives(token: Uint8Array): Map<string, string[]> {
  if (token.length > CHALLENGE_BYTES_MAX) {
    throw new ChallengeFault(`it has ${token.length} bytes, ${CHALLENGE_BYTES_MAX} is the most`);
  }
  const text = Buffer.from(token.buffer, token.byteOffset, token.length).toString('latin1');
  const directives = new Map<string, string[]>();
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) throw new ChallengeFault(`it is malformed at byte ${at}`);
    at = pattern.lastIndex;
    return match;
  };
  for (take(SEPARATOR); at < text.length; take(SEPARATOR)) {
    const name = take(NAME)[1]!.toLowerCase();
    const value = text[at] === '"' ? unquoted(take(QUOTED)[1]!) : take(TOKEN)[0];
    take(BEHIND);
    const values = directives.get(name);
    if (values === undefined) directives.set(name, [value]);
    else values.push(value);
  }
  return directives;
}

function unquoted(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}
