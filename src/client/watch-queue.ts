import { ZkwireError } from '../errors.ts';
import { WATCH_QUEUE_EVENTS_MAX } from '../limits.ts';
import type { WatchEvent, WatchListener } from '../session/index.ts';
import { checkNames, type OptionNames } from './option-checks.ts';

/** Who can hear the events of a watch: a function, or a queue to take them from. */
export type WatchTarget = WatchListener | WatchQueue;

export function listenerOf(target: WatchTarget): WatchListener {
  return typeof target === 'function' ? target : target.listener;
}

/** Options of a {@link WatchQueue}. */
export interface WatchQueueOptions {
  /** Events that may wait. Default 4,096. */
  readonly max?: number | undefined;
}

/** @internal a client's watches, as a queue that hears them knows them */
export interface WatchSource {
  /** The client has ended. */
  readonly over: boolean;
  /** Called when it does, after all events. */
  readonly waiting: Set<WatchListener>;
}

/** @internal how a queue of a single watch differs */
export interface SingleWatch {
  /** Called once when the reader stops. */
  readonly onStop: () => Promise<void>;
}

type Reader = (result: IteratorResult<WatchEvent, undefined>) => void;

/**
 * Events of watches, to be read with `for await` at the reader's pace. Give it to any call that
 * takes a watch, as often as you like: an event comes once, however many watches of a path it serves.
 *
 * **When the reader is slow**: once more than `max` events wait, all of them give way to one `Resync`
 * event with reason `overflow`, for the lowest node that has all their paths at or below it. Read that
 * again, and set again the one-shot watches there: they may have fired. Nothing is lost that
 * reading again does not show, and memory stays bounded. `Ended` events never give way.
 *
 * It ends when it is stopped (`break`, `return()`, `stop()`), or with the client (with several, when all have
 * ended), after the last event.
 * One reader at a time.
 */
export class WatchQueue implements AsyncIterableIterator<WatchEvent> {
  /** What a watch calls. Always the same function, so that many watches of a path are one. */
  readonly listener: WatchListener = (event) => this.#push(event);
  readonly #max: number;
  readonly #single: SingleWatch | null;
  #events: WatchEvent[] = [];
  /** Place of the oldest event in the list. */
  #head = 0;
  /** Waiting events that may give way. */
  #droppable = 0;
  /** Whose watches it hears. It is kept by them only while somebody waits for an event. */
  readonly #sources = new Set<WatchSource>();
  readonly #sourceEnded: WatchListener = () => {
    this.#noteEnds();
    if (this.#over) this.#finishReaders();
  };
  #readers: Reader[] = [];
  /** No event will come. */
  #over = false;
  /** The reader wants no more. */
  #stopped: Promise<void> | null = null;

  /** Throws a ZkwireError with code `BAD_ARGUMENT` when `max` is no whole number from 1 on, or when there is another option. */
  constructor(options: WatchQueueOptions = {}, single: SingleWatch | null = null) {
    checkNames(options, { max: true } satisfies OptionNames<WatchQueueOptions>);
    this.#max = options.max ?? WATCH_QUEUE_EVENTS_MAX;
    this.#single = single;
    if (!Number.isInteger(this.#max) || this.#max < 1) {
      const detail = `max must be a whole number of at least 1, not ${this.#max}`;
      throw new ZkwireError('BAD_ARGUMENT', detail);
    }
  }

  /** Events that wait now. */
  get size(): number {
    return this.#events.length - this.#head;
  }

  /** The next event; waits for it when there is none yet. */
  next(): Promise<IteratorResult<WatchEvent, undefined>> {
    const event = this.#shift();
    if (event !== undefined) return Promise.resolve({ value: event, done: false });
    this.#noteEnds();
    if (this.#over || this.#stopped !== null) {
      return Promise.resolve({ value: undefined, done: true });
    }
    return new Promise((resolve) => {
      this.#readers.push(resolve);
      for (const { waiting } of this.#sources) waiting.add(this.#sourceEnded);
    });
  }

  /** @internal It is told of watches of this client. */
  hears(source: WatchSource): void {
    // Nothing comes from those, and a queue may see many clients.
    for (const each of this.#sources) if (each.over) this.#sources.delete(each);
    this.#sources.add(source);
    if (this.#readers.length > 0) source.waiting.add(this.#sourceEnded);
  }

  /** Ends the reading: what waits is forgotten, later events too. */
  async return(): Promise<IteratorResult<WatchEvent, undefined>> {
    await this.stop();
    return { value: undefined, done: true };
  }

  /** The same as `return()`. A queue that belongs to one watch closes it. */
  stop(): Promise<void> {
    if (this.#stopped === null) {
      this.#stopped = Promise.resolve();
      this.#forget();
      this.#finishReaders();
      if (this.#single !== null) this.#stopped = this.#single.onStop();
    }
    return this.#stopped;
  }

  /** The queue itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The same as `stop()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** When all clients have ended whose watches it heard, nothing will come. */
  #noteEnds(): void {
    const sources = [...this.#sources];
    this.#over ||= sources.length > 0 && sources.every(({ over }) => over);
  }

  #push(event: WatchEvent): void {
    if (this.#stopped !== null) return;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#keep(event);
    else this.#give(reader, event);
    if (event.type !== 'Ended' || this.#single === null) return;
    this.#over = true;
    this.#finishReaders();
  }

  #give(reader: Reader, event: WatchEvent): void {
    reader({ value: event, done: false });
    if (this.#readers.length === 0) this.#waitNoMore();
  }

  #keep(event: WatchEvent): void {
    this.#events.push(event);
    if (event.type === 'Ended') return;
    this.#droppable++;
    if (this.#droppable > this.#max) this.#giveWay();
  }

  #giveWay(): void {
    const ends: WatchEvent[] = [];
    let path: string | null = null;
    for (let at = this.#head; at < this.#events.length; at++) {
      const event = this.#events[at]!;
      if (event.type === 'Ended') ends.push(event);
      else path = path === null ? event.path : commonAncestor(path, event.path);
    }
    ends.push({ type: 'Resync', path: path as string, reason: 'overflow' });
    this.#events = ends;
    this.#head = 0;
    this.#droppable = 1;
  }

  #shift(): WatchEvent | undefined {
    const event = this.#events[this.#head];
    if (event === undefined) return undefined;
    this.#head++;
    if (event.type !== 'Ended') this.#droppable--;
    // Amortised: what has been read goes once it is half of the list.
    if (this.#head * 2 >= this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    return event;
  }

  #forget(): void {
    this.#events = [];
    this.#head = 0;
    this.#droppable = 0;
  }

  #finishReaders(): void {
    for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true });
    this.#waitNoMore();
  }

  #waitNoMore(): void {
    for (const { waiting } of this.#sources) waiting.delete(this.#sourceEnded);
  }
}

/** The lowest node with both paths at or below it. Linear, however a server builds its paths. */
function commonAncestor(one: string, other: string): string {
  const chars = Math.min(one.length, other.length);
  let at = 0;
  let slash = 0;
  for (; at < chars && one.charCodeAt(at) === other.charCodeAt(at); at++) {
    if (one.charCodeAt(at) === SLASH) slash = at;
  }
  const longer = one.length > other.length ? one : other;
  const isPrefix = at === chars && (longer.length === chars || longer.charCodeAt(chars) === SLASH);
  return one.slice(0, isPrefix ? chars : Math.max(1, slash));
}

const SLASH = 0x2f;
