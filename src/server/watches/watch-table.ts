import { type ACL, EVENT_TYPE } from '../../codec/index.ts';
import type { ServerRelease } from '../server-release.ts';
import { WATCH_MODE, type WatcherPaths, type WatchModes } from './watcher.ts';

/**
 * Who watches which path: one of the two tables that a server has, for data and for children. A
 * path that one watcher watches costs an entry in two maps; nobody's paths cost nothing.
 */
export class WatchTable {
  readonly #index: 0 | 1;
  readonly #isModesCoexist: boolean;
  /** The only watcher itself, or a set of them, in the order in which they came. */
  readonly #byPath: Map<string, WatcherPaths | Set<WatcherPaths>> = new Map();
  readonly #watchers: Set<WatcherPaths> = new Set();
  #watches = 0;
  #recursive = 0;

  /** `index`: its place in {@link WatcherPaths.paths}. */
  constructor(index: 0 | 1, release: ServerRelease) {
    this.#index = index;
    this.#isModesCoexist = release !== '3.8';
  }

  /** Pairs of a watcher and a path, however many modes. */
  get watchCount(): number {
    return this.#watches;
  }

  /** Watched paths. */
  get pathCount(): number {
    return this.#byPath.size;
  }

  /** Those who watch something, or did: see {@link trigger}. */
  get watcherCount(): number {
    return this.#watchers.size;
  }

  /** Whether any path is watched with all that is below it. */
  get hasRecursive(): boolean {
    return this.#recursive > 0;
  }

  add(path: string, entry: WatcherPaths, mode: WatchModes): void {
    let paths = entry.paths[this.#index];
    if (paths === null) {
      paths = new Map();
      entry.paths[this.#index] = paths;
      this.#watchers.add(entry);
    }
    const before = paths.get(path) ?? 0;
    // Up to 3.8 the last mode takes the place of the one before (ZOOKEEPER-4466).
    const after = this.#isModesCoexist ? before | mode : mode;
    this.#countRecursive(before, after);
    paths.set(path, after);
    if (before === 0) this.#enter(path, entry);
  }

  /** Modes in which this watcher watches exactly this path. */
  modes(path: string, entry: WatcherPaths): WatchModes {
    return entry.paths[this.#index]?.get(path) ?? 0;
  }

  /** Whether anybody watches exactly this path. */
  has(path: string): boolean {
    return this.#byPath.has(path);
  }

  /** Takes modes away; false when none of them was there. */
  remove(path: string, entry: WatcherPaths, modes: WatchModes): boolean {
    const paths = entry.paths[this.#index];
    const before = paths?.get(path) ?? 0;
    if (paths === null || (before & modes) === 0) return false;
    const after = before & ~modes;
    this.#countRecursive(before, after);
    if (after !== 0) {
      paths.set(path, after);
      return true;
    }
    paths.delete(path);
    this.#leave(path, entry);
    // 3.8 goes on counting a connection that took its last watch away.
    if (paths.size === 0 && this.#isModesCoexist) this.#forget(entry);
    return true;
  }

  /** Removes a watcher, in time proportional to the paths that it watches. */
  removeWatcher(entry: WatcherPaths): void {
    const paths = entry.paths[this.#index];
    if (paths === null) return;
    for (const [path, modes] of paths) {
      this.#countRecursive(modes, 0);
      this.#leave(path, entry);
    }
    this.#forget(entry);
  }

  /**
   * Tells everybody who watches `path`, each once a `change`; one-shot watches are gone afterwards.
   * Those who have no watch left stay counted until their connection ends, as in Apache's.
   */
  trigger(
    path: string,
    eventType: number,
    change: number,
    zxid: bigint,
    acl: readonly ACL[] | null,
  ): void {
    const found = this.#byPath.get(path);
    if (found === undefined && this.#recursive === 0) return;
    const told: WatcherPaths[] = [];
    if (found !== undefined) this.#collect(path, found, eventType, change, told);
    // Nothing of children for recursive watches: they hear of the child itself.
    if (this.#recursive > 0 && eventType !== EVENT_TYPE.NodeChildrenChanged) {
      this.#collectAbove(path, change, told);
    }
    // Only now, when the table is done: whoever is told may take watches away.
    for (const { watcher } of told) watcher.notify(eventType, path, zxid, acl);
  }

  /** Watched paths, and who watches each. */
  *byPath(): Generator<[path: string, entries: Iterable<WatcherPaths>], void, undefined> {
    for (const [path, found] of this.#byPath) yield [path, found instanceof Set ? found : [found]];
  }

  /** Those that {@link watcherCount} counts, and what each watches. */
  *byWatcher(): Generator<[entry: WatcherPaths, paths: Iterable<string>], void, undefined> {
    for (const entry of this.#watchers) yield [entry, entry.paths[this.#index]?.keys() ?? []];
  }

  #collect(
    path: string,
    found: WatcherPaths | Set<WatcherPaths>,
    eventType: number,
    change: number,
    told: WatcherPaths[],
  ): void {
    const deaf = eventType === EVENT_TYPE.NodeChildrenChanged ? WATCH_MODE.recursive : 0;
    if (!(found instanceof Set)) this.#collectOne(path, found, deaf, change, told);
    else for (const entry of found) this.#collectOne(path, entry, deaf, change, told);
  }

  #collectOne(
    path: string,
    entry: WatcherPaths,
    deaf: WatchModes,
    change: number,
    told: WatcherPaths[],
  ): void {
    const paths = entry.paths[this.#index]!;
    const modes = paths.get(path)!;
    if ((modes & ~deaf) !== 0) tell(entry, change, told);
    if ((modes & WATCH_MODE.once) === 0) return;
    const left = modes & ~WATCH_MODE.once;
    if (left !== 0) {
      paths.set(path, left);
      return;
    }
    paths.delete(path);
    this.#leave(path, entry);
  }

  #collectAbove(path: string, change: number, told: WatcherPaths[]): void {
    for (let above = parentOf(path); above !== ''; above = parentOf(above)) {
      const found = this.#byPath.get(above);
      if (found === undefined) continue;
      for (const entry of found instanceof Set ? found : [found]) {
        if ((this.modes(above, entry) & WATCH_MODE.recursive) !== 0) tell(entry, change, told);
      }
    }
  }

  #enter(path: string, entry: WatcherPaths): void {
    this.#watches++;
    const found = this.#byPath.get(path);
    if (found === undefined) this.#byPath.set(path, entry);
    else if (found instanceof Set) found.add(entry);
    else this.#byPath.set(path, new Set([found, entry]));
  }

  #leave(path: string, entry: WatcherPaths): void {
    this.#watches--;
    const found = this.#byPath.get(path);
    if (found instanceof Set) {
      found.delete(entry);
      if (found.size > 0) return;
    }
    this.#byPath.delete(path);
  }

  #forget(entry: WatcherPaths): void {
    entry.paths[this.#index] = null;
    this.#watchers.delete(entry);
  }

  #countRecursive(before: WatchModes, after: WatchModes): void {
    this.#recursive += Number((after & WATCH_MODE.recursive) !== 0);
    this.#recursive -= Number((before & WATCH_MODE.recursive) !== 0);
  }
}

/** Once a change, though several watches of one watcher hear of it. */
function tell(entry: WatcherPaths, change: number, told: WatcherPaths[]): void {
  if (entry.toldOf === change) return;
  entry.toldOf = change;
  told.push(entry);
}

/** Empty above the root. */
function parentOf(path: string): string {
  if (path === '/') return '';
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
