import type { GetResult, WalkEntry, ZooKeeperClient } from '../../../src/client/index.ts';
import { OP } from '../../../src/codec/operations.ts';
import type { Stat } from '../../../src/codec/records.gen.ts';
import { type RequestError, ZkwireError } from '../../../src/errors.ts';
import { discover, type ServiceInstance } from '../../../src/recipes/index.ts';
import type { NodeState } from '../ensemble/node-state.ts';
import type { HelperScene } from '../oracles/helper-scene.ts';
import { wasInstance } from '../oracles/service-nodes.ts';
import type { OperationContext } from './draw-operation.ts';
import { HELPER_TOPS, helperPath } from './helper-paths.ts';
import { childrenFault, dataFault, type Operation, statFault } from './operation.ts';
import type { ManyKind } from './operation-kinds.ts';

/** Paths of one call: none, some, or more than a small pipeline has room for. */
const COUNTS = [0, 1, 3, 8, 8, 40];

/** Makes a call that reads many nodes. */
export function drawMany(kind: ManyKind, context: OperationContext): Operation {
  switch (kind) {
    case 'get-many':
      return many<GetResult>(OP.getData, context, {
        call: (zk, paths, limits) => zk.getMany(paths, limits),
        fault: ({ data, stat }, node) => {
          return node === null ? 'gone' : (dataFault(data, node) ?? statFault(stat, node));
        },
      });
    case 'exists-many':
      return many<Stat | null>(OP.exists, context, {
        call: (zk, paths, limits) => zk.existsMany(paths, limits),
        fault: (stat, node) => {
          if (stat === null || node === null) return stat === node ? null : 'wrong existence';
          return statFault(stat, node);
        },
      });
    case 'children-many':
      return many<string[]>(OP.getChildren, context, {
        call: (zk, paths, limits) => zk.getChildrenMany(paths, limits),
        fault: (names, node) => (node === null ? 'gone' : childrenFault(names, node)),
      });
    case 'walk':
      return walk(context);
    default:
      return discovery(context);
  }
}

/** Everything that is the same for all helpers. */
export const HELPER = {
  path: null,
  write: false,
  tag: null,
  aside: true,
  check: (): null => null,
} as const;

interface ManyReads<T> {
  call(
    zk: ZooKeeperClient,
    paths: readonly string[],
    limits: Parameters<ZooKeeperClient['getMany']>[1],
  ): Promise<(T | RequestError)[]>;
  /** What differs between a result and the node in one state. */
  fault(result: T, node: NodeState | null): string | null;
}

function many<T>(
  op: number,
  { random, chroot }: OperationContext,
  { call, fault }: ManyReads<T>,
): Operation {
  const paths = Array.from({ length: random.pick(COUNTS) }, () => helperPath(random));
  return {
    ...HELPER,
    op,
    call: (zk, limits) => call(zk, paths, limits),
    verdict: ({ value, error }, scene) => {
      if (error !== null) return `rejects with ${String(error)}`;
      const results = value as (T | RequestError)[];
      const wrong = paths.length !== results.length;
      if (wrong) return `${results.length} results of ${paths.length} paths`;
      return orderFault(paths, results, chroot, scene, fault);
    },
  };
}

/** Each result is a state that the node was in, and none is older than the one before it. */
function orderFault<T>(
  paths: readonly string[],
  results: readonly (T | RequestError)[],
  chroot: string,
  scene: HelperScene,
  fault: ManyReads<T>['fault'],
): string | null {
  let order = scene.order();
  for (const [index, path] of paths.entries()) {
    const result = results[index] as T | RequestError;
    const failure = ZkwireError.is(result) ? (result as RequestError) : null;
    // Says nothing of the node.
    if (failure !== null && failure.code !== 'NONODE') continue;
    if (!scene.oneSession) order = scene.order();
    const isMet = order.meets(chroot + path, (node) => {
      return failure === null ? fault(result as T, node) === null : node === null;
    });
    if (!isMet) return `result ${index}, of ${path}, was never so, or before another result`;
  }
  return null;
}

function walk({ random, chroot }: OperationContext): Operation {
  const path = helperPath(random);
  const order = random.pick(['breadth', 'depth'] as const);
  const aheadMax = random.pick([1, 2, 64]);
  return {
    ...HELPER,
    op: OP.getChildren2,
    call: async (zk, { signal }) => {
      const entries: WalkEntry[] = [];
      for await (const entry of zk.walk(path, { order, aheadMax, signal })) entries.push(entry);
      return entries;
    },
    verdict: ({ value, error }, scene) => {
      if (error !== null) {
        const isGone = (error as RequestError).code === 'NONODE';
        const wasGone = scene.was(chroot + path, (node) => node === null);
        return isGone && !wasGone ? 'the node was there all the time' : null;
      }
      return walkFault(value as WalkEntry[], path, chroot, scene);
    },
  };
}

/** Parents first, none twice, each as it was. */
function walkFault(
  entries: readonly WalkEntry[],
  top: string,
  chroot: string,
  scene: HelperScene,
): string | null {
  const listed = new Set([top]);
  for (const { path, children, stat } of entries) {
    if (!listed.delete(path)) return `${path} comes twice, or before its parent`;
    for (const name of children) listed.add(`${path}/${name}`);
    const was = scene.was(chroot + path, (node) => {
      return node !== null && childrenFault(children, node) === null && !statFault(stat, node);
    });
    if (!was) return `${path} was never so`;
  }
  // What was listed and is not shown had gone by the time it was asked for.
  for (const path of listed) {
    if (!scene.was(chroot + path, (node) => node === null)) return `${path} is left out`;
  }
  return null;
}

function discovery({ chroot }: OperationContext): Operation {
  const { service } = HELPER_TOPS;
  return {
    ...HELPER,
    op: OP.getChildren,
    call: (zk, limits) => discover(zk, service, limits),
    verdict: ({ value, error }, scene) => {
      if (error !== null) return null;
      for (const instance of value as ServiceInstance[]) {
        if (!wasInstance(scene.history, chroot + service, instance, scene.toZxid)) {
          return `${instance.name} was never so`;
        }
      }
      return null;
    },
  };
}
