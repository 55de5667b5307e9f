import type { ConnectHandshake } from '../../../src/codec/connect.ts';
import type { Slab, SlabPool } from '../../../src/codec/slab-pool.ts';
import { LinkError } from '../../../src/errors.ts';
import type { ByteLink, LinkHandler } from '../../../src/transport/byte-link.ts';
import { type MemoryLinkPair, memoryLinkPair } from '../../../src/transport/memory-link.ts';
import type { EventLoop } from '../event-loop.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { FrameTap, type SentFrame } from './frame-tap.ts';
import { Pipe, type PipeWeather, type StreamEnd } from './pipe.ts';

/** What a server wrote, for those who compare. */
export interface ServerFrame {
  readonly kind: 'handshake' | 'reply' | 'event' | 'pong' | 'auth' | 'set-watches' | 'garbage';
  readonly xid: number;
  readonly op: number;
  readonly zxid: number;
  readonly err: number;
  readonly path: string | null;
  /** Bytes of the stream up to the end of this frame. */
  endOffset: number;
}

/** The server's end of a connection. */
export interface SocketPeer {
  received(bytes: Buffer): void;
  /** The client's half is over. */
  over(how: StreamEnd): void;
}

/** Told what happens on the client's end. */
export interface SocketObserver {
  handshake(socket: SimSocket, request: ConnectHandshake): void;
  sent(socket: SimSocket, frame: SentFrame): void;
  /** Bytes are about to be given to the client: what it does until `read` ends comes of them. */
  reading(socket: SimSocket, bytes: number): void;
  /** The client's end of the connection is over. */
  ended(socket: SimSocket): void;
}

export interface SimSocketOptions {
  readonly ordinal: number;
  readonly client: number;
  readonly server: number;
  readonly host: string;
  readonly loop: EventLoop;
  readonly pool: SlabPool;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly weather: () => PipeWeather;
  readonly observer: SocketObserver;
}

/** Largest read: what libuv reads at once. */
const READ_BYTES_MAX = 65_536;

/** Bytes queued at the client's end from which on its `write` answers false. */
const HIGH_WATER_BYTES = 4096;

/**
 * One TCP connection. At the client's end stands a memory link; behind it the kernel: what was
 * written has left for good, even if the client drops the connection right after it, and what has
 * arrived waits until the client's event loop reads.
 */
export class SimSocket {
  readonly ordinal: number;
  readonly client: number;
  readonly server: number;
  readonly host: string;
  /** Whole frames that left the client, the handshake apart. */
  readonly sent: SentFrame[] = [];
  /** Frames that the server wrote. */
  readonly serverFrames: ServerFrame[] = [];
  handshake: ConnectHandshake | null = null;
  /** Bytes that the client was given. */
  readBytes = 0;
  /** The client's end is over. */
  ended = false;
  /** The client ended it, not the server or the network. */
  endedByClient = false;
  readonly #options: SimSocketOptions;
  readonly #clientLink: ClientLink;
  readonly #pair: MemoryLinkPair;
  readonly #toServer: Pipe;
  readonly #toClient: Pipe;
  readonly #arrived: Buffer[] = [];
  #serverBytes = 0;
  #turnScheduled = false;
  #arrivedEnd: StreamEnd | null = null;
  #peer: SocketPeer | null = null;
  #serverEnded = false;

  constructor(options: SimSocketOptions) {
    this.#options = options;
    this.ordinal = options.ordinal;
    this.client = options.client;
    this.server = options.server;
    this.host = options.host;
    const { scheduler, random, weather, pool } = options;
    this.#pair = memoryLinkPair({ pool, highWaterBytes: HIGH_WATER_BYTES });
    this.#toServer = new Pipe(scheduler, random, weather, {
      bytes: (bytes) => this.#peer?.received(bytes),
      end: (how) => this.#peer?.over(how),
    });
    this.#toClient = new Pipe(scheduler, random, weather, {
      bytes: (bytes) => this.#arrive(bytes),
      end: (how) => this.#arriveEnd(how),
    });
    this.#clientLink = new ClientLink(this.#pair.client, options.host, {
      wrote: () => this.#pump(),
      turned: () => {
        this.#pump();
        this.#scheduleTurn();
      },
    });
    const tap = new FrameTap({
      handshake: (request) => {
        this.handshake = request;
        options.observer.handshake(this, request);
      },
      frame: (frame) => {
        this.sent.push(frame);
        options.observer.sent(this, frame);
      },
    });
    this.#pair.server.start(this.#kernel(tap));
  }

  /** The client's end. */
  get link(): ByteLink {
    return this.#clientLink;
  }

  /** The server has accepted. */
  attach(peer: SocketPeer): void {
    this.#peer = peer;
  }

  // The server's end.

  /** A frame leaves the server. */
  serverWrite(bytes: Buffer, frame: Omit<ServerFrame, 'endOffset'> | null): void {
    if (this.#serverEnded) return;
    this.#serverBytes += bytes.length;
    if (frame !== null) this.serverFrames.push({ ...frame, endOffset: this.#serverBytes });
    this.#toClient.push(bytes);
  }

  /** The server closes: its bytes arrive before the end does. */
  serverClose(): void {
    if (this.#serverEnded) return;
    this.#serverEnded = true;
    this.#peer = null;
    this.#toServer.drop();
    this.#toClient.push(null);
  }

  // The network.

  /** Both ends learn of a reset; what was under way is lost but for what has just arrived. */
  reset(): void {
    const { random } = this.#options;
    this.#serverEnded = true;
    this.#toServer.reset(random.int(0, this.#toServer.segmentsUnderWay));
    this.#peer = null;
    this.#toClient.reset(random.int(0, this.#toClient.segmentsUnderWay));
  }

  /** The server's machine is gone: nobody answers any more, and nobody says so. */
  vanish(): void {
    this.#serverEnded = true;
    this.#peer = null;
    this.#toServer.drop();
    this.#toClient.drop();
  }

  stall(direction: 'to-server' | 'to-client'): void {
    (direction === 'to-server' ? this.#toServer : this.#toClient).stall();
  }

  release(): void {
    this.#toServer.release();
    this.#toClient.release();
  }

  /** The client's send buffer is full: its writes pile up until `flow`. */
  clog(): void {
    this.#pair.server.pause();
  }

  flow(): void {
    this.#pair.server.resume();
    this.#options.loop.io(this.#options.scheduler.nowMs, () => this.#pump());
  }

  /** The client's machine hears of a reset that the server knows nothing of. */
  resetClient(): void {
    this.#toClient.reset(0);
    this.#toServer.stall();
  }

  /** Frames that the client has been given to the last byte. */
  get readFrames(): number {
    let count = this.serverFrames.length;
    while (count > 0 && this.serverFrames[count - 1]!.endOffset > this.readBytes) count--;
    return count;
  }

  #kernel(tap: FrameTap): LinkHandler {
    return {
      wantedBytes: 0,
      onBytes: (slab, start, end) => {
        const bytes = Buffer.from(slab.bytes.subarray(start, end));
        tap.feed(bytes, this.#options.scheduler.nowMs);
        this.#toServer.push(bytes);
        return end;
      },
      onDrain: () => {},
      onEnd: () => this.#clientClosed(),
    };
  }

  /** The client has closed its end: what it wrote is under way and still arrives, all of it or the first part. */
  #clientClosed(): void {
    const { random } = this.#options;
    this.#toClient.drop();
    if (this.#toServer.over) return;
    if (random.chance(0.3)) this.#toServer.lose(random.int(0, this.#toServer.segmentsUnderWay));
    this.#toServer.push(null);
  }

  /** Moves what the client wrote into the kernel, and its end. */
  #pump(): void {
    const { client } = this.#pair;
    let before: number;
    do {
      before = client.queuedBytes;
      this.#pair.step(undefined, 'server');
    } while (client.queuedBytes !== before);
    this.#pair.step(undefined, 'server');
  }

  #arrive(bytes: Buffer): void {
    this.#arrived.push(bytes);
    this.#scheduleTurn();
  }

  #arriveEnd(how: StreamEnd): void {
    this.#arrivedEnd = how;
    this.#scheduleTurn();
  }

  #scheduleTurn(): void {
    if (this.#turnScheduled || this.ended) return;
    this.#turnScheduled = true;
    const { loop, scheduler } = this.#options;
    loop.io(scheduler.nowMs, () => {
      this.#turnScheduled = false;
      this.#turn();
    });
  }

  /** What one turn of the client's event loop does with this socket: one read, or the end. */
  #turn(): void {
    if (this.ended) return;
    const pair = this.#pair;
    if (pair.server.queuedBytes === 0) this.#readFromKernel();
    const queued = pair.server.queuedBytes;
    if (queued > 0 && !this.#clientLink.dropped) {
      this.#options.observer.reading(this, queued);
      const moved = pair.step(undefined, 'client');
      this.readBytes += moved;
      // A client that has paused goes on when it resumes.
      if (moved > 0) this.#scheduleTurn();
      return;
    }
    if (this.#arrivedEnd !== null && !this.#clientLink.dropped) {
      this.#options.observer.reading(this, 0);
      if (this.#arrivedEnd === 'fin') pair.server.end();
      else pair.client.destroy(new LinkError('LINK_FAILED', this.host, new Error('ECONNRESET')));
    }
    pair.step(undefined, 'client');
    pair.step(undefined, 'client');
    if (!this.#clientLink.over) return;
    this.ended = true;
    this.endedByClient = this.#clientLink.dropped;
    this.#arrived.length = 0;
    this.#pump();
    this.#options.observer.ended(this);
  }

  #readFromKernel(): void {
    if (this.#arrived.length === 0) return;
    const waiting = Buffer.concat(this.#arrived.splice(0));
    const count = Math.min(waiting.length, READ_BYTES_MAX);
    if (count < waiting.length) this.#arrived.push(waiting.subarray(count));
    const slab = this.#options.pool.acquire(count);
    waiting.copy(slab.bytes, 0, 0, count);
    this.#pair.server.write(slab, 0, count);
  }
}

/** The client's end, as the client sees it: what it does takes effect in the kernel at once. */
class ClientLink implements ByteLink {
  readonly host: string;
  readonly pool: SlabPool;
  /** The client was told of the end. */
  over = false;
  /** The client has ended it. */
  dropped = false;
  readonly #link: ByteLink;
  readonly #kernel: { wrote(): void; turned(): void };

  constructor(link: ByteLink, host: string, kernel: { wrote(): void; turned(): void }) {
    this.#link = link;
    this.host = host;
    this.pool = link.pool;
    this.#kernel = kernel;
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  start(handler: LinkHandler): void {
    this.#link.start({
      get wantedBytes() {
        return handler.wantedBytes;
      },
      onBytes: (slab, start, end) => handler.onBytes(slab, start, end),
      onDrain: () => handler.onDrain(),
      onEnd: (error) => {
        this.over = true;
        handler.onEnd(error);
      },
    });
    this.#kernel.turned();
  }

  write(slab: Slab, start: number, end: number): boolean {
    const room = this.#link.write(slab, start, end);
    this.#kernel.wrote();
    return room;
  }

  pause(): void {
    this.#link.pause();
  }

  resume(): void {
    this.#link.resume();
    this.#kernel.turned();
  }

  end(): void {
    this.dropped = true;
    this.#link.end();
    this.#kernel.turned();
  }

  destroy(error: LinkError): void {
    if (!this.over) this.dropped = true;
    this.#link.destroy(error);
    this.#kernel.turned();
  }
}
