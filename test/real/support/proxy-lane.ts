import type { Socket } from 'node:net';

/** Bytes that a lane keeps (because it delays or slices them) before it stops reading more. */
const LANE_BYTES_MAX = 256 * 1024;

/** What happens to bytes on their way. May be changed at any time, for those that come later. */
export interface LaneFaults {
  /** Bytes are handed on this much later. */
  delayMs: number;
  /** Bytes are handed on in pieces of this size, one a turn of the event loop; 0: as they came. */
  sliceBytes: number;
  /** When so many more bytes have been handed on, the connection is reset. */
  cutAfterBytes: number;
}

/** What a lane tells its connection. */
export interface LaneListener {
  forwarded(bytes: number): void;
  /** The last byte that was allowed is gone. */
  cut(): void;
}

interface Kept {
  bytes: Buffer;
  readonly dueMs: number;
}

/** One direction of one proxied connection. */
export class ProxyLane {
  readonly #source: Socket;
  readonly #sink: Socket;
  readonly #faults: LaneFaults;
  readonly #listener: LaneListener;
  readonly #kept: Kept[] = [];
  #keptBytes = 0;
  #frozen = false;
  /** Something will call `#pump` again: a timer, the next turn, or the sink when it has drained. */
  #waiting = false;
  #timer: NodeJS.Timeout | null = null;
  #ended = false;
  #over = false;

  constructor(source: Socket, sink: Socket, faults: LaneFaults, listener: LaneListener) {
    this.#source = source;
    this.#sink = sink;
    this.#faults = faults;
    this.#listener = listener;
    source.on('data', (bytes: Buffer) => this.#keep(bytes));
    source.on('end', () => {
      this.#ended = true;
      this.#pump();
    });
    sink.on('drain', () => this.#goOn());
  }

  freeze(): void {
    this.#frozen = true;
    this.#source.pause();
  }

  thaw(): void {
    this.#frozen = false;
    this.#source.resume();
    this.#pump();
  }

  /** Nothing is handed on any more. */
  stop(): void {
    this.#over = true;
    this.#kept.length = 0;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #keep(bytes: Buffer): void {
    this.#kept.push({ bytes, dueMs: performance.now() + this.#faults.delayMs });
    this.#keptBytes += bytes.length;
    if (this.#keptBytes > LANE_BYTES_MAX) this.#source.pause();
    this.#pump();
  }

  #pump(): void {
    while (!this.#frozen && !this.#waiting && !this.#over) {
      const head = this.#kept[0];
      if (head === undefined) {
        if (this.#ended) this.#sink.end();
        return;
      }
      const early = head.dueMs - performance.now();
      if (early > 0) this.#goOnLater(early);
      else this.#forward(head);
    }
  }

  #forward(head: Kept): void {
    const { sliceBytes, cutAfterBytes } = this.#faults;
    const wanted = Math.min(sliceBytes || head.bytes.length, cutAfterBytes, head.bytes.length);
    const piece = head.bytes.subarray(0, wanted);
    head.bytes = head.bytes.subarray(wanted);
    if (head.bytes.length === 0) this.#kept.shift();
    this.#keptBytes -= wanted;
    if (!this.#frozen && this.#keptBytes <= LANE_BYTES_MAX / 2) this.#source.resume();
    // Before anything is written: the connection that is cut must not cut the next one too.
    const isCut = wanted === cutAfterBytes;
    this.#faults.cutAfterBytes = isCut ? Number.POSITIVE_INFINITY : cutAfterBytes - wanted;
    if (!this.#sink.write(piece)) this.#waiting = true;
    else if (sliceBytes > 0) this.#goOnNextTurn();
    this.#listener.forwarded(wanted);
    if (isCut) this.#listener.cut();
  }

  #goOn(): void {
    this.#waiting = false;
    this.#pump();
  }

  #goOnLater(ms: number): void {
    this.#waiting = true;
    this.#timer = setTimeout(() => this.#goOn(), ms);
  }

  #goOnNextTurn(): void {
    this.#waiting = true;
    setImmediate(() => this.#goOn());
  }
}
