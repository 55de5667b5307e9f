import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RecordingProxy } from '../../src/cli/recording-proxy.ts';
import {
  ConnectError,
  type ConnectOptions,
  connect,
  type LinkError,
  type StateEvent,
} from '../../src/client/index.ts';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { throwAwayCertificate } from '../unit/transport/loopback.ts';
import { describeReal, isApache } from './support/real-zookeeper.ts';

/** The client's certificate, as ACLs know it. */
const X509 = [{ perms: 31, id: { scheme: 'x509', id: 'CN=zkwire client' } }];

describeReal('TLS and a real server', () => {
  let server: ZooKeeperServer;
  let tls: Required<Pick<ConnectionOptions, 'ca' | 'cert' | 'key'>>;
  let nodes = 0;

  const fresh = (): string => `/tls${++nodes}`;

  beforeAll(async () => {
    server = await startServer({ fastStart: true, tls: true, configLines: ['forceSync=no'] });
    const { ca, cert, key } = server.tls!;
    tls = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key) };
  });

  afterAll(() => server?.stop());

  /** Tries where it must fail: what with, how often, and what of it crossed the wire. */
  async function refusal(
    port: number,
    options: ConnectOptions,
  ): Promise<{ error: ConnectError; states: StateEvent[]; firstBytes: string[] }> {
    const proxy = await RecordingProxy.start({ targetHost: '127.0.0.1', targetPort: port });
    const states: StateEvent[] = [];
    const error: unknown = await connect(proxy.address, {
      ...options,
      // Who waits for it is not refused at once, and gets another error.
      connectTimeoutMs: 60_000,
      onState: (event) => states.push(event),
    }).then(
      () => expect.unreachable('it connected'),
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ConnectError);
    expect((error as ConnectError).host).toBe(proxy.address);
    await expect.poll(() => proxy.endedConnections).toBe(1);
    expect(proxy.acceptedConnections).toBe(1);
    await proxy.stop();
    const firstBytes = [...proxy.records()]
      .filter(({ dir }) => dir === 'c2s')
      .map(({ hex }) => hex.slice(0, 2));
    return { error: error as ConnectError, states, firstBytes };
  }

  /** What Node or OpenSSL says, below the LinkError. */
  const reasonOf = (error: ConnectError): string | undefined =>
    ((error.cause as LinkError).cause as NodeJS.ErrnoException).code;

  /** TLS records of a handshake or an alert: nothing of the client's went out in clear. */
  const ONLY_TLS = /^1[4567]$/;

  it("knows a client by its certificate, and keeps others out of the client's nodes", async () => {
    const path = fresh();
    await using zk = await connect(server.secureConnectString!, { tls });
    expect(await zk.whoAmI()).toContainEqual({ scheme: 'x509', user: 'CN=zkwire client' });
    await zk.create(path, 'x', { acl: X509 });
    expect((await zk.get(path)).data?.toString()).toBe('x');
    await using plain = await connect(server.connectString);
    await expect(plain.get(path)).rejects.toMatchObject({ code: 'NOAUTH' });
  });

  it('goes by the name that was written', async () => {
    const { securePort } = server;
    for (const host of ['localhost', '127.0.0.1']) {
      await using zk = await connect(`${host}:${securePort}`, { tls });
      expect(zk.host).toBe(`${host}:${securePort}`);
      await zk.exists('/');
    }
    const servername = 'localhost';
    await using zk = await connect(server.secureConnectString!, { tls: { ...tls, servername } });
    await zk.exists('/');
  });

  it('stays TLS over reconnects, with the identity of the certificate', async () => {
    const target = { targetHost: '127.0.0.1', targetPort: server.securePort! };
    const proxy = await RecordingProxy.start(target);
    const path = fresh();
    const zk = await connect(proxy.address, { tls });
    const { sessionId } = zk;
    await zk.create(path, 'x', { acl: X509 });
    for (let round = 1; round <= 3; round++) {
      proxy.hold();
      await expect.poll(() => zk.connected).toBe(false);
      const reads = Array.from({ length: 10 }, () => zk.get(path));
      proxy.release();
      await Promise.all(reads);
    }
    expect(zk.sessionId).toBe(sessionId);
    const first = new Map<number, string>();
    for (const { conn, dir, hex } of proxy.records()) {
      if (dir === 'c2s' && !first.has(conn)) first.set(conn, hex.slice(0, 2));
    }
    // 0x16: a TLS handshake.
    expect([...first.values()]).toEqual(['16', '16', '16', '16']);
    await zk.close();
    await proxy.stop();
  });

  it.each<[string, () => ConnectionOptions, RegExp]>([
    [
      'another name',
      () => ({ ...tls, servername: 'other.test' }),
      /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    ],
    [
      'an unknown authority',
      () => ({ cert: tls.cert, key: tls.key }),
      /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)$/,
    ],
    [
      'another authority',
      () => ({ ...tls, ca: throwAwayCertificate()!.cert }),
      // OpenSSL's servers send their authority along, Java's do not.
      /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN)$/,
    ],
    [
      'no client certificate',
      () => ({ ca: tls.ca, maxVersion: 'TLSv1.2' }),
      /BAD_CERTIFICATE|HANDSHAKE_FAILURE/,
    ],
    [
      'a TLS that the server does not have',
      () => ({ ...tls, ...(isApache ? { minVersion: 'TLSv1.3' } : { maxVersion: 'TLSv1.1' }) }),
      /PROTOCOL_VERSION|NO_PROTOCOLS_AVAILABLE/,
    ],
  ])('with %s fails at once, and nothing is sent in clear', async (_, options, reason) => {
    const { error, states, firstBytes } = await refusal(server.securePort!, { tls: options() });
    expect([error.code, reasonOf(error)]).toEqual(['TLS_FAILED', expect.stringMatching(reason)]);
    expect(states.map(({ state }) => state)).toEqual(['connecting', 'refused', 'closed']);
    expect(firstBytes.filter((byte) => !ONLY_TLS.test(byte))).toEqual([]);
  });

  it('with a certificate that the server does not know fails at once', async () => {
    const { cert, key } = throwAwayCertificate()!;
    const { error } = await refusal(server.securePort!, { tls: { ca: tls.ca, cert, key } });
    // Node's servers look when TLS stands already, and hang up without an alert.
    expect(error.code).toBe(isApache ? 'TLS_FAILED' : 'HANDSHAKE_CLOSED');
  });

  // Servers with Java 8 or of 3.8 speak TLS 1.2 unless they are told otherwise.
  if (isApache) {
    process.stderr.write(
      'a refusal over TLS 1.3 is tried on the embedded server only: 3.8 speaks 1.2\n',
    );
  }
  it.skipIf(isApache)('with no client certificate fails at once with TLS 1.3 too', async () => {
    const { error } = await refusal(server.securePort!, {
      tls: { ca: tls.ca, minVersion: 'TLSv1.3' },
    });
    expect([error.code, reasonOf(error)]).toEqual([
      'TLS_FAILED',
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    ]);
  });

  it('at a plain port fails at once, without a second try in clear', async () => {
    const { error, firstBytes } = await refusal(server.port, { tls });
    expect([error.code, reasonOf(error)]).toEqual(['TLS_FAILED', 'ECONNRESET']);
    expect(firstBytes).toEqual(['16']);
  });

  it('missing at a TLS port fails at once', async () => {
    const { error, states } = await refusal(server.securePort!, {});
    expect(['HANDSHAKE_CLOSED', 'BAD_HANDSHAKE']).toContain(error.code);
    expect(states.map(({ state }) => state)).toEqual([
      'connecting',
      'connected',
      'disconnected',
      'refused',
      'closed',
    ]);
  });

  it('tries the next server when one cannot be trusted', async () => {
    const states: StateEvent[] = [];
    const { port, securePort } = server;
    await using zk = await connect(`127.0.0.1:${port},localhost:${securePort}`, {
      tls,
      connectRounds: 2,
      onState: (event) => states.push(event),
    });
    expect(zk.host).toBe(`localhost:${securePort}`);
    const tried = states.filter(({ state }) => state === 'connecting');
    expect(tried.length).toBeLessThanOrEqual(2);
  });
});
