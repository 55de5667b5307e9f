import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SERVER_CODE, XID_PING } from '../../src/codec/index.ts';

const PING = Buffer.from('00000008fffffffe0000000b', 'hex');

/** Each takes a turn of the loop, on a busy machine more. */
const PIECES_MAX = 1_000;

/** A socket that cuts what it reads into frames, and waits for as much as a caller wants to see. */
export class RawConnection {
  /** Whole frames, prefix included, that nobody has taken yet. */
  #frames: Buffer[] = [];
  #rest: Buffer = Buffer.alloc(0);
  #closed = false;
  /** Pings that have been sent, and that have been answered. */
  #pings = 0;
  #pongs = 0;
  #seen = 0;
  #check: (() => void) | null = null;
  readonly #socket: Socket;
  readonly #patienceMs: number;
  readonly #isText: boolean;

  constructor(port: number, patienceMs: number, isText = false) {
    this.#patienceMs = patienceMs;
    this.#isText = isText;
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.on('data', (bytes: Buffer) => this.#read(bytes));
    // An error is told by 'close' too, and a reset is as good an end as any other here.
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.#closed = true;
      this.#check?.();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Frames since the last call. */
  take(): Buffer[] {
    const frames = this.#frames;
    this.#frames = [];
    return frames;
  }

  /** Forgets what has come, whole frames and what is none yet. */
  discard(): void {
    this.#frames = [];
    this.#rest = Buffer.alloc(0);
  }

  /** Frames that `take` would give. */
  peek(): readonly Buffer[] {
    return this.#frames;
  }

  /** Everything that was read and is no whole frame: the answer to a four-letter word. */
  get rest(): Buffer {
    return this.#rest;
  }

  /** At once, or in pieces: then what is left after many of them goes at once too. */
  async write(bytes: Buffer, pieceBytes: number = bytes.length): Promise<void> {
    const inPieces = Math.min(bytes.length, PIECES_MAX * pieceBytes);
    for (let at = 0; at < inPieces; at += pieceBytes) {
      if (at > 0) await nextTurn();
      if (!this.#closed) this.#socket.write(bytes.subarray(at, at + pieceBytes));
    }
    if (inPieces < bytes.length && !this.#closed) this.#socket.write(bytes.subarray(inPieces));
  }

  /** Notes that `pings` are among what is written. */
  countPings(pings: number): void {
    this.#pings += pings;
  }

  /** Sends a ping and waits until all have been answered, and so everything that came before them. */
  async settled(): Promise<boolean> {
    this.#pings++;
    await this.write(PING);
    return this.#until(() => this.#pongs >= this.#pings);
  }

  /** Waits for the answer to the handshake. */
  firstFrame(): Promise<boolean> {
    return this.#until(() => this.#seen > 0);
  }

  /** Waits until the server ends the connection. */
  ended(): Promise<boolean> {
    return this.#until(() => false);
  }

  /** Says that nothing more comes, and waits until the server has understood. */
  drop(): Promise<boolean> {
    this.#socket.end();
    return this.ended();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** False when neither that nor the end of the connection came in time. */
  #until(isDone: () => boolean): Promise<boolean> {
    if (this.#closed || isDone()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const finish = (inTime: boolean): void => {
        clearTimeout(timer);
        this.#check = null;
        resolve(inTime);
      };
      const timer = setTimeout(() => finish(false), this.#patienceMs);
      this.#check = () => {
        if (this.#closed || isDone()) finish(true);
      };
    });
  }

  #read(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    if (!this.#isText) this.#cut();
    this.#check?.();
  }

  #cut(): void {
    let at = 0;
    while (this.#rest.length - at >= 4) {
      const end = at + 4 + this.#rest.readInt32BE(at);
      if (end > this.#rest.length || end < at + 4) break;
      const frame = this.#rest.subarray(at, end);
      this.#frames.push(frame);
      // The first frame is the handshake, whose version stands where others have an xid.
      if (this.#seen > 0 && isPong(frame)) this.#pongs++;
      this.#seen++;
      at = end;
    }
    this.#rest = this.#rest.subarray(at);
  }
}

/** The last that a server says to one who has not logged in is none: its end follows. */
function isPong(frame: Buffer): boolean {
  if (frame.length < 20 || frame.readInt32BE(4) !== XID_PING) return false;
  return frame.readInt32BE(16) !== SERVER_CODE.SESSIONCLOSEDREQUIRESASLAUTH;
}
