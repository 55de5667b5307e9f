import { parentOf } from './node-state.ts';

/** Bits of how a connection watches a path. */
export const WATCH = { once: 1, persistent: 2, recursive: 4 } as const;

export type WatchBits = number;

/** Event types on the wire. */
export const EVENT = { created: 1, deleted: 2, changed: 3, children: 4 } as const;

/** How servers keep watches: up to 3.8 one mode for a path and connection (ZOOKEEPER-4466), since 3.9 all of them. */
export type WatchModes = 'one' | 'many';

/** Who watches which path: one of a server's two tables (data, and children). */
export class WatchTable<W extends object> {
  readonly #modes: WatchModes;
  readonly #byPath: Map<string, Map<W, WatchBits>> = new Map();
  readonly #byWatcher: Map<W, Set<string>> = new Map();
  #recursive = 0;

  constructor(modes: WatchModes) {
    this.#modes = modes;
  }

  /** Paths that are watched. */
  get size(): number {
    return this.#byPath.size;
  }

  add(path: string, watcher: W, bits: WatchBits): void {
    const before = this.bits(path, watcher);
    this.#put(path, watcher, this.#modes === 'many' ? before | bits : bits);
  }

  bits(path: string, watcher: W): WatchBits {
    return this.#byPath.get(path)?.get(watcher) ?? 0;
  }

  /** Takes bits away; false when none of them was there. */
  remove(path: string, watcher: W, bits: WatchBits): boolean {
    const before = this.bits(path, watcher);
    if ((before & bits) === 0) return false;
    this.#put(path, watcher, before & ~bits);
    return true;
  }

  removeWatcher(watcher: W): void {
    for (const path of this.#byWatcher.get(watcher) ?? []) this.#put(path, watcher, 0);
    this.#byWatcher.delete(watcher);
  }

  /** Who hears of an event at `path`; one-shot watches are gone afterwards. */
  trigger(path: string, type: number): Set<W> {
    const told = new Set<W>();
    for (const [watcher, bits] of this.#byPath.get(path) ?? []) {
      if ((bits & (WATCH.once | WATCH.persistent)) !== 0) told.add(watcher);
      if ((bits & WATCH.recursive) !== 0 && type !== EVENT.children) told.add(watcher);
      if ((bits & WATCH.once) !== 0) this.#put(path, watcher, bits & ~WATCH.once);
    }
    if (this.#recursive > 0 && type !== EVENT.children) this.#addAncestors(path, told);
    return told;
  }

  #addAncestors(path: string, told: Set<W>): void {
    for (let above = path; above !== '/'; ) {
      above = parentOf(above);
      for (const [watcher, bits] of this.#byPath.get(above) ?? []) {
        if ((bits & WATCH.recursive) !== 0) told.add(watcher);
      }
    }
  }

  #put(path: string, watcher: W, bits: WatchBits): void {
    const watchers = this.#byPath.get(path);
    const before = watchers?.get(watcher) ?? 0;
    if ((before & WATCH.recursive) !== 0) this.#recursive--;
    if ((bits & WATCH.recursive) !== 0) this.#recursive++;
    if (bits === 0) {
      watchers?.delete(watcher);
      if (watchers?.size === 0) this.#byPath.delete(path);
      this.#byWatcher.get(watcher)?.delete(path);
    } else if (watchers === undefined) {
      this.#byPath.set(path, new Map([[watcher, bits]]));
      this.#remember(path, watcher);
    } else {
      watchers.set(watcher, bits);
      this.#remember(path, watcher);
    }
  }

  #remember(path: string, watcher: W): void {
    const paths = this.#byWatcher.get(watcher);
    if (paths === undefined) this.#byWatcher.set(watcher, new Set([path]));
    else paths.add(path);
  }
}
