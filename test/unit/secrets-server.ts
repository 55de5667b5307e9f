import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { readConnectHandshake, writeConnectAcceptance } from '../../src/codec/connect.ts';
import { JuteReader, OP } from '../../src/codec/index.ts';
import { JuteWriter } from '../../src/codec/jute-writer.ts';
import {
  readGetSASLRequest,
  writeCreateResponse,
  writeSetSASLResponse,
} from '../../src/codec/records.gen.ts';
import { resetSocket } from '../../src/reset-socket.ts';
import { reply } from './pipeline/frames.ts';

/** What the server does where it is not kind. */
export interface SecretsConduct {
  /** Answers a SASL token; default: takes everything and says nothing, as without SASL. */
  sasl: (token: Buffer) => Uint8Array | number | null;
  /** Code of every answer to auth; 0: taken. */
  authCode: number;
  /** Code of every answer to create. */
  createCode: number;
  /** Bytes instead of the answer to the handshake. */
  handshake: Buffer | null;
  /** Bytes instead of the answer to getData. */
  getData: Buffer | null;
  /** No session is known. */
  expires: boolean;
}

/** One read from a socket, as the tap sees it. */
export interface Tapped {
  readonly conn: number;
  readonly dir: 'c2s' | 's2c';
  readonly bytes: Buffer;
}

/** A server on a free port of 127.0.0.1 that grants sessions with one password and keeps all that it hears and says. */
export class SecretsServer {
  readonly conduct: SecretsConduct = {
    sasl: () => null,
    authCode: 0,
    createCode: 0,
    handshake: null,
    getData: null,
    expires: false,
  };
  readonly tapped: Tapped[] = [];
  readonly #password: Buffer;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #connections = 0;

  private constructor(password: Buffer) {
    this.#password = password;
    this.#server = createServer((socket) => this.#serve(socket, this.#connections++));
  }

  static async listen(password: Buffer): Promise<SecretsServer> {
    const server = new SecretsServer(password);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get connectString(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Resets every connection. */
  reset(): void {
    for (const socket of this.#sockets) resetSocket(socket);
  }

  async close(): Promise<void> {
    this.reset();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket, conn: number): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    const say = (bytes: Buffer): void => {
      this.tapped.push({ conn, dir: 's2c', bytes });
      socket.write(bytes);
    };
    let unread = Buffer.alloc(0);
    let greeted = false;
    socket.on('data', (bytes) => {
      this.tapped.push({ conn, dir: 'c2s', bytes: Buffer.from(bytes) });
      unread = Buffer.concat([unread, bytes]);
      while (unread.length >= 4 && unread.length >= 4 + unread.readInt32BE(0)) {
        const end = 4 + unread.readInt32BE(0);
        if (greeted) this.#answer(say, socket, unread.subarray(4, end));
        else say(this.conduct.handshake ?? this.#greeting(unread.subarray(4, end)));
        unread = unread.subarray(end);
        greeted = true;
      }
    });
  }

  #greeting(frame: Buffer): Buffer {
    const { sessionId } = readConnectHandshake(JuteReader.over(frame));
    const writer = JuteWriter.standalone();
    writer.beginFrame();
    if (this.conduct.expires) writeConnectAcceptance(writer, 0, 0n, Buffer.alloc(16), false);
    else writeConnectAcceptance(writer, 12_000, sessionId || 0x77n, this.#password, false);
    writer.endFrame();
    return writer.finished();
  }

  #answer(say: (bytes: Buffer) => void, socket: Socket, frame: Buffer): void {
    const { conduct } = this;
    const [xid, op] = [frame.readInt32BE(0), frame.readInt32BE(4)];
    let err = 0;
    if (op === OP.sasl) {
      const { token } = readGetSASLRequest(JuteReader.over(frame.subarray(8)));
      const answer = conduct.sasl(token ?? Buffer.alloc(0));
      err = typeof answer === 'number' ? answer : 0;
      const body = typeof answer === 'number' ? null : answer;
      say(reply(xid, { zxid: 0n, err, body: (writer) => writeSetSASLResponse(writer, body) }));
    } else if (op === OP.auth) {
      err = conduct.authCode;
      say(reply(xid, { zxid: 0n, err }));
    } else if (op === OP.create && conduct.createCode === 0) {
      say(reply(xid, { body: (writer) => writeCreateResponse(writer, '/made') }));
    } else if (op === OP.create) {
      say(reply(xid, { err: conduct.createCode }));
    } else if (op === OP.getData) {
      say(conduct.getData ?? reply(xid, { err: -101 }));
    } else {
      say(reply(xid));
    }
    if (err !== 0 || op === OP.closeSession) socket.end();
  }
}
