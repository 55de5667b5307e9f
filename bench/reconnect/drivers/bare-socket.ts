import net from 'node:net';
import process from 'node:process';
import { closeRequest, premadeRequest, XID_OFFSET } from '../../adapters/raw-requests.ts';
import type { Ask } from '../cases.ts';
import { DATA, type DriverOptions, type ReconnectClient, type ReconnectDriver } from './driver.ts';

/** Pause after all servers in a row have failed: long enough not to keep a processor busy. */
const ROUND_PAUSE_MS = 10;

/** A server that is starting accepts connections that it never answers. */
const HANDSHAKE_MS = 1_000;

interface Waiting {
  request: Buffer;
  resolve: () => void;
  reject: (reason: Error) => void;
}

/** Frame of a ConnectRequest that resumes a session; zeros make a new one. */
function connectRequest(timeoutMs: number, sessionId: bigint, password: Buffer): Buffer {
  const frame = Buffer.alloc(4 + 45);
  frame.writeInt32BE(45);
  frame.writeInt32BE(timeoutMs, 16);
  frame.writeBigInt64BE(sessionId, 20);
  frame.writeInt32BE(16, 28);
  password.copy(frame, 32);
  return frame;
}

/** One request at a time, over one socket at a time. Knows of the protocol what that needs. */
class BareSocket implements ReconnectClient {
  readonly #addresses: readonly string[];
  readonly #timeoutMs: number;
  readonly #requests: Readonly<Record<Ask, Buffer>>;
  #at = -1;
  #failedInRow = 0;
  #socket: net.Socket | null = null;
  #input: Buffer = Buffer.alloc(0);
  #sessionId = 0n;
  #password: Buffer = Buffer.alloc(16);
  #greeted = false;
  #xid = 0;
  #waiting: Waiting | null = null;
  /** Asked for while there was no session. */
  #isQueued = false;
  #onSession: () => void = () => {};
  #closing = false;

  constructor({ connectString, sessionTimeoutMs, path }: DriverOptions) {
    this.#addresses = connectString.split(',');
    this.#timeoutMs = sessionTimeoutMs;
    this.#requests = {
      get: premadeRequest({ operation: 'get', path, data: DATA }),
      set: premadeRequest({ operation: 'set', path, data: DATA }),
    };
  }

  connected(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSession = resolve;
      this.#dial();
    });
  }

  get(): Promise<void> {
    return this.#ask('get');
  }

  set(): Promise<void> {
    return this.#ask('set');
  }

  #ask(ask: Ask): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting = { request: this.#requests[ask], resolve, reject };
      if (this.#greeted) this.#send();
      else this.#isQueued = true;
    });
  }

  watch(): Promise<void> {
    return Promise.reject(new Error('the bare socket sets no watches'));
  }

  sessionId(): string {
    return this.#sessionId.toString(16);
  }

  close(): Promise<void> {
    this.#closing = true;
    return new Promise((resolve) => {
      this.#socket?.once('close', () => resolve());
      this.#socket?.end(closeRequest());
    });
  }

  #dial(): void {
    this.#at = (this.#at + 1) % this.#addresses.length;
    const [host = '', port = ''] = (this.#addresses[this.#at] as string).split(':');
    const socket = net.connect({ host, port: Number(port), noDelay: true });
    this.#socket = socket;
    this.#input = Buffer.alloc(0);
    socket.setTimeout(HANDSHAKE_MS, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('connect', () =>
      socket.write(connectRequest(this.#timeoutMs, this.#sessionId, this.#password)),
    );
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('close', () => this.#lost());
  }

  #lost(): void {
    if (this.#closing) return;
    const dialAgain = (): void => this.#dial();
    this.#failedInRow = this.#greeted ? 0 : this.#failedInRow + 1;
    this.#greeted = false;
    if (this.#failedInRow > 0 && this.#failedInRow % this.#addresses.length === 0) {
      setTimeout(dialAgain, ROUND_PAUSE_MS);
    } else {
      process.nextTick(dialAgain);
    }
    if (!this.#isQueued) this.#take()?.reject(new Error('connection lost'));
  }

  #take(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting;
  }

  #send(): void {
    const request = (this.#waiting as Waiting).request;
    request.writeInt32BE(++this.#xid, XID_OFFSET);
    this.#socket?.write(request);
  }

  #received(chunk: Buffer): void {
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    while (this.#input.length >= 4) {
      const end = 4 + this.#input.readInt32BE(0);
      if (this.#input.length < end) return;
      const body = this.#input.subarray(4, end);
      this.#input = this.#input.subarray(end);
      if (this.#greeted) this.#replied(body);
      else this.#greet(body);
    }
  }

  #greet(body: Buffer): void {
    if (body.readInt32BE(4) <= 0) throw new Error('the session of the bare socket has expired');
    this.#sessionId = body.readBigInt64BE(8);
    this.#password = Buffer.from(body.subarray(20, 36));
    this.#greeted = true;
    // A frozen server is dead when nothing was heard for two thirds of the session, as clients have it.
    this.#socket?.setTimeout((this.#timeoutMs * 2) / 3);
    this.#onSession();
    if (!this.#isQueued) return;
    this.#isQueued = false;
    this.#send();
  }

  #replied(body: Buffer): void {
    const code = body.readInt32BE(12);
    const waiting = this.#take();
    if (code === 0) waiting?.resolve();
    else waiting?.reject(new Error(`the server answered with ${code}`));
  }
}

/** The floor: what Node, the kernel and the server take for connect, handshake and get. */
export const driver: ReconnectDriver = {
  name: 'bare socket',
  version: `node ${process.versions.node}`,
  policy: `the next server at once; ${ROUND_PAUSE_MS} ms after a whole round; ${HANDSHAKE_MS} ms for a handshake; silent for 2/3 of the session time-out is dead`,
  async connect(options) {
    const socket = new BareSocket(options);
    await socket.connected();
    return socket;
  },
};
