import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import {
  JuteReader,
  JuteWriter,
  OP,
  readConnectHandshake,
  readCreateRequest,
  readRequestHeader,
  SERVER_CODE,
  writeConnectAcceptance,
  writeCreateResponse,
  writeReplyHeader,
} from '../../../src/codec/index.ts';
import { runServerChecks, SERVER_CHECKS, UnreachableServer } from '../../../src/conform/index.ts';
import { dial } from '../../../src/transport/index.ts';

/** A server at its beginning: it knows sessions, create and ping, and says of all else that it cannot do it. */
class NewbornServer {
  readonly sockets: Set<Socket> = new Set();
  /** Operations that are done; the others are not implemented. */
  readonly #done: ReadonlySet<number>;
  readonly #server: Server;

  private constructor(done: readonly number[]) {
    this.#done = new Set(done);
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(done: readonly number[]): Promise<NewbornServer> {
    const server = new NewbornServer(done);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => this.sockets.delete(socket));
    let waiting = Buffer.alloc(0);
    let isOpen = false;
    socket.on('data', (chunk) => {
      waiting = Buffer.concat([waiting, chunk as Buffer]);
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32BE()) {
        const end = 4 + waiting.readUInt32BE();
        const reader = JuteReader.over(waiting, 4, end);
        waiting = waiting.subarray(end);
        if (isOpen) this.#answer(socket, reader);
        else this.#grant(socket, reader);
        isOpen = true;
      }
    });
  }

  #grant(socket: Socket, reader: JuteReader): void {
    const { timeOut, readOnly } = readConnectHandshake(reader);
    const passwd = Buffer.alloc(16, 1);
    send(socket, (writer) =>
      writeConnectAcceptance(writer, timeOut, 1n, passwd, readOnly && false),
    );
  }

  #answer(socket: Socket, reader: JuteReader): void {
    const { xid, type } = readRequestHeader(reader);
    send(socket, (writer) => {
      const isDone = this.#done.has(type) || type === OP.closeSession;
      writeReplyHeader(writer, xid, 1n, isDone ? 0 : SERVER_CODE.UNIMPLEMENTED);
      if (isDone && type === OP.create) {
        writeCreateResponse(writer, readCreateRequest(reader).path ?? '');
      }
    });
    if (type === OP.closeSession) socket.end();
  }
}

function send(socket: Socket, write: (writer: JuteWriter) => void): void {
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  write(writer);
  writer.endFrame();
  socket.write(writer.finished());
}

let server: NewbornServer;

afterEach(() => server.close());

const run = () =>
  runServerChecks({
    dialer: (signal) => dial({ host: '127.0.0.1', port: server.port, signal }),
    server: 'newborn',
    checks: SERVER_CHECKS.filter(
      ({ id }) => id === 'session/ping' || id === 'create/path-in-reply',
    ),
    timeoutMs: 1_000,
  });

/** The client's ends are closed when the server's are. */
const noSocketLeft = (): Promise<void> =>
  expect.poll(() => server.sockets.size, { timeout: 10_000 }).toBe(0) as Promise<void>;

it('judges a server that takes no credentials, and says what it could not remove', async () => {
  server = await NewbornServer.start([OP.create, OP.ping]);
  const { results, leftBehind } = await run();
  expect(results.map(({ outcome }) => outcome)).toEqual(['pass', 'pass']);
  expect(leftBehind.at(-1)).toMatch(/^\/zkwire-conform-\w+$/);
  await noSocketLeft();
});

it('leaves no connection open when a server cannot be judged', async () => {
  server = await NewbornServer.start([OP.ping]);
  await expect(run()).rejects.toThrow(UnreachableServer);
  await expect(run()).rejects.toThrow(/cannot be made: expected create to be done, got UNIMPL/);
  await noSocketLeft();
});
