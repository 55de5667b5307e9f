import type { RequestError, WatchTarget, ZooKeeperClient } from '../../client/index.ts';
import type { CommandCall } from './command-definition.ts';

/** Lists asked for ahead of the reader. */
const AHEAD_MAX = 64;

interface Due {
  readonly path: string;
  /** Never rejects: nobody may come to wait for it. */
  children: Promise<string[] | RequestError> | null;
}

/**
 * The paths below a node in the order of `zkCli.sh`: the children of a node, sorted, then what is below
 * the first of them, and so on. Only what is still to be visited is kept. Nodes that vanish meanwhile are passed over.
 */
export async function* pathsBelow(
  zk: ZooKeeperClient,
  root: string,
  limits: CommandCall['limits'],
  watch?: WatchTarget,
): AsyncGenerator<string[], void, undefined> {
  const stack: Due[] = [{ path: root, children: null }];
  const ask = async ({ path }: Due): Promise<string[] | RequestError> =>
    zk.getChildren(path, { ...limits, watch }).catch((error: RequestError) => error);
  for (let due = stack.pop(); due !== undefined; due = stack.pop()) {
    due.children ??= ask(due);
    for (const next of stack.slice(-AHEAD_MAX)) next.children ??= ask(next);
    const children = await due.children;
    if (children instanceof Error) {
      if (children.code === 'NONODE') continue;
      throw children;
    }
    const prefix = due.path === '/' ? '/' : `${due.path}/`;
    const paths = children.sort().map((name) => prefix + name);
    for (let at = paths.length - 1; at >= 0; at--) stack.push({ path: paths[at]!, children: null });
    yield paths;
  }
}
