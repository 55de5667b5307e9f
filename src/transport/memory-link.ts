import { type Slab, SlabPool } from '../codec/slab-pool.ts';
import { LinkError } from '../errors.ts';
import { LINK_HIGH_WATER_BYTES } from '../limits.ts';
import type { ByteLink, LinkHandler } from './byte-link.ts';
import { LinkReceiver } from './link-receiver.ts';

/** Options of {@link memoryLinkPair}. */
export interface MemoryLinkOptions {
  /** Pool of both ends; default: one of their own. */
  readonly pool?: SlabPool | undefined;
  /** Bytes queued at one end from which on its `write` answers false; default 1 MiB. */
  readonly highWaterBytes?: number | undefined;
  /** What the client's end calls its peer; default `memory:server`. */
  readonly host?: string | undefined;
  /**
   * `manual` (default): nothing moves but by `deliver` and `step`. `microtask`: everything moves by
   * itself, soon. `socket`: bytes do, and ends come a turn of the event loop later, so that what the
   * last bytes set off is done before.
   */
  readonly delivery?: 'manual' | 'microtask' | 'socket' | undefined;
}

/** One of the two ends. */
export type MemoryLinkEnd = 'client' | 'server';

/** Two links in one process, each the other's peer. */
export interface MemoryLinkPair {
  /** One end. */
  readonly client: ByteLink;
  /** The other. */
  readonly server: ByteLink;
  /** Nothing can move: no bytes wait for an end that takes them, no end has to be told. */
  readonly idle: boolean;
  /**
   * Moves everything, until nothing moves. The ends take turns, the server first: in its turn an end
   * gets one write of its peer, or hears that it has ended. Gives the number of bytes moved.
   */
  deliver(): number;
  /**
   * One turn, in which at most `bytes` (default: no limit) are moved: of the end named, or else of
   * the end whose turn it is, or of the other when that one has nothing to do. Gives the number of bytes moved.
   */
  step(bytes?: number, end?: MemoryLinkEnd): number;
}

/** Bytes of one `write` that the other end has not got yet. */
interface QueuedWrite {
  readonly slab: Slab;
  start: number;
  readonly end: number;
}

/** What is to be done soon waits for it. */
const settled = Promise.resolve();

/**
 * Two connected links in memory, for tests, simulations and examples. They keep the promises of a
 * socket (bytes in order, slabs lent and given back, back pressure, one end after the last byte),
 * and the order of all events is chosen by the caller.
 */
export function memoryLinkPair(options: MemoryLinkOptions = {}): MemoryLinkPair {
  const pool = options.pool ?? new SlabPool();
  const highWaterBytes = options.highWaterBytes ?? LINK_HIGH_WATER_BYTES;
  const manual = (options.delivery ?? 'manual') === 'manual';
  let scheduled = false;
  const changed = (): void => {
    if (manual || scheduled) return;
    scheduled = true;
    // `queueMicrotask` would make an AsyncResource each time.
    void settled.then(() => {
      scheduled = false;
      if (options.delivery === 'microtask') deliver();
      else deliverBytes();
      if (client.ready || server.ready) endSoon();
    });
  };
  let ending = false;
  const endSoon = (): void => {
    if (ending) return;
    ending = true;
    setImmediate(() => {
      ending = false;
      deliver();
    });
  };
  // The host of a link is its peer.
  const client = new MemoryLink(options.host ?? 'memory:server', pool, highWaterBytes, changed);
  const server = new MemoryLink('memory:client', pool, highWaterBytes, changed);
  client.connect(server);
  server.connect(client);

  let turn = server;
  const step = (bytes = Number.POSITIVE_INFINITY, end?: MemoryLinkEnd): number => {
    if (!(bytes >= 1)) throw new RangeError(`a step moves at least one byte, not ${bytes}`);
    if (end !== undefined) return (end === 'client' ? client : server).take(bytes);
    const link = turn.ready ? turn : turn.peer;
    turn = link.peer;
    return link.take(bytes);
  };
  const deliverBytes = (): void => {
    for (;;) {
      if (server.hasBytes) server.take(Number.POSITIVE_INFINITY);
      else if (client.hasBytes) client.take(Number.POSITIVE_INFINITY);
      else return;
    }
  };
  const deliver = (): number => {
    let moved = 0;
    while (client.ready || server.ready) moved += step();
    return moved;
  };
  return {
    client,
    server,
    deliver,
    step,
    get idle() {
      return !client.ready && !server.ready;
    },
  };
}

type Move = 'bytes' | 'peer-end' | 'own-end' | 'nothing';

class MemoryLink implements ByteLink {
  readonly host: string;
  readonly pool: SlabPool;
  readonly #receiver: LinkReceiver;
  readonly #highWaterBytes: number;
  readonly #changed: () => void;
  #peer: MemoryLink = this;
  #queue: QueuedWrite[] = [];
  #queuedBytes = 0;
  #heldBack = false;
  /** `end` was called, here or because the peer ended: nothing more is written. */
  #ending = false;
  /** The peer's last byte was delivered. */
  #peerEnded = false;
  #error: LinkError | null = null;
  #closedBy: 'LINK_CLOSED' | 'LINK_DESTROYED' = 'LINK_CLOSED';
  #destroyed = false;
  #closed = false;
  #taking = false;

  constructor(host: string, pool: SlabPool, highWaterBytes: number, changed: () => void) {
    this.host = host;
    this.pool = pool;
    this.#receiver = new LinkReceiver(pool, (cause) =>
      this.destroy(new LinkError('LINK_DESTROYED', host, cause)),
    );
    this.#highWaterBytes = highWaterBytes;
    this.#changed = changed;
  }

  connect(peer: MemoryLink): void {
    this.#peer = peer;
  }

  get peer(): MemoryLink {
    return this.#peer;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  start(handler: LinkHandler): void {
    this.#receiver.start(handler);
    this.#changed();
  }

  write(slab: Slab, start: number, end: number): boolean {
    if (this.#ending || this.#destroyed || this.#peer.#closed || start === end) {
      this.pool.release(slab);
      return true;
    }
    this.#queue.push({ slab, start, end });
    this.#queuedBytes += end - start;
    this.#changed();
    if (this.#queuedBytes < this.#highWaterBytes) return true;
    this.#heldBack = true;
    return false;
  }

  pause(): void {
    this.#receiver.pause();
  }

  resume(): void {
    this.#receiver.resume();
    this.#changed();
  }

  end(): void {
    if (this.#ending || this.#destroyed) return;
    this.#ending = true;
    this.#closedBy = 'LINK_DESTROYED';
    this.#changed();
  }

  destroy(error: LinkError): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#error = error;
    this.#receiver.shut();
    this.#changed();
  }

  /** There is something that `take` would do. */
  get ready(): boolean {
    return this.#next() !== 'nothing';
  }

  /** The next thing that `take` would do is to move bytes. */
  get hasBytes(): boolean {
    return this.#next() === 'bytes';
  }

  /** Does the next thing that can happen at this end; gives the number of bytes that it got. */
  take(bytesMax: number): number {
    if (this.#taking)
      throw new Error('bytes cannot be moved by the handler that they are moved to');
    const next = this.#next();
    this.#taking = true;
    try {
      if (next === 'bytes') return this.#takeBytes(bytesMax);
      if (next === 'peer-end') {
        this.#peerEnded = true;
        this.#ending = true;
      } else if (next === 'own-end') {
        this.#close();
      }
      return 0;
    } finally {
      this.#taking = false;
    }
  }

  #next(): Move {
    if (this.#closed || this.#taking) return 'nothing';
    if (this.#destroyed || (this.#peerEnded && this.#queue.length === 0)) return 'own-end';
    if (!this.#receiver.flowing || this.#peerEnded) return 'nothing';
    const peer = this.#peer;
    if (peer.#destroyed) return 'peer-end';
    if (peer.#queue.length > 0) return 'bytes';
    return peer.#ending ? 'peer-end' : 'nothing';
  }

  #takeBytes(bytesMax: number): number {
    const peer = this.#peer;
    const write = peer.#queue[0] as QueuedWrite;
    const room = this.#receiver.room();
    const count = Math.min(bytesMax, room.length, write.end - write.start);
    write.slab.bytes.copy(room, 0, write.start, write.start + count);
    write.start += count;
    peer.#queuedBytes -= count;
    const done = write.start === write.end;
    if (done) {
      peer.#queue.shift();
      peer.pool.release(write.slab);
    }
    this.#receiver.received(count);
    this.#receiver.recycle();
    if (done) peer.#sent();
    return count;
  }

  /** A write has arrived as a whole. */
  #sent(): void {
    if (!this.#heldBack || this.#queue.length > 0 || this.#destroyed) return;
    this.#heldBack = false;
    this.#receiver.drained();
  }

  #close(): void {
    this.#closed = true;
    this.#destroyed = true;
    this.#dropQueue();
    // Nobody is there any more to get what the peer has written.
    this.#peer.#dropQueue();
    this.#receiver.end(this.#error ?? new LinkError(this.#closedBy, this.host));
  }

  #dropQueue(): void {
    for (const write of this.#queue.splice(0)) this.pool.release(write.slab);
    this.#queuedBytes = 0;
  }
}
