import { quotedDirective, readDirectives } from '../../../../src/codec/digest-directives.ts';
import { digestProofs } from '../../../../src/codec/digest-proof.ts';

/** What a client says that wants to be let in, and how it says it. */
export interface DigestAnswer {
  readonly user?: string;
  readonly password?: string;
  /** What is hashed; sent as it is unless `directives` says otherwise. */
  readonly realm?: string;
  readonly digestUri?: string;
  readonly cnonce?: string;
  readonly nonce?: string;
  readonly authorizationId?: string;
  /** Directives as they are sent, by name; null leaves one out. */
  readonly directives?: Readonly<Record<string, string | null>>;
  /** Behind all others. */
  readonly more?: string;
}

/** The response of a client to a challenge, right in everything that `answer` does not change. */
export function digestAnswer(challenge: Uint8Array, answer: DigestAnswer = {}): Buffer {
  const theirs = readDirectives(challenge, 4096).get('nonce')?.[0] ?? '';
  const { user = 'bob', password = 'bobsecret', realm = 'zk-sasl-md5', nonce = theirs } = answer;
  const { digestUri = 'zookeeper/zk-sasl-md5', cnonce = 'Y25vbmNl', authorizationId } = answer;
  const subject = { user, password, realm, nonce, cnonce, digestUri, authorizationId };
  const directives: Record<string, string | null> = {
    charset: 'utf-8',
    username: quotedDirective(Buffer.from(user).toString('latin1')),
    realm: quotedDirective(realm),
    nonce: quotedDirective(nonce),
    nc: '00000001',
    cnonce: quotedDirective(cnonce),
    'digest-uri': quotedDirective(digestUri),
    maxbuf: '65536',
    response: digestProofs(subject).client,
    qop: 'auth',
    authzid: authorizationId === undefined ? null : quotedDirective(authorizationId),
    ...answer.directives,
  };
  const text = Object.entries(directives)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
  return Buffer.from(text + (answer.more ?? ''), 'latin1');
}

const long = (characters: number): string => 'x'.repeat(characters);

/** Responses of every kind that a server can get: it takes some, and refuses the others. */
export const DIGEST_ANSWERS: Readonly<Record<string, DigestAnswer>> = {
  'a right one': {},
  'a wrong password': { password: 'guess' },
  'no password': { password: '' },
  'an unknown user': { user: 'eve', password: 'unheard' },
  'no user': { user: '' },
  'a user left out': { directives: { username: null } },
  'a user without quotes': { directives: { username: 'bob' } },
  'a user with a backslash in it': { directives: { username: '"b\\ob"' } },
  'an authorization id': { authorizationId: 'bob' },
  'the authorization id of another': { authorizationId: 'super' },
  'an empty authorization id': { authorizationId: '' },
  'an authorization id that was not hashed': { directives: { authzid: '"bob"' } },
  'a realm left out': { directives: { realm: null } },
  'a realm left out, hashed without': { realm: '', directives: { realm: null } },
  'an empty realm': { realm: '' },
  'another realm': { realm: 'other' },
  'a realm in capitals': { realm: 'ZK-SASL-MD5' },
  'another nonce': { nonce: 'bm9uY2U=' },
  'a nonce left out': { directives: { nonce: null } },
  'a cnonce left out': { directives: { cnonce: null } },
  'an empty cnonce': { cnonce: '' },
  'a nonce count left out': { directives: { nc: null } },
  'a nonce count of two': { directives: { nc: '00000002' } },
  'a short nonce count': { directives: { nc: '1' } },
  'a nonce count in quotes': { directives: { nc: '"00000001"' } },
  'a digest-uri left out': { directives: { 'digest-uri': null } },
  'another service': { digestUri: 'other/zk-sasl-md5' },
  'another host': { digestUri: 'zookeeper/localhost' },
  'a digest-uri in capitals': { digestUri: 'ZooKeeper/ZK-SASL-MD5' },
  'a digest-uri with a service behind': { digestUri: 'zookeeper/zk-sasl-md5/zookeeper' },
  'a digest-uri with a host between': { digestUri: 'zookeeper/localhost/zk-sasl-md5' },
  'a response left out': { directives: { response: null } },
  'a response of nothing': { directives: { response: '""' } },
  'a short response': { directives: { response: 'abcdef' } },
  'a response in capitals': { directives: { response: long(32).replaceAll('x', 'A') } },
  'a qop left out': { directives: { qop: null } },
  'a qop in quotes': { directives: { qop: '"auth"' } },
  'a qop in capitals': { directives: { qop: 'AUTH' } },
  'a qop of integrity': { directives: { qop: 'auth-int' } },
  'an unknown qop': { directives: { qop: 'x' } },
  'a maxbuf left out': { directives: { maxbuf: null } },
  'a maxbuf of zero': { directives: { maxbuf: '0' } },
  'a maxbuf that is no number': { directives: { maxbuf: 'x' } },
  'a charset left out': { directives: { charset: null } },
  'a charset in quotes': { directives: { charset: '"utf-8"' } },
  'a charset in capitals': { directives: { charset: 'UTF-8' } },
  'another charset': { directives: { charset: 'iso-8859-1' } },
  'a cipher': { more: ',cipher=rc4' },
  'an unknown directive': { more: ',x-more=1,y="2"' },
  'names in capitals': { directives: { nc: null }, more: ',NC=00000001' },
  'white space': { more: ' , x = 1 ,\t y="2"\r\n' },
  commas: { more: ',,,' },
  'a directive twice': { more: ',nc=00000001' },
  'a user twice': { more: ',username="bob"' },
  'a realm twice': { more: ',realm="zk-sasl-md5"' },
  'an unknown directive twice': { more: ',x=1,x=2' },
  'a quote that is not closed': { more: ',x="1' },
  'a directive without value': { more: ',x=' },
  'a directive without name': { more: ',="x"' },
  'a name alone': { more: ',x' },
  'something behind a quote': { more: ',x="1"2' },
  'a null byte': { more: ',x="\0"' },
  '4096 bytes': { more: `,x=${long(4096)}` },
  '3000 bytes': { more: `,x=${long(2700)}` },
  'a user of another alphabet': { user: '漢字', password: '密码"\\ $x' },
  'a user of Latin 1': { user: 'jürgen', password: 'größer' },
  'a user of Latin 1, UTF-8 without charset': {
    user: 'jürgen',
    password: 'größer',
    directives: { charset: null },
  },
  'a user of Latin 1, bytes without charset': {
    user: 'jürgen',
    password: 'größer',
    directives: { charset: null, username: '"j\xfcrgen"' },
  },
  'a user of broken UTF-8': { directives: { username: '"b\xffob"' } },
  'a user without password': { user: 'empty', password: '' },
};

/** Whom the server of these answers knows. */
export const DIGEST_USERS = {
  bob: 'bobsecret',
  jürgen: 'größer',
  漢字: '密码"\\ $x',
  empty: '',
} as const;
