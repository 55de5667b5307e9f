import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { startServer } from '../../tools/zookeeper/index.ts';
import { describeReal } from './support/real-zookeeper.ts';

describeReal('TLS', () => {
  it('connects with a client certificate, and with nothing less', async () => {
    await using server = await startServer({ fastStart: true, tls: true });
    const files = server.tls!;
    const address = server.secureConnectString!;
    const tls = {
      ca: readFileSync(files.ca),
      cert: readFileSync(files.cert),
      key: readFileSync(files.key),
    };
    const zk = await connect(address, { tls });
    const data = Buffer.alloc(300_000, 'tls');
    await zk.create('/secure', data);
    expect((await zk.get('/secure')).data?.equals(data)).toBe(true);
    const many = await Promise.all(Array.from({ length: 2000 }, () => zk.exists('/secure')));
    expect(many.every((stat) => stat?.dataLength === data.length)).toBe(true);
    await zk.close();

    const { ca } = tls;
    await expect(connect(address, { tls: { cert: tls.cert, key: tls.key } })).rejects.toMatchObject(
      {
        code: 'TLS_FAILED',
        message: expect.stringMatching(/certificate/),
      },
    );
    const noCertificate = await connect(address, { tls: { ca } }).catch((error: unknown) => error);
    expect(noCertificate).toMatchObject({
      code: expect.stringMatching(/^(TLS_FAILED|CONNECT_FAILED|HANDSHAKE_CLOSED)$/),
    });
    await expect(connect(address, { connectTimeoutMs: 60_000 })).rejects.toMatchObject({
      code: expect.stringMatching(/^(HANDSHAKE_CLOSED|BAD_HANDSHAKE)$/),
    });
  });
});
