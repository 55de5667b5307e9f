import type { Socket } from 'node:net';
import { viewOf } from '../codec/owned-bytes.ts';
import type { Slab, SlabPool } from '../codec/slab-pool.ts';
import { LinkError } from '../errors.ts';
import type { ByteLink, LinkHandler } from './byte-link.ts';
import type { LinkReceiver } from './link-receiver.ts';

/**
 * A link over a TCP or TLS socket. The socket reads straight into the receiver's slab when it was
 * made with `onread` (see tcp-link.ts); a socket that was not has its chunks copied in.
 */
export class SocketLink implements ByteLink {
  readonly host: string;
  readonly pool: SlabPool;
  readonly #socket: Socket;
  readonly #receiver: LinkReceiver;
  readonly #highWaterBytes: number;
  /** Slabs whose bytes are in the socket, oldest first; completions come in this order. */
  readonly #writing: Slab[] = [];
  /** `write` has answered false since the queue was last empty. */
  #heldBack = false;
  /** What destroyed the link, if anything did. */
  #error: LinkError | null = null;
  /** Who was first to close in good order. */
  #closedBy: 'LINK_CLOSED' | 'LINK_DESTROYED' | null = null;
  #closed = false;

  /** `dial` and `linkOverSocket` make one that is ready; `high` is the high-water mark in bytes. */
  constructor(socket: Socket, host: string, receiver: LinkReceiver, pool: SlabPool, high: number) {
    this.#socket = socket;
    this.host = host;
    this.pool = pool;
    this.#receiver = receiver;
    this.#highWaterBytes = high;
    // The `noDelay` option of net.connect is not heard by tls.connect, nor by sockets of a server.
    socket.setNoDelay(true);
    socket.on('error', (cause) => {
      this.#error ??= new LinkError('LINK_FAILED', host, withMessage(cause));
    });
    // A peer that closes only its half gets ours closed too: ZooKeeper has no use for half-open connections.
    socket.on('end', () => {
      this.#closedBy ??= 'LINK_CLOSED';
      socket.end();
    });
    socket.on('close', this.#ended);
    // Handed in dead: its 'close' may have been and gone.
    if (socket.destroyed) process.nextTick(this.#ended);
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Why the link ended, or is about to. */
  get reason(): LinkError {
    this.#error ??= new LinkError(this.#closedBy ?? 'LINK_CLOSED', this.host);
    return this.#error;
  }

  start(handler: LinkHandler): void {
    this.#receiver.start(handler);
    if (!this.#closed && this.#receiver.flowing) this.#socket.resume();
  }

  /** `count` bytes were read into the room. False stops reading until `start` or `resume`. */
  received(count: number): boolean {
    return this.#receiver.received(count);
  }

  /** The handler threw `cause`. */
  broken(cause: unknown): void {
    this.destroy(new LinkError('LINK_DESTROYED', this.host, cause));
  }

  write(slab: Slab, start: number, end: number): boolean {
    const socket = this.#socket;
    if (!socket.writable || start === end) {
      this.pool.release(slab);
      return true;
    }
    this.#writing.push(slab);
    socket.write(viewOf(slab.bytes, start, end - start), this.#written);
    if (socket.writableLength < this.#highWaterBytes) return true;
    this.#heldBack = true;
    return false;
  }

  readonly #written = (error?: Error | null): void => {
    // A destroyed socket calls back what it had queued at once and what libuv holds later: out of
    // order. Nothing is safe to reuse then before 'close'.
    if (error || this.#socket.destroyed) return;
    this.pool.release(this.#writing.shift() as Slab);
    if (!this.#heldBack || this.#writing.length > 0) return;
    this.#heldBack = false;
    this.#receiver.drained();
  };

  pause(): void {
    this.#receiver.pause();
    this.#socket.pause();
  }

  resume(): void {
    this.#receiver.resume();
    if (!this.#closed && this.#receiver.flowing) this.#socket.resume();
  }

  end(): void {
    this.#closedBy ??= 'LINK_DESTROYED';
    this.#socket.end();
  }

  destroy(error: LinkError): void {
    this.#error ??= error;
    this.#receiver.shut();
    this.#socket.destroy();
    // Closed already, with the end held behind bytes that nobody wants any more.
    if (this.#closed) process.nextTick(this.#tellEnd);
  }

  readonly #ended = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    // The socket's handle is closed: neither libuv nor OpenSSL holds any of these bytes now.
    for (const slab of this.#writing.splice(0)) this.pool.release(slab);
    this.#tellEnd();
  };

  readonly #tellEnd = (): void => {
    this.#receiver.end(this.reason);
  };
}

/** Node gives one error for all addresses of a name that refused, with an empty message. */
function withMessage(cause: Error): Error {
  if (cause instanceof AggregateError && cause.message === '') {
    cause.message = cause.errors.map((error: Error) => error.message).join('; ');
  }
  return cause;
}
