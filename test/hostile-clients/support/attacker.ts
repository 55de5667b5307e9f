import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { resetSocket } from '../../../src/reset-socket.ts';
import { connectRequest, type Wish } from './attack-bytes.ts';

/** One hostile client: a bare socket, and what it may do with it. Nothing of it ever throws. */
export class Attacker {
  readonly #socket: Socket;
  /** The other end has closed, or this one. */
  #over = false;
  /** Bytes that came. */
  receivedBytes = 0;
  /** The first of them. */
  answer: Buffer = Buffer.alloc(0);

  /** Connects from an address of its own choice, so that thousands do not run out of ports. */
  constructor(port: number, localAddress: string) {
    this.#socket = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true });
    this.#socket.on('error', () => {});
    this.#socket.on('end', () => {
      this.#over = true;
    });
    this.#socket.on('close', () => {
      this.#over = true;
    });
    this.#socket.on('data', (bytes) => {
      if (this.answer.length < 64)
        this.answer = Buffer.concat([this.answer, bytes.subarray(0, 64)]);
      this.receivedBytes += bytes.length;
    });
  }

  /** The server has hung up. */
  get isOver(): boolean {
    return this.#over;
  }

  /** Sends without waiting for anything. */
  send(bytes: Buffer | string): void {
    if (!this.#over) this.#socket.write(bytes);
  }

  /** Sends, and waits until the kernel has it all, for `ms` at most. */
  async push(bytes: Buffer, ms: number): Promise<void> {
    if (this.#over) return;
    await this.#within(ms, (done) => this.#socket.write(bytes, () => done()));
  }

  /** Reads no more, so that answers stay in the kernel and then in the server. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** Asks for a session. True when the server said yes. */
  async greet(wish: Wish = {}): Promise<boolean> {
    this.send(connectRequest(wish));
    await this.heard(1_000);
    return this.answer.length >= 12 && this.answer.readInt32BE(8) > 0;
  }

  /** Waits for the first bytes of an answer, or for the end, for `ms` at most. */
  async heard(ms: number): Promise<void> {
    if (this.#over || this.receivedBytes > 0) return;
    await this.#within(ms, (done) => void this.#socket.once('data', () => done()));
  }

  /** Waits until the server hangs up, for `ms` at most. */
  async ended(ms: number): Promise<void> {
    if (this.#over) return;
    await this.#within(ms, () => {});
  }

  /** Ends its own half and leaves the other open. */
  endHalf(): void {
    this.#socket.end();
  }

  /** Goes without a word: the server gets a reset. */
  reset(): void {
    resetSocket(this.#socket);
  }

  /** Goes in good order, and waits until its socket has closed. */
  async leave(): Promise<void> {
    this.#socket.destroy();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  #within(ms: number, begin: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#socket.off('end', done).off('close', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#socket.once('end', done).once('close', done);
      begin(done);
    });
  }
}
