import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { acl, connect, digestCredential, digestMd5 } from '../../src/client/index.ts';
import { readZooCfg } from '../../src/server/config/zoo-cfg.ts';
import { createServer } from '../../src/server/index.ts';
import { freePorts } from '../../tools/zookeeper/free-ports.ts';
import { digestId } from '../../tools/zookeeper/index.ts';
import { saslConfigLines, saslJvmFlags } from '../../tools/zookeeper/sasl-files.ts';
import { tlsConfigLines, writeTlsFiles } from '../../tools/zookeeper/tls-files.ts';
import { describeApache } from './support/real-zookeeper.ts';

const directory = mkdtempSync(join(tmpdir(), 'zkwire-zoo-cfg-'));

afterAll(() => rmSync(directory, { recursive: true }));

/** `-Dname=value`, as java gets it. */
function properties(flags: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    flags.map((flag) => {
      const at = flag.indexOf('=');
      return [flag.slice('-D'.length, at), flag.slice(at + 1)];
    }),
  );
}

// The files that real servers are started with here.
describeApache('a zoo.cfg that a real server is started with', () => {
  it('gives TLS, SASL, limits and a super user', async () => {
    const [port, securePort] = (await freePorts(2)) as [number, number];
    const files = writeTlsFiles(join(directory, 'tls'));
    const sasl = { users: { bob: 'bob"s \\ password' } };
    const { options, notes } = readZooCfg(
      [
        'tickTime=1000',
        `dataDir=${join(directory, 'data')}`,
        `clientPort=${port}`,
        'clientPortAddress=127.0.0.1',
        'admin.enableServer=false',
        'maxClientCnxns=0',
        '4lw.commands.whitelist=*',
        ...saslConfigLines(sasl),
        ...tlsConfigLines(files, securePort, 'need'),
      ].join('\n'),
      properties([
        ...saslJvmFlags(sasl, directory),
        '-Djute.maxbuffer=2000000',
        `-Dzookeeper.DigestAuthenticationProvider.superDigest=${digestId('super', 'secret')}`,
      ]),
    );
    expect(notes).toEqual([]);

    await using server = await createServer(options);
    expect([server.port, server.securePort]).toEqual([port, securePort]);
    const [ca, cert, key] = [files.ca, files.cert, files.key].map((file) => readFileSync(file));
    const secure = `127.0.0.1:${securePort}`;
    await using bob = await connect(secure, {
      tls: { ca, cert, key },
      sasl: digestMd5({ user: 'bob', password: sasl.users.bob }),
      frameBytesMax: 2_000_000,
      sessionTimeoutMs: 1,
    });
    expect(bob.sessionTimeoutMs).toBe(2_000);
    await bob.create('/bob', Buffer.alloc(1_500_000), { acl: acl.creatorAll });
    // Both are who made it: the certificate and the login.
    const schemes = (await bob.getAcl('/bob')).acl.map(({ id }) => id.scheme);
    expect(schemes.sort()).toEqual(['sasl', 'x509']);

    await expect(connect(secure, { tls: { ca } })).rejects.toMatchObject({ name: 'ConnectError' });
    await using nobody = await connect(`127.0.0.1:${port}`);
    await expect(nobody.get('/bob')).rejects.toMatchObject({ code: 'NOAUTH' });
    await nobody.addAuth(digestCredential('super', 'secret'));
    await nobody.delete('/bob');
  });
});
