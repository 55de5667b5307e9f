import type { CallOptions, Watch, WatchEvent, ZooKeeperClient } from '../../client/index.ts';
import type { ShownEvent } from './shell-output.ts';

/** Told of what watches hear; `zxid` where the server tells it. */
export type OnWatchEvent = (event: ShownEvent, zxid: bigint | null) => void;

/**
 * The watches of one session of the shell. They are told as Java's client tells one default watcher: each
 * event once, however many watches of a node it serves, and an event when a watch is removed.
 */
export class ShellWatches {
  /** For reads that leave a watch on data, or on the absence of a node. */
  readonly data: (event: WatchEvent) => void;
  /** For reads that leave a watch on children. */
  readonly children: (event: WatchEvent) => void;
  readonly #onEvent: OnWatchEvent;
  readonly #lasting = new Map<string, Watch>();
  /** Listeners of one event share the object. */
  #last: WatchEvent | null = null;

  constructor(onEvent: OnWatchEvent) {
    this.#onEvent = onEvent;
    this.data = this.#listener('DataWatchRemoved');
    this.children = this.#listener('ChildWatchRemoved');
  }

  /** A watch that stays. Asked for again it is still one. */
  async add(
    zk: ZooKeeperClient,
    path: string,
    recursive: boolean,
    limits: CallOptions,
  ): Promise<void> {
    const key = `${recursive} ${path}`;
    if (this.#lasting.get(key)?.ended === false) return;
    const listener = this.#listener('PersistentWatchRemoved');
    // The signal is the command's, and never fires once that is done: it will not close the watch.
    this.#lasting.set(key, await zk.watch(path, { ...limits, recursive, listener }));
  }

  #listener(removed: string): (event: WatchEvent) => void {
    return (event) => {
      if (event.type === 'Ended') {
        if (event.reason === 'removed') this.#tell(removed, event.path, null);
        if (event.reason === 'not-restored') this.#tell('NotRestored', event.path, null);
        return;
      }
      if (event === this.#last) return;
      this.#last = event;
      // Java's client keeps silent about gaps: a lasting watch may have missed something in a reconnect.
      if (event.type !== 'Resync') this.#tell(event.type, event.path, event.zxid);
    };
  }

  #tell(type: string, path: string, zxid: bigint | null): void {
    this.#onEvent({ state: 'SyncConnected', type, path }, zxid);
  }
}
