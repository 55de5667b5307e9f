import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SaslDigestMd5, type SaslStep } from '../../../../src/server/auth/sasl-digest-md5.ts';
import { DIGEST_ANSWERS, DIGEST_USERS, type DigestAnswer, digestAnswer } from './digest-answer.ts';

const USERS = new Map<string, string>(Object.entries(DIGEST_USERS));
const NOTHING = Buffer.alloc(0);

/** Answers that Debian's 3.8.0 takes, and whom it takes the client for then. */
const ACCEPTED: Readonly<Record<string, string>> = {
  'a right one': 'bob',
  'a user without quotes': 'bob',
  'a user with a backslash in it': 'bob',
  'an authorization id': 'bob',
  'the authorization id of another': 'bob',
  'an empty authorization id': 'bob',
  'an empty cnonce': 'bob',
  'a nonce count left out': 'bob',
  'a nonce count of two': 'bob',
  'a short nonce count': 'bob',
  'a nonce count in quotes': 'bob',
  'a digest-uri in capitals': 'bob',
  'a qop left out': 'bob',
  'a qop in quotes': 'bob',
  'a maxbuf left out': 'bob',
  'a maxbuf of zero': 'bob',
  'a charset left out': 'bob',
  'a charset in quotes': 'bob',
  'a cipher': 'bob',
  'an unknown directive': 'bob',
  'names in capitals': 'bob',
  'white space': 'bob',
  commas: 'bob',
  'a directive twice': 'bob',
  'an unknown directive twice': 'bob',
  '3000 bytes': 'bob',
  'a user of another alphabet': '漢字',
  'a user of Latin 1': 'jürgen',
  'a user of Latin 1, UTF-8 without charset': 'jürgen',
  'a user without password': 'empty',
};

function challengeOf(exchange: SaslDigestMd5): Uint8Array {
  const step = exchange.step(NOTHING);
  return step.state === 'challenge' ? step.token : expect.unreachable(step.state);
}

function answered(answer: DigestAnswer): SaslStep {
  const exchange = new SaslDigestMd5(USERS);
  return exchange.step(digestAnswer(challengeOf(exchange), answer));
}

/** Tokens of a recorded conversation of Apache's Java client with its server, in order. */
function recordedTokens(name: string): [Buffer, Buffer, Buffer, Buffer] {
  const url = new URL(`../../../fixtures/sessions/${name}.json`, import.meta.url);
  const { records } = JSON.parse(readFileSync(url, 'utf8')) as { records: { hex: string }[] };
  const frames = records.slice(2, 6).map(({ hex }) => Buffer.from(hex, 'hex'));
  const tokens = frames.map((frame, index) => frame.subarray(index % 2 === 0 ? 16 : 24));
  return tokens as [Buffer, Buffer, Buffer, Buffer];
}

/** The nonce of a recorded server comes back. */
function recordedExchange(challenge: Buffer, password: string): SaslDigestMd5 {
  const nonce = /nonce="([^"]*)"/.exec(challenge.toString())?.[1] as string;
  return new SaslDigestMd5(new Map([['bob', password]]), () => Buffer.from(nonce, 'base64'));
}

describe('a recorded exchange of the Java client', () => {
  it('goes as with its own server', () => {
    const [first, challenge, response, proof] = recordedTokens('java-sasl');
    const exchange = recordedExchange(challenge, 'bobsecret');
    expect(exchange.step(first)).toEqual({ state: 'challenge', token: challenge });
    expect(exchange.step(response)).toEqual({ state: 'done', token: proof, user: 'bob' });
  });

  it('fails with a wrong password, as with its own server', () => {
    const [first, challenge, response] = recordedTokens('java-sasl-refused');
    const exchange = recordedExchange(challenge, 'bobsecret');
    expect(exchange.step(first)).toEqual({ state: 'challenge', token: challenge });
    expect(exchange.step(response).state).toBe('failed');
  });
});

describe('SaslDigestMd5', () => {
  it.each(Object.entries(DIGEST_ANSWERS))('as Apache does with %s', (name, answer) => {
    const end = answered(answer);
    expect(end.state === 'done' ? end.user : 'refused').toBe(ACCEPTED[name] ?? 'refused');
  });

  it('offers a new nonce each time', () => {
    const challenges = Array.from({ length: 50 }, () => `${challengeOf(new SaslDigestMd5(USERS))}`);
    expect(new Set(challenges).size).toBe(50);
    for (const challenge of challenges) {
      expect(challenge).toMatch(
        /^realm="zk-sasl-md5",nonce="[\w+/]{40}",charset=utf-8,algorithm=md5-sess$/,
      );
    }
  });

  it('lets no unknown user in with the password of another (ZOOKEEPER-4839)', () => {
    expect(answered({}).state).toBe('done');
    expect(answered({ user: 'eve', password: 'bobsecret' }).state).toBe('failed');
    expect(answered({ user: 'eve', password: '' }).state).toBe('failed');
    expect(answered({ user: '__proto__', password: 'undefined' }).state).toBe('failed');
  });

  it('takes one answer', () => {
    for (const answer of [{}, { password: 'guess' }]) {
      const exchange = new SaslDigestMd5(USERS);
      const challenge = challengeOf(exchange);
      exchange.step(digestAnswer(challenge, answer));
      expect(exchange.step(digestAnswer(challenge)).state).toBe('failed');
      expect(exchange.step(NOTHING).state).toBe('failed');
    }
  });

  it('speaks first, whatever the client says', () => {
    const stepped = (length: number) => new SaslDigestMd5(USERS).step(Buffer.alloc(length)).state;
    expect([0, 1, 4096, 4097].map(stepped)).toEqual([
      'challenge',
      'challenge',
      'challenge',
      'failed',
    ]);
    const exchange = new SaslDigestMd5(USERS);
    exchange.step(Buffer.alloc(4097));
    expect(exchange.step(NOTHING).state).toBe('failed');
  });

  it('takes no answer to the challenge of another exchange', () => {
    const [one, two] = [new SaslDigestMd5(USERS), new SaslDigestMd5(USERS)];
    const answer = digestAnswer(challengeOf(one));
    challengeOf(two);
    expect(two.step(answer).state).toBe('failed');
    expect(one.step(answer).state).toBe('done');
  });

  it('tells nothing of passwords and tokens', () => {
    const exchange = new SaslDigestMd5(USERS);
    const end = exchange.step(digestAnswer(challengeOf(exchange), { password: 'canary' }));
    expect(end).toEqual({ state: 'failed', reason: 'wrong user or password' });
    const shown = inspect(exchange, { showHidden: true, depth: 9, getters: true });
    for (const secret of Object.values(DIGEST_USERS)) {
      if (secret !== '') expect(shown).not.toContain(secret);
    }
    for (const answer of Object.values(DIGEST_ANSWERS)) {
      const refused = answered(answer);
      if (refused.state === 'failed') expect(refused.reason).not.toMatch(/bob|eve|secret|xxx/);
    }
  });
});
