import { EVENT_TYPE } from '../codec/watch-names.ts';
import type { ZkwireError } from '../errors.ts';
import { CatchUps } from './catch-ups.ts';
import { PathWatches } from './path-watches.ts';
import { type SetWatchesBatch, SetWatchesBatcher } from './set-watches.ts';
import { WatchDelivery, type WatchErrorHandler } from './watch-delivery.ts';
import type {
  WatchEndReason,
  WatchEvent,
  WatchHearer,
  WatchKind,
  WatchListener,
} from './watch-event.ts';
import {
  KIND_BIT,
  kindsTold,
  LASTING,
  nodeEventType,
  ONE_SHOT,
  WATCH_KINDS,
  type WatchKinds,
} from './watch-kinds.ts';

/** How many watches there are: by kind, one for every listener of every path; and paths with any. */
export interface WatchSizes extends Readonly<Record<WatchKind, number>> {
  /** Paths with any watch. */
  readonly paths: number;
}

/** Holds the ensemble's configuration. Never below a chroot (ZOOKEEPER-4565). */
const CONFIG_PATH = '/zookeeper/config';

const ALL_KINDS: WatchKinds = ONE_SHOT | LASTING;

/**
 * The watches of a session, by path on the server. Knows nothing of connections: whoever does adds
 * a watch when its reply is read, before the next frame is looked at, and hands in what the server tells.
 *
 * A listener with several watches on one path hears an event once; listeners of a path hear it in the
 * order of their registration, those of paths above it after them, the nearest first. Who was registered when an
 * event came hears it, whatever the listeners before it did; who was added meanwhile does not.
 */
export class WatchRegistry {
  readonly #chroot: string;
  readonly #delivery: WatchDelivery;
  readonly #paths = new Map<string, PathWatches>();
  /** Registrations by kind, in the order of the bits. */
  readonly #counts: number[] = WATCH_KINDS.map(() => 0);
  /** How many recursive registrations have a path of some length: tells which ancestors are worth a look. */
  readonly #recursiveLengths = new Map<number, number>();
  /** Reused for every event that several may hear. */
  #spare: Set<WatchHearer> | null = new Set();
  #events = 0;
  #ignored = 0;
  readonly #catchUps = new CatchUps();
  /** Whose persistent watches the last notification was passed on to, as news of its children. */
  #parentTold: string | null = null;

  /** Who waits for events of any watch, and is to hear when none can come any more. */
  readonly waiting: Set<WatchListener> = new Set();
  #over = false;

  /** @param chroot '' or a path: taken off the paths in events. */
  constructor(chroot: string, onCallbackError: WatchErrorHandler) {
    this.#chroot = chroot;
    this.#delivery = new WatchDelivery(onCallbackError);
  }

  /** The client has ended: no watch says anything any more. */
  get over(): boolean {
    return this.#over;
  }

  /** Notifications that somebody heard. */
  get events(): number {
    return this.#events;
  }

  /** Notifications of an unknown type or that nobody here watches. */
  get ignored(): number {
    return this.#ignored;
  }

  /** How many watches there are now. */
  get sizes(): WatchSizes {
    const [data, exist, child, persistent, recursive] = this.#counts as [
      number,
      number,
      number,
      number,
      number,
    ];
    return { data, exist, child, persistent, recursive, paths: this.#paths.size };
  }

  /** Adds a watch. Added again, it is still one. */
  add(kind: WatchKind, serverPath: string, listener: WatchHearer): void {
    let watches = this.#paths.get(serverPath);
    if (watches === undefined) {
      watches = new PathWatches();
      this.#paths.set(serverPath, watches);
    }
    const before = watches.kindsOf(listener);
    const kinds = before | KIND_BIT[kind];
    if (kinds === before) return;
    this.#set(serverPath, watches, listener, kinds);
    this.#catchUps.added(serverPath, listener, KIND_BIT[kind]);
  }

  /** Forgets a watch without a word. False when there is none. */
  remove(kind: WatchKind, serverPath: string, listener: WatchHearer): boolean {
    const watches = this.#paths.get(serverPath);
    const kinds = watches?.kindsOf(listener) ?? 0;
    if (watches === undefined || (kinds & KIND_BIT[kind]) === 0) return false;
    this.#set(serverPath, watches, listener, kinds & ~KIND_BIT[kind]);
    return true;
  }

  /** Whether `listener` has such a watch. */
  has(kind: WatchKind, serverPath: string, listener: WatchHearer): boolean {
    return ((this.#paths.get(serverPath)?.kindsOf(listener) ?? 0) & KIND_BIT[kind]) !== 0;
  }

  /** Persistent and recursive registrations of all paths. */
  get lasting(): number {
    return this.#counts[3]! + this.#counts[4]!;
  }

  /** How many listeners have a watch of one of `kinds` on this path. */
  count(serverPath: string, ...kinds: readonly WatchKind[]): number {
    return this.#paths.get(serverPath)?.count(kindsOf(kinds)) ?? 0;
  }

  /** What the server tells: a number of `EVENT_TYPE`, and the path on the server. */
  dispatch(eventType: number, serverPath: string | null, zxid: bigint | null): void {
    let told = kindsTold(eventType);
    if (this.#parentTold !== null) told = this.#untold(eventType, serverPath, told);
    if (told === 0 || serverPath === null) {
      this.#ignored++;
      return;
    }
    const watches = this.#paths.get(serverPath);
    const above = (told & KIND_BIT.recursive) !== 0 && this.#recursiveLengths.size > 0;
    const isCatchUp = zxid === null && this.#catchUps.mayTell(serverPath);
    if (zxid !== null) this.#catchUps.isSure = true;
    const only = above || isCatchUp || watches === undefined ? null : watches.only;
    if (only !== null) this.#dispatchToOne(eventType, serverPath, zxid, watches!, only, told);
    else if (above || watches !== undefined) {
      this.#dispatchToAll(eventType, serverPath, zxid, watches, told, above, isCatchUp);
    } else this.#ignored++;
  }

  /** Nearly every event: one listener, no recursive watch anywhere. */
  #dispatchToOne(
    eventType: number,
    serverPath: string,
    zxid: bigint | null,
    watches: PathWatches,
    only: WatchHearer,
    told: WatchKinds,
  ): void {
    const kinds = watches.kinds;
    if ((kinds & told) === 0) {
      this.#ignored++;
      return;
    }
    this.#events++;
    const kept = kinds & ~(told & ONE_SHOT);
    if (kept !== kinds) this.#set(serverPath, watches, only, kept);
    const path = this.#clientPath(serverPath);
    this.#delivery.toOne(only, { type: nodeEventType(eventType), path, zxid });
  }

  #dispatchToAll(
    eventType: number,
    serverPath: string,
    zxid: bigint | null,
    watches: PathWatches | undefined,
    told: WatchKinds,
    above: boolean,
    isCatchUp: boolean,
  ): void {
    const heard = this.#spare ?? new Set();
    this.#spare = null;
    watches?.forEach((listener, kinds) => {
      const now = isCatchUp ? this.#catchUps.told(serverPath, listener, eventType, told) : told;
      if ((kinds & now) === 0) return;
      heard.add(listener);
      const kept = kinds & ~(now & ONE_SHOT);
      if (kept !== kinds) this.#set(serverPath, watches, listener, kept);
    });
    const isNews = !(isCatchUp && this.#catchUps.isSure);
    if (above && isNews) this.#hearFromAbove(serverPath, heard);
    if (heard.size === 0) this.#ignored++;
    else {
      this.#events++;
      const path = this.#clientPath(serverPath);
      this.#delivery.toAll(heard, { type: nodeEventType(eventType), path, zxid });
    }
    heard.clear();
    this.#spare = heard;
    if (above && zxid === null && isNews) this.#tellParent(eventType, serverPath);
  }

  /**
   * Servers before 3.9 (they give no zxid) keep one mode a path. Where two are wanted that is the
   * recursive one, and what it tells of children stands for what the persistent one would hear.
   */
  #tellParent(eventType: number, serverPath: string): void {
    if (eventType === EVENT_TYPE.NodeDataChanged || serverPath === '/') return;
    const parent = serverPath.slice(0, Math.max(1, serverPath.lastIndexOf('/')));
    if (!this.#recursiveLengths.has(parent.length)) return;
    const watches = this.#paths.get(parent);
    if (watches === undefined || (watches.kinds & LASTING) !== LASTING) return;
    const path = this.#clientPath(parent);
    const event: WatchEvent = { type: 'NodeChildrenChanged', path, zxid: null };
    this.#parentTold = parent;
    this.#delivery.toAll(listenersOf(watches, KIND_BIT.persistent), event);
  }

  /**
   * The server may say the same itself, next, to a child watch of the parent: persistent watches know
   * it by then. Without a recursive watch there it is news, for nothing came before it.
   */
  #untold(eventType: number, serverPath: string | null, told: WatchKinds): WatchKinds {
    const parent = this.#parentTold as string;
    this.#parentTold = null;
    if (eventType !== EVENT_TYPE.NodeChildrenChanged || serverPath !== parent) return told;
    const kinds = this.#paths.get(parent)?.kinds ?? 0;
    return (kinds & KIND_BIT.recursive) === 0 ? told : told & ~KIND_BIT.persistent;
  }

  /** Adds who watches a subtree that `serverPath` is below the top of. Linear in the path, however a server builds it. */
  #hearFromAbove(serverPath: string, heard: Set<WatchHearer>): void {
    for (
      let end = serverPath.lastIndexOf('/');
      end > 0;
      end = serverPath.lastIndexOf('/', end - 1)
    ) {
      if (this.#recursiveLengths.has(end)) this.#hearAt(serverPath.slice(0, end), heard);
    }
    if (serverPath !== '/' && this.#recursiveLengths.has(1)) this.#hearAt('/', heard);
  }

  #hearAt(serverPath: string, heard: Set<WatchHearer>): void {
    this.#paths.get(serverPath)?.forEach((listener, kinds) => {
      if ((kinds & KIND_BIT.recursive) !== 0) heard.add(listener);
    });
  }

  /** After a gap: every persistent and recursive watch is told to read again. */
  resync(): void {
    if (this.lasting === 0) return;
    this.#delivery.together(() => {
      for (const [serverPath, watches] of this.#paths) {
        const listeners = listenersOf(watches, LASTING);
        const path = this.#clientPath(serverPath);
        const event: WatchEvent = { type: 'Resync', path, reason: 'reconnect' };
        if (listeners.length > 0) this.#delivery.toAll(listeners, event);
      }
    });
  }

  /** Ends all watches, with one last event for every listener of every path. Without a session to come, for those too who wait. */
  end(reason: WatchEndReason, error: ZkwireError | null): void {
    const ended = [...this.#paths];
    this.#paths.clear();
    this.#counts.fill(0);
    this.#recursiveLengths.clear();
    this.#delivery.together(() => {
      for (const [serverPath, watches] of ended) {
        const path = this.#clientPath(serverPath);
        const event: WatchEvent = { type: 'Ended', path, reason, error };
        this.#delivery.toAll(listenersOf(watches, ALL_KINDS), event);
      }
      if (reason === 'expired') return;
      this.#over = true;
      this.#delivery.toAll(this.waiting, { type: 'Ended', path: '/', reason, error });
    });
  }

  /**
   * Ends the watches of some kinds on one path. A listener that keeps a watch of another kind there
   * hears nothing yet. Gives how many listeners lost a watch.
   */
  endPath(
    serverPath: string,
    kinds: readonly WatchKind[],
    reason: WatchEndReason,
    error: ZkwireError | null,
  ): number {
    return this.#endKinds(serverPath, kindsOf(kinds), reason, error);
  }

  /** Ends what one listener has on one path: it hears the last event. False when it has nothing there. */
  endListener(
    serverPath: string,
    listener: WatchHearer,
    reason: WatchEndReason,
    error: ZkwireError | null,
  ): boolean {
    const watches = this.#paths.get(serverPath);
    if (watches === undefined || watches.kindsOf(listener) === 0) return false;
    this.#set(serverPath, watches, listener, 0);
    const path = this.#clientPath(serverPath);
    this.#delivery.toOne(listener, { type: 'Ended', path, reason, error });
    return true;
  }

  /**
   * A setWatches of one path is sent in the middle of a connection. Gives a function to be called when it
   * is answered. What the server tells until then of before is for the one-shot watches that stand now.
   */
  catchUp(serverPath: string): () => void {
    return this.#catchUps.begin(serverPath, this.#paths.get(serverPath));
  }

  /** The server has shown itself as one of 3.9 or later, which tell the zxid of every change as it happens. */
  tellsZxids(): void {
    this.#catchUps.isSure = true;
  }

  /** All paths by kind, in batches that a server accepts; for a new connection. @param bodyBytesMax largest body of a request there */
  setWatchesBatches(bodyBytesMax?: number): SetWatchesBatch[] {
    this.#catchUps.isSure = false;
    const batcher = new SetWatchesBatcher(bodyBytesMax);
    for (const [serverPath, watches] of this.#paths) batcher.add(serverPath, watches.kinds);
    return batcher.finish();
  }

  /** The server has refused `batch`: its watches end. */
  endBatch(batch: SetWatchesBatch, error: ZkwireError): void {
    for (const kind of WATCH_KINDS) {
      for (const serverPath of batch[kind]) {
        this.#endKinds(serverPath, KIND_BIT[kind], 'not-restored', error);
      }
    }
  }

  #endKinds(
    serverPath: string,
    kinds: WatchKinds,
    reason: WatchEndReason,
    error: ZkwireError | null,
  ): number {
    const watches = this.#paths.get(serverPath);
    if (watches === undefined) return 0;
    const losers = listenersOf(watches, kinds);
    for (const listener of losers) {
      this.#set(serverPath, watches, listener, watches.kindsOf(listener) & ~kinds);
    }
    const event: WatchEvent = { type: 'Ended', path: this.#clientPath(serverPath), reason, error };
    const over = losers.filter((listener) => watches.kindsOf(listener) === 0);
    this.#delivery.toAll(over, event);
    return losers.length;
  }

  /** A listener has these kinds from now on. */
  #set(serverPath: string, watches: PathWatches, listener: WatchHearer, kinds: WatchKinds): void {
    const changed = watches.kindsOf(listener) ^ kinds;
    watches.set(listener, kinds);
    for (let index = 0, bits = changed; bits !== 0; index++, bits >>= 1) {
      if ((bits & 1) !== 0) this.#counts[index]! += ((kinds >> index) & 1) === 1 ? 1 : -1;
    }
    if ((changed & KIND_BIT.recursive) !== 0) {
      const before = this.#recursiveLengths.get(serverPath.length) ?? 0;
      const count = before + ((kinds & KIND_BIT.recursive) === 0 ? -1 : 1);
      if (count === 0) this.#recursiveLengths.delete(serverPath.length);
      else this.#recursiveLengths.set(serverPath.length, count);
    }
    if (watches.isEmpty) this.#paths.delete(serverPath);
  }

  /** A path as the client names it. `/apple` is not below the chroot `/app`. */
  #clientPath(serverPath: string): string {
    const chroot = this.#chroot;
    if (chroot === '' || serverPath === CONFIG_PATH || !serverPath.startsWith(chroot)) {
      return serverPath;
    }
    if (serverPath.length === chroot.length) return '/';
    return serverPath.charAt(chroot.length) === '/' ? serverPath.slice(chroot.length) : serverPath;
  }
}

function kindsOf(kinds: readonly WatchKind[]): WatchKinds {
  let bits = 0;
  for (const kind of kinds) bits |= KIND_BIT[kind];
  return bits;
}

function listenersOf(watches: PathWatches, kinds: WatchKinds): WatchHearer[] {
  const listeners: WatchHearer[] = [];
  watches.forEach((listener, each) => {
    if ((each & kinds) !== 0) listeners.push(listener);
  });
  return listeners;
}
