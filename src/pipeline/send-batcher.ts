import { JuteWriter } from '../codec/jute-writer.ts';
import type { Slab, SlabPool } from '../codec/slab-pool.ts';
import { FLUSH_BYTES } from '../limits.ts';
import type { ByteLink } from '../transport/byte-link.ts';

/** Calls `flush` soon, once: by default `process.nextTick`, which comes after the promise jobs of one read. */
export type ScheduleFlush = (flush: () => void) => void;

const NO_BYTES = Buffer.alloc(0);
const NO_VIEW = new DataView(NO_BYTES.buffer, 0, 0);

/** Called before a frame gets a slab of its own, with an upper bound of its size so far; throws when that is too much, or too late. */
export type CheckGrowth = (frameBytes: number) => void;

/** Whole frames in a slab that was full: they leave at the next flush. */
export interface Segment {
  readonly slab: Slab;
  readonly start: number;
  readonly end: number;
  readonly sequence: number;
}

/**
 * Decides when encoded frames leave: one write a tick, or at once when a batch is large.
 * Frames are encoded in place in one open slab; each write lends the link a range of it.
 */
export class SendBatcher {
  readonly writer: JuteWriter;
  /** Frames handed to the link belong to requests before this sequence number. */
  sentSequence = 0;
  /** Bytes handed to the link since the start. */
  sentBytes = 0;
  /** Writes made since the start. */
  writes = 0;
  readonly #link: ByteLink;
  readonly #pool: SlabPool;
  readonly #schedule: ScheduleFlush;
  readonly #checkGrowth: CheckGrowth;
  readonly #waiting: Segment[] = [];
  #slab: Slab;
  /** `[#sentTo, #committedTo)` of the open slab holds whole frames that were not handed to the link. */
  #sentTo = 0;
  #committedTo = 0;
  #sequence = 0;
  #scheduled = false;
  /** The link asked to hold back. */
  #full = false;
  /** Whoever owns this did. */
  #held = false;
  #closed = false;

  constructor(link: ByteLink, schedule: ScheduleFlush, checkGrowth: CheckGrowth) {
    this.#link = link;
    this.#pool = link.pool;
    this.#schedule = schedule;
    this.#checkGrowth = checkGrowth;
    this.#slab = this.#pool.acquire();
    this.writer = new JuteWriter(this.#slab.bytes, this.#slab.view, (_writer, needed) =>
      this.#makeRoom(needed),
    );
  }

  /** Starts a frame, and takes back one that was begun and never committed. */
  begin(): JuteWriter {
    const writer = this.writer;
    if (this.#sentTo === this.#committedTo && this.#committedTo > 0) this.#rewind();
    writer.offset = this.#committedTo;
    writer.beginFrame();
    return writer;
  }

  /** The frame is whole: gives its size, prefix included. It leaves at the next flush. */
  commit(nextSequence: number): number {
    const writer = this.writer;
    const frameBytes = writer.endFrame() + 4;
    this.#committedTo = writer.offset;
    // Nothing is begun now: a second commit would find less than an empty frame.
    writer.frameStart = writer.offset;
    this.#sequence = nextSequence;
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#schedule(this.#flushScheduled);
    }
    if (this.#committedTo - this.#sentTo >= FLUSH_BYTES) this.flush();
    return frameBytes;
  }

  readonly #flushScheduled = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  /** Hands every whole frame to the link now, unless something holds it back. */
  flush(): void {
    while (this.#waiting.length > 0 && !this.#full && !this.#held) {
      const segment = this.#waiting.shift() as Segment;
      this.#write(segment.slab, segment.start, segment.end, segment.sequence);
    }
    if (this.#full || this.#held || this.#closed) return;
    const start = this.#sentTo;
    const end = this.#committedTo;
    if (start === end) return;
    this.#sentTo = end;
    this.#pool.retain(this.#slab);
    this.#write(this.#slab, start, end, this.#sequence);
  }

  /** The link has room again. */
  drained(): void {
    this.#full = false;
    this.flush();
  }

  get closed(): boolean {
    return this.#closed;
  }

  get held(): boolean {
    return this.#held;
  }

  /** Hands nothing to the link until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.flush();
  }

  /** Where the frames lie that have not left, oldest first; lent until the next frame begins. */
  unsent(): readonly Segment[] {
    const open = {
      slab: this.#slab,
      start: this.#sentTo,
      end: this.#committedTo,
      sequence: this.#sequence,
    };
    return [...this.#waiting, open];
  }

  /** What has not left will not. */
  forgetUnsent(): void {
    for (const segment of this.#waiting.splice(0)) this.#pool.release(segment.slab);
    this.#committedTo = this.#sentTo;
    this.#sequence = this.sentSequence;
  }

  /** Gives all slabs back. Nothing is sent any more, and nothing written: what is asked for room is refused. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const segment of this.#waiting.splice(0)) this.#pool.release(segment.slab);
    this.#pool.release(this.#slab);
    // Somebody may stand in the middle of a frame, and the slab may be another connection's next.
    this.#point(NO_BYTES, NO_VIEW);
    this.writer.offset = 0;
    this.writer.frameStart = 0;
  }

  #write(slab: Slab, start: number, end: number, sequence: number): void {
    this.sentSequence = sequence;
    this.sentBytes += end - start;
    this.writes++;
    if (!this.#link.write(slab, start, end)) this.#full = true;
  }

  /** Everything was handed over: when the link is done with the slab, start again at its front. */
  #rewind(): void {
    const slab = this.#slab;
    if (slab.capacityBytes > this.#pool.slabBytes) {
      // Made for one large frame; kept, it would hold its memory for the life of the connection.
      this.#open(this.#pool.acquire());
      this.#pool.release(slab);
    } else if (this.#pool.rewind(slab, this.#committedTo)) {
      this.#sentTo = 0;
      this.#committedTo = 0;
    }
  }

  #open(slab: Slab): void {
    this.#slab = slab;
    this.#sentTo = 0;
    this.#committedTo = 0;
    this.#point(slab.bytes, slab.view);
  }

  #point(bytes: Buffer, view: DataView): void {
    this.writer.bytes = bytes;
    this.writer.view = view;
    this.writer.capacity = bytes.length;
  }

  /** Moves the unfinished frame to a slab with room for `needed` more bytes. */
  #makeRoom(needed: number): void {
    const writer = this.writer;
    const unfinished = writer.offset - this.#committedTo;
    this.#checkGrowth(unfinished + needed);
    const slab = this.#pool.acquireToGrow(unfinished, needed);
    this.#slab.bytes.copy(slab.bytes, 0, this.#committedTo, writer.offset);
    this.#seal();
    this.#open(slab);
    writer.frameStart = 0;
    writer.offset = unfinished;
  }

  /**
   * The open slab takes no more frames: its whole frames wait for the next flush. They cannot leave
   * now, in the middle of somebody's encoding: a link may answer, or end, inside its `write`.
   */
  #seal(): void {
    const slab = this.#slab;
    const start = this.#sentTo;
    const end = this.#committedTo;
    if (start === end) this.#pool.release(slab);
    else this.#waiting.push({ slab, start, end, sequence: this.#sequence });
  }
}
