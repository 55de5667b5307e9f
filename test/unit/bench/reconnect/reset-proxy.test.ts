import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ResetProxy } from '../../../../bench/reconnect/reset-proxy.ts';
import { systemMs } from '../../../../bench/reconnect/system-time.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server that sends back what it gets, behind a proxy. */
async function echoBehindProxy(addresses: number) {
  const accepted: net.Socket[] = [];
  const errors: string[] = [];
  const server = net.createServer((socket) => {
    accepted.push(socket);
    socket.on('error', (error: NodeJS.ErrnoException) => errors.push(error.code ?? ''));
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const proxy = await ResetProxy.listen(`127.0.0.1:${port}`, addresses);
  closers.push(
    () => proxy.close(),
    () => server.close(),
  );
  return { proxy, accepted, errors };
}

async function echoed(connectString: string, text: string): Promise<net.Socket> {
  const [host = '', port = ''] = connectString.split(':');
  const socket = net.connect({ host, port: Number(port) });
  socket.write(text);
  expect(String((await once(socket, 'data'))[0])).toBe(text);
  return socket;
}

describe('ResetProxy', () => {
  it('has as many addresses as asked for, all of one server', async () => {
    const { proxy } = await echoBehindProxy(3);
    const addresses = proxy.connectString.split(',');
    expect(new Set(addresses).size).toBe(3);
    for (const address of addresses) (await echoed(address, address)).destroy();
  });

  it('resets both sides and tells when, and goes on', async () => {
    const { proxy, errors } = await echoBehindProxy(1);
    const socket = await echoed(proxy.connectString, 'before');
    const before = systemMs();
    const failed = once(socket, 'error');
    const { startMs, doneMs } = proxy.reset();
    expect([before <= startMs, startMs <= doneMs, doneMs <= systemMs()]).toEqual([
      true,
      true,
      true,
    ]);
    expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
    await expect.poll(() => errors).toEqual(['ECONNRESET']);
    (await echoed(proxy.connectString, 'after')).destroy();
  });

  it('closes the one side when the other is closed', async () => {
    const { proxy, accepted } = await echoBehindProxy(1);
    const socket = await echoed(proxy.connectString, 'x');
    accepted[0]?.destroy();
    await once(socket, 'close');
    const again = await echoed(proxy.connectString, 'y');
    const gone = once(accepted[1] as net.Socket, 'close');
    again.destroy();
    await gone;
  });
});
