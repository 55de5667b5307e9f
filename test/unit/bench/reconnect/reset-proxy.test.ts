import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
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

  it('closes one that is ending, and leaves no socket open', async () => {
    const openSockets = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    await expect.poll(openSockets).toBe(0);
    const { proxy } = await echoBehindProxy(1);
    const socket = await echoed(proxy.connectString, 'x');
    socket.on('error', () => undefined);
    // The proxy hands the end on; the reset comes while that is under way.
    const ended = net.Socket.prototype.end;
    const end = vi.spyOn(net.Socket.prototype, 'end');
    onTestFinished(() => end.mockRestore());
    end.mockImplementation(function (this: net.Socket) {
      Reflect.apply(ended, this, []);
      if (this !== socket) proxy.reset();
      return this;
    });
    socket.end();
    await expect.poll(openSockets).toBe(0);
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
