import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  type Credential,
  Credentials,
  digestCredential,
} from '../../../src/session/credentials.ts';

const textOf = (credential: Credential): string =>
  `${credential.scheme} ${Buffer.from(credential.auth as Uint8Array)}`;

const badArgument = (message: string): unknown =>
  expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining(message) });

describe('digestCredential', () => {
  it('is what the server makes a digest of', () => {
    expect(textOf(digestCredential('bob', 'p:w'))).toBe('digest bob:p:w');
    expect(textOf(digestCredential('jürgen', ''))).toBe('digest jürgen:');
  });

  it.each([
    ['', 'p', 'user must not be empty'],
    ['a:b', 'p', 'user must not have a colon'],
    [undefined, 'p', 'user must be a string, not undefined'],
    ['a', null, 'password must be a string, not object'],
    ['a', '\udc00', 'password has half a surrogate pair'],
    ['a', 'x'.repeat(65_537), 'password has 65537 bytes, the limit is 65536'],
    ['a', 'x'.repeat(65_536), 'auth has 65538 bytes, the limit is 65536'],
  ])('refuses %j with its password', (user, password, message) => {
    expect(() => digestCredential(user as string, password as string)).toThrow(
      badArgument(message),
    );
  });
});

describe('Credentials', () => {
  it('keep the order, and each once', () => {
    const credentials = new Credentials([
      { scheme: 'digest', auth: 'a:1' },
      { scheme: 'x', auth: Uint8Array.of(1, 2) },
      { scheme: 'digest', auth: Buffer.from('a:1') },
    ]);
    const kept = credentials.add(digestCredential('b', '2'));
    expect(credentials.add({ scheme: 'digest', auth: 'b:2' })).toBe(kept);
    credentials.add({ scheme: 'y', auth: Uint8Array.of(1, 2) });
    credentials.add({ scheme: 'digest', auth: 'a:1' });
    expect([...credentials].map(textOf)).toEqual([
      'digest a:1',
      'x \x01\x02',
      'digest b:2',
      'y \x01\x02',
    ]);
    expect([...credentials]).toHaveLength(4);
  });

  it('are not changed by what becomes of the bytes that were given', () => {
    const auth = Buffer.from('a:1');
    const credentials = new Credentials([{ scheme: 'digest', auth }]);
    auth.fill(0);
    expect([...credentials].map(textOf)).toEqual(['digest a:1']);
  });

  it('can grow while they are gone through', () => {
    const credentials = new Credentials([{ scheme: 'x', auth: '' }]);
    for (const { scheme } of credentials) credentials.add({ scheme: `${scheme}x`, auth: '' });
    expect([...credentials]).toHaveLength(2);
  });

  it('are 64 at most', () => {
    const credentials = new Credentials();
    for (let user = 0; user < 64; user++) credentials.add(digestCredential(`u${user}`, 'p'));
    expect(() => credentials.add(digestCredential('one', 'more'))).toThrow(
      badArgument('64 credentials at most'),
    );
    expect(textOf(credentials.add(digestCredential('u63', 'p')))).toBe('digest u63:p');
    expect([...credentials]).toHaveLength(64);
  });

  it.each([
    [{ scheme: '', auth: 'a' }, 'scheme must have 1 to 255 characters'],
    [{ scheme: 'x'.repeat(256), auth: 'a' }, 'scheme must have 1 to 255 characters'],
    [{ scheme: 5, auth: 'a' }, 'scheme must be a string, not number'],
    [{ scheme: '\ud800', auth: 'a' }, 'scheme has half a surrogate pair'],
    [{ scheme: 'x' }, 'auth must be a string, not undefined'],
    [{ scheme: 'x', auth: new Uint8Array(65_537) }, 'auth has 65537 bytes, the limit is 65536'],
  ])('refuse %#', (credential, message) => {
    const credentials = new Credentials();
    expect(() => credentials.add(credential as Credential)).toThrow(badArgument(message));
    expect([...credentials]).toHaveLength(0);
  });

  it('show no secret to who looks at them', () => {
    const secret = digestCredential('bob', 'canary-password');
    const things = [secret, new Credentials([secret]), [...new Credentials([secret])]];
    for (const thing of things) {
      const shown = inspect(thing, { showHidden: true, depth: 9, getters: true });
      expect(shown + JSON.stringify(thing) + Object.keys(thing)).not.toMatch(
        /canary|63 61 6e|99,97/,
      );
    }
    expect(JSON.stringify(secret)).toBe('{"scheme":"digest"}');
    expect(inspect(secret)).toBe("Credential { scheme: 'digest' }");
  });
});
