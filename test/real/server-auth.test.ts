import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AccessControl } from '../../src/server/auth/access-control.ts';
import { ConnectionIds } from '../../src/server/auth/connection-ids.ts';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { SUPER_DIGEST } from '../unit/server/requests/write-cases.ts';
import { create, entry } from '../unit/server/requests/write-requests.ts';
import { RawWriter } from './support/raw-writes.ts';
import { describeApache } from './support/real-zookeeper.ts';

const AUTH_FAILED = -115;

const CREDENTIALS: readonly (readonly [scheme: string | null, auth: string | null])[] = [
  ['digest', 'u:p'],
  ['digest', 'u:p'],
  ['digest', 'u'],
  ['digest', ''],
  ['digest', 'a:b:c'],
  ['digest', 'ü:ß'],
  ['digest', 'super:admin'],
  ['digest', null],
  ['ip', ''],
  ['ip', null],
  ['world', 'anyone'],
  ['auth', ''],
  ['super', ''],
  ['sasl', 'u'],
  ['ensemble', 'x'],
  ['foo', 'bar'],
  ['', ''],
  [null, null],
];

/** Names of ACLs whose validity is a matter of syntax. */
const ACL_IDS: readonly (readonly [scheme: string, id: string])[] = [
  ...[
    'CN=a',
    'cn=a, O=b',
    '',
    'a',
    'FOO=a',
    '1.2.3=a',
    'CN=a,',
    'CN="a,b"',
    'CN=a\\q',
    'CN=a<b',
  ].map((id) => ['x509', id] as const),
  ...[
    '::1',
    '::',
    '1::2::3',
    '2001:db8::/32',
    '::1/129',
    '::1/',
    '12345::',
    '::1.2.3.4',
    '1:2',
  ].map((id) => ['ip', id] as const),
  // Java takes the digits of any script, but of the first 65,536 characters only.
  ...[
    '١٢٧.0.0.1',
    '１２７.0.0.1/２４',
    '127.0.0.1/-٠',
    '127.0.0.²',
    '127.0.0.Ⅷ',
    '127.0.0.𝟏',
    '127.0.0.०१٢',
    '127.0.0.1/３٣',
    '+১.꯱.᧑.๒',
    '᥆.᮰.꩐.꘠',
    '1.2.3.᧚',
  ].map((id) => ['ip', id] as const),
  ...['-1::', '+a::', '::-1/128', '1:2:3:4:5:6:7:8', '1:2:3:4::5:6:7:8', ':::'].map(
    (id) => ['ip', id] as const,
  ),
];

describeApache('identities on a real server and as access control knows them', () => {
  let server: ZooKeeperServer;
  let tls: ConnectionOptions;
  let access: AccessControl;

  beforeAll(async () => {
    server = await startServer({
      fastStart: true,
      tls: true,
      superDigest: SUPER_DIGEST,
      configLines: ['forceSync=no'],
      // Otherwise what it takes for text depends on the locale.
      jvmFlags: ['-Dfile.encoding=UTF-8'],
    });
    const { ca, cert, key } = server.tls!;
    tls = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
    access = new AccessControl({
      release: server.version.startsWith('3.9') ? '3.9' : '3.8',
      skipAcl: false,
      superDigest: SUPER_DIGEST,
      digestAlgorithm: 'sha1',
      hasSasl: false,
      hasTls: true,
    });
  });

  afterAll(() => server?.stop());

  function known(ids: ConnectionIds): string[] {
    return access.clientInfos(ids.list).map(({ authScheme, user }) => `${authScheme}:${user}`);
  }

  it.each(CREDENTIALS)('%s %j', async (scheme, auth) => {
    const bytes = auth === null ? null : Buffer.from(auth);
    const writer = await RawWriter.open(server, []);
    const ids = new ConnectionIds('127.0.0.1');
    const code = await writer.authenticate(scheme, bytes);
    expect(access.authenticate(scheme, bytes, ids)).toBe(code === 0 ? 'accepted' : 'refused');
    if (code === 0) {
      expect(await writer.whoAmI()).toEqual(known(ids));
      await writer.close();
    } else {
      expect(code).toBe(AUTH_FAILED);
      await writer.ended();
    }
  });

  it('lists many in the same order, whenever it is asked', async () => {
    const writer = await RawWriter.open(server, []);
    const ids = new ConnectionIds('127.0.0.1');
    for (let n = 0; n < 60; n++) {
      const credential = Buffer.from(n % 7 === 3 ? 'again:and again' : `user${n * n}:${n}`);
      expect(await writer.authenticate('digest', credential)).toBe(0);
      access.authenticate('digest', credential, ids);
      expect(await writer.whoAmI()).toEqual(known(ids));
    }
    const acl = [entry(31, 'auth', '')];
    await writer.write(create('/own', { acl }));
    expect(await writer.getAcl('/own')).toEqual(access.fixed(acl, ids.list));
    await writer.close();
  });

  it('knows who comes over TLS by the certificate', async () => {
    const writer = await RawWriter.open(server, [], tls);
    const ids = new ConnectionIds('127.0.0.1');
    access.addCertificate(new X509Certificate(tls.cert as Buffer), ids);
    expect(known(ids)).toContain('x509:CN=zkwire client');
    expect(await writer.whoAmI()).toEqual(known(ids));
    expect(await writer.authenticate('x509', null)).toBe(0);
    expect(await writer.whoAmI()).toHaveLength(2);
    await writer.close();
    const plain = await RawWriter.open(server, []);
    expect(await plain.authenticate('x509', null)).toBe(AUTH_FAILED);
    await plain.ended();
  });

  it('takes the same names in ACLs', async () => {
    const writer = await RawWriter.open(server, []);
    for (const [index, [scheme, id]] of ACL_IDS.entries()) {
      const acl = [entry(31, scheme, id)];
      const path = `/name${index}`;
      const real = await writer.write(create(path, { acl }));
      const fixed = access.fixed(acl, []);
      const ours = typeof fixed === 'number' ? `${fixed}` : `ok ${path}`;
      expect.soft(ours, `${scheme} ${JSON.stringify(id)}`).toBe(real);
    }
    await writer.close();
  });
});
