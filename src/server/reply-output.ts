import { JuteWriter, type Slab, type SlabPool } from '../codec/index.ts';
import { FLUSH_BYTES } from '../limits.ts';
import type { ByteLink } from '../transport/index.ts';
import type { FlushGate, HeldOutput } from './flush-gate.ts';

const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = new DataView(new ArrayBuffer(0));

/** ReplyHeader: xid, zxid, err. */
const REPLY_HEADER_BYTES = 16;

/** A frame that several clients are sent, in a slab that is nobody's own. */
export interface SharedFrame {
  readonly slab: Slab;
  readonly start: number;
  readonly end: number;
}

/** Whole frames that wait for their transactions to be durable. */
interface Segment extends SharedFrame {
  /** Last transaction that the frames can show. */
  readonly position: number;
}

/**
 * What one connection is to be told: frames are encoded in place, leave together, and not before the
 * transactions that they can show are durable.
 *
 * A slab is held only while there is something in it, so that ten thousand idle connections hold none.
 */
export class ReplyOutput implements HeldOutput {
  /** Of the open slab. */
  readonly writer: JuteWriter;
  readonly #link: ByteLink;
  readonly #pool: SlabPool;
  readonly #gate: FlushGate;
  readonly #onFull: () => void;
  #slab: Slab | null = null;
  /** What leaves before the open slab. */
  #shared: SharedFrame | null = null;
  /** `[0, #committed)` of the open slab holds whole frames. */
  #committed = 0;
  #frames = 0;
  #waiting: Segment[] = [];
  #waitingBytes = 0;
  #endAfter = false;
  #closed = false;

  /** `onFull` is called when the link asks to hold back. */
  constructor(link: ByteLink, gate: FlushGate, onFull: () => void) {
    this.#link = link;
    this.#pool = link.pool;
    this.#gate = gate;
    this.#onFull = onFull;
    this.writer = new JuteWriter(NO_BYTES, NO_VIEW, (_writer, needed) => this.#makeRoom(needed));
  }

  /** Bytes that are here or in the link, and have not left. */
  get queuedBytes(): number {
    const shared = this.#shared === null ? 0 : this.#shared.end - this.#shared.start;
    return shared + this.#committed + this.#waitingBytes + this.#link.queuedBytes;
  }

  /** Memory that all outputs of the same server hold, together with what is being read. */
  get sharedBytes(): number {
    return this.#pool.outstandingBytes;
  }

  /** Frames committed since it was last asked. */
  takeFrames(): number {
    const frames = this.#frames;
    this.#frames = 0;
    return frames;
  }

  /** Starts a frame without a header: a handshake, or raw text when it is not committed as a frame. */
  begin(): JuteWriter {
    const writer = this.writer;
    writer.offset = this.#committed;
    writer.beginFrame();
    return writer;
  }

  /** Starts a reply or a notification. */
  reply(xid: number, zxid: bigint, err: number): JuteWriter {
    const writer = this.begin();
    const at = writer.reserve(REPLY_HEADER_BYTES);
    const view = writer.view;
    view.setInt32(at, xid);
    view.setBigInt64(at + 4, zxid);
    view.setInt32(at + 12, err);
    return writer;
  }

  /** The frame is whole; it leaves with the next flush. */
  commit(): void {
    const writer = this.writer;
    writer.endFrame();
    this.#committed = writer.offset;
    this.#frames++;
    if (this.#committed >= FLUSH_BYTES) this.flush();
  }

  /** Where slabs come from. */
  get pool(): SlabPool {
    return this.#pool;
  }

  /** Nothing waits here, so that a frame need not be copied to come behind it. */
  get takesShared(): boolean {
    return this.#committed === 0 && this.#shared === null && !this.#closed;
  }

  /** A frame of the same pool that others are sent too leaves with the next flush. Only when `takesShared`. */
  share(frame: SharedFrame): void {
    this.#pool.retain(frame.slab);
    this.#shared = frame;
    this.#frames++;
  }

  /** Text that is no frame: the answer to a four-letter word. */
  text(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    const writer = this.writer;
    writer.offset = this.#committed;
    const at = writer.reserve(bytes.length);
    writer.bytes.set(bytes, at);
    this.#committed = writer.offset;
  }

  /** What was committed leaves now, or as soon as its transactions are durable. */
  flush(): void {
    if (this.#waiting.length > 0) this.durable(this.#gate.flushed);
    const shared = this.#shared;
    this.#shared = null;
    if (shared !== null) this.#send(shared);
    const slab = this.#slab;
    const end = this.#committed;
    if (slab !== null && end > 0) {
      this.#forgetSlab();
      this.#send(this.#hasWay ? { slab, start: 0, end } : this.#packed(slab, end));
    }
    if (this.#endAfter && this.#waiting.length === 0) this.#link.end();
  }

  /** Everything so far is sent, then the connection ends. */
  end(): void {
    this.#endAfter = true;
    this.flush();
  }

  durable(flushed: number): void {
    const waiting = this.#waiting;
    let count = 0;
    while (count < waiting.length && (waiting[count] as Segment).position <= flushed) {
      const segment = waiting[count] as Segment;
      count++;
      this.#waitingBytes -= segment.end - segment.start;
      this.#write(segment);
    }
    this.#waiting = waiting.slice(count);
    if (this.#waiting.length > 0) this.#gate.hold(this);
    else if (this.#endAfter) this.#link.end();
  }

  /** The link has ended: nothing leaves any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#gate.forget(this);
    for (const { slab } of this.#waiting.splice(0)) this.#pool.release(slab);
    this.#waitingBytes = 0;
    if (this.#shared !== null) this.#pool.release(this.#shared.slab);
    this.#shared = null;
    const slab = this.#slab;
    this.#forgetSlab();
    if (slab !== null) this.#pool.release(slab);
    this.#gate.packer.rest();
  }

  #send(frames: SharedFrame): void {
    if (this.#isDurable) this.#write(frames);
    else this.#wait(frames);
  }

  /** Nothing has to wait for its transactions. */
  get #isDurable(): boolean {
    return this.#waiting.length === 0 && this.#gate.appended <= this.#gate.flushed;
  }

  /** What is sent now is not held up by what has not left yet. */
  get #hasWay(): boolean {
    return this.#isDurable && this.#link.queuedBytes === 0;
  }

  /** The frames of a slab of ours, in memory that others use too. */
  #packed(slab: Slab, end: number): SharedFrame {
    return this.#gate.packer.pack(this.#pool, { slab, start: 0, end });
  }

  #write({ slab, start, end }: SharedFrame): void {
    if (this.#closed) this.#pool.release(slab);
    else if (!this.#link.write(slab, start, end)) this.#onFull();
  }

  /** Until everything that was appended so far is durable. */
  #wait({ slab, start, end }: SharedFrame): void {
    if (this.#closed) {
      this.#pool.release(slab);
      return;
    }
    this.#waiting.push({ slab, start, end, position: this.#gate.appended });
    this.#waitingBytes += end - start;
    this.#gate.hold(this);
  }

  /** The open slab is full. */
  #waitAll(slab: Slab, end: number): void {
    if (this.#shared !== null) this.#wait(this.#shared);
    this.#shared = null;
    this.#wait(this.#packed(slab, end));
  }

  #forgetSlab(): void {
    const writer = this.writer;
    this.#slab = null;
    this.#committed = 0;
    writer.bytes = NO_BYTES;
    writer.view = NO_VIEW;
    writer.offset = 0;
    writer.capacity = 0;
    writer.frameStart = 0;
  }

  /** Moves the unfinished frame to a slab with room for `needed` more bytes; whole frames before it leave. */
  #makeRoom(needed: number): void {
    const writer = this.writer;
    const unfinished = writer.offset - this.#committed;
    const next = this.#pool.acquireToGrow(unfinished, needed);
    const full = this.#slab;
    const committed = this.#committed;
    if (full !== null) {
      full.bytes.copy(next.bytes, 0, committed, writer.offset);
      if (committed === 0) this.#pool.release(full);
      else this.#waitAll(full, committed);
    }
    this.#slab = next;
    this.#committed = 0;
    writer.bytes = next.bytes;
    writer.view = next.view;
    writer.capacity = next.capacityBytes;
    writer.frameStart = 0;
    writer.offset = unfinished;
  }
}
