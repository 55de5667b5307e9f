import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { writeConnectAcceptance } from '../../../src/codec/connect.ts';
import { JuteReader, OP, readConnectHandshake } from '../../../src/codec/index.ts';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { writeExistsResponse, writeGetChildrenResponse } from '../../../src/codec/records.gen.ts';
import { pong, reply, STAT } from '../../unit/pipeline/frames.ts';

/** A request as a script sees it. */
export interface HeardRequest {
  readonly xid: number;
  readonly op: number;
}

/** What a server does where it does not behave. Whatever is absent is done as a good server does it. */
export interface Conduct {
  /** Instead of the answer to the handshake. */
  readonly handshake?: (socket: Socket) => void;
  /** Instead of the answer to getChildren. */
  readonly getChildren?: (socket: Socket, xid: number) => void | Promise<void>;
}

/** Children of every node, on a server that behaves. */
export const GOOD_CHILDREN: readonly string[] = ['good'];

/** Each server counts its new sessions from here. */
export const FIRST_SESSION_ID = 0x7701n;

/** A server that is asked a hundred thousand times must not grow by it. */
const ASKED_MAX = 16;

const SESSION_TIMEOUT_MS = 12_000;
const SESSION_PASSWORD = Buffer.alloc(16, 0x5a);

/** The answer to a handshake that grants a session. */
export function acceptance(sessionId: bigint, { readOnly = false } = {}): Buffer {
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  writeConnectAcceptance(writer, SESSION_TIMEOUT_MS, sessionId, SESSION_PASSWORD, readOnly);
  writer.endFrame();
  return writer.finished();
}

/** A server on a free port of 127.0.0.1 that speaks just enough of the protocol, and otherwise does as it is told. */
export class ScriptedServer {
  /** Ids of the sessions that the first clients asked to resume; 0n for new ones. */
  readonly sessionsAsked: bigint[] = [];
  /** Bytes of the connections that are over which the kernel took. */
  #bytesLeft = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #conduct: Conduct;
  #sessions = 0n;

  private constructor(conduct: Conduct) {
    this.#conduct = conduct;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async listen(conduct: Conduct = {}): Promise<ScriptedServer> {
    const server = new ScriptedServer(conduct);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get connectString(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Bytes that the kernel took from this server. */
  get bytesSent(): number {
    let bytes = this.#bytesLeft;
    for (const socket of this.#sockets) bytes += taken(socket);
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#bytesLeft += taken(socket);
      this.#sockets.delete(socket);
    });
    let unread = Buffer.alloc(0);
    let greeted = false;
    // One answer after the other: no pong may fall into a reply that takes its time.
    let answered = Promise.resolve();
    socket.on('data', (bytes) => {
      unread = Buffer.concat([unread, bytes]);
      while (unread.length >= 4 && unread.length >= 4 + unread.readInt32BE(0)) {
        const end = 4 + unread.readInt32BE(0);
        const frame = unread.subarray(0, end);
        unread = unread.subarray(end);
        const request = { xid: frame.readInt32BE(4), op: frame.readInt32BE(8) };
        if (greeted) answered = answered.then(() => this.#answer(socket, request));
        else this.#greet(socket, frame);
        greeted = true;
      }
    });
  }

  #greet(socket: Socket, frame: Buffer): void {
    const reader = JuteReader.over(frame, 0);
    reader.frame(0, frame.length);
    const { sessionId } = readConnectHandshake(reader);
    if (this.sessionsAsked.length < ASKED_MAX) this.sessionsAsked.push(sessionId);
    const granted = sessionId === 0n ? FIRST_SESSION_ID + this.#sessions++ : sessionId;
    if (this.#conduct.handshake !== undefined) this.#conduct.handshake(socket);
    else socket.write(acceptance(granted));
  }

  async #answer(socket: Socket, { xid, op }: HeardRequest): Promise<void> {
    if (op === OP.ping) {
      socket.write(pong());
    } else if (op === OP.closeSession) {
      socket.end(reply(xid));
    } else if (op === OP.getChildren && this.#conduct.getChildren !== undefined) {
      await this.#conduct.getChildren(socket, xid);
    } else if (op === OP.getChildren) {
      socket.write(childrenReply(xid, GOOD_CHILDREN));
    } else if (op === OP.exists) {
      socket.write(reply(xid, { body: (writer) => writeExistsResponse(writer, STAT) }));
    } else {
      socket.write(reply(xid));
    }
  }
}

/** A reply to getChildren. */
function childrenReply(xid: number, children: readonly string[]): Buffer {
  return reply(xid, { body: (writer) => writeGetChildrenResponse(writer, children) });
}

function taken(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}
