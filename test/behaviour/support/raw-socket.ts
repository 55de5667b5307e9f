import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A connect request: a new session, or one to go on with. */
export interface Greeting {
  readonly lastZxidSeen?: bigint;
  readonly timeoutMs?: number;
  readonly sessionId?: bigint;
  readonly password?: Buffer;
  /** The last byte is left out, as by old clients. */
  readonly withoutReadOnly?: boolean;
}

/** What a connect response says. */
export interface Welcome {
  readonly timeoutMs: number;
  readonly sessionId: bigint;
  readonly password: Buffer;
  /** Bytes of the response. */
  readonly length: number;
}

/** A TCP connection to a server, byte by byte. */
export class RawSocket implements Disposable {
  readonly #socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #ended = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#received = Buffer.concat([this.#received, bytes]);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#ended = true;
    });
  }

  static async open(port: number): Promise<RawSocket> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const raw = new RawSocket(socket);
    await once(socket, 'connect').catch(() => {});
    return raw;
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Whether the server has hung up. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Everything that came until the server hung up. */
  async untilEnd(): Promise<Buffer> {
    while (!this.#ended) await delay(2);
    return this.#received;
  }

  /** The next frame, without its length; null when the server hangs up first. */
  async frame(): Promise<Buffer | null> {
    for (;;) {
      if (this.#received.length >= 4) {
        const end = 4 + this.#received.readInt32BE();
        if (this.#received.length >= end) {
          const body = this.#received.subarray(4, end);
          this.#received = this.#received.subarray(end);
          return body;
        }
      }
      if (this.#ended) return null;
      await delay(1);
    }
  }

  /** Begins or resumes a session; null when the server hangs up instead of an answer. */
  async greet(greeting: Greeting = {}): Promise<Welcome | null> {
    this.send(framed(connectRequest(greeting)));
    const body = await this.frame();
    if (body === null) return null;
    return {
      timeoutMs: body.readInt32BE(4),
      sessionId: body.readBigInt64BE(8),
      password: Buffer.from(body.subarray(20, 36)),
      length: body.length,
    };
  }

  /** Sends a request and gives the header of its reply, and what is behind it. */
  async ask(
    xid: number,
    op: number,
    body: Buffer,
  ): Promise<{ zxid: bigint; code: number; rest: Buffer } | null> {
    const header = Buffer.alloc(8);
    header.writeInt32BE(xid);
    header.writeInt32BE(op, 4);
    this.send(framed(Buffer.concat([header, body])));
    const reply = await this.frame();
    if (reply === null) return null;
    return { zxid: reply.readBigInt64BE(4), code: reply.readInt32BE(12), rest: reply.subarray(16) };
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** A frame of these bytes. */
export function framed(body: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length);
  frame.set(body, 4);
  return frame;
}

/** A string as requests have it. */
export function text(value: string): Buffer {
  return framed(Buffer.from(value));
}

function connectRequest(greeting: Greeting): Buffer {
  const { lastZxidSeen = 0n, timeoutMs = 10_000, sessionId = 0n } = greeting;
  const { password = Buffer.alloc(16), withoutReadOnly = false } = greeting;
  const head = Buffer.alloc(24);
  head.writeBigInt64BE(lastZxidSeen, 4);
  head.writeInt32BE(timeoutMs, 12);
  head.writeBigInt64BE(sessionId, 16);
  return Buffer.concat([head, framed(password), Buffer.alloc(withoutReadOnly ? 0 : 1)]);
}
