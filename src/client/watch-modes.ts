import {
  ADD_WATCH_MODE,
  type JuteReader,
  OP,
  WATCHER_TYPE,
  writeAddWatchRequest,
  writeRemoveWatchesRequest,
  writeSetWatches2,
} from '../codec/index.ts';
import { RequestError } from '../errors.ts';
import type { Pipeline, ReplyCallback, WaitLimits } from '../pipeline/index.ts';
import {
  type RequestPort,
  type SetWatchesBatch,
  type WatchHearer,
  type WatchKind,
  type WatchListener,
  writeSetWatches,
} from '../session/index.ts';
import { readNothing } from './replies.ts';

/** Kinds that stay until they are removed. */
export type LastingKind = 'persistent' | 'recursive';

/** Kinds that a read can leave behind; `data` becomes `exist` when there is no node. */
export type OneShotKind = 'data' | 'child';

/** A path as the caller names it, for errors, and as the server does. */
export interface WatchedPath {
  readonly path: string;
  readonly serverPath: string;
}

/** The watch of a read that is under way. */
export interface OneShotWatch {
  /** What goes into the request. */
  readonly flag: boolean;
  /** For the reply, in the read path: the watch stands. */
  add(kind: 'data' | 'exist' | 'child'): void;
}

/**
 * Keeps what a server has in line with what is watched here, where several watches meet on a path.
 *
 * Before 3.9 a server keeps one *mode* for a connection and path, the last that it was told
 * (ZOOKEEPER-4466): a read with a watch turns a persistent watch of its node into a one-shot one.
 * Therefore:
 * - A lasting watch serves the one-shot watches of its path too, and their reads ask for none.
 *   Only a child watch beside a recursive one is asked for: that does not disturb each other.
 * - A persistent and a recursive watch of one path are set together, in one request; where the
 *   server keeps the recursive one alone, the registry makes up for the other.
 * - When the last lasting watch of a path goes, the one-shot watches that it served are set in its
 *   place by setWatches, as after a reconnect: with the zxid of the removal, so that no change is missed.
 */
export class WatchModes {
  readonly #port: RequestPort;
  /** Lasting watches that were asked for and are not answered yet, by server path. */
  readonly #opening: Readonly<Record<LastingKind, Map<string, number>>> = {
    persistent: new Map(),
    recursive: new Map(),
  };
  /** Paths where the server has the recursive mode though nobody here does, and how many answers it takes until that is over. */
  readonly #heldPaths = new Map<string, number>();
  /** Those of them that wait for a recursive watch to stand. */
  readonly #heldForOpening = new Set<string>();
  /** Watches held paths, so that persistent watches go on to learn of children. */
  readonly #standIn: WatchListener = () => {};
  /** Connections to servers before 3.9, which cannot remove watches by mode. */
  readonly #oneMode = new WeakSet<Pipeline>();

  constructor(port: RequestPort) {
    this.#port = port;
  }

  /** For a read that shall leave a watch behind. */
  oneShot(kind: OneShotKind, serverPath: string, listener: WatchListener): OneShotWatch {
    const served = this.isServed(kind, serverPath);
    return {
      flag: !served,
      add: (as) => {
        this.#port.watches.add(as, serverPath, listener);
        if (served && !this.#stillServes(kind, serverPath)) this.#setAgain(serverPath);
      },
    };
  }

  /** Asks for a lasting watch. `listener` hears from the answer on, before the next frame is looked at. */
  open(
    kind: LastingKind,
    at: WatchedPath,
    listener: WatchHearer,
    limits: WaitLimits | undefined,
    settle: (error: RequestError | null) => void,
  ): void {
    const { path, serverPath } = at;
    const { pipeline } = this.#port;
    const both = this.#isWanted(otherKind(kind), serverPath);
    if (both) this.#beginBoth(pipeline, at);
    else {
      const mode = kind === 'persistent' ? 'Persistent' : 'PersistentRecursive';
      const writer = pipeline.begin(OP.addWatch, path);
      writeAddWatchRequest(writer, serverPath, ADD_WATCH_MODE[mode]);
    }
    const opening = this.#opening[kind];
    count(opening, serverPath, 1);
    const stands = (): void => {
      this.#port.watches.add(kind, serverPath, listener);
      count(opening, serverPath, -1);
      this.#letGoAfterOpening(serverPath);
      // The other one may have been removed meanwhile: the server was told of both all the same.
      if (both && !this.#heldPaths.has(serverPath)) {
        this.leave(otherKind(kind), at).catch(() => {});
      }
      if (both || kind === 'recursive') this.#restoreChildWatches(serverPath);
    };
    const failed = (error: Error): void => {
      if (isCode(error, 'NONODE')) {
        stands();
        settle(null);
        return;
      }
      count(opening, serverPath, -1);
      // Whoever stopped waiting may have left a watch behind.
      const isLeft = error instanceof RequestError && error.outcome === 'unknown';
      if (isLeft) this.leave(kind, at).catch(() => {});
      this.#letGoAfterOpening(serverPath);
      settle(error as RequestError);
    };
    try {
      const decode = (reader: JuteReader): void => {
        stands();
        readNothing(reader);
      };
      pipeline.settle(decode, () => settle(null), failed, limits);
    } catch (error) {
      count(opening, serverPath, -1);
      throw error;
    }
  }

  /**
   * A lasting watch has ended here: the server forgets it too, unless another one needs it. Resolves
   * when it has, or when the connection is gone, which ends it as well. Rejects when the server refuses.
   */
  async leave(kind: LastingKind, at: WatchedPath): Promise<void> {
    for (;;) {
      const { pipeline } = this.#port;
      if (pipeline.parked || pipeline.ended) return;
      if (this.#isWanted(kind, at.serverPath)) {
        if (kind === 'recursive') this.#holdForOpening(at.serverPath);
        return;
      }
      try {
        if (pipeline.hasRoom) return await this.#tellServer(pipeline, kind, at);
        await this.#roomToLeave(pipeline, kind, at.serverPath);
      } catch (error) {
        if (isRefusal(error) || isCode(error, 'PIPELINE_FULL')) throw error;
        // The session is ending, and its watches with it.
        return;
      }
    }
  }

  /** While a recursive watch waits to be left, the server still has its mode, and tells persistent ones nothing of children. */
  async #roomToLeave(pipeline: Pipeline, kind: LastingKind, serverPath: string): Promise<void> {
    const holds = kind === 'recursive';
    if (holds) this.#hold(serverPath);
    try {
      await pipeline.room();
    } finally {
      if (holds) this.#letGo(serverPath);
    }
  }

  #tellServer(pipeline: Pipeline, kind: LastingKind, at: WatchedPath): Promise<void> {
    const type = kind === 'persistent' ? 'Persistent' : 'PersistentRecursive';
    const hasOneMode = this.#oneMode.has(pipeline);
    if (this.#isWanted(otherKind(kind), at.serverPath)) {
      // On an old server this changes the mode; on a new one it changes nothing.
      if (kind === 'recursive') this.#fallBackToPersistent(pipeline, at);
      return hasOneMode ? Promise.resolve() : this.#remove(pipeline, at, type, () => null);
    }
    return this.#remove(pipeline, at, hasOneMode ? 'Any' : type, (error) => {
      if (error === null || isCode(error, 'NOWATCHER')) this.#restoreOneShots(at.serverPath);
      // Servers before 3.9 know `Any` for this. Somebody may watch again meanwhile; then it serves them.
      return isCode(error, 'MARSHALLINGERROR') && !hasOneMode ? this.leave(kind, at) : null;
    });
  }

  /** Until it is answered, the recursive watch goes on to tell the persistent ones what they need. */
  #fallBackToPersistent(pipeline: Pipeline, { path, serverPath }: WatchedPath): void {
    const writer = pipeline.begin(OP.addWatch, path);
    writeAddWatchRequest(writer, serverPath, ADD_WATCH_MODE.Persistent);
    this.#hold(serverPath);
    pipeline.callback(readNothing, () => this.#letGo(serverPath));
  }

  /** The last recursive watch that stood has ended, another one is still being asked for. */
  #holdForOpening(serverPath: string): void {
    if (this.#stands('recursive', serverPath) || this.#heldForOpening.has(serverPath)) return;
    this.#heldForOpening.add(serverPath);
    this.#hold(serverPath);
  }

  #letGoAfterOpening(serverPath: string): void {
    if (this.#opening.recursive.has(serverPath)) return;
    if (this.#heldForOpening.delete(serverPath)) this.#letGo(serverPath);
  }

  #hold(serverPath: string): void {
    count(this.#heldPaths, serverPath, 1);
    this.#port.watches.add('recursive', serverPath, this.#standIn);
  }

  #letGo(serverPath: string): void {
    count(this.#heldPaths, serverPath, -1);
    if (this.#heldPaths.has(serverPath)) return;
    this.#port.watches.remove('recursive', serverPath, this.#standIn);
  }

  /**
   * Sends a removeWatches. Resolves when the server has no such watch any more; `answered` is told
   * before, in the read path, and may say what to wait for.
   */
  #remove(
    pipeline: Pipeline,
    at: WatchedPath,
    type: keyof typeof WATCHER_TYPE,
    answered: (error: RequestError | null) => Promise<void> | null,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const callback: ReplyCallback<undefined> = (error) => {
        if (isCode(error, 'MARSHALLINGERROR')) this.#oneMode.add(pipeline);
        else if (type !== 'Any' && knowsModes(error)) this.#port.watches.tellsZxids();
        const more = answered(error);
        if (more !== null) resolve(more);
        else if (isRefusal(error)) reject(error);
        else resolve();
      };
      const writer = pipeline.begin(OP.removeWatches, at.path);
      writeRemoveWatchesRequest(writer, at.serverPath, WATCHER_TYPE[type]);
      pipeline.callback(readNothing, callback);
    });
  }

  /** Sets the one-shot watches of a path that has lost what served them. */
  #restoreOneShots(serverPath: string): void {
    if (this.#port.watches.count(serverPath, 'data', 'exist', 'child') > 0) {
      this.#setAgain(serverPath);
    }
  }

  /** Before 3.9 a recursive watch has taken the place of those that were set or asked for before it. */
  #restoreChildWatches(serverPath: string): void {
    if (this.#port.watches.count(serverPath, 'child') === 0) return;
    if (this.#isWanted('recursive', serverPath)) this.#send(serverPath, ['child'], () => {});
    else this.#setAgain(serverPath);
  }

  /** All that is watched on a path, as after a reconnect. The server tells at once what the one-shot watches have missed. */
  #setAgain(serverPath: string): void {
    const { watches } = this.#port;
    const oneShot = ONE_SHOT_KINDS.filter((kind) => watches.count(serverPath, kind) > 0);
    const lasting = LASTING_KINDS.filter((kind) => this.#isWanted(kind, serverPath));
    const isRecursive = lasting.includes('recursive');
    this.#send(serverPath, [...oneShot, ...lasting], () => {
      if (isRecursive) this.#restoreChildWatches(serverPath);
    });
  }

  #send(serverPath: string, kinds: readonly WatchKind[], done: () => void): void {
    const { pipeline, watches } = this.#port;
    // Whoever connects next sets everything again.
    if (pipeline.parked || pipeline.ended) return;
    const batch = batchOf(serverPath, kinds);
    const caughtUp = watches.catchUp(serverPath);
    const answered = (error: RequestError | null): void => {
      caughtUp();
      if (error === null) done();
      else if (error.outcome === 'rejected') watches.endBatch(batch, error);
    };
    try {
      pipeline.setWatches(
        batch.op,
        (writer) => writeSetWatches(writer, batch, pipeline.lastZxidSeen),
        answered,
      );
    } catch (error) {
      caughtUp();
      if (!isCode(error, 'CONNECTION_CLOSED')) watches.endBatch(batch, error as RequestError);
    }
  }

  /** Both modes in one request: no change comes between them. */
  #beginBoth(pipeline: Pipeline, { path, serverPath }: WatchedPath): void {
    const writer = pipeline.begin(OP.setWatches2, path);
    const lasting = [serverPath];
    writeSetWatches2(writer, pipeline.lastZxidSeen, [], [], [], lasting, lasting);
  }

  /** Whether somebody watches, or is about to. */
  #isWanted(kind: LastingKind, serverPath: string): boolean {
    return this.#opening[kind].has(serverPath) || this.#stands(kind, serverPath);
  }

  /** Whether somebody watches. */
  #stands(kind: LastingKind, serverPath: string): boolean {
    const { watches } = this.#port;
    const standIns = watches.has(kind, serverPath, this.#standIn) ? 1 : 0;
    return watches.count(serverPath, kind) > standIns;
  }

  /** Whether a lasting watch serves one-shot watches of this kind, for a request that is made now. */
  isServed(kind: OneShotKind, serverPath: string): boolean {
    if (this.#port.watches.lasting === 0 && this.#isNobodyOpening) return false;
    if (this.#isWanted('recursive', serverPath)) return kind === 'data';
    return this.#isWanted('persistent', serverPath);
  }

  /** Whether it has done so since, as far as the replies until now tell. A recursive watch that comes later sees to child watches by itself. */
  #stillServes(kind: OneShotKind, serverPath: string): boolean {
    const { watches } = this.#port;
    if (watches.count(serverPath, 'persistent') > 0) return true;
    return kind === 'data' && watches.count(serverPath, 'recursive') > 0;
  }

  get #isNobodyOpening(): boolean {
    return this.#opening.persistent.size === 0 && this.#opening.recursive.size === 0;
  }
}

const LASTING_KINDS: readonly LastingKind[] = ['persistent', 'recursive'];

const ONE_SHOT_KINDS = ['data', 'exist', 'child'] as const;

const NO_WATCHES: SetWatchesBatch = {
  op: OP.setWatches,
  data: [],
  exist: [],
  child: [],
  persistent: [],
  recursive: [],
};

function batchOf(serverPath: string, kinds: readonly WatchKind[]): SetWatchesBatch {
  const isLasting = kinds.includes('persistent') || kinds.includes('recursive');
  const op = isLasting ? OP.setWatches2 : OP.setWatches;
  return { ...NO_WATCHES, op, ...Object.fromEntries(kinds.map((kind) => [kind, [serverPath]])) };
}

function otherKind(kind: LastingKind): LastingKind {
  return kind === 'persistent' ? 'recursive' : 'persistent';
}

function count(counts: Map<string, number>, serverPath: string, by: 1 | -1): void {
  const after = (counts.get(serverPath) ?? 0) + by;
  if (after === 0) counts.delete(serverPath);
  else counts.set(serverPath, after);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof RequestError && error.code === code;
}

/** The server has understood a removal by mode, whether or not there was something to remove. */
function knowsModes(error: RequestError | null): boolean {
  return error === null || isCode(error, 'NOWATCHER');
}

/** The server has said no, and not just that there is nothing to remove, or nothing of that mode. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof RequestError) || error.outcome !== 'rejected') return false;
  return error.code !== 'NOWATCHER' && error.code !== 'MARSHALLINGERROR';
}
