import { describe, expect, it } from 'vitest';
import { javaAddress, javaInt } from '../../../../src/server/auth/ip-address.ts';
import { IpScheme } from '../../../../src/server/auth/ip-scheme.ts';

const IPV4_VALID = [
  '1.2.3.4',
  '255.255.255.255',
  '01.2.3.4',
  '+1.2.3.-0',
  '1.2.3.4/0',
  '1.2.3.4/32',
  '١.２.᧓.꯴/३２',
];
const NEVER_VALID = [
  '',
  '1.2.3',
  '1.2.3.4.5',
  '1.2.3.256',
  '1.2.3.-1',
  '1.2.3.',
  '1..2.3',
  ' 1.2.3.4',
  '1.2.3.4/',
  '1.2.3.4/33',
  '1.2.3.4/-1',
  '1.2.3.4/8/8',
  '1.2.3.4/a',
  '1.2.3.²',
  '1.2.3.𝟒',
  '٢٥٦.2.3.4',
  '/8',
  'localhost',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '1:2:3:4::5:6:7:8',
  ':1::2',
  '12345::',
  'g::',
  '::1.2.3.4',
  'fe80::1%eth0',
  '::1/129',
];
const IPV6_VALID = [
  '::',
  '::1',
  '1::',
  '1:2:3:4:5:6:7:8',
  '1:2:3::6:7:8',
  'FE80::abcd',
  '::1/128',
  '2001:db8::/32',
];

describe('scheme ip', () => {
  const old = new IpScheme('3.8');
  const scheme = new IpScheme('3.9');

  it('knows addresses and networks', () => {
    expect(IPV4_VALID.filter((id) => !old.isValid(id) || !scheme.isValid(id))).toEqual([]);
    expect(NEVER_VALID.filter((id) => old.isValid(id) || scheme.isValid(id))).toEqual([]);
    expect(IPV6_VALID.filter((id) => old.isValid(id))).toEqual([]);
    expect(IPV6_VALID.filter((id) => !scheme.isValid(id))).toEqual([]);
  });

  it.each([
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['10.1.2.3', '10.9.9.9/8', true],
    ['10.1.2.3', '11.1.2.3/8', false],
    ['10.1.2.3', '10.0.0.0/15', true],
    ['10.2.2.3', '10.0.0.0/15', false],
    ['10.1.2.255', '10.1.2.254/31', true],
    ['10.1.2.253', '10.1.2.254/31', false],
    ['10.1.2.3', '200.0.0.0/0', true],
    ['10.1.2.3', '10.1.2', false],
    ['0:0:0:0:0:0:0:1', '::1', true],
    ['0:0:0:0:0:0:0:2', '::1', false],
    ['2001:db8:0:0:0:0:0:2', '2001:db8::/33', true],
    ['2001:db8:8000:0:0:0:0:2', '2001:db8::/33', false],
    ['0:0:0:0:0:0:0:1', '0.0.0.1/0', false],
    ['10.1.2.3', '::/0', false],
  ])('%s and %s: %s', (id, aclId, isMatch) => {
    expect(scheme.matches(id, aclId)).toBe(isMatch);
    expect(old.matches(id, aclId)).toBe(isMatch && !aclId.includes(':'));
  });
});

describe('numbers as Java reads them', () => {
  it.each([
    ['2147483647', 10, 2_147_483_647],
    ['2147483648', 10, null],
    ['-2147483648', 10, -2_147_483_648],
    ['-2147483649', 10, null],
    ['+', 10, null],
    ['', 10, null],
    ['-0', 10, 0],
    ['a', 10, null],
    ['Ｆｆ', 16, 255],
    ['７fＡ', 16, 0x7fa],
    ['g', 16, null],
    ['Ｇ', 16, null],
  ] as const)('%j of radix %d: %s', (text, radix, value) => {
    expect(javaInt(text, radix)).toBe(value);
  });

  it('the digits of every script up to U+FFFF', () => {
    const units = Array.from({ length: 0x1_0000 }, (_, unit) => String.fromCharCode(unit));
    const values = units.flatMap((unit) => javaInt(unit, 10) ?? []);
    expect(values).toHaveLength(370);
    expect(values.every((value, index) => value === index % 10)).toBe(true);
  });
});

describe('addresses as Java writes them', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['2001:db8::8:800:200c:417a', '2001:db8:0:0:8:800:200c:417a'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1%eth0'],
    ['64:ff9b::1.2.3.4', '64:ff9b:0:0:0:0:102:304'],
  ])('%s is %s', (address, written) => {
    expect(javaAddress(address)).toBe(written);
  });
});
