import type { Watch, WatchEvent, WatchSelection } from '../../../src/client/index.ts';
import { OP } from '../../../src/codec/operations.ts';
import { WatchRecord, type WatchWish } from '../oracles/watch-record.ts';
import { type OperationContext, somePath } from './draw-operation.ts';
import type { Operation } from './operation.ts';
import type { WatchOperationKind } from './operation-kinds.ts';

/** How watches get to those who check them. */
export interface WatchContext extends OperationContext {
  /** Lasting watches of the client that stand. */
  readonly standing: () => readonly WatchRecord[];
  /** Notes an event; may throw, as a user's listener may. */
  readonly hear: (record: WatchRecord, event: WatchEvent) => void;
  /** A place in the order of everything that is told. */
  readonly nextOrder: () => number;
}

/** Paths that are watched: few of them, so that several watches meet. */
function watchedPath(context: WatchContext): string {
  return somePath(context);
}

/** Makes a request that has to do with watches. */
export function drawWatch(kind: WatchOperationKind, context: WatchContext): Operation {
  switch (kind) {
    case 'watch-data':
      return oneShot('data', OP.getData, context);
    case 'watch-exists':
      return oneShot('exists', OP.exists, context);
    case 'watch-children':
      return oneShot('child', OP.getChildren, context);
    case 'watch-persistent':
      return lasting('persistent', context);
    case 'watch-recursive':
      return lasting('recursive', context);
    case 'unwatch':
      return unwatch(context);
    case 'remove-watches':
      return removeWatches(context);
    default:
      return checkWatches(context);
  }
}

function oneShot(wish: WatchWish, op: number, context: WatchContext): Operation {
  const path = watchedPath(context);
  const record = new WatchRecord(wish, context.chroot + path);
  const watch = (event: WatchEvent): void => context.hear(record, event);
  return {
    op,
    path: record.path,
    write: false,
    tag: null,
    watch: record,
    call: (zk, limits): Promise<unknown> => {
      if (wish === 'data') return zk.get(path, { ...limits, watch });
      if (wish === 'exists') return zk.exists(path, { ...limits, watch });
      return zk.getChildren(path, { ...limits, watch });
    },
    check: () => null,
  };
}

function lasting(wish: 'persistent' | 'recursive', context: WatchContext): Operation {
  const path = watchedPath(context);
  const byLoop = context.random.chance(0.5);
  const record = new WatchRecord(wish, context.chroot + path, byLoop);
  const listener = (event: WatchEvent): void => context.hear(record, event);
  return {
    op: OP.addWatch,
    path: record.path,
    write: false,
    tag: null,
    watch: record,
    call: (zk, limits) => {
      const recursive = wish === 'recursive';
      const { timeoutMs } = limits;
      const options = byLoop ? { recursive, timeoutMs } : { recursive, timeoutMs, listener };
      const opening = zk.watch(path, options);
      opening.then(
        (watch) => {
          record.watch = watch;
          if (byLoop) void readAll(watch, listener);
        },
        () => {},
      );
      return opening;
    },
    check: () => null,
  };
}

/** Reads a watch as a loop of the user's would. */
async function readAll(watch: Watch, listener: (event: WatchEvent) => void): Promise<void> {
  for await (const event of watch) {
    try {
      listener(event);
    } catch {
      // A loop that throws ends the watch; here it is told of once and goes on.
    }
  }
}

function unwatch(context: WatchContext): Operation {
  const standing = context.standing();
  const record = standing.length === 0 ? null : context.random.pick(standing);
  return {
    op: OP.removeWatches,
    path: record?.path ?? null,
    write: false,
    tag: null,
    aside: true,
    call: async () => {
      if (record === null) return;
      record.closedOrder = context.nextOrder();
      await record.watch?.close();
    },
    check: () => null,
  };
}

function removeWatches(context: WatchContext): Operation {
  const path = watchedPath(context);
  const selections = ['any', 'data', 'child', 'persistent', 'recursive'] as const;
  const selection: WatchSelection = context.random.pick(selections);
  return {
    op: OP.removeWatches,
    path: context.chroot + path,
    write: false,
    tag: null,
    aside: true,
    call: (zk, limits) => zk.removeWatches(path, selection, limits),
    check: () => null,
  };
}

function checkWatches(context: WatchContext): Operation {
  const path = watchedPath(context);
  const selection: WatchSelection = context.random.pick(['any', 'data', 'child'] as const);
  return {
    op: OP.checkWatches,
    path: context.chroot + path,
    write: false,
    tag: null,
    call: (zk, limits) => zk.checkWatches(path, selection, limits),
    check: () => null,
  };
}
