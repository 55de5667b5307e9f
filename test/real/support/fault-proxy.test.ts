import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';

/** Long enough that what has not come by then does not come. */
const SILENCE_MS = 300;

/** A server that sends back what it gets; silent ones keep it. */
class EchoServer {
  readonly sockets: Socket[] = [];
  readonly errors: (string | undefined)[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(serve: (socket: Socket) => void): Promise<EchoServer> {
    const server = createServer({ allowHalfOpen: true });
    const echo = new EchoServer(server);
    server.on('connection', (socket) => {
      socket.on('error', (error: NodeJS.ErrnoException) => void echo.errors.push(error.code));
      echo.sockets.push(socket);
      serve(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return echo;
  }

  get target(): { host: string; port: number } {
    return { host: '127.0.0.1', port: (this.#server.address() as AddressInfo).port };
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const echo = (socket: Socket): void => void socket.pipe(socket);

const clients = new Set<Client>();

/** A client that keeps what it hears. */
class Client {
  readonly socket: Socket;
  readonly chunks: Buffer[] = [];
  error: NodeJS.ErrnoException | null = null;

  constructor(proxy: FaultProxy) {
    this.socket = connect({ host: proxy.host, port: proxy.port });
    clients.add(this);
    this.socket.setNoDelay(true);
    this.socket.on('data', (bytes) => void this.chunks.push(bytes));
    this.socket.on('error', (error) => {
      this.error = error;
    });
  }

  static async connected(proxy: FaultProxy): Promise<Client> {
    const client = new Client(proxy);
    await once(client.socket, 'connect');
    return client;
  }

  get heard(): string {
    return Buffer.concat(this.chunks).toString();
  }

  async hears(bytes: number): Promise<string> {
    while (this.heard.length < bytes) await once(this.socket, 'data');
    return this.heard;
  }

  async closed(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close').catch(() => {});
    return this.error?.code ?? 'no error';
  }
}

function handles(): string[] {
  const names = process.getActiveResourcesInfo();
  return names.filter((name) => /^TCP|^Process|^Pipe/.test(name));
}

describe('the fault proxy', () => {
  let server: EchoServer;
  let proxy: FaultProxy;
  let handlesBefore: string[];
  beforeEach(async () => {
    handlesBefore = handles();
    server = await EchoServer.listen(echo);
    proxy = await FaultProxy.listen(server.target);
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    await server.close();
    for (const { socket } of clients) socket.destroy();
    clients.clear();
    await expect.poll(handles).toEqual(handlesBefore);
  });

  it('forwards both ways, ends included, and counts', async () => {
    const client = await Client.connected(proxy);
    const startMs = performance.now();
    client.socket.write('hello');
    expect(await client.hears(5)).toBe('hello');
    expect(proxy.lastDownMs).toBeGreaterThanOrEqual(startMs);
    expect(proxy.counters()).toEqual({ accepted: 1, open: 1, resets: 0, upBytes: 5, downBytes: 5 });
    client.socket.end(' and bye');
    expect(await client.closed()).toBe('no error');
    expect(client.heard).toBe('hello and bye');
    await expect.poll(() => proxy.counters().open).toBe(0);
    expect(proxy.counters()).toMatchObject({ resets: 0, upBytes: 13, downBytes: 13 });
  });

  it('resets every connection, on both sides', async () => {
    const two = [await Client.connected(proxy), await Client.connected(proxy)];
    for (const client of two) client.socket.write('x');
    for (const client of two) await client.hears(1);
    proxy.reset();
    for (const client of two) expect(await client.closed()).toBe('ECONNRESET');
    await expect.poll(() => server.sockets.map(({ closed }) => closed)).toEqual([true, true]);
    expect(server.errors).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(proxy.counters()).toMatchObject({ accepted: 2, open: 0, resets: 2 });
    const next = await Client.connected(proxy);
    next.socket.write('again');
    expect(await next.hears(5)).toBe('again');
  });

  it('passes on a reset by the server', async () => {
    const client = await Client.connected(proxy);
    client.socket.write('x');
    await client.hears(1);
    server.sockets[0]!.resetAndDestroy();
    expect(await client.closed()).toBe('ECONNRESET');
    expect(proxy.counters()).toMatchObject({ open: 0, resets: 0 });
  });

  it('resets a client whose server is not there', async () => {
    await server.close();
    const client = await Client.connected(proxy);
    expect(await client.closed()).toBe('ECONNRESET');
    server = await EchoServer.listen(echo);
  });

  it('freezes: nothing is accepted, refused, forwarded or closed, and what waited comes afterwards', async () => {
    const client = await Client.connected(proxy);
    client.socket.write('before ');
    await client.hears(7);
    await proxy.freeze();
    client.socket.write('during ');
    server.sockets[0]!.write('from the server ');
    const dialing = new Client(proxy);
    await delay(SILENCE_MS);
    expect(client.heard).toBe('before ');
    expect([client.socket.destroyed, dialing.socket.connecting]).toEqual([false, true]);
    server.sockets[0]!.end();
    await delay(SILENCE_MS);
    expect(client.socket.readableEnded).toBe(false);
    await proxy.thaw();
    expect(await client.hears(23)).toBe('before from the server ');
    await expect.poll(() => proxy.counters().upBytes).toBe(14);
    // The kernel dials again by itself, a second after the first time.
    await once(dialing.socket, 'connect');
    dialing.socket.write('late');
    expect(await dialing.hears(4)).toBe('late');
  });

  it('hangs: accepts, but nothing is forwarded', async () => {
    proxy.hang();
    const client = await Client.connected(proxy);
    client.socket.write('hello?');
    await expect.poll(() => server.sockets.length).toBe(1);
    await delay(SILENCE_MS);
    expect(client.heard).toBe('');
    expect(server.sockets.map((socket) => socket.bytesRead)).toEqual([0]);
    proxy.unhang();
    expect(await client.hears(6)).toBe('hello?');
  });

  it('slices', async () => {
    proxy.down.sliceBytes = 3;
    const client = await Client.connected(proxy);
    client.socket.write('0123456789');
    expect(await client.hears(10)).toBe('0123456789');
    expect(client.chunks.length).toBeGreaterThan(1);
  });

  it('delays, and keeps the order', async () => {
    proxy.up.delayMs = 100;
    proxy.down.delayMs = 100;
    const client = await Client.connected(proxy);
    const start = performance.now();
    client.socket.write('one ');
    await delay(20);
    proxy.up.delayMs = 0;
    client.socket.write('two');
    expect(await client.hears(7)).toBe('one two');
    expect(performance.now() - start).toBeGreaterThanOrEqual(198);
  });

  it.each(['up', 'down'] as const)('cuts after so many bytes: %s', async (direction) => {
    const client = await Client.connected(proxy);
    client.socket.write('ab');
    await client.hears(2);
    proxy[direction].cutAfterBytes = 5;
    client.socket.write('cdefghij');
    // A reset right behind data looks like an orderly end: libuv says so when it polls both at once.
    const codes = direction === 'up' ? ['ECONNRESET'] : ['ECONNRESET', 'no error'];
    expect(codes).toContain(await client.closed());
    expect(proxy.counters()).toMatchObject({ [`${direction}Bytes`]: 7, resets: 1 });
    if (direction === 'down') expect(client.heard).toBe('abcdefg');
    // Only once.
    const next = await Client.connected(proxy);
    next.socket.write('cdefghij');
    expect(await next.hears(8)).toBe('cdefghij');
  });

  it('holds a sender back when the receiver does not read', async () => {
    await proxy[Symbol.asyncDispose]();
    await server.close();
    server = await EchoServer.listen((socket) => void socket.pause());
    proxy = await FaultProxy.listen(server.target);
    const client = await Client.connected(proxy);
    const block = Buffer.alloc(1024 * 1024);
    for (let sent = 0; sent < 64; sent++) client.socket.write(block);
    await expect.poll(() => proxy.counters().upBytes).toBeGreaterThan(0);
    await delay(SILENCE_MS);
    const { upBytes } = proxy.counters();
    expect(upBytes).toBeLessThan(32 * block.length);
    client.socket.destroy();
  });
});
