import { describe, expect, it } from 'vitest';
import type { ACL } from '../../../../src/codec/index.ts';
import { fixedAcl } from '../../../../src/server/auth/acl-fixup.ts';
import { DigestScheme } from '../../../../src/server/auth/digest-scheme.ts';
import { IpScheme } from '../../../../src/server/auth/ip-scheme.ts';
import { SASL_SCHEME } from '../../../../src/server/auth/sasl-scheme.ts';
import { ACL_OK, ACL_REFUSED } from '../requests/write-cases.ts';
import { entry } from '../requests/write-requests.ts';

const schemes = [new DigestScheme('sha1'), new IpScheme('3.8'), SASL_SCHEME];
const IP = { scheme: 'ip', id: '127.0.0.1' };
const BOB = { scheme: 'digest', id: 'bob:hash' };
const EVE = { scheme: 'digest', id: 'eve:hash' };

function fixed(acl: readonly ACL[] | null, ids = [IP]): readonly ACL[] | number {
  return fixedAcl(acl, ids, (name) => schemes.find((scheme) => scheme.name === name));
}

/** test/real/server-prepare.test.ts asks a real server about the same. */
describe('what becomes of an ACL', () => {
  it.each(ACL_OK.map((acl) => [acl]))('%j: is kept, each entry once', (acl) => {
    const texts = new Set(acl.map((each) => JSON.stringify(each)));
    expect(fixed(acl)).toEqual([...texts].map((text) => JSON.parse(text)));
  });

  it.each(ACL_REFUSED.filter(([acl]) => acl?.[0]?.id.scheme !== 'sasl'))('%j: %i', (acl, code) => {
    expect(fixed(acl)).toBe(code);
  });

  it('has who asks in the place of auth, in order, as often as asked for', () => {
    const asked = [entry(1, 'auth', 'x'), entry(3, 'ip', '1.2.3.4'), entry(2, 'auth', '')];
    expect(fixed(asked, [EVE, IP, { scheme: 'super', id: '' }, BOB])).toEqual([
      { perms: 1, id: EVE },
      { perms: 1, id: BOB },
      asked[1],
      { perms: 2, id: EVE },
      { perms: 2, id: BOB },
    ]);
  });

  it('keeps the same name in two schemes', () => {
    const both = [entry(1, 'digest', 'a:b'), entry(1, 'sasl', 'a:b')];
    expect(fixed(both)).toEqual(both);
  });

  it('is compared in the same way where it is long', () => {
    const distinct = Array.from({ length: 40 }, (_, n) => entry(1, 'digest', `u${n}:h`));
    expect(fixed([...distinct, ...distinct])).toEqual(distinct);
    expect(fixed([...distinct, entry(2, 'digest', 'u1:h')])).toHaveLength(41);
    expect(fixed([...distinct, entry(1, 'digest', null)])).toBe(-5);
    expect(fixed([...distinct, entry(2, 'digest', null)])).toBe(-5);
    expect(fixed([...distinct, entry(1, 'ip', '1.2.3.4')])).toHaveLength(41);
  });

  // A real server compares entries of the same permissions, and trips over a scheme that is not there.
  it.each([3, 40])(
    'is refused for a null in one of %d entries as a real server stumbles',
    (count) => {
      const distinct = Array.from({ length: count }, (_, n) => entry(1, 'digest', `u${n}:h`));
      expect(fixed([...distinct, entry(1, null, null)])).toBe(-5);
      expect(fixed([...distinct, entry(1, null, 'u1:h')])).toBe(-5);
      expect(fixed([...distinct, entry(2, null, null)])).toBe(-114);
      expect(fixed([entry(1, null, 'x'), ...distinct])).toBe(-114);
      expect(fixed([...distinct, entry(1, 'digest', null)])).toBe(-5);
      expect(fixed([...distinct, entry(1, 'nosuch', null)])).toBe(-114);
      expect(fixed([entry(1, 'nosuch', 'x'), ...distinct, entry(1, 'nosuch', null)])).toBe(-5);
    },
  );
});
