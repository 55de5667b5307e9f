import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listenFailure } from '../../../src/cli/listen-failure.ts';

async function errorOf(port: number, host: string): Promise<unknown> {
  const server = createServer();
  const failed = once(server, 'error');
  server.listen(port, host);
  const [error] = await failed;
  return error;
}

describe('listenFailure', () => {
  it('tells of a port in use', async () => {
    const first = createServer().listen(0, '127.0.0.1');
    await once(first, 'listening');
    const { port } = first.address() as AddressInfo;
    const told = listenFailure(await errorOf(port, '127.0.0.1'));
    first.close();
    expect(told).toBe(`something else listens on 127.0.0.1:${port} already`);
  });

  it('tells of an address that is not of this machine, with any port', async () => {
    const told = 'is no address of this machine';
    expect(listenFailure(await errorOf(0, '192.0.2.1'))).toBe(`192.0.2.1 ${told}`);
    expect(listenFailure(await errorOf(2181, '192.0.2.1'))).toBe(`192.0.2.1 ${told}`);
  });

  it.each([
    [{ code: 'ENOTFOUND', syscall: 'getaddrinfo', hostname: 'zk1' }, "there is no host 'zk1'"],
    [
      { code: 'EACCES', syscall: 'listen', address: '::1', port: 80 },
      'no permission to listen on [::1]:80',
    ],
    [
      { code: 'EADDRINUSE', syscall: 'listen', port: 80 },
      'something else listens on port 80 already',
    ],
    [{ code: 'EACCES', syscall: 'open' }, null],
    [{ code: 'EMFILE', syscall: 'listen', address: '::1', port: 80 }, null],
    ['no error', null],
  ])('%j', (error, told) => {
    expect(listenFailure(error)).toBe(told);
  });
});
