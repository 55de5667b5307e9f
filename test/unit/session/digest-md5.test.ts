import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { AuthError } from '../../../src/errors.ts';
import { readDigestChallenge } from '../../../src/session/digest-challenge.ts';
import { type DigestMd5Options, digestMd5 } from '../../../src/session/digest-md5.ts';
import { digestResponse } from '../../../src/session/digest-response.ts';
import type { SaslExchange } from '../../../src/session/sasl.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');
const textOf = (token: Uint8Array | null): string => Buffer.from(token!).toString('utf8');

/** `random` whose base64 is this text. */
const randomOf = (base64: string) => (): Uint8Array => Buffer.from(base64, 'base64');

const USER: DigestMd5Options = { user: 'bob', password: 'canary-password' };
const CHALLENGE = 'realm="zk-sasl-md5",nonce="n1",charset=utf-8,algorithm=md5-sess';

function begin(options: Partial<DigestMd5Options> = {}): SaslExchange {
  return digestMd5({ ...USER, ...options }).begin({ host: 'zk1', port: 2181 });
}

function answer(challenge: string | Uint8Array, options: Partial<DigestMd5Options> = {}): string {
  const exchange = begin(options);
  exchange.start();
  return textOf(
    exchange.step(typeof challenge === 'string' ? bytes(challenge) : challenge) as Uint8Array,
  );
}

function failureOf(run: () => unknown): AuthError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(AuthError);
    return error as AuthError;
  }
  return expect.unreachable('it did not fail');
}

describe('the examples of RFC 2831', () => {
  it.each([
    [
      'imap',
      'OA6MG9tEQGm2hh',
      'OA6MHXh6VqTrRk',
      'd388dad90d4bbd760a152321f2143af7',
      'ea40f60335c427b5527b84dbabcdfffd',
    ],
    [
      'acap',
      'OA9BSXrbuRhWay',
      'OA9BSuZWMSpW8m',
      '6084c6db3fede7352c551284490fd0fc',
      '2f0b3d7c3c2e486600ef710726aa2eae',
    ],
  ])('%s', (service, nonce, cnonce, response, serverProof) => {
    const host = 'elwood.innosoft.com';
    const challenge = `realm="${host}",nonce="${nonce}",qop="auth",algorithm=md5-sess,charset=utf-8`;
    const digestUri = `${service}/${host}`;
    const login = { user: 'chris', password: 'secret', realm: undefined, digestUri, cnonce };
    const made = digestResponse(readDigestChallenge(bytes(challenge)), login);
    expect(textOf(made.token)).toBe(
      `charset=utf-8,username="chris",realm="${host}",nonce="${nonce}",nc=00000001,` +
        `cnonce="${cnonce}",digest-uri="${digestUri}",response=${response},qop=auth`,
    );
    expect(made.serverProof).toBe(serverProof);
  });
});

/** Tokens of a recorded conversation of Apache's Java client with its server, in order. */
function recordedTokens(name: string): Buffer[] {
  const url = new URL(`../../fixtures/sessions/${name}.json`, import.meta.url);
  const { records } = JSON.parse(readFileSync(url, 'utf8')) as { records: { hex: string }[] };
  const frames = records.slice(2, 6).map(({ hex }) => Buffer.from(hex, 'hex'));
  return frames.map((frame, index) => frame.subarray(index % 2 === 0 ? 16 : 24));
}

describe('a recorded exchange of the Java client', () => {
  const [first, challenge, response, proof] = recordedTokens('java-sasl') as Buffer[];
  const cnonce = /cnonce="([^"]*)"/.exec(response!.toString())![1]!;

  it('is answered alike; Java names the user twice, which is in its hash', () => {
    const exchange = begin({ random: randomOf(cnonce) });
    expect(exchange.start()).toEqual(new Uint8Array(first!));
    const directives = (token: Uint8Array): string[] =>
      textOf(token)
        .split(',')
        .filter((directive) => !/^(maxbuf|authzid|response)=/.test(directive))
        .sort();
    const ours = exchange.step(challenge!) as Uint8Array;
    expect(directives(ours)).toEqual(directives(response!));
    expect(directives(ours)).toHaveLength(8);
  });

  it('proves nothing about another exchange', () => {
    const exchange = begin();
    exchange.step(challenge!);
    expect(failureOf(() => exchange.step(proof!)).code).toBe('SASL_SERVER_UNPROVEN');
  });
});

describe('the response', () => {
  it('has a nonce of its own each time', () => {
    const nonces = Array.from(
      { length: 50 },
      () => /cnonce="([^"]+)"/.exec(answer(CHALLENGE))![1]!,
    );
    expect(new Set(nonces).size).toBe(50);
    expect(nonces.every((nonce) => Buffer.from(nonce, 'base64').length === 32)).toBe(true);
  });

  it('is made for ZooKeeper, whatever the host', () => {
    expect(answer(CHALLENGE)).toContain(',digest-uri="zookeeper/zk-sasl-md5",');
    expect(answer(CHALLENGE, { digestUri: 'other/x' })).toContain(',digest-uri="other/x",');
  });

  it('quotes what needs it, and gives the nonce back byte by byte', () => {
    const odd = answer(
      Buffer.from(
        'realm="a \\"b\\" \\\\ c",nonce="\\x\\"\xfe,=\t!",charset=UTF-8,algorithm=MD5-sess',
        'latin1',
      ),
      { user: 'a"b\\c' },
    );
    expect(odd).toContain('username="a\\"b\\\\c",realm="a \\"b\\" \\\\ c",');
    const exchange = begin();
    const token = Buffer.from('nonce="\\x\\"\xfe",charset=utf-8,algorithm=md5-sess', 'latin1');
    const binary = Buffer.from(exchange.step(token) as Uint8Array).toString('latin1');
    expect(binary).toContain('nonce="x\\"\xfe",');
    expect(binary).not.toContain('realm');
  });

  // By Python's hashlib; a real server takes these names and passwords as well.
  it.each([
    ['jürgen', 'größer', '986d3bc7ca370ce3d70e898448d574a8', '10ca6c47c320fd24907a228d63f5e008'],
    ['漢字', 'größer', 'e3fc124554b559754739f6a31438a93d', '1cd0291c2b4659ba52b2e90d052a661a'],
  ])('hashes %s and %s in ISO 8859-1 where that has them', (user, password, response, proof) => {
    const exchange = begin({ user, password, random: randomOf('AAAA') });
    expect(textOf(exchange.step(bytes(CHALLENGE)) as Uint8Array)).toContain(
      `response=${response},`,
    );
    expect(exchange.step(bytes(`rspauth=${proof}`))).toBeNull();
  });

  it('speaks UTF-8 where the server does and ISO 8859-1 where it does not', () => {
    const user = { user: 'jürgen', password: 'größer' };
    expect(answer(CHALLENGE, user)).toContain('username="jürgen"');
    const exchange = begin(user);
    const token = exchange.step(bytes('nonce="n",algorithm=md5-sess')) as Uint8Array;
    expect(Buffer.from(token).toString('latin1')).toMatch(/^username="jürgen",nonce="n"/);
    const beyond = failureOf(() => answer('nonce="n",algorithm=md5-sess', { user: '漢字' }));
    expect(beyond.message).toContain('takes no UTF-8');
  });

  it('names the only realm, or the one that was asked for', () => {
    expect(answer(CHALLENGE)).toContain('realm="zk-sasl-md5"');
    const three = `realm="a",realm="b",REALM="c",${CHALLENGE.slice(20)}`;
    expect(answer(three, { realm: 'b' })).toContain('realm="b"');
    expect(failureOf(() => answer(three)).message).toContain('offers 3 realms: name one');
    expect(failureOf(() => answer(CHALLENGE, { realm: 'b' })).code).toBe('SASL_BAD_CHALLENGE');
    expect(answer('nonce="n",algorithm=md5-sess', { realm: 'mine' })).toContain('realm="mine"');
  });

  it('does not grow beyond what a server takes', () => {
    const error = failureOf(() => answer(CHALLENGE, { user: 'u'.repeat(5000) }));
    expect([error.code, error.message]).toEqual([
      'SASL_BAD_CHALLENGE',
      expect.stringContaining('4095 is the most'),
    ]);
  });
});

describe('a challenge', () => {
  it.each([
    [
      'white space and empty elements',
      ` ,\t,realm = "zk-sasl-md5" , ,nonce="n1",\r\n charset=utf-8,algorithm="md5-sess", `,
    ],
    ['other directives, even twice', `${CHALLENGE},cipher="3des,rc4",x-new=1,x-new="2"`],
    [
      'a choice of protection',
      `${CHALLENGE},qop="auth-conf, AUTH,auth-int",maxbuf=65536,stale=false`,
    ],
  ])('with %s is taken', (_, challenge) => {
    expect(answer(challenge)).toContain('nonce="n1"');
  });

  it.each([
    ['nothing', '', 'md5-sess'],
    ['no nonce', 'algorithm=md5-sess,charset=utf-8', 'no nonce'],
    ['an empty nonce', 'nonce="",algorithm=md5-sess', 'no nonce'],
    ['two nonces', `${CHALLENGE},nonce="n2"`, 'nonce is given twice'],
    ['two algorithms', `${CHALLENGE},Algorithm=md5-sess`, 'algorithm is given twice'],
    ['two charsets', `${CHALLENGE},charset=utf-8`, 'charset is given twice'],
    ['two lists of protections', `${CHALLENGE},qop="auth",qop="auth"`, 'qop is given twice'],
    ['two buffer sizes', `${CHALLENGE},maxbuf=1,maxbuf=2`, 'maxbuf is given twice'],
    ['no algorithm', 'nonce="n"', 'md5-sess'],
    ['a weaker algorithm', 'nonce="n",algorithm=md5', 'md5-sess'],
    ['only integrity', `${CHALLENGE},qop="auth-int,auth-conf"`, 'not spoken'],
    ['another charset', 'nonce="n",algorithm=md5-sess,charset=utf-16', 'charset'],
    ['a realm that is not UTF-8', Buffer.from(`${CHALLENGE},realm="\xff"`, 'latin1'), 'not UTF-8'],
    ['an open quote', 'nonce="n,algorithm=md5-sess', 'malformed at byte 6'],
    ['an open escape', 'nonce="n\\', 'malformed at byte 6'],
    ['a name without a value', 'nonce', 'malformed at byte 0'],
    ['an empty value', 'nonce=,algorithm=md5-sess', 'malformed at byte 6'],
    ['no comma', 'nonce="n"algorithm=md5-sess', 'malformed at byte 9'],
    ['a line break in quotes', 'nonce="n\r\nx",algorithm=md5-sess', 'malformed at byte 6'],
    ['a NUL behind a backslash', 'nonce="\\\0",algorithm=md5-sess', 'malformed at byte 6'],
    ['binary', Buffer.from([0, 1, 2, 255]), 'malformed at byte 0'],
    [
      '2,048 bytes',
      `${CHALLENGE},x="${'y'.repeat(2048 - CHALLENGE.length - 5)}"`,
      '2047 is the most',
    ],
    ['a proof', `rspauth=${'0'.repeat(32)}`, 'md5-sess'],
  ])('with %s is refused', (_, challenge, message) => {
    const error = failureOf(() => answer(challenge as string));
    expect(error).toMatchObject({
      code: 'SASL_BAD_CHALLENGE',
      scheme: 'DIGEST-MD5',
      host: 'zk1:2181',
    });
    expect(error.message).toContain(message);
  });

  it('of 2,047 bytes is taken', () => {
    const filling = 'y'.repeat(2047 - CHALLENGE.length - 5);
    expect(answer(`${CHALLENGE},x="${filling}"`)).toContain('nonce="n1"');
  });

  it('that is missing means that the server has no SASL', () => {
    const exchange = begin();
    exchange.start();
    expect(failureOf(() => exchange.step(null)).code).toBe('SASL_NOT_OFFERED');
  });
});

describe("the server's proof", () => {
  it.each([
    ['none', null],
    ['an empty one', ''],
    ['a wrong one', `rspauth=${'0'.repeat(32)}`],
    ['one that is too short', 'rspauth=00'],
    ['two', `rspauth=${'0'.repeat(32)},rspauth=${'0'.repeat(32)}`],
    ['another challenge', CHALLENGE],
    ['an endless one', `rspauth=${'0'.repeat(4000)}`],
  ])('%s is refused', (_, proof) => {
    const exchange = begin();
    exchange.step(bytes(CHALLENGE));
    const error = failureOf(() => exchange.step(proof === null ? null : bytes(proof)));
    expect(error.code).toBe('SASL_SERVER_UNPROVEN');
  });

  it('may be written in upper case, but once only', () => {
    const login = { ...USER, realm: undefined, digestUri: 'zookeeper/zk-sasl-md5', cnonce: 'AAAA' };
    const { serverProof } = digestResponse(readDigestChallenge(bytes(CHALLENGE)), login);
    const proof = `rspauth="${serverProof.toUpperCase()}"`;
    const answered = (): SaslExchange => {
      const exchange = begin({ random: randomOf('AAAA') });
      exchange.step(bytes(CHALLENGE));
      return exchange;
    };
    expect(answered().step(bytes(proof))).toBeNull();
    const twice = failureOf(() => answered().step(bytes(`${proof},${proof}`)));
    expect(twice.code).toBe('SASL_SERVER_UNPROVEN');
  });
});

describe('digestMd5', () => {
  it.each([
    ['no user', { user: '' }, 'user must not be empty'],
    ['a user that is no text', { user: 7 }, 'user must be a string, not number'],
    ['no password', { password: undefined }, 'password must be a string, not undefined'],
    ['half a character', { password: '\ud800' }, 'password has half a surrogate pair'],
    ['a line break in the user', { user: 'a\nb' }, 'user must not have control characters'],
    ['a line break in the realm', { realm: 'a\nb' }, 'realm must not have control characters'],
    [
      'an endless password',
      { password: 'x'.repeat(65_537) },
      'password has 65537 bytes, the limit is 65536',
    ],
  ])('refuses %s', (_, options, message) => {
    expect(() => digestMd5({ ...USER, ...(options as object) })).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });

  it('shows no secret to who looks at it', () => {
    const mechanism = digestMd5(USER);
    const exchange = begin();
    exchange.step(bytes(CHALLENGE));
    for (const thing of [mechanism, exchange]) {
      const shown =
        inspect(thing, { showHidden: true, depth: 9, getters: true }) + JSON.stringify(thing);
      expect(shown).not.toContain('canary');
    }
    expect(mechanism.name).toBe('DIGEST-MD5');
  });
});
