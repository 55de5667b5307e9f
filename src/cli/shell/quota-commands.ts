import type { ZooKeeperClient } from '../../client/index.ts';
import type { CommandCall, OptionDefinition, SessionCommand } from './command-definition.ts';
import { dataText } from './node-data.ts';
import { checkedPath } from './node-path.ts';
import { parseInt32, parseLong } from './numbers.ts';
import { QuotaTrack } from './quota-track.ts';
import { failureOf, pathFailure, ShellFailure } from './shell-failure.ts';
import { pathsBelow } from './subtree.ts';

/** Servers keep quotas below this node, each beneath the path that it is for. */
const QUOTA_ROOT = '/zookeeper/quota';
const LIMITS = 'zookeeper_limits';
const STATS = 'zookeeper_stats';

/** Options of `setquota` and `delquota` and what they are about. */
const KINDS: readonly (OptionDefinition & {
  readonly field: string;
  readonly what: 'num' | 'bytes';
})[] = [
  { name: 'n', summary: 'num soft quota', field: 'count', what: 'num' },
  { name: 'b', summary: 'bytes soft quota', field: 'bytes', what: 'bytes' },
  { name: 'N', summary: 'num hard quota', field: 'countHardLimit', what: 'num' },
  { name: 'B', summary: 'bytes hard quota', field: 'byteHardLimit', what: 'bytes' },
];

const setQuota: SessionCommand = {
  name: 'setquota',
  needs: 'session',
  syntax: '-n|-b|-N|-B val path',
  summary: 'limit the nodes or bytes of a node and all below it',
  options: KINDS.map(({ name, summary }) => ({ name, summary, value: 'val' })),
  oneOption: 'exactly',
  operandsMin: 1,
  async run(call, zk) {
    const path = call.operands[0]!;
    if (path.startsWith(QUOTA_ROOT)) {
      throw pathFailure(path, `cannot set a quota under the path: ${QUOTA_ROOT}`);
    }
    const [field, limit] = limitOf(call.options);
    checkedPath(path);
    if ((await zk.exists(path, call.limits)) === null) {
      throw pathFailure(path, `${path} does not exist.`);
    }
    await checkNoQuotaBelow(zk, path, call.limits);
    await checkNoQuotaAbove(zk, path, call.limits);
    await zk.ensurePath(QUOTA_ROOT + path, call.limits);
    const quota = await writeQuota(call, zk, path, field, limit);
    call.output.result([], { path, quota });
  },
};

function limitOf(options: ReadonlyMap<string, string>): readonly [field: string, limit: bigint] {
  const kind = KINDS.find(({ name }) => options.has(name))!;
  const text = options.get(kind.name) as string;
  if (kind.what === 'num') {
    const count = parseInt32(text);
    if (count === null) throw notANumber();
    if (count <= 0) throw new ShellFailure('USAGE', 'the num quota must be greater than zero');
    return [kind.field, BigInt(count)];
  }
  const bytes = parseLong(text);
  if (bytes === null) throw notANumber();
  if (bytes < 0n) {
    throw new ShellFailure('USAGE', 'the bytes quota must be greater than or equal to zero');
  }
  return [kind.field, bytes];
}

function notANumber(): ShellFailure {
  return new ShellFailure('USAGE', 'NumberFormatException happens when parsing the option value');
}

/** Quotas do not nest. */
async function checkNoQuotaBelow(
  zk: ZooKeeperClient,
  path: string,
  limits: CommandCall['limits'],
): Promise<void> {
  const top = checkedPath(QUOTA_ROOT + path);
  const suffix = `/${LIMITS}`;
  const levels = pathsBelow(zk, top, limits);
  for await (const paths of levels) {
    const found = paths.find((below) => below.endsWith(suffix) && below !== top + suffix);
    if (found === undefined) continue;
    const child = found.slice(QUOTA_ROOT.length, -suffix.length);
    throw pathFailure(path, `${path} has a child ${child} which has a quota`);
  }
}

async function checkNoQuotaAbove(
  zk: ZooKeeperClient,
  path: string,
  limits: CommandCall['limits'],
): Promise<void> {
  for (let at = path.indexOf('/', 1); at > 0; at = path.indexOf('/', at + 1)) {
    const parent = path.slice(0, at);
    if ((await zk.exists(`${QUOTA_ROOT}${parent}/${LIMITS}`, limits)) === null) continue;
    throw pathFailure(path, `${path} has a parent ${parent} which has a quota`);
  }
}

/** Adds a limit to those that are there; a first one comes with the node in which the server counts. */
async function writeQuota(
  { output, limits }: CommandCall,
  zk: ZooKeeperClient,
  path: string,
  field: string,
  limit: bigint,
): Promise<QuotaTrack> {
  const limitsPath = `${QUOTA_ROOT}${path}/${LIMITS}`;
  const statsPath = `${QUOTA_ROOT}${path}/${STATS}`;
  const isNew = (await zk.exists(limitsPath, limits)) === null;
  const quota = isNew ? QuotaTrack.unlimited() : await readTrack(zk, limitsPath, limits);
  quota.set(field, limit);
  if (isNew) {
    await zk.create(limitsPath, `${quota}`, limits);
    await zk.create(statsPath, `${QuotaTrack.of({ count: 0n, bytes: 0n })}`, limits);
  }
  const used = await readTrack(zk, statsPath, limits);
  if (isBelow(quota, used, 'count', 'countHardLimit')) {
    output.note(
      `[Warning]: the count quota you create is less than the existing count:${used.get('count')}`,
    );
  }
  if (isBelow(quota, used, 'bytes', 'byteHardLimit')) {
    output.note(
      `[Warning]: the bytes quota you create is less than the existing bytes:${used.get('bytes')}`,
    );
  }
  if (!isNew) await zk.set(limitsPath, `${quota}`, limits);
  return quota;
}

function isBelow(quota: QuotaTrack, used: QuotaTrack, soft: string, hard: string): boolean {
  return [soft, hard].some((field) => quota.get(field) > -1n && quota.get(field) < used.get(soft));
}

async function readTrack(
  zk: ZooKeeperClient,
  path: string,
  limits: CommandCall['limits'],
): Promise<QuotaTrack> {
  return QuotaTrack.parse(dataText((await zk.get(path, limits)).data));
}

const listQuota: SessionCommand = {
  name: 'listquota',
  needs: 'session',
  syntax: 'path',
  summary: 'print the quota of a node and what is used of it',
  options: [],
  operandsMin: 1,
  async run({ operands, output, limits }, zk) {
    const path = operands[0]!;
    const limitsPath = `${QUOTA_ROOT}${path}/${LIMITS}`;
    output.note(`absolute path is ${limitsPath}`);
    try {
      const quota = await readTrack(zk, checkedPath(limitsPath), limits);
      const used = await readTrack(zk, `${QUOTA_ROOT}${path}/${STATS}`, limits);
      output.result([`Output quota for ${path} ${quota}`, `Output stat for ${path} ${used}`], {
        path,
        quota,
        used,
      });
    } catch (error) {
      throw noQuota(error, path);
    }
  },
};

function noQuota(error: unknown, path: string): ShellFailure {
  const failure = failureOf(error);
  if (failure.code !== 'NONODE') return failure;
  return new ShellFailure('NONODE', `quota for ${path} does not exist.`, { path, cause: error });
}

const delQuota: SessionCommand = {
  name: 'delquota',
  needs: 'session',
  syntax: '[-n|-b|-N|-B] path',
  summary: 'take a limit of a node away, or all of them',
  options: KINDS.map(({ name, summary }) => ({ name, summary })),
  oneOption: 'at-most',
  operandsMin: 1,
  async run({ operands, options, output, limits }, zk) {
    const path = operands[0]!;
    const limitsPath = checkedPath(`${QUOTA_ROOT}${path}/${LIMITS}`);
    if ((await zk.exists(limitsPath, limits)) === null) {
      throw new ShellFailure('NONODE', `Quota does not exist for ${path}`, { path });
    }
    const kind = KINDS.find(({ name }) => options.has(name));
    try {
      if (kind === undefined) await deleteQuota(zk, QUOTA_ROOT + path, limits);
      else {
        const quota = await readTrack(zk, limitsPath, limits);
        quota.set(kind.field, -1n);
        await zk.set(limitsPath, `${quota}`, limits);
      }
    } catch (error) {
      throw noQuota(error, path);
    }
    output.result([], { path });
  },
};

/** The nodes of the quota, then those above that are left without children. */
async function deleteQuota(
  zk: ZooKeeperClient,
  quotaPath: string,
  limits: CommandCall['limits'],
): Promise<void> {
  for (const name of await zk.getChildren(quotaPath, limits)) {
    await zk.delete(`${quotaPath}/${name}`, limits);
  }
  for (let path = quotaPath; path !== QUOTA_ROOT; path = path.slice(0, path.lastIndexOf('/'))) {
    if ((await zk.getChildren(path, limits)).length > 0) return;
    await zk.delete(path, limits);
  }
}

/** Commands about quotas. */
export const QUOTA_COMMANDS: readonly SessionCommand[] = [setQuota, listQuota, delQuota];
