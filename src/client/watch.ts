import { ZkwireError } from '../errors.ts';
import type { WatchEvent, WatchListener } from '../session/index.ts';
import type { OptionNames } from './option-checks.ts';
import type { CallOptions } from './types.ts';
import type { LastingKind } from './watch-modes.ts';
import { listenerOf, WatchQueue, type WatchTarget } from './watch-queue.ts';

/** Options of `watch()`. `timeoutMs` limits the wait for the watch to stand. */
export interface AddWatchOptions extends CallOptions {
  /** Watch the whole subtree: nodes made, changed and deleted, but not sets of children. Default false. */
  readonly recursive?: boolean | undefined;
  /** Hears every event at once, in the read path. Default: events wait in the watch, for `for await`. */
  readonly listener?: WatchTarget | undefined;
  /** Events that may wait in the watch before they give way to one `Resync`. Default 4,096. */
  readonly queueMax?: number | undefined;
  /** Ends the wait for the watch to stand, and closes it once it does. */
  readonly signal?: AbortSignal | undefined;
}

export const WATCH_OPTION_NAMES: OptionNames<AddWatchOptions> = {
  recursive: true,
  listener: true,
  queueMax: true,
  timeoutMs: true,
  signal: true,
};

/**
 * A watch that stays: `for await (const event of watch)`.
 *
 * Events come in the order of the changes. After a reconnect one `Resync` comes, since servers do not
 * tell what was missed; when the reader is slow, too (see {@link WatchQueue}). The last event is `Ended`,
 * exactly once: `close()`, the end of the session, or a server that refuses the watch after a reconnect.
 *
 * A loop is behind the wire: code behind an `await` may run between two events. Whoever needs each event
 * before the replies that show its change gives a `listener`.
 *
 * Every Watch is one of its own, with its own events, even with the path and listener of another.
 */
export class Watch implements AsyncIterable<WatchEvent>, AsyncDisposable {
  /** That is watched, without the chroot. */
  readonly path: string;
  /** Whether it watches the whole subtree. */
  readonly recursive: boolean;
  readonly #queue: WatchQueue | null;
  readonly #target: WatchListener;
  readonly #onClose: () => Promise<void>;
  /** @internal called once, before the last event is handed on */
  onEnded: (() => void) | null = null;
  #ended = false;
  #closed: Promise<void> | null = null;

  /** @internal made by `watch()` */
  constructor(path: string, options: AddWatchOptions, onClose: () => Promise<void>) {
    this.path = path;
    this.recursive = options.recursive === true;
    this.#onClose = onClose;
    if (options.listener === undefined) {
      const single = { onStop: () => this.close() };
      this.#queue = new WatchQueue({ max: options.queueMax }, single);
      this.#target = this.#queue.listener;
    } else {
      this.#queue = null;
      this.#target = listenerOf(options.listener);
    }
  }

  /** @internal what the registry calls: the watch is its own listener, with no function in between. */
  hear(event: WatchEvent): unknown {
    if (event.type === 'Ended') {
      this.#ended = true;
      this.onEnded?.();
    }
    // Not as a method: who listens is told of the event alone.
    const target = this.#target;
    return target(event);
  }

  /** @internal */
  get kind(): LastingKind {
    return this.recursive ? 'recursive' : 'persistent';
  }

  /** True after the last event. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * Ends the watch: nothing but `Ended` comes any more. Resolves when the server has forgotten it or the
   * connection is gone, at once while there is none. Rejects when the server refuses; even then nothing comes.
   */
  close(): Promise<void> {
    this.#closed ??= this.#onClose();
    return this.#closed;
  }

  /** The events, for one reader; leaving the loop closes the watch. Throws `BAD_ARGUMENT` when the watch has a listener. */
  [Symbol.asyncIterator](): WatchQueue {
    if (this.#queue !== null) return this.#queue;
    throw new ZkwireError('BAD_ARGUMENT', 'the events of this watch go to its listener');
  }

  /** `await using watch = await zk.watch(...)`: the same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
