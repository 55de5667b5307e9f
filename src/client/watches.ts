import {
  type JuteReader,
  OP,
  pathFault,
  WATCHER_TYPE,
  writeCheckWatchesRequest,
  writeRemoveWatchesRequest,
} from '../codec/index.ts';
import { RequestError } from '../errors.ts';
import { AbortListeners } from '../pipeline/abort-listeners.ts';
import type { WaitLimits } from '../pipeline/index.ts';
import { limitsRefusal } from '../pipeline/wait-limits.ts';
import type { RequestPort, WatchKind } from '../session/index.ts';
import { unknownOption } from './option-checks.ts';
import { readNothing } from './replies.ts';
import { badArgument } from './requests.ts';
import { type AddWatchOptions, WATCH_OPTION_NAMES, Watch } from './watch.ts';
import {
  type LastingKind,
  type OneShotKind,
  type OneShotWatch,
  type WatchedPath,
  WatchModes,
} from './watch-modes.ts';
import { listenerOf, WatchQueue, type WatchTarget } from './watch-queue.ts';

/**
 * Which watches of a path: those of its data (`data`, from `get` and `exists`) or its children
 * (`child`, from `getChildren`), persistent ones, recursive ones, or any.
 */
export type WatchSelection = 'any' | 'data' | 'child' | LastingKind;

const SELECTIONS: ReadonlyMap<
  unknown,
  { readonly type: number; readonly kinds: readonly WatchKind[] }
> = new Map<WatchSelection, { type: number; kinds: readonly WatchKind[] }>([
  ['any', { type: WATCHER_TYPE.Any, kinds: ['data', 'exist', 'child', 'persistent', 'recursive'] }],
  ['data', { type: WATCHER_TYPE.Data, kinds: ['data', 'exist'] }],
  ['child', { type: WATCHER_TYPE.Children, kinds: ['child'] }],
  ['persistent', { type: WATCHER_TYPE.Persistent, kinds: ['persistent'] }],
  ['recursive', { type: WATCHER_TYPE.PersistentRecursive, kinds: ['recursive'] }],
]);

/** The watches of one client, as its users see them. */
export class Watches {
  readonly #port: RequestPort;
  readonly #modes: WatchModes;
  /** Watches that a signal closes, by number. */
  readonly #closable = new Map<number, Watch>();
  #lastNumber = 0;
  /** One listener a signal, however many watches share it: Node warns of more than ten. */
  readonly #aborts: AbortListeners = new AbortListeners((number) => {
    this.#closable
      .get(number)
      ?.close()
      .catch(() => {});
  });

  constructor(port: RequestPort) {
    this.#port = port;
    this.#modes = new WatchModes(port);
  }

  /** The watch of a read: `kind` is `data` for `get` and `exists`, `child` for `getChildren`. */
  oneShot(kind: OneShotKind, serverPath: string, target: WatchTarget): OneShotWatch {
    if (target instanceof WatchQueue) target.hears(this.#port.watches);
    return this.#modes.oneShot(kind, serverPath, listenerOf(target));
  }

  /** A watch that stays (op 106, servers from 3.6 on). The node need not exist. */
  watch(path: string, options: AddWatchOptions, limits: WaitLimits | undefined): Promise<Watch> {
    return new Promise((resolve, reject) => {
      const at = this.#watchedPath(path, 'addWatch');
      const unknown = unknownOption(options, WATCH_OPTION_NAMES);
      if (unknown !== null) throw badArgument('addWatch', path, unknown);
      const watch = new Watch(path, options, () => this.#close(watch, at));
      if (options.listener instanceof WatchQueue) options.listener.hears(this.#port.watches);
      this.#modes.open(watch.kind, at, watch, limits, (error) => {
        if (error !== null) return reject(error);
        if (options.signal !== undefined) this.#closeOnAbort(watch, options.signal);
        resolve(watch);
      });
    });
  }

  #close(watch: Watch, at: WatchedPath): Promise<void> {
    const { watches } = this.#port;
    if (!watches.endListener(at.serverPath, watch, 'removed', null)) {
      return Promise.resolve();
    }
    return this.#modes.leave(watch.kind, at);
  }

  #closeOnAbort(watch: Watch, signal: AbortSignal): void {
    const number = ++this.#lastNumber;
    this.#closable.set(number, watch);
    this.#aborts.add(signal, number);
    watch.onEnded = () => {
      this.#closable.delete(number);
      this.#aborts.remove(signal, number);
      this.#aborts.update();
    };
    this.#aborts.update();
  }

  /**
   * Ends watches of a path, whoever set them: each hears `Ended`. Resolves when the server has
   * forgotten them or the connection is gone, at once while there is none. Rejects with `NOWATCHER`
   * when there are none.
   */
  async remove(
    path: string,
    selection: WatchSelection,
    limits: WaitLimits | undefined,
  ): Promise<void> {
    const at = this.#watchedPath(path, 'removeWatches');
    const { kinds } = selected(selection, 'removeWatches', path);
    if (limits === undefined) return this.#remove(at, selection, kinds);
    const failure = { operation: 'removeWatches', path } as const;
    const refusal = limitsRefusal(limits);
    if (refusal !== null) {
      const { detail, ...why } = refusal;
      throw new RequestError({ ...failure, ...why, outcome: 'not-sent' }, detail);
    }
    // A caller who goes leaves the request behind: what the server forgets is to be forgotten here too.
    return new Promise((resolve, reject) => {
      const host = this.#port.pipeline.host || undefined;
      const stop = this.#port.wait(limits, (code, cause) =>
        reject(new RequestError({ ...failure, code, outcome: 'unknown', host, cause })),
      );
      this.#remove(at, selection, kinds).finally(stop).then(resolve, reject);
    });
  }

  async #remove(
    at: WatchedPath,
    selection: WatchSelection,
    kinds: readonly WatchKind[],
  ): Promise<void> {
    const { path } = at;
    const { pipeline, watches } = this.#port;
    const forgotten = watches.endPath(at.serverPath, kinds, 'removed', null);
    if (selection === 'persistent' || selection === 'recursive') {
      if (forgotten === 0) throw noWatcher(path);
      return this.#modes.leave(selection, at);
    }
    const isServed = selection !== 'any' && this.#modes.isServed(selection, at.serverPath);
    if (pipeline.parked || isServed) {
      if (forgotten === 0) throw noWatcher(path);
      return;
    }
    return this.#removeFromServer(at, selection, forgotten);
  }

  /** What earlier requests set is told before this one's answer, and goes with it. */
  #removeFromServer(
    { path, serverPath }: WatchedPath,
    selection: WatchSelection,
    forgotten: number,
  ): Promise<void> {
    const { type, kinds } = selected(selection, 'removeWatches', path);
    const { pipeline, watches } = this.#port;
    return new Promise((resolve, reject) => {
      writeRemoveWatchesRequest(pipeline.begin(OP.removeWatches, path), serverPath, type);
      const failed = (error: Error): void => {
        const { code } = error as RequestError;
        if (code === 'CONNECTION_LOSS' || (code === 'NOWATCHER' && forgotten > 0)) resolve();
        else reject(error);
      };
      const decode = (reader: JuteReader): void => {
        watches.endPath(serverPath, kinds, 'removed', null);
        readNothing(reader);
      };
      pipeline.settle(decode, resolve, failed);
    });
  }

  /**
   * Whether the server has such a watch for this client. A one-shot watch beside a persistent or
   * recursive one of its path is served by that one and not known to the server. Servers before 3.9
   * refuse `persistent` and `recursive` with `MARSHALLINGERROR`.
   */
  check(path: string, selection: WatchSelection, limits: WaitLimits | undefined): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const { serverPath } = this.#watchedPath(path, 'checkWatches');
      const { type } = selected(selection, 'checkWatches', path);
      const { pipeline } = this.#port;
      writeCheckWatchesRequest(pipeline.begin(OP.checkWatches, path), serverPath, type);
      const failed = (error: Error): void => {
        if ((error as RequestError).code === 'NOWATCHER') resolve(false);
        else reject(error);
      };
      pipeline.settle(readNothing, () => resolve(true), failed, limits);
    });
  }

  #watchedPath(path: string, operation: string): WatchedPath {
    const fault = pathFault(path);
    if (fault !== null) throw badArgument(operation, path, fault);
    const { chroot } = this.#port;
    if (chroot === '') return { path, serverPath: path };
    return { path, serverPath: path === '/' ? chroot : chroot + path };
  }
}

function selected(
  selection: WatchSelection,
  operation: string,
  path: string,
): { readonly type: number; readonly kinds: readonly WatchKind[] } {
  const known = SELECTIONS.get(selection);
  if (known !== undefined) return known;
  throw badArgument(operation, path, `unknown kind of watch ${JSON.stringify(selection)}`);
}

function noWatcher(path: string): RequestError {
  const failure = { outcome: 'not-sent', operation: 'removeWatches', path } as const;
  return new RequestError({ code: 'NOWATCHER', ...failure }, 'nobody here watches this path so');
}
