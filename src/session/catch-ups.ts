import { EVENT_TYPE } from '../codec/watch-names.ts';
import type { PathWatches } from './path-watches.ts';
import type { WatchHearer } from './watch-event.ts';
import { KIND_BIT, LASTING, ONE_SHOT, type WatchKinds } from './watch-kinds.ts';

/** Who is owed what by one setWatches: the one-shot watches of a path when it was sent. */
class CatchUp {
  readonly serverPath: string;
  readonly owed: Map<WatchHearer, WatchKinds> = new Map();

  constructor(serverPath: string, watches: PathWatches | undefined) {
    this.serverPath = serverPath;
    watches?.forEach((listener, kinds) => {
      if ((kinds & ONE_SHOT) !== 0) this.owed.set(listener, kinds & ONE_SHOT);
    });
  }
}

/**
 * What servers tell in answer to a setWatches in the middle of a connection, of changes before it.
 * It is for the watches that were set with it. A watch that stands since is owed nothing of it: its
 * own read is newer, and what happens after that it is told by itself.
 */
export class CatchUps {
  readonly #open = new Set<CatchUp>();
  /** The server tells zxids of changes as they happen, as from 3.9 on; an event without one is a catch-up. */
  isSure = false;

  /** The setWatches of a path is sent. Gives a function to be called when it is answered. */
  begin(serverPath: string, watches: PathWatches | undefined): () => void {
    const catchUp = new CatchUp(serverPath, watches);
    this.#open.add(catchUp);
    return () => void this.#open.delete(catchUp);
  }

  /** Whether an event of `serverPath`, without a zxid, may be one. */
  mayTell(serverPath: string): boolean {
    return this.#of(serverPath) !== undefined;
  }

  /** A watch stands that did not stand before. */
  added(serverPath: string, listener: WatchHearer, kinds: WatchKinds): void {
    for (const { serverPath: at, owed } of this.#open) {
      if (at === serverPath) owed.set(listener, (owed.get(listener) ?? 0) & ~kinds);
    }
  }

  /** Which kinds of a listener's hear of it; `told`: those that hear of such an event by themselves. */
  told(serverPath: string, listener: WatchHearer, eventType: number, told: WatchKinds): WatchKinds {
    const owed = this.#of(serverPath)?.owed.get(listener) ?? 0;
    if (this.isSure) return told & owed;
    return told & (owed | LASTING | possible(eventType));
  }

  #of(serverPath: string): CatchUp | undefined {
    // Answers come in the order of the requests: the oldest is next.
    for (const catchUp of this.#open) if (catchUp.serverPath === serverPath) return catchUp;
    return undefined;
  }
}

/** Kinds of one-shot watches that a change right after their read can be told of: a node that is there cannot be made. */
function possible(eventType: number): WatchKinds {
  switch (eventType) {
    case EVENT_TYPE.NodeCreated:
      return KIND_BIT.exist;
    case EVENT_TYPE.NodeDataChanged:
      return KIND_BIT.data;
    case EVENT_TYPE.NodeDeleted:
      return KIND_BIT.data | KIND_BIT.child;
    default:
      return KIND_BIT.child;
  }
}
