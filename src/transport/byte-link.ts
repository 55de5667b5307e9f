import type { Slab, SlabPool } from '../codec/slab-pool.ts';
import type { LinkError } from '../errors.ts';

/**
 * What a link tells its user. One object, called directly: no event emitter stands between the
 * socket and the frames. No method may throw; one that does loses its link.
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
  /** The write queue, once at its high-water mark, is empty again. */
  onDrain(): void;
  /** The link has ended; nothing else will be called. Exactly once for a handler that was not replaced. */
  onEnd(error: LinkError): void;
}

/** A two-way stream of bytes: TCP, TLS, memory, or one of these with faults. Knows nothing of the protocol. */
export interface ByteLink {
  /** `host:port` of the peer, for errors. */
  readonly host: string;
  /** Where the slabs of its bytes come from and go back to. */
  readonly pool: SlabPool;
  /** Bytes accepted by `write` and not yet handed to the kernel (or to the other end). */
  readonly queuedBytes: number;
  /**
   * Starts reading; until then nothing is delivered, and what arrives is kept. Called again, it
   * changes the handler and offers the new one what the old one left, unless the old one is in
   * `onBytes`: that one hands over the rest itself and returns what the new one consumed.
   * On a link that has ended, `onEnd` is called at once.
   */
  start(handler: LinkHandler): void;
  /**
   * Sends `[start, end)` of `slab`. Takes one reference over from the caller and releases it when
   * the bytes have left; they must not change until then. False: hold back until `onDrain`.
   * After `end` or `destroy` the bytes are dropped.
   */
  write(slab: Slab, start: number, end: number): boolean;
  /** Stops reading, so that the peer is held back. `onBytes` is not called before `resume`. */
  pause(): void;
  /** Goes on reading after `pause`. */
  resume(): void;
  /**
   * Sends what was written, then ends this half; the peer ends its half in turn. Until then its
   * bytes are still delivered. `onEnd` follows, with LINK_DESTROYED when this side was the first.
   */
  end(): void;
  /** Drops the connection now. `onEnd` follows, after this returns, with this error. Calling it again does nothing. */
  destroy(error: LinkError): void;
}
