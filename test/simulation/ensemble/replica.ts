import type { SetWatches, SetWatches2 } from '../../../src/codec/records.gen.ts';
import { type NodeTree, parentOf } from './node-state.ts';
import type { Transaction } from './transaction.ts';
import { EVENT, WATCH, type WatchBits, type WatchModes, WatchTable } from './watch-table.ts';

/** A connection that may watch. */
export interface Watcher {
  /** `zxid` 0: the event was missed and is told afterwards. */
  notify(type: number, path: string, zxid: number): void;
  /** From this server's zxid on it hears of `path`, as `kind`. */
  armed(kind: ArmedKind, path: string): void;
}

/** Lists of a setWatches2, and modes of an addWatch. */
export type ArmedKind = 'data' | 'exist' | 'child' | 'persistent' | 'recursive';

/** A server's copy of the tree, and who watches it there. */
export class Replica {
  readonly tree: NodeTree;
  /** Newest transaction that was applied, or the epoch's first zxid. */
  zxid: number;
  readonly #data: WatchTable<Watcher>;
  readonly #children: WatchTable<Watcher>;

  constructor(tree: NodeTree, zxid: number, modes: WatchModes) {
    this.tree = tree;
    this.zxid = zxid;
    this.#data = new WatchTable(modes);
    this.#children = new WatchTable(modes);
  }

  /** Makes a transaction visible and tells the watchers. */
  apply({ zxid, after, changes }: Transaction): void {
    this.zxid = zxid;
    for (const [path, node] of after) {
      if (node === null) this.tree.delete(path);
      else this.tree.set(path, node);
    }
    for (const { type, path } of changes) {
      const told = this.#data.trigger(path, type);
      for (const watcher of told) watcher.notify(type, path, zxid);
      if (type === EVENT.changed) continue;
      if (type === EVENT.deleted) {
        // One frame, even for a connection that watches both the data and the children.
        for (const watcher of this.#children.trigger(path, type)) {
          if (!told.has(watcher)) watcher.notify(type, path, zxid);
        }
      }
      const parent = parentOf(path);
      for (const watcher of this.#children.trigger(parent, EVENT.children)) {
        watcher.notify(EVENT.children, parent, zxid);
      }
    }
  }

  watchData(path: string, watcher: Watcher): void {
    this.#data.add(path, watcher, WATCH.once);
  }

  watchChildren(path: string, watcher: Watcher): void {
    this.#children.add(path, watcher, WATCH.once);
  }

  /** `addWatch`: mode 0 persistent, 1 recursive. */
  addWatch(path: string, watcher: Watcher, mode: number): void {
    const bits = mode === 0 ? WATCH.persistent : WATCH.recursive;
    this.#data.add(path, watcher, bits);
    this.#children.add(path, watcher, bits);
    watcher.armed(mode === 0 ? 'persistent' : 'recursive', path);
  }

  /** `setWatches` and `setWatches2`: what was missed is told, the rest is watched again. */
  setWatches(request: SetWatches | SetWatches2, watcher: Watcher): void {
    const since = Number(request.relativeZxid);
    for (const path of strings(request.dataWatches)) {
      watcher.armed('data', path);
      const node = this.tree.get(path);
      if (node === undefined) watcher.notify(EVENT.deleted, path, 0);
      else if (node.mzxid > since) watcher.notify(EVENT.changed, path, 0);
      else this.watchData(path, watcher);
    }
    for (const path of strings(request.existWatches)) {
      watcher.armed('exist', path);
      if (this.tree.has(path)) watcher.notify(EVENT.created, path, 0);
      else this.watchData(path, watcher);
    }
    for (const path of strings(request.childWatches)) {
      watcher.armed('child', path);
      const node = this.tree.get(path);
      if (node === undefined) watcher.notify(EVENT.deleted, path, 0);
      else if (node.pzxid > since) watcher.notify(EVENT.children, path, 0);
      else this.watchChildren(path, watcher);
    }
    if (!('persistentWatches' in request)) return;
    for (const path of strings(request.persistentWatches)) this.addWatch(path, watcher, 0);
    for (const path of strings(request.persistentRecursiveWatches)) this.addWatch(path, watcher, 1);
  }

  /** `removeWatches` (or, with `remove` false, `checkWatches`): whether there was one. */
  removeWatches(
    path: string,
    watcher: Watcher,
    child: WatchBits,
    data: WatchBits,
    remove: boolean,
  ): boolean {
    if (!remove) {
      const there = this.#children.bits(path, watcher) & child;
      return there !== 0 || (this.#data.bits(path, watcher) & data) !== 0;
    }
    const children = this.#children.remove(path, watcher, child);
    return this.#data.remove(path, watcher, data) || children;
  }

  forget(watcher: Watcher): void {
    this.#data.removeWatcher(watcher);
    this.#children.removeWatcher(watcher);
  }

  /** Paths with a watch, both tables together. */
  get watchedPaths(): number {
    return this.#data.size + this.#children.size;
  }
}

function strings(list: readonly (string | null)[] | null): string[] {
  return (list ?? []).filter((entry) => entry !== null);
}
