import type { X509Certificate } from 'node:crypto';
import { type ACL, FRAME_INCOMPLETE, FrameCutter, type Slab } from '../codec/index.ts';
import { LinkError, WireError } from '../errors.ts';
import { LINK_HIGH_WATER_BYTES, SERVER_OUTPUT_BYTES_MAX } from '../limits.ts';
import type { ByteLink, LinkHandler } from '../transport/index.ts';
import { ConnectionIds } from './auth/connection-ids.ts';
import { PERMISSION } from './auth/permissions.ts';
import type { SaslDigestMd5 } from './auth/sasl-digest-md5.ts';
import { writeEvent } from './event-frames.ts';
import { ReplyOutput } from './reply-output.ts';
import type { ServerCore } from './server-core.ts';
import type { Session } from './sessions/session.ts';
import type { Watcher } from './watches/watcher.ts';
import { ConnectionStatistics } from './words/statistics.ts';

const REQUEST_HEADER_BYTES = 8;

/** How far a connection has come. */
type Phase = 'new' | 'serving' | 'ending';

/** Requests that came in one read: their latencies are counted together. */
export interface RequestBatch {
  xid: number;
  op: number;
  requests: number;
  writes: number;
}

/** Who is at the other end of a link. */
export interface Peer {
  /** Address without the port: what `ip` ACLs are checked against. */
  readonly address: string;
  /** `address:port`, for the four-letter words. */
  readonly name: string;
  /** Came over TLS. */
  readonly secure: boolean;
  /** The certificate that it showed over TLS, trusted by now; null: none. */
  readonly certificate: X509Certificate | null;
}

/**
 * One client's connection: cuts what comes into frames and hands them to the core, and tells the
 * client of watch events. It knows the order of things on the wire, and nothing of what they mean.
 */
export class ServerConnection implements LinkHandler, Watcher {
  /** Who is there. */
  readonly peer: Peer;
  /** What the client is told. */
  readonly output: ReplyOutput;
  /** Who the client has shown to be; grows with each credential. */
  readonly ids: ConnectionIds;
  /** How far it has come in logging in with SASL; null: it has not begun. */
  sasl: SaslDigestMd5 | null = null;
  /** False: its certificate names nobody, so it must not be served. */
  readonly isAcceptable: boolean;
  /** The session that it serves; null before the handshake and after the end. */
  session: Session | null = null;
  /** When it came, in ms of the core's clock. */
  readonly sinceMs: number;
  /** What the four-letter words tell of it. */
  readonly statistics: ConnectionStatistics = new ConnectionStatistics();
  /** Of the requests since the last `onBytes`: the last one, and how many there are. */
  readonly batch: RequestBatch = { xid: -1, op: 0, requests: 0, writes: 0 };
  /** See LinkHandler. */
  wantedBytes = 0;
  readonly #link: ByteLink;
  readonly #core: ServerCore;
  readonly #cutter: FrameCutter;
  #phase: Phase = 'new';
  #reading = false;
  #paused = false;
  /** Not read from, whatever else there is to say: see `postpone` and `mute`. */
  #stopped = false;
  /** Nothing is sent any more. */
  #muted = false;
  #dirty = false;
  /** When it began to end, in ms of the core's clock. */
  #endingMs = 0;

  /** Starts to read when `start` is called. */
  constructor(link: ByteLink, peer: Peer, core: ServerCore) {
    this.#link = link;
    this.#core = core;
    this.peer = peer;
    this.ids = new ConnectionIds(peer.address);
    const { certificate } = peer;
    this.isAcceptable = certificate === null || core.access.addCertificate(certificate, this.ids);
    this.sinceMs = core.options.clock.nowMs();
    this.output = new ReplyOutput(link, core.gate, () => this.pause());
    this.#cutter = new FrameCutter(0, core.options.juteMaxBufferBytes);
  }

  /** Reads from now on. */
  start(): void {
    this.#link.start(this);
  }

  /** Its session; 0 without one. */
  get sessionId(): bigint {
    return this.session === null ? 0n : this.session.id;
  }

  /** It is held back: no requests are read. */
  get paused(): boolean {
    return this.#paused;
  }

  onBytes(slab: Slab, start: number, end: number): number {
    const { reader } = this.#core;
    const receivedMs = this.#core.options.clock.nowMs();
    let at = start;
    this.#reading = true;
    try {
      reader.useSlab(this.#link.pool, slab);
      while (this.#phase !== 'ending' && !this.#paused) {
        if (this.#phase === 'new' && this.#isWord(slab, at, end)) {
          at = end;
          break;
        }
        const next = this.#cutter.cut(slab.view, at, end);
        if (next === FRAME_INCOMPLETE) break;
        reader.frame(at, next);
        at = next;
        this.#frame();
        if (this.output.queuedBytes > LINK_HIGH_WATER_BYTES || this.#core.heldBack) this.pause();
      }
      this.wantedBytes = this.#paused ? 0 : this.#cutter.wantedBytes;
      this.#core.batchDone(this, receivedMs);
      this.flushNow();
    } catch (cause) {
      this.#broken(cause);
    } finally {
      this.#reading = false;
    }
    return this.#phase === 'ending' ? end : at;
  }

  onDrain(): void {
    this.unpause();
  }

  onEnd(): void {
    this.#phase = 'ending';
    this.output.close();
    this.#core.connectionEnded(this);
  }

  /** Reads no more requests until `unpause`: the client is held back. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#link.pause();
    if (this.#waitsForDisk) this.#core.awaitDisk(this);
  }

  /** Reads on, with what was left first, unless the client still does not take its replies. */
  unpause(): void {
    if (!this.#paused || this.#reading || this.#stopped) return;
    if (this.output.queuedBytes > LINK_HIGH_WATER_BYTES || this.#core.heldBack) {
      // Otherwise its link tells when there is room.
      if (this.#waitsForDisk) this.#core.awaitDisk(this);
      return;
    }
    this.#paused = false;
    this.#link.resume();
    // What was left of the last read is offered again only to a handler that starts.
    if (!this.#paused) this.#link.start(this);
  }

  /** What it waited for is on disk. That it was not read from meanwhile was not its fault: its time begins anew. */
  diskWentOn(nowMs: number): void {
    if (this.#stopped) return;
    if (this.session !== null) this.#core.sessions.touch(this.session, nowMs);
    this.unpause();
  }

  get #waitsForDisk(): boolean {
    return this.#core.heldBack || this.#core.gate.appended > this.#core.gate.flushed;
  }

  /** The handshake is done: from now on there are requests. */
  serve(session: Session): void {
    this.session = session;
    this.#phase = 'serving';
  }

  /** Sends what it has been told so far, then hangs up. Nothing more is read. */
  finish(): void {
    this.#phase = 'ending';
    this.#endingMs = this.#core.options.clock.nowMs();
    this.output.end();
  }

  /** It has neither asked for a session nor hung up when it was time. */
  isOverdue(nowMs: number, patienceMs: number): boolean {
    if (this.#phase === 'serving') return false;
    return nowMs - (this.#phase === 'new' ? this.sinceMs : this.#endingMs) > patienceMs;
  }

  /** The request that the core's reader stands on is executed later, and everything behind it after that. */
  postpone(delayMs: number, xid: number, op: number): void {
    const { reader, options } = this.#core;
    const rest = Buffer.from(reader.bytes.subarray(reader.offset, reader.end));
    this.#stop();
    const execute = (): void => this.#executeLate(rest, xid, op);
    options.clock.setTimer(() => this.#core.whenThawed(execute), delayMs);
  }

  #executeLate(request: Buffer, xid: number, op: number): void {
    if (this.#phase === 'ending') return;
    try {
      this.#core.readAside(request, () => this.#core.execute(this, xid, op));
    } catch (cause) {
      this.#broken(cause);
      return;
    }
    this.flushNow();
    this.#stopped = false;
    this.unpause();
  }

  /** Nothing is read or sent any more; `last` is done, and its answer is the first that is not sent. */
  mute(last: () => void): void {
    this.flushNow();
    this.#stop();
    this.#muted = true;
    last();
  }

  #stop(): void {
    this.#stopped = true;
    this.pause();
  }

  /** Hangs up now. `reason` is for the counters and the log. */
  drop(reason: string): void {
    this.#phase = 'ending';
    // Not when its link has ended: who takes the session over would still see them.
    this.#core.watches.removeWatcher(this);
    this.#link.destroy(new LinkError('LINK_DESTROYED', this.peer.name, new Error(reason)));
  }

  /** A watch of this client fired. Not told when the client may not read the znode (CVE-2024-23944). */
  notify(type: number, path: string, zxid: bigint, acl: readonly ACL[] | null): void {
    if (this.#phase === 'ending' || this.#muted) return;
    if (acl !== null && !this.#core.access.allows(acl, PERMISSION.READ, this.ids.list)) return;
    const { output } = this;
    const event = { type, path, zxid };
    if (!this.#core.eventFrames.share(output, event)) {
      writeEvent(output.begin(), event);
      output.commit();
    }
    if (output.queuedBytes > SERVER_OUTPUT_BYTES_MAX) {
      this.drop('it does not read its watch events');
    } else if (!this.#reading && !this.#dirty) {
      this.#dirty = true;
      this.#core.flushSoon(this);
    }
  }

  /** Sends what it has been told. */
  flushNow(): void {
    this.#dirty = false;
    const frames = this.output.takeFrames();
    this.statistics.packetsSent += frames;
    this.#core.statistics.packetsSent += frames;
    if (!this.#muted) this.output.flush();
    this.#core.budget.check(this.output.sharedBytes);
    // Where what was sent now has left at once, no link will tell of room.
    if (this.#paused) this.unpause();
  }

  #isWord(slab: Slab, at: number, end: number): boolean {
    if (end - at < 4) return false;
    return this.#core.word(this, slab.view.getInt32(at), slab.bytes.subarray(at + 4, end));
  }

  /** The core's reader stands on one whole frame. */
  #frame(): void {
    const core = this.#core;
    const { reader } = core;
    if (this.#phase === 'new') {
      this.statistics.packetsReceived++;
      core.statistics.packetsReceived++;
      core.handshake(this);
      return;
    }
    if (reader.remaining < REQUEST_HEADER_BYTES) {
      this.drop('a request without a header');
      return;
    }
    const { batch } = this;
    batch.xid = reader.int();
    batch.op = reader.int();
    batch.requests++;
    core.request(this, batch.xid, batch.op);
  }

  /** A length that no frame can have, or a mistake of ours: this connection ends, the others go on. */
  #broken(cause: unknown): void {
    if (!(cause instanceof WireError)) this.#core.reportFault(cause);
    this.drop(cause instanceof Error ? cause.message : String(cause));
  }
}
