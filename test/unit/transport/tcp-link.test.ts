import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { SlabPool } from '../../../src/codec/slab-pool.ts';
import { LinkError } from '../../../src/errors.ts';
import {
  type DialOptions,
  dial,
  formatHost,
  linkOverSocket,
} from '../../../src/transport/tcp-link.ts';
import { expiredCertificate, LoopbackServer, throwAwayCertificate } from './loopback.ts';
import { destroyed, RecordingHandler } from './recording-handler.ts';

const certificate = throwAwayCertificate();
if (certificate === null) console.warn('TLS is not tested: there is no openssl on this machine');

/** Nobody listens there (tcpmux). A port that was just let go may be somebody else's by now. */
const CLOSED_PORT = 1;

describe('dial that leads nowhere', () => {
  const openSockets = (): number =>
    process.getActiveResourcesInfo().filter((name) => /TCP|TLS/.test(name)).length;

  async function failure(options: Partial<DialOptions>): Promise<LinkError> {
    const pool = new SlabPool();
    const before = openSockets();
    const error = await dial({ host: '127.0.0.1', port: CLOSED_PORT, pool, ...options }).then(
      () => expect.unreachable('connected'),
      (reason: unknown) => reason as LinkError,
    );
    expect(pool.counters().outstanding).toBe(0);
    // Peers of this and earlier tests may still be closing; a leaked handle would stay.
    await expect.poll(openSockets).toBeLessThanOrEqual(before);
    return error;
  }

  it('is a LinkError when the port is closed', async () => {
    const error = await failure({});
    expect(error).toBeInstanceOf(LinkError);
    expect(error.code).toBe('LINK_FAILED');
    expect(error.host).toBe(`127.0.0.1:${CLOSED_PORT}`);
    expect((error.cause as NodeJS.ErrnoException).code).toBe('ECONNREFUSED');
  });

  it('says why in its message when every address of a name refuses', async () => {
    const error = await failure({ host: 'localhost' });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('is a LinkError when the name cannot be resolved', async () => {
    const error = await failure({ host: 'no-such-host.invalid' });
    expect(error.code).toBe('LINK_FAILED');
    expect((error.cause as NodeJS.ErrnoException).syscall).toBe('getaddrinfo');
  });

  it.each([0, -1, 65_536, 1.5, Number.NaN])('is a LinkError for port %d', async (port) => {
    const error = await failure({ port });
    expect(error.code).toBe('LINK_FAILED');
    expect(error.message).toContain(`not ${port}`);
  });

  it('is a LinkError for TLS options that Node refuses', async () => {
    const error = await failure({ tls: { cert: 'no certificate' } });
    expect(error.code).toBe('LINK_FAILED');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('rejects with the reason of its signal: fired before, during, not after', async () => {
    const server = await LoopbackServer.listen();
    const reason = new Error('changed my mind');
    expect(await failure({ signal: AbortSignal.abort(reason) })).toBe(reason);

    const during = new AbortController();
    const failed = failure({ port: server.port, signal: during.signal });
    during.abort(reason);
    expect(await failed).toBe(reason);

    const after = new AbortController();
    const link = await dial({ host: '127.0.0.1', port: server.port, signal: after.signal });
    const handler = new RecordingHandler();
    link.start(handler);
    after.abort(reason);
    link.destroy(destroyed());
    expect((await handler.ended()).code).toBe('LINK_DESTROYED');
    await server.close();
  });

  it.skipIf(certificate === null).each([
    ['is not trusted', {}, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['has another name', { servername: 'other.test' }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('is TLS_FAILED when the certificate %s', async (_, tls, code) => {
    const server = await LoopbackServer.listen(certificate);
    const ca = 'servername' in tls ? { ca: certificate!.cert } : {};
    const error = await failure({ port: server.port, tls: { ...tls, ...ca } });
    expect(error).toBeInstanceOf(LinkError);
    expect([error.code, (error.cause as NodeJS.ErrnoException).code]).toEqual(['TLS_FAILED', code]);
    await server.close();
  });

  it.skipIf(certificate === null)('is TLS_FAILED when the certificate has expired', async () => {
    const expired = expiredCertificate();
    const server = await LoopbackServer.listen(expired);
    const error = await failure({ port: server.port, tls: { ca: expired.cert } });
    const cause = error.cause as NodeJS.ErrnoException;
    expect([error.code, cause.code]).toEqual(['TLS_FAILED', 'CERT_HAS_EXPIRED']);
    await server.close();
  });

  it('is TLS_FAILED when the peer hangs up before TLS stands', async () => {
    const server = await LoopbackServer.listen();
    void server.accepted().then((socket) => socket.end());
    const error = await failure({ port: server.port, tls: {} });
    expect(error.code).toBe('TLS_FAILED');
    expect((error.cause as NodeJS.ErrnoException).code).toBe('ECONNRESET');
    await server.close();
  });

  it('is LINK_FAILED, with TLS too, when there is nobody to speak it with', async () => {
    expect((await failure({ tls: {} })).code).toBe('LINK_FAILED');
  });

  it('is TLS_FAILED when the peer speaks something else', async () => {
    const server = await LoopbackServer.listen();
    void server.accepted().then((socket) => socket.write('SSH-2.0-none\r\n'));
    expect((await failure({ port: server.port, tls: {} })).code).toBe('TLS_FAILED');
    await server.close();
  });

  it.skipIf(certificate === null).each([
    ['localhost', undefined, 'localhost'],
    ['localhost', '127.0.0.1.test', null],
    ['127.0.0.1', 'localhost', 'localhost'],
    ['127.0.0.1', undefined, false],
  ])(
    'over TLS to %s as %s asks for the name as it was written',
    async (host, servername, asked) => {
      const server = await LoopbackServer.listen(certificate);
      const accepted = server.accepted();
      const ca = certificate!.cert;
      const tls = servername === undefined ? { ca } : { ca, servername };
      const dialled = dial({ host, port: server.port, tls });
      if (asked === null) {
        await expect(dialled).rejects.toMatchObject({ code: 'TLS_FAILED' });
      } else {
        expect(((await accepted) as TLSSocket).servername).toBe(asked);
        (await dialled).destroy(destroyed());
      }
      await server.close();
    },
  );

  it('sets TCP_NODELAY on sockets that are handed in', async () => {
    const server = await LoopbackServer.listen();
    const accepted = server.accepted();
    const socket = connect(server.port, '127.0.0.1');
    let noDelay = false;
    socket.setNoDelay = (on) => {
      noDelay = on === true;
      return socket;
    };
    const link = linkOverSocket(socket);
    expect(noDelay).toBe(true);
    await accepted;
    link.destroy(destroyed());
    await server.close();
  });
});

describe('formatHost', () => {
  it('puts brackets around IPv6 addresses', () => {
    expect(formatHost('zk1.example.com', 2181)).toBe('zk1.example.com:2181');
    expect(formatHost('::1', 2181)).toBe('[::1]:2181');
  });
});
