import { expect, it } from 'vitest';
import { isDistinguishedName } from '../../../../src/server/auth/distinguished-name.ts';
import { cpuMs } from '../../../property/cpu-time.ts';

/** What `new X500Principal(text)` of Java 17 takes. */
const TAKEN = [
  '',
  'CN=a',
  'cn=a',
  'CN = a',
  '  CN=a',
  'CN=a,O=b',
  'CN=a;O=b',
  'CN=a, O=b',
  'CN=a+O=b',
  'CN=',
  '1.2.3=a',
  'OID.1.2.3=a',
  'oid.1.2.3=a',
  '1.2.3=#0c0161',
  'CN=#0c0161',
  'CN="a,b"',
  'CN=""',
  'CN="a" ,O=b',
  'CN=a\\,b',
  'CN=a\\"b',
  'CN=a\\2c',
  'CN=\\ a',
  'CN=a\\ ',
  'CN=a=b',
  'CN=a#b',
  'CN=a b ',
  'CN= a',
  'CN=ü',
  'CN=a\nO=b',
  'EMAILADDRESS=a@b',
  'EMAIL=a',
  'DNQ=a',
  'IP=1',
  'UID=a',
  '1.2=a',
  '1.2.03=a',
  '2.999=a',
  '1.2.3.4567890123456789012=a',
];

/** What it refuses. */
const REFUSED = [
  ' ',
  'a',
  '*',
  'u:p',
  '=a',
  'CN',
  'CN=a,',
  'CN=a+',
  '+CN=a',
  'CN=a++O=b',
  'CN=a,,O=b',
  ',CN=a',
  'CN=a,O',
  'FOO=a',
  'E=a',
  'TITLE=a',
  'SN=a',
  'O.U=a',
  'CN-X=a',
  'CN=#',
  'CN=#0',
  'CN=#zz',
  'CN=#0c02616',
  'CN="a',
  'CN="a"b',
  'CN=a"b',
  'CN=a\\',
  'CN=a\\q',
  'CN=a<b',
  'CN=a>b',
  '1=a',
  '3.1=a',
  '1.40=a',
  '-1.2=a',
];

it.each(TAKEN)('takes %j', (text) => {
  expect(isDistinguishedName(text)).toBe(true);
});

it.each(REFUSED)('refuses %j', (text) => {
  expect(isDistinguishedName(text)).toBe(false);
});

it('takes time by the length of what it looks at', () => {
  const long = 'CN=\\2c" '.repeat(100_000);
  const tookMs = cpuMs(() => {
    expect(isDistinguishedName(long)).toBe(false);
    expect(isDistinguishedName(`CN=${' '.repeat(1_000_000)}<`)).toBe(false);
    expect(isDistinguishedName('CN=a,'.repeat(200_000))).toBe(false);
  });
  expect(tookMs).toBeLessThan(5_000);
});
