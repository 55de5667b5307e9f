import type { WatchHearer } from './watch-event.ts';
import type { WatchKinds } from './watch-kinds.ts';

/**
 * Who watches one path, in the order of registration. Nearly always that is one listener, so the
 * first has its place here and only further ones cost a Map.
 */
export class PathWatches {
  #first: WatchHearer | null = null;
  #firstKinds: WatchKinds = 0;
  #more: Map<WatchHearer, WatchKinds> | null = null;

  get isEmpty(): boolean {
    return this.#first === null && this.#more === null;
  }

  /** The listener, when there is exactly one. */
  get only(): WatchHearer | null {
    return this.#more === null ? this.#first : null;
  }

  /** Kinds of all listeners together. */
  get kinds(): WatchKinds {
    let kinds = this.#firstKinds;
    if (this.#more !== null) for (const each of this.#more.values()) kinds |= each;
    return kinds;
  }

  kindsOf(listener: WatchHearer): WatchKinds {
    return listener === this.#first ? this.#firstKinds : (this.#more?.get(listener) ?? 0);
  }

  /** How many listeners have one of `kinds`. */
  count(kinds: WatchKinds): number {
    let count = (this.#firstKinds & kinds) === 0 ? 0 : 1;
    if (this.#more !== null) {
      for (const each of this.#more.values()) if ((each & kinds) !== 0) count++;
    }
    return count;
  }

  /** Kinds that a listener has from now on; 0: it goes. A known listener keeps its turn. */
  set(listener: WatchHearer, kinds: WatchKinds): void {
    if (listener === this.#first || this.isEmpty) {
      this.#first = kinds === 0 ? null : listener;
      this.#firstKinds = kinds;
    } else if (kinds !== 0) {
      this.#more ??= new Map();
      this.#more.set(listener, kinds);
    } else if (this.#more?.delete(listener) === true && this.#more.size === 0) {
      this.#more = null;
    }
  }

  /** Calls `visit` with every listener and its kinds; `visit` may `set` the listener that it is told. */
  forEach(visit: (listener: WatchHearer, kinds: WatchKinds) => void): void {
    const more = this.#more;
    if (this.#first !== null) visit(this.#first, this.#firstKinds);
    if (more !== null) for (const [listener, kinds] of more) visit(listener, kinds);
  }
}
