import type { Random } from '../random.ts';
import type { ScheduledEvent, Scheduler } from '../scheduler.ts';

/** How a stream ends: after its last byte, or at once with what is under way lost. */
export type StreamEnd = 'fin' | 'reset';

/** How bytes travel. */
export interface PipeWeather {
  readonly latencyMinMs: number;
  readonly latencyMaxMs: number;
  /** Largest piece that arrives at once; Infinity: as it was written. */
  readonly pieceBytesMax: number;
}

export interface PipeExit {
  bytes(bytes: Buffer): void;
  end(how: StreamEnd): void;
}

interface Segment {
  readonly bytes: Buffer | null;
  readonly arrivesMs: number;
}

/** Pieces that one write is cut into at most: the rest comes as one. */
const PIECES_MAX = 24;

/**
 * One direction of a TCP connection: bytes under way. They arrive in order, late, in pieces of any
 * size; while the pipe is stalled nothing arrives, and all of it does when the stall ends, as TCP
 * sends again what was lost.
 */
export class Pipe {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #weather: () => PipeWeather;
  readonly #exit: PipeExit;
  readonly #underWay: Segment[] = [];
  #event: ScheduledEvent | null = null;
  #lastArrivalMs = 0;
  #stalled = false;
  #over = false;
  /** Bytes that have arrived. */
  arrivedBytes = 0;

  constructor(scheduler: Scheduler, random: Random, weather: () => PipeWeather, exit: PipeExit) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#weather = weather;
    this.#exit = exit;
  }

  /** Bytes, or the end of the stream, set out. */
  push(bytes: Buffer | null): void {
    if (this.#over) return;
    if (bytes === null) {
      this.#send(null);
      return;
    }
    const { pieceBytesMax } = this.#weather();
    let at = 0;
    for (let piece = 1; at < bytes.length; piece++) {
      const left = bytes.length - at;
      const whole = pieceBytesMax >= left || piece >= PIECES_MAX;
      const count = whole ? left : Math.min(left, this.#random.int(1, pieceBytesMax));
      this.#send(bytes.subarray(at, at + count));
      at += count;
    }
  }

  stall(): void {
    this.#stalled = true;
    this.#scheduler.cancel(this.#event);
    this.#event = null;
  }

  release(): void {
    if (!this.#stalled) return;
    this.#stalled = false;
    this.#arm();
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  /** A reset: the first `survivors` segments under way still arrive, at once; then the end. */
  reset(survivors: number): void {
    if (this.#over) return;
    const arriving = this.#stalled ? [] : this.#underWay.slice(0, survivors);
    this.drop();
    for (const { bytes } of arriving) {
      if (bytes === null) {
        this.#exit.end('fin');
        return;
      }
      this.#arrive(bytes);
    }
    this.#exit.end('reset');
  }

  /** The last `count` segments under way are lost; more may follow. */
  lose(count: number): void {
    this.#underWay.length -= Math.min(count, this.#underWay.length);
    if (this.#underWay.length > 0) return;
    this.#scheduler.cancel(this.#event);
    this.#event = null;
  }

  /** Nothing arrives any more, the end neither. */
  drop(): void {
    this.#over = true;
    this.#underWay.length = 0;
    this.#scheduler.cancel(this.#event);
    this.#event = null;
  }

  get over(): boolean {
    return this.#over;
  }

  get segmentsUnderWay(): number {
    return this.#underWay.length;
  }

  #send(bytes: Buffer | null): void {
    const { latencyMinMs, latencyMaxMs } = this.#weather();
    const wantedMs = this.#scheduler.nowMs + this.#random.between(latencyMinMs, latencyMaxMs);
    this.#lastArrivalMs = Math.max(wantedMs, this.#lastArrivalMs);
    this.#underWay.push({ bytes, arrivesMs: this.#lastArrivalMs });
    this.#arm();
  }

  #arm(): void {
    const head = this.#underWay[0];
    if (head === undefined || this.#stalled || this.#event !== null) return;
    this.#event = this.#scheduler.at(head.arrivesMs, () => {
      this.#event = null;
      const { bytes } = this.#underWay.shift() as Segment;
      if (bytes === null) {
        this.drop();
        this.#exit.end('fin');
        return;
      }
      this.#arrive(bytes);
      this.#arm();
    });
  }

  #arrive(bytes: Buffer): void {
    this.arrivedBytes += bytes.length;
    this.#exit.bytes(bytes);
  }
}
