import type { Slab, SlabPool } from '../codec/slab-pool.ts';
import { LinkError } from '../errors.ts';
import { LINK_HIGH_WATER_BYTES } from '../limits.ts';
import type { ByteLink, LinkHandler } from './byte-link.ts';
import { type FaultClock, FaultLane } from './fault-lane.ts';
import { checkLinkFaults, type LinkFaults } from './link-faults.ts';
import { LinkReceiver } from './link-receiver.ts';

/** Options of {@link faultyLink}. */
export interface FaultyLinkOptions {
  /** Needed for `delayMs`. */
  readonly clock?: FaultClock | undefined;
}

/** A link that breaks as it was told to. */
export interface FaultyLink extends ByteLink {
  /** What goes wrong, as it was given. */
  readonly faults: LinkFaults;
  /** Ends the stalls of both directions: what they held passes. */
  release(): void;
}

/**
 * Wraps a link and breaks it as `faults` says. Throws a RangeError that names the field when they make no sense.
 *
 * A cut of what is sent ends the link after the bytes before it, which still arrive; a cut of what
 * is received drops it. Both end with LINK_FAULT, and from the cut on nothing passes either way.
 */
export function faultyLink(
  link: ByteLink,
  faults: LinkFaults,
  options: FaultyLinkOptions = {},
): FaultyLink {
  checkLinkFaults(faults, options.clock !== undefined);
  return new BreakingLink(link, faults, options.clock);
}

class BreakingLink implements FaultyLink {
  readonly faults: LinkFaults;
  readonly host: string;
  readonly pool: SlabPool;
  readonly #link: ByteLink;
  readonly #receiver: LinkReceiver;
  readonly #sending: FaultLane;
  readonly #receiving: FaultLane;
  readonly #linkHandler: LinkHandler;
  /** The wrapped link has asked to hold back. */
  #linkFull = false;
  /** `write` has answered false since the last drain. */
  #heldBack = false;
  #ending = false;
  /** Set by a cut or by `destroy`: the reason that the handler is given. */
  #error: LinkError | null = null;
  /** How the wrapped link ended, once it has. */
  #linkEnd: LinkError | null = null;
  #linkPaused = false;

  constructor(link: ByteLink, faults: LinkFaults, clock: FaultClock | undefined) {
    const self = this;
    this.#link = link;
    this.faults = faults;
    this.host = link.host;
    this.pool = link.pool;
    this.#receiver = new LinkReceiver(link.pool, (cause) =>
      this.#drop(new LinkError('LINK_DESTROYED', link.host, cause)),
    );
    this.#sending = new FaultLane(faults.send ?? {}, link.pool, clock, {
      get open() {
        return !self.#linkFull;
      },
      pass: (slab, start, end) => this.#passOut(slab, start, end),
      cut: () => this.#cutSending(),
    });
    this.#receiving = new FaultLane(faults.receive ?? {}, link.pool, clock, {
      get open() {
        return self.#receiver.flowing;
      },
      pass: (slab, start, end) => this.#passIn(slab, start, end),
      cut: () => this.#drop(new LinkError('LINK_FAULT', this.host)),
    });
    this.#linkHandler = {
      wantedBytes: 0,
      onBytes: (slab, start, end) => this.#arrived(slab, start, end),
      onDrain: () => this.#linkDrained(),
      onEnd: (error) => this.#linkEnded(error),
    };
  }

  get queuedBytes(): number {
    return this.#sending.heldBytes + this.#link.queuedBytes;
  }

  start(handler: LinkHandler): void {
    const first = !this.#receiver.started;
    this.#receiver.start(handler);
    if (first) this.#link.start(this.#linkHandler);
    this.#sending.pump();
    this.#receiving.pump();
  }

  write(slab: Slab, start: number, end: number): boolean {
    if (this.#ending || this.#error !== null) {
      this.pool.release(slab);
      return true;
    }
    this.#sending.push(slab, start, end);
    if (!this.#linkFull && this.#sending.heldBytes < LINK_HIGH_WATER_BYTES) return true;
    this.#heldBack = true;
    return false;
  }

  pause(): void {
    this.#receiver.pause();
    this.#holdBackPeer();
  }

  resume(): void {
    this.#receiver.resume();
    this.#receiving.pump();
    this.#holdBackPeer();
  }

  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#sending.after(() => this.#link.end());
  }

  destroy(error: LinkError): void {
    this.#drop(error);
  }

  release(): void {
    this.#sending.release();
    this.#receiving.release();
  }

  #passOut(slab: Slab, start: number, end: number): void {
    if (!this.#link.write(slab, start, end)) this.#linkFull = true;
    this.#drained();
  }

  #linkDrained(): void {
    this.#linkFull = false;
    this.#sending.pump();
    this.#drained();
  }

  #drained(): void {
    if (!this.#heldBack || this.#linkFull || this.#sending.heldBytes > 0) return;
    this.#heldBack = false;
    this.#receiver.drained();
  }

  #arrived(slab: Slab, start: number, end: number): number {
    if (this.#error === null) {
      this.pool.retain(slab);
      this.#receiving.push(slab, start, end);
      this.#holdBackPeer();
    }
    return end;
  }

  /** Bytes that wait in here are limited as in a socket's buffer. */
  #holdBackPeer(): void {
    const paused = this.#receiver.paused || this.#receiving.heldBytes >= LINK_HIGH_WATER_BYTES;
    if (paused === this.#linkPaused || this.#error !== null) return;
    this.#linkPaused = paused;
    if (paused) this.#link.pause();
    else this.#link.resume();
  }

  #passIn(slab: Slab, start: number, end: number): void {
    try {
      for (let at = start; at < end && this.#error === null; ) {
        const count = slab.bytes.copy(this.#receiver.room(), 0, at, end);
        at += count;
        this.#receiver.received(count);
      }
    } finally {
      this.pool.release(slab);
    }
    this.#receiver.recycle();
    this.#holdBackPeer();
  }

  /** What was let through is still delivered; nothing else is, in either direction. */
  #cutSending(): void {
    this.#error ??= new LinkError('LINK_FAULT', this.host);
    this.#receiver.shut();
    this.#receiving.close();
    this.#link.resume();
    this.#link.end();
  }

  #drop(error: LinkError): void {
    this.#error ??= error;
    this.#receiver.shut();
    this.#sending.close();
    this.#receiving.close();
    this.#link.destroy(this.#error);
    if (this.#linkEnd !== null) queueMicrotask(() => this.#finish());
  }

  #linkEnded(error: LinkError): void {
    this.#linkEnd = error;
    this.#sending.close();
    if (this.#error === null) this.#receiving.after(() => this.#finish());
    else this.#finish();
  }

  #finish(): void {
    this.#receiver.end((this.#error ?? this.#linkEnd) as LinkError);
  }
}
