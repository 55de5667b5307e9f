import type { ConnectHandshake } from '../../../src/codec/connect.ts';
import type { SlabPool } from '../../../src/codec/slab-pool.ts';
import { LinkError } from '../../../src/errors.ts';
import type { ByteLink, LinkHandler } from '../../../src/transport/byte-link.ts';
import { type MemoryLinkPair, memoryLinkPair } from '../../../src/transport/memory-link.ts';
import type { EventLoop } from '../event-loop.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import { ClientLink } from './client-link.ts';
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
  /** Bytes of the frame, its length prefix included. */
  readonly bytes: number;
  /** Bytes of the stream up to the end of this frame. */
  endOffset: number;
}

/** The same, before it is written. */
export type WrittenFrame = Omit<ServerFrame, 'bytes' | 'endOffset'>;

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
  /** Bytes (or, with 0, the end) are about to be given to the client: what it does in this step comes of them. */
  reading(socket: SimSocket, bytes: number): void;
  /** The client's end of the connection is over. */
  ended(socket: SimSocket): void;
}

/** Whose connection it is. */
export interface NetworkClient {
  /** Of the process: partitions are between processes and servers. */
  readonly index: number;
  readonly loop: EventLoop;
  readonly pool: SlabPool;
}

export interface SimSocketOptions {
  readonly ordinal: number;
  readonly client: NetworkClient;
  readonly server: number;
  readonly host: string;
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
  readonly client: NetworkClient;
  readonly server: number;
  readonly host: string;
  /** Whole frames that left the client, the handshake apart. */
  readonly sent: SentFrame[] = [];
  /** Frames that the server wrote. */
  readonly serverFrames: ServerFrame[] = [];
  /** Whole answers among them, by xid. */
  readonly replies: Map<number, ServerFrame> = new Map();
  /** Zxid from which on the server tells of a path, by `kind path`. */
  readonly armed: Map<string, number> = new Map();
  /** Requests that the server refused before they became a line of the log. */
  readonly unexecuted: Set<number> = new Set();
  handshake: ConnectHandshake | null = null;
  /** Session that the server granted on it; 0n: none. */
  grantedSession = 0n;
  /** Lines of the log when it did. */
  grantedLines = 0;
  /** The server has told the client that its login with SASL has succeeded. */
  loggedIn = false;
  /** Bytes that the client was given. */
  readBytes = 0;
  /** Bytes that the client was given or is just being given. */
  offeredBytes = 0;
  /** The client's send buffer was full for a while. */
  wasClogged = false;
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
  readonly #outgoing: Buffer[] = [];
  #serverBytes = 0;
  #seenFrames = 0;
  #turnScheduled = false;
  #pumping = false;
  #clogged = false;
  #arrivedEnd: StreamEnd | null = null;
  #peer: SocketPeer | null = null;
  #serverEnded = false;

  constructor(options: SimSocketOptions) {
    this.#options = options;
    this.ordinal = options.ordinal;
    this.client = options.client;
    this.server = options.server;
    this.host = options.host;
    const { scheduler, random, weather, client } = options;
    this.#pair = memoryLinkPair({ pool: client.pool, highWaterBytes: HIGH_WATER_BYTES });
    this.#toServer = new Pipe(scheduler, random, weather, {
      bytes: (bytes) => this.#peer?.received(bytes),
      end: (how) => this.#peer?.over(how),
    });
    this.#toClient = new Pipe(scheduler, random, weather, {
      bytes: (bytes) => this.#arrive(bytes),
      end: (how) => this.#arriveEnd(how),
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
    this.#clientLink = new ClientLink(this.#pair.client, options.host, {
      writes: (bytes) => tap.feed(bytes, scheduler.nowMs),
      wrote: () => this.#pump(),
      turned: () => {
        this.#pump();
        this.#scheduleTurn();
      },
    });
    this.#pair.server.start(this.#kernel());
  }

  /** Bytes have arrived that the client was not given yet. */
  get hasUnreadBytes(): boolean {
    return this.#arrived.length > 0 || this.#pair.server.queuedBytes > 0;
  }

  /** The client's end. */
  get link(): ByteLink {
    return this.#clientLink;
  }

  /** The client has dropped it. */
  get dropped(): boolean {
    return this.#clientLink.dropped;
  }

  /** The server has accepted. */
  attach(peer: SocketPeer): void {
    this.#peer = peer;
  }

  // The server's end.

  /** A frame leaves the server. */
  serverWrite(bytes: Buffer, frame: WrittenFrame | null): void {
    if (this.#serverEnded) return;
    this.#serverBytes += bytes.length;
    if (frame !== null) {
      const written = { ...frame, bytes: bytes.length, endOffset: this.#serverBytes };
      this.serverFrames.push(written);
      if (frame.kind === 'reply') this.replies.set(frame.xid, written);
    }
    this.#outgoing.push(bytes);
    if (this.#outgoing.length > 1) return;
    // What a server writes in one go leaves in one go.
    const { scheduler } = this.#options;
    scheduler.at(scheduler.nowMs, () => this.#flush());
  }

  #flush(): void {
    if (this.#outgoing.length > 0) this.#toClient.push(Buffer.concat(this.#outgoing.splice(0)));
  }

  /** The server closes: its bytes arrive before the end does. */
  serverClose(): void {
    if (this.#serverEnded) return;
    this.#serverEnded = true;
    this.#peer = null;
    this.#toServer.drop();
    this.#flush();
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
    this.#outgoing.length = 0;
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
    this.wasClogged = true;
    this.#clogged = true;
    this.#pair.server.pause();
  }

  flow(): void {
    this.#clogged = false;
    this.#pair.server.resume();
    this.client.loop.io(this.#options.scheduler.nowMs, () => this.#pump());
  }

  /** The client's machine hears of a reset that the server knows nothing of. */
  resetClient(): void {
    this.#toClient.reset(0);
    this.#toServer.stall();
  }

  /** Frames that the client has been given to the last byte since this was last asked. */
  newlyRead(): ServerFrame[] {
    const first = this.#seenFrames;
    const frames = this.serverFrames;
    while (this.#seenFrames < frames.length) {
      if (frames[this.#seenFrames]!.endOffset > this.readBytes) break;
      this.#seenFrames++;
    }
    return frames.slice(first, this.#seenFrames);
  }

  /** Highest zxid in what the client was given or is just being given. */
  offeredZxid(): number {
    let zxid = 0;
    for (let index = this.#seenFrames; index < this.serverFrames.length; index++) {
      const frame = this.serverFrames[index] as ServerFrame;
      if (frame.endOffset > this.offeredBytes) break;
      if (frame.kind === 'reply') zxid = Math.max(zxid, frame.zxid);
    }
    return zxid;
  }

  #kernel(): LinkHandler {
    return {
      wantedBytes: 0,
      onBytes: (slab, start, end) => {
        const bytes = Buffer.from(slab.bytes.subarray(start, end));
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
    // A drained client writes again while its bytes are still being moved.
    if (this.#pumping) return;
    this.#pumping = true;
    const { client } = this.#pair;
    let before: number;
    do {
      before = client.queuedBytes;
      this.#pair.step(undefined, 'server');
    } while (client.queuedBytes !== before || (client.queuedBytes > 0 && !this.#clogged));
    this.#pair.step(undefined, 'server');
    this.#pumping = false;
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
    this.client.loop.io(this.#options.scheduler.nowMs, () => {
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
      this.offeredBytes = this.readBytes + queued;
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
    // Nobody is told of the end of a link that was never started.
    if (!this.#clientLink.over && (this.#clientLink.started || !this.dropped)) return;
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
    const slab = this.client.pool.acquire(count);
    waiting.copy(slab.bytes, 0, 0, count);
    this.#pair.server.write(slab, 0, count);
  }
}
