import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { certificateSubject } from '../../../../src/server/auth/certificate-subject.ts';
import { CERTIFICATE, SUBJECT } from './certificate.ts';

/** Subjects in DER, and what Java 17 makes of them: `new X500Principal(der).getName()`. */
const SUBJECTS: readonly (readonly [hex: string, text: string])[] = [
  [
    '306a310b3009060355040613024445310f300d06035504080c0642617965726e3111300f06035504070c084dc3bc6e6368656e311a3018060355040a0c11412c20422b43203c783e3b2271225c233d310a3008060355040b0c0175310f300d06035504030c06636c69656e74',
    'CN=client,OU=u,O=A\\, B\\+C \\<x\\>\\;\\"q\\"\\\\\\#\\=,L=München,ST=Bayern,C=DE',
  ],
  [
    '304e3115301306035504030c0c206c65616420747261696c20310e300c06035504030c052368617368310d300b06035504030c04612020623109300706035504030c00310b300906035504030c022020',
    'CN=\\ \\ ,CN=,CN=a  b,CN=\\#hash,CN=\\ lead trail\\ ',
  ],
  [
    '305431133011060a0992268993f22c64011916036f726731173015060a0992268993f22c64011916076578616d706c6531133011060a0992268993f22c6401010c03626f62310f300d06035504090c065374722e2031',
    'STREET=Str. 1,UID=bob,DC=example,DC=org',
  ],
  [
    '30483114301206092a864886f70d01090116056140622e63310b3009060355040513023132310b3009060355040c0c024472310a3008060355042a0c0147310a300806035504040c0153',
    '2.5.4.4=#0c0153,2.5.4.42=#0c0147,2.5.4.12=#0c024472,2.5.4.5=#13023132,1.2.840.113549.1.9.1=#16056140622e63',
  ],
  ['30163114300806035504030c01783008060355040b0c0179', 'CN=x+OU=y'],
  ['300f310d300b06035504031e0400610062', 'CN=\\00a\\00b'],
  ['300d310b300906035504031402e462', 'CN=\ufffdb'],
  ['300f310d300b06035504031c0400000061', 'CN=#1c0400000061'],
  ['300e310c300a06035504031b0367656e', 'CN=gen'],
  ['30123110300e06035504030c076100620a0d637f', 'CN=a\\00b\n\rc\u007f'],
  ['3010310e300c060355040312053132332034', 'CN=#12053132332034'],
  ['3000', ''],
  ['300b3109300706022a030c017a', '1.2.3=#0c017a'],
  [
    '30263124302206035504030c1b2728292b2c2d2e2f3a3d3f20402a26217e5e7c5b5d7b7d25245f60',
    "CN='()\\+\\,-./:\\=? @*&!~^|[]{}%$_`",
  ],
  ['301b3119301706035504030c10656d6f6a6920f09f988020c3a965cc81', 'CN=emoji 😀 ée\u0301'],
  ['300e310c300a06035504030c030d610d', 'CN=\\\ra\\\r'],
  ['300d310b3009060355040303020001', 'CN=#03020001'],
];

function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const length = content.length < 128 ? [content.length] : [0x81, content.length];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

/** As much of a certificate as stands before and around its subject. */
function certificate(subject: Buffer, version: Buffer[]): Buffer {
  const number = der(0x02, Buffer.from([1]));
  const empty = der(0x30);
  return der(0x30, der(0x30, ...version, number, empty, empty, empty, subject, empty), empty);
}

it.each(SUBJECTS)('writes %s as Java does', (hex, text) => {
  const subject = Buffer.from(hex, 'hex');
  expect(certificateSubject(certificate(subject, []))).toBe(text);
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  expect(certificateSubject(certificate(subject, [version]))).toBe(text);
});

it('reads a certificate of OpenSSL', () => {
  expect(certificateSubject(new X509Certificate(CERTIFICATE).raw)).toBe(SUBJECT);
});

it('is not upset by what is no certificate', () => {
  const { raw } = new X509Certificate(CERTIFICATE);
  for (const bytes of ['', '30', '3080', '30850000000001', '3003020101', '0500']) {
    expect(certificateSubject(Buffer.from(bytes, 'hex'))).toBeNull();
  }
  for (let length = 0; length < raw.length; length++) {
    expect(certificateSubject(raw.subarray(0, length))).toBeNull();
  }
});
