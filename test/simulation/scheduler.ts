import type { Random } from './random.ts';

/**
 * What runs first among events of the same moment, as in one turn of an event loop: timers, then
 * sockets, then what waits for the sockets to have been read. Events of the same rank are shuffled.
 */
export const RANK = { timer: 0, io: 1, afterPoll: 2 } as const;

export type Rank = (typeof RANK)[keyof typeof RANK];

/** Something that will happen. */
export interface ScheduledEvent {
  readonly atMs: number;
  readonly rank: Rank;
  readonly tie: number;
  run: (() => void) | null;
}

/** Keeps event times finite: a time-out of 2^31 ms is further away than any simulation goes. */
const HORIZON_MS = 1e12;

/**
 * Virtual time. A queue of events in order of time; nothing else moves the clock. Events of the
 * same time and rank come in an order drawn from the seed.
 */
export class Scheduler {
  nowMs = 0;
  /** Events that have run. */
  steps = 0;
  /** Called before each event. */
  onStep: () => void = () => {};
  readonly #heap: ScheduledEvent[] = [];
  readonly #random: Random;
  #cancelled = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Events that are still to run. */
  get pending(): number {
    return this.#heap.length - this.#cancelled;
  }

  /** Runs `run` at `atMs`, or now if that is past. */
  at(atMs: number, run: () => void, rank: Rank = RANK.io): ScheduledEvent {
    if (Number.isNaN(atMs)) throw new RangeError('an event at no time');
    const time = Math.min(HORIZON_MS, Math.max(atMs, this.nowMs));
    const event = { atMs: time, rank, tie: this.#random.uint32(), run };
    this.#push(event);
    return event;
  }

  after(delayMs: number, run: () => void, rank: Rank = RANK.io): ScheduledEvent {
    return this.at(this.nowMs + delayMs, run, rank);
  }

  cancel(event: ScheduledEvent | null): void {
    if (event === null || event.run === null) return;
    event.run = null;
    this.#cancelled++;
  }

  /** Time of the next event; Infinity when there is none. */
  get nextMs(): number {
    this.#dropCancelled();
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Runs the next event; false when there is none. */
  step(): boolean {
    this.#dropCancelled();
    const event = this.#heap[0];
    if (event === undefined) return false;
    this.#pop();
    const run = event.run as () => void;
    event.run = null;
    this.nowMs = event.atMs;
    this.steps++;
    this.onStep();
    run();
    return true;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]!.run === null) {
      this.#pop();
      this.#cancelled--;
    }
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above]!;
      if (!before(event, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as ScheduledEvent;
    const count = heap.length;
    if (count === 0) return;
    let index = 0;
    for (let below = 1; below < count; below = 2 * index + 1) {
      if (below + 1 < count && before(heap[below + 1]!, heap[below]!)) below++;
      const child = heap[below]!;
      if (!before(child, last)) break;
      heap[index] = child;
      index = below;
    }
    heap[index] = last;
  }
}

function before(one: ScheduledEvent, other: ScheduledEvent): boolean {
  if (one.atMs !== other.atMs) return one.atMs < other.atMs;
  if (one.rank !== other.rank) return one.rank < other.rank;
  return one.tie < other.tie;
}
