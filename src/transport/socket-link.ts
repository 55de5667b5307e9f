import type { Socket } from 'node:net';
import { viewOf } from '../codec/owned-bytes.ts';
import type { Slab, SlabPool } from '../codec/slab-pool.ts';
import { LinkError } from '../errors.ts';
import type { ByteLink, LinkHandler } from './byte-link.ts';
import type { ReceiveWindow } from './receive-window.ts';

/**
 * A link over a TCP or TLS socket. The socket reads straight into the window's slab when it was
 * made with `onread` (see tcp-link.ts); a socket that was not has its chunks copied in.
 */
export class SocketLink implements ByteLink {
  readonly host: string;
  readonly pool: SlabPool;
  readonly #socket: Socket;
  readonly #window: ReceiveWindow;
  /** Slabs whose bytes are in the socket, oldest first; completions come in this order. */
  readonly #writing: Slab[] = [];
  #handler: LinkHandler | null = null;
  #error: LinkError | null = null;
  #closed = false;

  constructor(socket: Socket, host: string, pool: SlabPool, window: ReceiveWindow) {
    this.#socket = socket;
    this.host = host;
    this.pool = pool;
    this.#window = window;
    socket.on('drain', () => this.#handler?.onDrain());
    socket.on('error', (cause) => {
      this.#error ??= new LinkError('LINK_FAILED', host, cause);
    });
    socket.on('close', () => this.#ended());
    // A peer that closes only its half gets ours closed too: ZooKeeper has no use for half-open connections.
    socket.on('end', () => socket.end());
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Bytes that had to be moved between slabs while reading. */
  get movedBytes(): number {
    return this.#window.movedBytes;
  }

  start(handler: LinkHandler): void {
    const first = this.#handler === null;
    this.#handler = handler;
    if (this.#closed) {
      handler.onEnd(this.#reason());
      return;
    }
    if (!first) return;
    this.#window.deliver(handler);
    this.#socket.resume();
  }

  /** `count` bytes were read into the window. False stops reading until `start`. */
  received(count: number): boolean {
    this.#window.filled(count);
    if (this.#handler === null) return false;
    this.#window.deliver(this.#handler);
    return true;
  }

  /** Memory for the socket's next read. */
  room(): Buffer {
    return this.#window.room(this.#handler === null ? 0 : this.#handler.wantedBytes);
  }

  write(slab: Slab, start: number, end: number): boolean {
    if (this.#closed || this.#socket.destroyed) {
      this.pool.release(slab);
      return true;
    }
    this.#writing.push(slab);
    return this.#socket.write(viewOf(slab.bytes, start, end - start), this.#written);
  }

  readonly #written = (): void => {
    const slab = this.#writing.shift();
    if (slab !== undefined) this.pool.release(slab);
  };

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(error: LinkError): void {
    if (this.#closed) return;
    this.#error ??= error;
    this.#socket.destroy();
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#window.drop();
    // Node calls back every write, failed ones too, but after 'close' nobody would wait for it.
    for (const slab of this.#writing.splice(0)) this.pool.release(slab);
    this.#handler?.onEnd(this.#reason());
  }

  #reason(): LinkError {
    this.#error ??= new LinkError('LINK_CLOSED', this.host);
    return this.#error;
  }
}
