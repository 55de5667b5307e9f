import type { ZooKeeperClient } from '../../client/index.ts';
import type { CommandCall, SessionCommand } from './command-definition.ts';
import { checkedPath } from './node-path.ts';
import type { ShellWatches } from './shell-watches.ts';
import { statJson, statLines } from './stat-text.ts';
import { pathsBelow } from './subtree.ts';

const ls: SessionCommand = {
  name: 'ls',
  needs: 'session',
  syntax: '[-s] [-w] [-R] path',
  summary: 'list the children of a node',
  options: [
    { name: 's', summary: 'the Stat of the node too' },
    { name: 'w', summary: 'leave a watch: told once when a child comes or goes' },
    { name: 'R', summary: 'all nodes below it, a path a line' },
  ],
  operandsMin: 1,
  async run(call, zk, watches) {
    const { operands, options, output, limits } = call;
    const isOld = operands.length > 1;
    if (isOld) {
      output.note("'ls path [watch]' has been deprecated. Please use 'ls [-w] path' instead.");
    }
    const path = checkedPath(operands[0]!);
    const isWatching = isOld || options.has('w');
    if (options.has('R')) return await listSubtree(call, zk, isWatching ? watches : null, path);
    const watch = isWatching ? watches.children : undefined;
    const { children, stat } = await zk.getChildren(path, { ...limits, watch, withStat: true });
    children.sort();
    const more = options.has('s') ? statLines(stat) : [];
    output.result([`[${children.join(', ')}]`, ...more], {
      path,
      children,
      stat: statJson(stat),
    });
  },
};

/** Prints as it goes, and no faster than the output takes it. */
async function listSubtree(
  { output, limits }: CommandCall,
  zk: ZooKeeperClient,
  watches: ShellWatches | null,
  path: string,
): Promise<void> {
  // The node itself is asked for its data, so that this watch is one of data as well.
  await zk.get(path, { ...limits, watch: watches?.data });
  output.result([path], { path });
  for await (const paths of pathsBelow(zk, path, limits, watches?.children)) {
    for (const below of paths) output.result([below], { path: below });
    await output.room();
    if (output.closed) return;
  }
}

const getAllChildrenNumber: SessionCommand = {
  name: 'getAllChildrenNumber',
  needs: 'session',
  syntax: 'path',
  summary: 'count the nodes below a node, at any depth',
  options: [],
  operandsMin: 1,
  async run({ operands, output, limits }, zk) {
    const path = checkedPath(operands[0]!);
    const count = await zk.getAllChildrenNumber(path, limits);
    output.result([`${count}`], { path, count });
  },
};

const getEphemerals: SessionCommand = {
  name: 'getEphemerals',
  needs: 'session',
  syntax: 'path',
  summary: 'list the ephemeral nodes of this session, those that begin with path',
  options: [],
  operandsMin: 0,
  async run({ operands, output, limits }, zk) {
    const prefix = checkedPath(operands[0] ?? '/');
    const paths = await zk.getEphemerals(prefix, limits);
    output.result([`[${paths.join(', ')}]`], { prefix, paths });
  },
};

const sync: SessionCommand = {
  name: 'sync',
  needs: 'session',
  syntax: 'path',
  summary: 'wait until the server has caught up with the leader',
  options: [],
  operandsMin: 1,
  async run({ operands, output, limits }, zk) {
    const path = checkedPath(operands[0]!);
    await zk.sync(path, { timeoutMs: SYNC_TIMEOUT_MS, ...limits });
    output.result(['Sync is OK'], { path });
  },
};

/** As long as `zkCli.sh` waits. */
const SYNC_TIMEOUT_MS = 30_000;

/** Commands that list nodes or count them, and `sync`. */
export const LIST_COMMANDS: readonly SessionCommand[] = [
  ls,
  getAllChildrenNumber,
  getEphemerals,
  sync,
];
