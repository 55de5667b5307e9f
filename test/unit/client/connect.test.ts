import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/connect.ts';
import type { ConnectOptions } from '../../../src/client/connect-options.ts';
import { CONNECT_ERROR_CODES, ConnectError, ZkwireError } from '../../../src/errors.ts';
import { SessionTicket } from '../../../src/session/index.ts';
import { dataReply, reply } from '../pipeline/frames.ts';
import { ManualClock } from '../session/manual-clock.ts';

const ACCEPTED = Buffer.from(
  `00000025000000000000${(12_000).toString(16).padStart(4, '0')}000000000000007700000010${'5a'.repeat(16)}00`,
  'hex',
);

const servers = new Set<FakeServer>();

interface FakeServer extends AsyncDisposable {
  readonly connectString: string;
  readonly sockets: Socket[];
}

/** A server on loopback that does `serve` with each connection. */
async function fakeServer(serve: (socket: Socket) => void): Promise<FakeServer> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake = {
    connectString: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    async [Symbol.asyncDispose](): Promise<void> {
      servers.delete(fake);
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  servers.add(fake);
  return fake;
}

/** Answers the handshake, then every request whose frame came whole with an empty getData reply. */
function zooKeeper(socket: Socket): void {
  let greeted = false;
  socket.on('data', (bytes) => {
    if (!greeted) {
      greeted = true;
      socket.write(ACCEPTED);
      return;
    }
    for (let at = 0; at < bytes.length; at += 4 + bytes.readInt32BE(at)) {
      const xid = bytes.readInt32BE(at + 4);
      socket.write(bytes.readInt32BE(at + 8) === -11 ? reply(xid) : dataReply(xid, 'x'));
    }
  });
}

/** Leaves the servers in the order of the connect string. */
const inOrder = (): number => 1 - Number.EPSILON;

const silent = (socket: Socket): void => void socket.resume();
const hangUp = (socket: Socket): void => void socket.resume().end();

async function failureOf(
  connectString: string,
  options: ConnectOptions = {},
): Promise<ConnectError> {
  const error: unknown = await connect(connectString, options).then(
    () => expect.unreachable('connected'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConnectError);
  return error as ConnectError;
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}

/** What of this kind the process waits for. */
function handles(kind: RegExp): number {
  return process.getActiveResourcesInfo().filter((name) => kind.test(name)).length;
}

afterEach(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});

describe('connect', () => {
  it('gives a client, which works and closes', async () => {
    const server = await fakeServer(zooKeeper);
    const states: string[] = [];
    const zk = await connect(server.connectString, {
      onState: ({ state }) => states.push(state),
    });
    expect([zk.host, zk.sessionId, zk.sessionTimeoutMs]).toEqual([
      server.connectString,
      0x77n,
      12_000,
    ]);
    expect((await zk.get('/a')).data).toEqual(Buffer.from('x'));
    await zk.close();
    expect(states).toEqual(['connecting', 'connected', 'session', 'disconnected', 'closed']);
  });

  it('goes on to the next server until one gives a session', async () => {
    const [hung, good] = [await fakeServer(hangUp), await fakeServer(zooKeeper)];
    const zk = await connect(`127.0.0.1:1,${hung.connectString},${good.connectString}`, {
      random: inOrder,
    });
    expect(zk.host).toBe(good.connectString);
    expect(hung.sockets).toHaveLength(1);
    await zk.close();
  });

  it('says what every server said when all fail', async () => {
    const hung = await fakeServer(hangUp);
    const error = await failureOf(`127.0.0.1:1,${hung.connectString}`, { random: inOrder });
    expect(error.code).toBe('CONNECT_FAILED');
    const { errors } = error.cause as AggregateError;
    expect(errors.map((each) => [each.code, each.host])).toEqual([
      ['CONNECT_FAILED', '127.0.0.1:1'],
      ['HANDSHAKE_CLOSED', hung.connectString],
    ]);
    expect(error.message).toBe(
      'CONNECT_FAILED: the socket reported an error: connect ECONNREFUSED 127.0.0.1:1 [127.0.0.1:1]; ' +
        `HANDSHAKE_CLOSED: ${CONNECT_ERROR_CODES.HANDSHAKE_CLOSED} [${hung.connectString}]`,
    );
  });

  it('gives the one error of the one server as it is', async () => {
    const error = await failureOf('127.0.0.1:1');
    expect(error).toMatchObject({ code: 'CONNECT_FAILED', host: '127.0.0.1:1' });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('gives up on a silent server, and leaves nothing open', async () => {
    const server = await fakeServer(silent);
    const error = await failureOf(server.connectString, { connectTimeoutMs: 50 });
    expect(error.code).toBe('CONNECT_TIMEOUT');
    // A busy process may hear of the connection after it was given up.
    await expect.poll(() => server.sockets.length).toBe(1);
    await closed(server.sockets[0]!);
  });

  it('gives up when the signal fires, and asks no other server', async () => {
    const controller = new AbortController();
    const first = await fakeServer((socket) => {
      silent(socket);
      controller.abort('stop');
    });
    const second = await fakeServer(zooKeeper);
    const error = await failureOf(`${first.connectString},${second.connectString}`, {
      signal: controller.signal,
      random: inOrder,
    });
    expect(error).toMatchObject({ code: 'ABORTED', cause: 'stop' });
    expect(second.sockets).toHaveLength(0);
    await closed(first.sockets[0]!);
  });

  it.each([
    ['HTTP', (socket: Socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a four-letter answer', (socket: Socket) => void socket.end('imok')],
  ])('is told BAD_HANDSHAKE by what is no ZooKeeper: %s', async (_name, serve) => {
    const server = await fakeServer(serve);
    expect((await failureOf(server.connectString)).code).toBe('BAD_HANDSHAKE');
  });

  it('fails with CONNECT_FAILED when the server speaks no TLS', async () => {
    const server = await fakeServer((socket) => void socket.end('no TLS here'));
    const error = await failureOf(server.connectString, { tls: { rejectUnauthorized: false } });
    expect(error.code).toMatch(/^(CONNECT|TLS)_FAILED$/);
  });

  it('leaves no socket and no timer behind, however it failed', async () => {
    const [hung, mute] = [await fakeServer(hangUp), await fakeServer(silent)];
    const [timers, sockets] = [handles(/^Timeout/), handles(/^(TCP|TLS)SocketWrap/)];
    for (const options of [{}, { tls: {} }]) {
      await failureOf(hung.connectString, options);
      await failureOf('127.0.0.1:1', options);
      await failureOf(mute.connectString, { ...options, connectTimeoutMs: 20 });
      await failureOf(mute.connectString, { ...options, signal: AbortSignal.abort() });
    }
    await Promise.all([...hung.sockets, ...mute.sockets].map(closed));
    await new Promise((resolve) => setImmediate(resolve));
    expect(handles(/^Timeout/)).toBeLessThanOrEqual(timers);
    // Those that the fake servers hear of late.
    while (handles(/^(TCP|TLS)SocketWrap/) > sockets) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it('leaves no timer behind when it is given up in the first state of a session of before', async () => {
    const clock = new ManualClock();
    const ending = new AbortController();
    const resume = new SessionTicket({
      sessionId: 1n,
      password: Buffer.alloc(16),
      lastZxidSeen: 0n,
      lastXid: 0,
      sessionTimeoutMs: 12_000,
    });
    const connecting = connect('a:1', {
      clock,
      resume,
      signal: ending.signal,
      onState: () => ending.abort(),
      dialer: () => new Promise(() => {}),
    });
    await expect(connecting).rejects.toMatchObject({ code: 'ABORTED' });
    expect(clock.timers).toBe(0);
  });

  it('connects anew after a loss, and reports what a callback throws', async () => {
    const server = await fakeServer(zooKeeper);
    const events: unknown[] = [];
    const zk = await connect(server.connectString, {
      onState: (event) => events.push(event.state),
      onCallbackError: (error, where) => events.push((error as Error).message, where),
    });
    zk.lending.get('/a', () => {
      throw new Error('mine');
    });
    await zk.get('/a');
    const lost = once(zk, 'state');
    server.sockets[0]!.resetAndDestroy();
    expect((await lost)[0]).toMatchObject({
      state: 'disconnected',
      host: server.connectString,
      reason: { code: 'LINK_FAILED' },
    });
    // Asked while there is no connection: waits for the next.
    expect((await zk.get('/a')).data).toEqual(Buffer.from('x'));
    const session = ['connecting', 'connected', 'session'];
    expect(events).toEqual([...session, 'mine', 'getData', 'disconnected', ...session]);
    expect(server.sockets).toHaveLength(2);
    await zk.close();
  });

  it.each([
    { sessionTimeoutMs: 0 },
    { sessionTimeoutMs: 2 ** 31 },
    { connectTimeoutMs: -1 },
    { requestTimeoutMs: Number.NaN },
    { requestTimeoutMs: 0 },
    { inflightMax: 0 },
    { inflightMax: 2 ** 31 },
    { inflightBytesMax: 0.5 },
    { frameBytesMax: -1 },
    { frameBytesMax: 2 ** 31 },
    { frameBytesMax: '1000' as unknown as number },
    { tls: false as never },
    { tls: null as never },
    { signal: 'now' as never },
    { readOnly: 'no' as never },
    { resume: 'zkwire-session-1.text' as never },
    { auth: { scheme: 'digest', auth: 'a:b' } as never },
    { sasl: {} as never },
    { onState: 'log' as never },
    { onCallbackError: {} as never },
    { wireTap: true as never },
    { wireCapture: true as never },
    { dialer: null as never },
    { clock: Date as never },
    { random: 0.5 as never },
  ])('refuses an option that makes no sense before it tries anything: %o', async (options) => {
    const server = await fakeServer(zooKeeper);
    const error: unknown = await connect(server.connectString, options).catch((reason) => reason);
    expect(error).toBeInstanceOf(ZkwireError);
    expect(error).toMatchObject({ code: 'BAD_ARGUMENT' });
    expect((error as Error).message).toMatch(new RegExp(`^${Object.keys(options)[0]} must be`));
    expect(server.sockets).toHaveLength(0);
  });

  it('shows text in the place of a number as text', async () => {
    const options = { sessionTimeoutMs: '10' as never };
    await expect(connect('a:1', options)).rejects.toThrow(/^sessionTimeoutMs .* not "10"$/);
  });

  it('refuses options that are none', async () => {
    await expect(connect('a:1', null as never)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(connect('a:1', 5000 as never)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  it.each([
    ['sesionTimeoutMs', " Did you mean 'sessionTimeoutMs'?"],
    ['sessionTimeout', " Did you mean 'sessionTimeoutMs'?"],
    ['colour', ''],
    ['toString', ''],
  ])('refuses the option %s, which there is not', async (name, hint) => {
    const server = await fakeServer(zooKeeper);
    const options = { [name]: 1 } as ConnectOptions;
    const error: unknown = await connect(server.connectString, options).catch((reason) => reason);
    expect(error).toBeInstanceOf(ZkwireError);
    expect(error).toMatchObject({
      code: 'BAD_ARGUMENT',
      message: `there is no option '${name}'.${hint}`,
    });
    expect(server.sockets).toHaveLength(0);
  });

  it('refuses a connect string that it does not understand', async () => {
    expect((await failureOf('127.0.0.1:1/app/')).code).toBe('BAD_CONNECT_STRING');
  });
});
