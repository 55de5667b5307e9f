import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { acl, connect, type ZooKeeperClient } from '../../../src/client/index.ts';
import {
  createServer,
  type EmbeddedServer,
  type ServerOptions,
} from '../../../src/server/index.ts';
import { type TlsFiles, writeTlsFiles } from '../../../tools/zookeeper/tls-files.ts';

/** The authority that the server knows, and one that it does not. */
let known: TlsFiles;
let unknown: TlsFiles;
const directory = mkdtempSync(join(tmpdir(), 'zkwire-tls-'));
const closing: (() => Promise<unknown>)[] = [];

beforeAll(() => {
  known = writeTlsFiles(join(directory, 'known'));
  unknown = writeTlsFiles(join(directory, 'unknown'));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(
  rejectUnauthorized: boolean,
  more: ServerOptions = {},
): Promise<EmbeddedServer> {
  const both = readFileSync(known.serverKeyStore);
  const server = await createServer({
    ...more,
    securePort: 0,
    tls: {
      key: both,
      cert: both,
      ca: readFileSync(known.ca),
      requestCert: true,
      rejectUnauthorized,
    },
  });
  closing.push(() => server.close());
  return server;
}

async function client(server: EmbeddedServer, files: TlsFiles | null): Promise<ZooKeeperClient> {
  const own = files && { cert: readFileSync(files.cert), key: readFileSync(files.key) };
  const zk = await connect(server.secureConnectString ?? '', {
    tls: { ca: readFileSync(known.ca), ...own },
    connectTimeoutMs: 5_000,
  });
  closing.push(() => zk.close());
  return zk;
}

describe('a server over TLS', () => {
  it('knows who comes by the certificate', async () => {
    const server = await serve(true);
    const zk = await client(server, known);
    expect(server.secureConnectString).toBe(`127.0.0.1:${server.securePort}`);
    expect(await zk.whoAmI()).toContainEqual({ scheme: 'x509', user: 'CN=zkwire client' });
    await zk.create('/mine', 'x', { acl: acl.creatorAll });
    expect((await zk.getAcl('/mine')).acl).toEqual([
      { perms: 31, id: { scheme: 'x509', id: 'CN=zkwire client' } },
    ]);
  });

  it('lets nobody in whose certificate it does not trust', async () => {
    for (const rejectUnauthorized of [true, false]) {
      const server = await serve(rejectUnauthorized);
      await expect(client(server, unknown)).rejects.toMatchObject({ name: 'ConnectError' });
    }
  });

  it('has a super user by certificate', async () => {
    const server = await serve(false, { x509SuperUser: 'CN=zkwire client' });
    const nobody = await client(server, null);
    const nobodys = [{ perms: 31, id: { scheme: 'digest', id: 'x:y' } }];
    await nobody.create('/shut', 'x', { acl: nobodys });
    await expect(nobody.get('/shut')).rejects.toMatchObject({ code: 'NOAUTH' });
    const zk = await client(server, known);
    expect((await zk.get('/shut')).data?.toString()).toBe('x');
  });

  it('serves those without a certificate where that is allowed, as nobody', async () => {
    const server = await serve(false);
    const zk = await client(server, null);
    expect((await zk.whoAmI()).map(({ scheme }) => scheme)).toEqual(['ip']);
    await expect(zk.create('/mine', 'x', { acl: acl.creatorAll })).rejects.toMatchObject({
      code: 'INVALIDACL',
    });
  });
});
