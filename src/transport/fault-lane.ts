import type { Slab, SlabPool } from '../codec/slab-pool.ts';
import type { ByteFaults } from './link-faults.ts';

/** Where a delayed link gets its time from. Tests choose what time it is. */
export interface FaultClock {
  /** Runs once, after `delayMs`. */
  setTimer(run: () => void, delayMs: number): unknown;
  /** Gives up a timer. */
  clearTimer(timer: unknown): void;
}

/** Where the bytes of a lane go. */
export interface LaneExit {
  /** May be given something now. */
  readonly open: boolean;
  /** A piece; takes one reference of the slab over. */
  pass(slab: Slab, start: number, end: number): void;
  /** The cut is reached: nothing more will come. */
  cut(): void;
}

/** A run of bytes, or (without a slab) something that happens after them. */
interface Entry {
  readonly slab: Slab | null;
  readonly run: () => void;
  /** Offset in the stream of the byte at `start`. */
  offset: number;
  start: number;
  readonly end: number;
  /** Its delay is over. */
  ripe: boolean;
}

const NOTHING = (): void => {};

/** One direction of a faulty link: a queue that lets bytes pass as its faults say. */
export class FaultLane {
  /** Bytes that have come in and have neither passed nor been swallowed. */
  heldBytes = 0;
  readonly #faults: ByteFaults;
  readonly #pool: SlabPool;
  readonly #clock: FaultClock | undefined;
  readonly #exit: LaneExit;
  readonly #queue: Entry[] = [];
  readonly #timers = new Set<unknown>();
  #position = 0;
  #stallAt: number;
  #slices = 0;
  #cutQueued = false;
  #closed = false;
  #pumping = false;

  constructor(faults: ByteFaults, pool: SlabPool, clock: FaultClock | undefined, exit: LaneExit) {
    this.#faults = faults;
    this.#pool = pool;
    this.#clock = clock;
    this.#exit = exit;
    this.#stallAt = faults.stallAt ?? Number.POSITIVE_INFINITY;
    this.#queueCut();
  }

  /** Bytes come in. Takes one reference of the slab over. */
  push(slab: Slab, start: number, end: number): void {
    const from = this.#position;
    this.#position += end - start;
    if (!this.#closed && !this.#cutQueued) {
      const cutAt = this.#faults.cutAt ?? Number.POSITIVE_INFINITY;
      this.#pushKept(slab, start, from, Math.min(this.#position, cutAt));
      this.#queueCut();
    }
    this.#pool.release(slab);
    this.pump();
  }

  /** `run` happens once everything that came in before has passed. Not at all after a cut. */
  after(run: () => void): void {
    if (this.#closed || this.#cutQueued) return;
    this.#enqueue(null, 0, 0, this.#position, run);
    this.pump();
  }

  /** Ends the stall. */
  release(): void {
    this.#stallAt = Number.POSITIVE_INFINITY;
    this.pump();
  }

  /** Lets pass what may pass now. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#passOne());
    } finally {
      this.#pumping = false;
    }
  }

  /** Gives everything back; nothing passes any more. */
  close(): void {
    this.#closed = true;
    for (const timer of this.#timers) this.#clock?.clearTimer(timer);
    this.#timers.clear();
    for (const { slab } of this.#queue.splice(0)) if (slab !== null) this.#pool.release(slab);
    this.heldBytes = 0;
  }

  /** Queues the bytes `[from, to)` of the stream but for those that are dropped. */
  #pushKept(slab: Slab, start: number, from: number, to: number): void {
    const drop = this.#faults.drop;
    if (drop === undefined) {
      this.#pushRange(slab, start, from, to);
      return;
    }
    this.#pushRange(slab, start, from, Math.min(to, drop.from));
    const after = Math.max(from, drop.to);
    this.#pushRange(slab, start + after - from, after, to);
  }

  #pushRange(slab: Slab, start: number, from: number, to: number): void {
    if (from >= to) return;
    const end = start + to - from;
    const mangle = this.#faults.mangle;
    this.heldBytes += end - start;
    if (mangle === undefined || mangle.at < from || mangle.at >= to) {
      this.#pool.retain(slab);
      this.#enqueue(slab, start, end, from, NOTHING);
      return;
    }
    // The slab may be read by others, so the wrong byte is written into a copy.
    const copy = this.#pool.acquire(end - start);
    slab.bytes.copy(copy.bytes, 0, start, end);
    const at = mangle.at - from;
    copy.bytes[at] = copy.bytes[at]! ^ mangle.xor;
    this.#enqueue(copy, 0, end - start, from, NOTHING);
  }

  #queueCut(): void {
    const { cutAt } = this.#faults;
    if (cutAt === undefined || this.#position < cutAt || this.#cutQueued) return;
    this.#enqueue(null, 0, 0, cutAt, () => this.#exit.cut());
    this.#cutQueued = true;
  }

  #enqueue(slab: Slab | null, start: number, end: number, offset: number, run: () => void): void {
    const { delayMs } = this.#faults;
    const entry: Entry = { slab, run, offset, start, end, ripe: delayMs === undefined };
    this.#queue.push(entry);
    if (delayMs === undefined || this.#clock === undefined) return;
    const timer = this.#clock.setTimer(() => {
      this.#timers.delete(timer);
      entry.ripe = true;
      this.pump();
    }, delayMs);
    this.#timers.add(timer);
  }

  #passOne(): boolean {
    const entry = this.#queue[0];
    if (entry === undefined || !entry.ripe || !this.#exit.open) return false;
    if (entry.offset >= this.#stallAt) return false;
    const { slab, start } = entry;
    if (slab === null) {
      this.#queue.shift();
      entry.run();
      return true;
    }
    const count = Math.min(entry.end - start, this.#stallAt - entry.offset, this.#nextSlice());
    entry.start += count;
    entry.offset += count;
    this.heldBytes -= count;
    if (entry.start === entry.end) this.#queue.shift();
    else this.#pool.retain(slab);
    this.#exit.pass(slab, start, start + count);
    return true;
  }

  #nextSlice(): number {
    const { sliceBytes } = this.#faults;
    if (sliceBytes === undefined) return Number.POSITIVE_INFINITY;
    if (typeof sliceBytes === 'number') return sliceBytes;
    return sliceBytes[this.#slices++ % sliceBytes.length] as number;
  }
}
