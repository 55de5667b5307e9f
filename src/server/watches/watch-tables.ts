import { type ACL, EVENT_TYPE, WATCHER_TYPE } from '../../codec/index.ts';
import type { ServerRelease } from '../server-release.ts';
import type { TreeListener } from '../tree/data-tree.ts';
import { WatchTable } from './watch-table.ts';
import { WATCH_MODE, type Watcher, type WatcherPaths, type WatchModes } from './watcher.ts';

/** Zxid of events that no transaction of now fired, and of all events up to 3.8 (ZOOKEEPER-4655). */
const NO_ZXID = -1n;

const ALL_MODES: WatchModes = WATCH_MODE.once | WATCH_MODE.persistent | WATCH_MODE.recursive;

/** What watches must know of a znode. */
export interface WatchedNode {
  readonly acl: readonly ACL[];
  readonly mzxid: bigint;
  readonly pzxid: bigint;
}

/** Where watches that are set again look what they have missed. */
export interface WatchedTree {
  node(path: string): WatchedNode | undefined;
}

/** Paths of watches that are set again, by kind. */
export interface WatchedPaths {
  readonly data: readonly string[];
  readonly exist: readonly string[];
  readonly child: readonly string[];
  readonly persistent: readonly string[];
  readonly recursive: readonly string[];
}

/** Numbers of the four-letter word `wchs`. */
export interface WatchSummary {
  /** Connections that have, or had, a watch. */
  readonly connections: number;
  readonly paths: number;
  readonly watches: number;
}

/**
 * All watches of a server. As in Apache's there are two tables, for data and for children, and some
 * watches are in both: what is visible of that, release by release, is kept.
 */
export class WatchTables implements TreeListener {
  readonly #is38: boolean;
  readonly #data: WatchTable;
  readonly #children: WatchTable;
  readonly #entries: Map<Watcher, WatcherPaths> = new Map();
  /** Changes so far: each watcher is told once of each. */
  #changes = 0;

  /** Empty. */
  constructor(release: ServerRelease) {
    this.#is38 = release === '3.8';
    this.#data = new WatchTable(0, release);
    this.#children = new WatchTable(1, release);
  }

  // Changes, told by the tree.

  /** See TreeListener. */
  created(
    path: string,
    parent: string,
    node: WatchedNode,
    parentNode: WatchedNode,
    zxid: bigint,
  ): void {
    const sent = this.#sent(zxid);
    this.#data.trigger(path, EVENT_TYPE.NodeCreated, ++this.#changes, sent, node.acl);
    this.#childrenChanged(parent, parentNode, sent);
  }

  /** See TreeListener. */
  deleted(
    path: string,
    parent: string,
    node: WatchedNode,
    parentNode: WatchedNode,
    zxid: bigint,
  ): void {
    const sent = this.#sent(zxid);
    // One change for both tables: who watches data and children hears of it once.
    const change = ++this.#changes;
    this.#data.trigger(path, EVENT_TYPE.NodeDeleted, change, sent, node.acl);
    this.#children.trigger(path, EVENT_TYPE.NodeDeleted, change, sent, node.acl);
    this.#childrenChanged(parent, parentNode, sent);
  }

  /** See TreeListener. */
  dataChanged(path: string, node: WatchedNode, zxid: bigint): void {
    const sent = this.#sent(zxid);
    this.#data.trigger(path, EVENT_TYPE.NodeDataChanged, ++this.#changes, sent, node.acl);
  }

  // Requests.

  /** The one-shot watch of getData and exists. */
  addData(path: string, watcher: Watcher): void {
    this.#data.add(path, this.#entry(watcher), WATCH_MODE.once);
  }

  /** The one-shot watch of getChildren and getChildren2. */
  addChild(path: string, watcher: Watcher): void {
    this.#children.add(path, this.#entry(watcher), WATCH_MODE.once);
  }

  /** The watches of addWatch. */
  addPersistent(path: string, watcher: Watcher, isRecursive: boolean): void {
    const entry = this.#entry(watcher);
    const mode = isRecursive ? WATCH_MODE.recursive : WATCH_MODE.persistent;
    this.#data.add(path, entry, mode);
    // Up to 3.8 recursive ones too: the half in this table goes on hearing of deletions when a
    // one-shot watch has taken the place of the other.
    if (!isRecursive || this.#is38) this.#children.add(path, entry, mode);
  }

  /** Whether checkWatches and removeWatches take this `type`: 4 and 5 since 3.9; the others get -5. */
  isType(type: number): boolean {
    const last = this.#is38 ? WATCHER_TYPE.Any : WATCHER_TYPE.PersistentRecursive;
    return Number.isInteger(type) && type >= WATCHER_TYPE.Children && type <= last;
  }

  /** Whether checkWatches of 3.8 trips over this path, which is none, and answers -5. */
  tripsOver(path: string | null, type: number): boolean {
    if (!this.#is38 || path === '' || path?.startsWith('/')) return false;
    if (path === null) return true;
    if (!path.includes('/')) return true;
    return this.#tables(type).some((table) => table.hasRecursive && !table.has(path));
  }

  /** checkWatches: is there such a watch? 3.8 does not look whose it is. */
  contains(path: string, watcher: Watcher, type: number): boolean {
    if (this.#is38) return path !== '' && this.#tables(type).some((table) => table.has(path));
    const entry = this.#entries.get(watcher);
    if (entry === undefined) return false;
    const [data, children] = modesOfType(type);
    // Of a persistent watch only its half in the table for data is asked for.
    const asked = type === WATCHER_TYPE.Persistent ? 0 : children;
    return (
      (this.#data.modes(path, entry) & data) !== 0 ||
      (this.#children.modes(path, entry) & asked) !== 0
    );
  }

  /** removeWatches; false when there was no such watch. In 3.8 a type names tables, whatever the mode. */
  remove(path: string, watcher: Watcher, type: number): boolean {
    const entry = this.#entries.get(watcher);
    if (entry === undefined) return false;
    if (this.#is38) {
      const removed = this.#tables(type).map((table) => table.remove(path, entry, ALL_MODES));
      return removed.includes(true);
    }
    const [data, children] = modesOfType(type);
    const isChild = this.#children.remove(path, entry, children);
    return this.#data.remove(path, entry, data) || isChild;
  }

  /**
   * setWatches and setWatches2: what one-shot watches missed is told at once, without a look at
   * ACLs; the others are set again. What persistent watches missed is not told.
   */
  setWatches(
    tree: WatchedTree,
    relativeZxid: bigint,
    { data, exist, child, persistent, recursive }: WatchedPaths,
    watcher: Watcher,
  ): void {
    const tell = (type: number, path: string): void => watcher.notify(type, path, NO_ZXID, null);
    for (const path of data) {
      const node = tree.node(path);
      if (node === undefined) tell(EVENT_TYPE.NodeDeleted, path);
      else if (node.mzxid > relativeZxid) tell(EVENT_TYPE.NodeDataChanged, path);
      else this.addData(path, watcher);
    }
    for (const path of exist) {
      if (tree.node(path) !== undefined) tell(EVENT_TYPE.NodeCreated, path);
      else this.addData(path, watcher);
    }
    for (const path of child) {
      const node = tree.node(path);
      if (node === undefined) tell(EVENT_TYPE.NodeDeleted, path);
      else if (node.pzxid > relativeZxid) tell(EVENT_TYPE.NodeChildrenChanged, path);
      else this.addChild(path, watcher);
    }
    for (const path of persistent) this.addPersistent(path, watcher, false);
    for (const path of recursive) this.addPersistent(path, watcher, true);
  }

  /** The connection is gone, and its watches with it. */
  removeWatcher(watcher: Watcher): void {
    const entry = this.#entries.get(watcher);
    if (entry === undefined) return;
    this.#entries.delete(watcher);
    this.#data.removeWatcher(entry);
    this.#children.removeWatcher(entry);
  }

  // Numbers.

  /** All watches, as `mntr` counts them: those in both tables count twice. */
  get watchCount(): number {
    return this.#data.watchCount + this.#children.watchCount;
  }

  /** Watches of one connection, counted in the same way. */
  watchCountOf(watcher: Watcher): number {
    const [data, children] = this.#entries.get(watcher)?.paths ?? [];
    return (data?.size ?? 0) + (children?.size ?? 0);
  }

  /** For `wchs`: like Apache's, of the table for data only. */
  get summary(): WatchSummary {
    const { watcherCount, pathCount, watchCount } = this.#data;
    return { connections: watcherCount, paths: pathCount, watches: watchCount };
  }

  /**
   * For `wchc`: connections and what they watch, of the table for data only. As in `summary`, one can
   * be there without paths. Nothing may change meanwhile.
   */
  *byWatcher(): Generator<[watcher: Watcher, paths: Iterable<string>], void, undefined> {
    for (const [{ watcher }, paths] of this.#data.byWatcher()) yield [watcher, paths];
  }

  /** For `wchp`: paths and who watches each, of the table for data only. Nothing may change meanwhile. */
  *byPath(): Generator<[path: string, watchers: readonly Watcher[]], void, undefined> {
    for (const [path, entries] of this.#data.byPath()) {
      yield [path, Array.from(entries, ({ watcher }) => watcher)];
    }
  }

  #childrenChanged(parent: string, parentNode: WatchedNode, sent: bigint): void {
    const type = EVENT_TYPE.NodeChildrenChanged;
    this.#children.trigger(parent, type, ++this.#changes, sent, parentNode.acl);
  }

  #sent(zxid: bigint): bigint {
    return this.#is38 ? NO_ZXID : zxid;
  }

  #entry(watcher: Watcher): WatcherPaths {
    let entry = this.#entries.get(watcher);
    if (entry === undefined) {
      entry = { watcher, paths: [null, null], toldOf: 0 };
      this.#entries.set(watcher, entry);
    }
    return entry;
  }

  /** Up to 3.8: the tables that a type of watches means. */
  #tables(type: number): readonly WatchTable[] {
    if (type === WATCHER_TYPE.Children) return [this.#children];
    if (type === WATCHER_TYPE.Data) return [this.#data];
    return [this.#children, this.#data];
  }
}

/** Since 3.9: the modes that a type of watches means, in the table for data and in that for children. */
function modesOfType(type: number): readonly [data: WatchModes, children: WatchModes] {
  switch (type) {
    case WATCHER_TYPE.Children:
      return [0, WATCH_MODE.once];
    case WATCHER_TYPE.Data:
      return [WATCH_MODE.once, 0];
    case WATCHER_TYPE.Persistent:
      return [WATCH_MODE.persistent, WATCH_MODE.persistent];
    case WATCHER_TYPE.PersistentRecursive:
      return [WATCH_MODE.recursive, 0];
    default:
      return [ALL_MODES, ALL_MODES];
  }
}
