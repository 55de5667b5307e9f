import { acl as acls, type CreateOptions, type ZooKeeperClient } from '../../client/index.ts';
import { parseAcl } from './acl-text.ts';
import type { CommandCall, SessionCommand } from './command-definition.ts';
import { deleteSubtree } from './delete-subtree.ts';
import { dataJson, dataText, hexDump } from './node-data.ts';
import { checkedPath } from './node-path.ts';
import { parseInt32, parseLong, versionOf } from './numbers.ts';
import { keeperMessage, refusal, ShellFailure } from './shell-failure.ts';
import type { ShellWatches } from './shell-watches.ts';
import { statJson, statLines } from './stat-text.ts';

/** Longest time to live that a node can have. */
const TTL_MS_MAX = 2n ** 40n - 1n;

const create: SessionCommand = {
  name: 'create',
  needs: 'session',
  syntax: '[-s] [-e] [-c] [-t ttl] path [data] [acl]',
  summary: 'make a node',
  options: [
    { name: 's', summary: 'sequential: the server appends a counter' },
    { name: 'e', summary: 'ephemeral: goes with the session' },
    { name: 'c', summary: 'container: goes when its last child has gone' },
    {
      name: 't',
      value: 'ttl',
      summary: 'goes when unchanged and childless for so many milliseconds',
    },
  ],
  operandsMin: 1,
  async run({ operands, options, output, limits }, zk) {
    const kind = createKind(options);
    const [given = '', data = null, aclText] = operands;
    const acl = aclText === undefined ? acls.open : parseAcl(aclText, (line) => output.note(line));
    const path = checkedPath(given, kind.mode?.includes('sequential'));
    if (acl.length === 0) {
      output.note(keeperMessage('INVALIDACL', null));
      throw refusal('INVALIDACL', null);
    }
    try {
      const made = await zk.create(path, data, { ...kind, ...limits, acl });
      output.result([`Created ${made}`], { path: made });
    } catch (error) {
      if (isCode(error, 'INVALIDACL')) output.note(keeperMessage('INVALIDACL', path));
      if (isCode(error, 'EPHEMERALONLOCALSESSION')) {
        output.note('Unable to create ephemeral node on a local session');
      }
      throw error;
    }
  },
};

/** Which of the modes the options mean. Throws a ShellFailure for those that exclude each other. */
function createKind(options: CommandCall['options']): CreateOptions {
  const has = (name: string): boolean => options.has(name);
  if (has('c') && (has('e') || has('s'))) {
    throw malformed(
      '-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.',
    );
  }
  const ttl = has('t') ? parseLong(options.get('t') as string) : undefined;
  if (ttl === null) throw malformed('-t argument must be a long value');
  if (has('t') && has('e')) throw malformed('TTLs cannot be used with Ephemeral znodes');
  if (has('t') && has('c')) throw malformed('TTLs cannot be used with Container znodes');
  if (has('c')) return { mode: 'container' };
  if (ttl === undefined) {
    if (has('e')) return { mode: has('s') ? 'ephemeral-sequential' : 'ephemeral' };
    return { mode: has('s') ? 'persistent-sequential' : 'persistent' };
  }
  if (ttl <= 0n || ttl > TTL_MS_MAX) {
    throw malformed(`ttl must be positive and cannot be larger than: ${TTL_MS_MAX}`);
  }
  return { mode: has('s') ? 'persistent-sequential-ttl' : 'persistent-ttl', ttlMs: Number(ttl) };
}

function malformed(message: string): ShellFailure {
  return new ShellFailure('USAGE', message);
}

function isCode(error: unknown, code: string): boolean {
  return (error as { code?: unknown } | null)?.code === code;
}

const deleteOne: SessionCommand = {
  name: 'delete',
  needs: 'session',
  syntax: '[-v version] path',
  summary: 'delete a node without children',
  options: [{ name: 'v', value: 'version', summary: 'only when its data have this version' }],
  operandsMin: 1,
  async run({ operands, options, output, limits }, zk) {
    if (operands.length > 1) {
      output.note(
        "'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead.",
      );
    }
    const path = checkedPath(operands[0]!);
    if (path === '/') throw refusal('BADARGUMENTS', path);
    await zk.delete(path, { version: versionOf(options), ...limits });
    output.result([], { path });
  },
};

const BATCH_NODES = 1000;

const deleteAll: SessionCommand = {
  name: 'deleteall',
  needs: 'session',
  syntax: 'path [-b batch size]',
  summary: 'delete a node and all below it',
  options: [
    { name: 'b', value: 'batch size', summary: `nodes in one transaction (${BATCH_NODES})` },
  ],
  operandsMin: 1,
  async run({ operands, options, output, limits }, zk) {
    const batch = parseInt32(options.get('b') ?? `${BATCH_NODES}`);
    if (batch === null || batch < 1) throw malformed('-b argument must be an int value');
    const path = checkedPath(operands[0]!);
    if (path === '/') throw refusal('BADARGUMENTS', path);
    const deleted = await deleteSubtree(zk, path, batch, limits, (text) => output.progress(text));
    output.result([], { path, deleted });
  },
};

const get: SessionCommand = {
  name: 'get',
  needs: 'session',
  syntax: '[-s] [-w] [-b] [-x] path',
  summary: 'print the data of a node',
  options: [
    { name: 's', summary: 'its Stat too' },
    { name: 'w', summary: 'leave a watch: told once when the node is set or deleted' },
    { name: 'b', summary: 'data as base64' },
    { name: 'x', summary: 'data as a table of bytes' },
  ],
  operandsMin: 1,
  async run(call, zk, watches) {
    const { operands, options, output, limits } = call;
    const watch = watchOf(call, watches, 'get path [watch]', 'get [-s] [-w] path');
    const path = checkedPath(operands[0]!);
    const { data, stat } = await zk.get(path, { ...limits, watch });
    const bytes = data ?? Buffer.from('null');
    const shown = options.has('x')
      ? hexDump(bytes)
      : options.has('b')
        ? bytes.toString('base64')
        : dataText(data);
    const more = options.has('s') ? statLines(stat) : [];
    const json = { path, ...dataJson(data, options.has('b')), stat: statJson(stat) };
    output.result([shown, ...more], json);
  },
};

/** The listener of the default watch, when a watch was asked for: by `-w`, or by a word behind the path as of old. */
function watchOf(
  { operands, options, output }: CommandCall,
  watches: ShellWatches,
  old: string,
  now: string,
): ShellWatches['data'] | undefined {
  if (operands.length > 1) {
    output.note(`'${old}' has been deprecated. Please use '${now}' instead.`);
    return watches.data;
  }
  return options.has('w') ? watches.data : undefined;
}

const set: SessionCommand = {
  name: 'set',
  needs: 'session',
  syntax: '[-s] [-v version] [-b] path data',
  summary: 'write the data of a node',
  options: [
    { name: 's', summary: 'print its new Stat' },
    { name: 'v', value: 'version', summary: 'only when its data have this version' },
    { name: 'b', summary: 'the data are given as base64' },
  ],
  operandsMin: 2,
  async run({ operands, options, output, limits }, zk) {
    const [given = '', text = ''] = operands;
    const data = options.has('b') ? base64Bytes(text) : text;
    const version = versionOf(options);
    const path = checkedPath(given);
    const stat = await zk.set(path, data, { version, ...limits });
    output.result(options.has('s') ? statLines(stat) : [], { path, stat: statJson(stat) });
  },
};

/** Strict, as Java's decoder: nothing is passed over. */
function base64Bytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  const isWhole = bytes.toString('base64').replace(/=+$/, '') === text.replace(/={1,2}$/, '');
  if (isWhole) return bytes;
  throw malformed('with -b the data must be base64');
}

const stat: SessionCommand = {
  name: 'stat',
  needs: 'session',
  syntax: '[-w] path',
  summary: 'print the Stat of a node',
  options: [
    { name: 'w', summary: 'leave a watch: told once when the node is made, set or deleted' },
  ],
  operandsMin: 1,
  async run(call, zk: ZooKeeperClient, watches) {
    const watch = watchOf(call, watches, 'stat path [watch]', 'stat [-w] path');
    const path = checkedPath(call.operands[0]!);
    const found = await zk.exists(path, { ...call.limits, watch });
    if (found === null) throw refusal('NONODE', path);
    call.output.result(statLines(found), { path, stat: statJson(found) });
  },
};

/** Commands about one node, and `deleteall`. */
export const NODE_COMMANDS: readonly SessionCommand[] = [
  create,
  deleteOne,
  deleteAll,
  get,
  set,
  stat,
];
