import type {
  CallOptions,
  GetResult,
  TransactionStep,
  ZooKeeperClient,
} from '../../../src/client/index.ts';
import { OP } from '../../../src/codec/operations.ts';
import type { Stat } from '../../../src/codec/records.gen.ts';
import type { RequestError } from '../../../src/errors.ts';
import type { Transaction } from '../ensemble/transaction.ts';
import type { Random } from '../random.ts';
import { childrenFault, dataFault, type Operation, statFault, type Truth } from './operation.ts';
import type {
  HelperKind,
  ManyKind,
  OperationKind,
  QueryKind,
  WatchOperationKind,
} from './operation-kinds.ts';

/** Who asks. */
export interface OperationContext {
  readonly random: Random;
  readonly chroot: string;
  /** A text that nobody else writes. */
  readonly tag: string;
  /** Behind every node's name. */
  readonly nameTail: string;
  /** What the server has to know the client by, as `scheme:user`. */
  readonly identities: readonly string[];
  /** A callback of the user's was called in the read path. */
  readonly calledBack: () => void;
}

const TOPS = ['/a', '/b', '/c'];
const NAMES = ['x', 'y', 'node-4', 'ü'];

/** Bytes of large values: more than a slab of one size or another. */
const LARGE_BYTES = [1500, 1500, 5000, 5000, 20_000, 40_000];

/** Paths that everybody works on. */
export function somePath({
  random,
  nameTail,
}: Pick<OperationContext, 'random' | 'nameTail'>): string {
  const top = random.pick(TOPS) + nameTail;
  const depth = random.pick([0, 0, 1, 1, 1, 1, 2]);
  if (depth === 0) return top;
  const child = `${top}/${random.pick(NAMES)}${nameTail}`;
  return depth === 1 ? child : `${child}/${random.pick(NAMES)}`;
}

/** The parents that are there from the beginning. */
export function topPaths(nameTail: string): string[] {
  return TOPS.map((top) => top + nameTail);
}

/** Makes one request of a kind, on nodes that others use too. */
export function drawOperation(
  kind: Exclude<OperationKind, WatchOperationKind | QueryKind | ManyKind | HelperKind | 'add-auth'>,
  context: OperationContext,
): Operation {
  switch (kind) {
    case 'get':
    case 'get-lent':
      return get(context, kind === 'get-lent');
    case 'exists':
      return exists(context);
    case 'children':
    case 'children-stat':
      return children(context, kind === 'children-stat');
    case 'set':
    case 'set-lent':
      return set(context, -1, kind === 'set-lent', context.tag);
    case 'set-version':
      return set(context, context.random.int(0, 3), false, context.tag);
    case 'large':
      return set(context, -1, false, context.tag.padEnd(context.random.pick(LARGE_BYTES), '.'));
    case 'delete':
      return remove(context);
    case 'multi':
    case 'multi-check':
      return multi(context, kind === 'multi-check');
    case 'sync':
      return sync(context);
    default:
      return create(kind, context);
  }
}

function get(context: OperationContext, lent: boolean): Operation {
  const path = somePath(context);
  const server = context.chroot + path;
  return {
    op: OP.getData,
    path: server,
    write: false,
    tag: null,
    call: (zk, limits) => {
      return lent
        ? lently(context, (done) => zk.lending.get(path, copying(done), limits))
        : zk.get(path, limits);
    },
    check: (value, { history, zxid }) => {
      const node = history.nodeAt(server, zxid);
      if (node === null) return 'the node did not exist';
      const { data, stat } = value as GetResult;
      return dataFault(data, node) ?? statFault(stat, node);
    },
  };
}

/** What a callback is lent is gone when it returns. */
function copying(done: Done): (error: RequestError | null, value: GetResult | undefined) => void {
  return (error, value) => {
    if (value === undefined) done(error, undefined);
    else
      done(null, { data: value.data === null ? null : Buffer.from(value.data), stat: value.stat });
  };
}

type Done = (error: RequestError | null, value: unknown) => void;

function lently(context: OperationContext, call: (done: Done) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error === null) resolve(value);
      else reject(error);
      context.calledBack();
    });
  });
}

function exists(context: OperationContext): Operation {
  const path = somePath(context);
  const server = context.chroot + path;
  return {
    op: OP.exists,
    path: server,
    write: false,
    tag: null,
    call: (zk, limits) => zk.exists(path, limits),
    check: (value, { history, zxid }) => {
      const node = history.nodeAt(server, zxid);
      if (value === null || node === null) {
        return (value === null) === (node === null)
          ? null
          : `existence is wrong: ${value === null}`;
      }
      return statFault(value as Stat, node);
    },
  };
}

function children(context: OperationContext, withStat: boolean): Operation {
  const path = somePath(context);
  const server = context.chroot + path;
  return {
    op: withStat ? OP.getChildren2 : OP.getChildren,
    path: server,
    write: false,
    tag: null,
    call: (zk, limits) =>
      withStat ? zk.getChildren(path, { ...limits, withStat: true }) : zk.getChildren(path, limits),
    check: (value, { history, zxid }) => {
      const node = history.nodeAt(server, zxid);
      if (node === null) return 'the node did not exist';
      if (!withStat) return childrenFault(value as string[], node);
      const told = value as { children: string[]; stat: Stat };
      return childrenFault(told.children, node) ?? statFault(told.stat, node);
    },
  };
}

function sync(context: OperationContext): Operation {
  const path = somePath(context);
  return {
    op: OP.sync,
    path: context.chroot + path,
    write: false,
    tag: null,
    call: (zk, limits) => zk.sync(path, limits),
    check: (value) => (value === undefined ? null : `sync gave ${value}`),
  };
}

function set(context: OperationContext, version: number, lent: boolean, text: string): Operation {
  const path = somePath(context);
  return {
    op: OP.setData,
    path: context.chroot + path,
    write: true,
    tag: context.tag,
    call: (zk, limits) =>
      lent
        ? lently(context, (done) => zk.lending.set(path, text, version, done, limits))
        : zk.set(path, text, { ...limits, version }),
    check: (value, truth) => statFault(value as Stat, resultNode(truth)),
  };
}

function remove(context: OperationContext): Operation {
  const path = somePath(context);
  const version = context.random.pick([-1, -1, 0]);
  return {
    op: OP.delete,
    path: context.chroot + path,
    write: true,
    tag: null,
    call: (zk, limits) => zk.delete(path, { ...limits, version }),
    check: (value) => (value === undefined ? null : `delete gave ${value}`),
  };
}

const MODES = {
  create: 'persistent',
  'create-stat': 'persistent',
  'create-ephemeral': 'ephemeral',
  'create-sequential': 'persistent-sequential',
  'create-ephemeral-sequential': 'ephemeral-sequential',
  'create-container': 'container',
} as const;

function create(kind: keyof typeof MODES | 'create-ttl', context: OperationContext): Operation {
  const { random, chroot, tag } = context;
  const path = somePath(context);
  const withStat = kind === 'create-stat' || random.chance(0.3);
  const how =
    kind === 'create-ttl'
      ? ({ mode: 'persistent-ttl', ttlMs: random.int(1, 20_000) } as const)
      : { mode: MODES[kind] };
  const hasStat = withStat || kind === 'create-container' || kind === 'create-ttl';
  return {
    op: opOf(kind, withStat),
    path: chroot + path,
    write: true,
    tag,
    call: (zk, limits) => zk.create(path, tag, { ...limits, ...how, withStat }),
    check: (value, truth) => {
      const made = withStat ? (value as { path: string }).path : (value as string);
      const right = truth.transaction?.results[0]?.path;
      if (chroot + made !== right) return `the path is ${made}, not ${right}`;
      if (!withStat || !hasStat) return null;
      return statFault((value as { stat: Stat }).stat, resultNode(truth));
    },
  };
}

function opOf(kind: OperationKind, withStat: boolean): number {
  if (kind === 'create-container') return OP.createContainer;
  if (kind === 'create-ttl') return OP.createTTL;
  return withStat ? OP.create2 : OP.create;
}

function multi(context: OperationContext, checksOnly: boolean): Operation {
  const { random, tag } = context;
  const steps: TransactionStep[] = [];
  for (let count = random.int(checksOnly ? 0 : 1, 4); count > 0; count--) {
    const path = somePath(context);
    const kind = checksOnly ? 'check' : random.pick(['create', 'set', 'delete', 'check'] as const);
    if (kind === 'check') steps.push({ op: 'check', path, version: random.pick([-1, -1, 0]) });
    else if (kind === 'delete') steps.push({ op: 'delete', path });
    else if (kind === 'set') steps.push({ op: 'set', path, data: tag });
    else
      steps.push({ op: 'create', path, data: tag, mode: random.pick(['ephemeral', 'persistent']) });
  }
  const tagged = steps.some((step) => 'data' in step);
  return {
    op: OP.multi,
    path: null,
    write: true,
    tag: tagged ? tag : null,
    call: (zk: ZooKeeperClient, limits: CallOptions) => zk.multi(steps, limits),
    check: (value, { transaction }) => {
      const told = (value as { op: string; path?: string }[]).map(({ op, path }) => path ?? op);
      const right = transaction?.results.map(({ kind, path }) => {
        return kind === 'create' ? path.slice(context.chroot.length) : kind;
      });
      return told.join() === right?.join() ? null : `results are ${told}, not ${right}`;
    },
  };
}

function resultNode({ transaction }: Truth): NonNullable<Transaction['results'][0]['node']> {
  const node = transaction?.results[0]?.node;
  if (node == null) throw new Error('the log has no result for it');
  return node;
}
