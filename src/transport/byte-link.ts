import type { Slab, SlabPool } from '../codec/slab-pool.ts';
import type { LinkError } from '../errors.ts';

/**
 * What a link tells its user. One object, called directly: no event emitter stands between the
 * socket and the frames.
 */
export interface LinkHandler {
  /**
   * Bytes `[start, end)` of `slab` are there: the unfinished rest of last time, then what was read now.
   * Gives the first byte that was not consumed; it comes again, contiguous, with the next call.
   * The slab is lent until this returns: retain it to keep it.
   */
  onBytes(slab: Slab, start: number, end: number): number;
  /** Bytes that the unfinished frame needs in all (its prefix included), 0 when not known: a hint for the next slab. */
  readonly wantedBytes: number;
  /** The write queue, once above its high-water mark, is empty again. */
  onDrain(): void;
  /** The link has ended; nothing else will be called. Exactly once for a link that was started. */
  onEnd(error: LinkError): void;
}

/** A two-way stream of bytes: TCP, TLS, memory, or one of these with faults. Knows nothing of the protocol. */
export interface ByteLink {
  /** `host:port` of the peer, for errors. */
  readonly host: string;
  readonly pool: SlabPool;
  /** Bytes accepted by `write` and not yet handed to the kernel (or to the other end). */
  readonly queuedBytes: number;
  /** Starts reading; until then nothing is delivered. May be called again to change the handler. */
  start(handler: LinkHandler): void;
  /**
   * Sends `[start, end)` of `slab`. Takes one reference over from the caller and releases it when
   * the bytes have left; they must not change until then. False: hold back until `onDrain`.
   */
  write(slab: Slab, start: number, end: number): boolean;
  /** Stops reading, so that the peer is held back. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then ends the connection. `onEnd` follows. */
  end(): void;
  /** Drops the connection now. `onEnd` follows with this error. Calling it again does nothing. */
  destroy(error: LinkError): void;
}
