// Does on a zkwire client what `zkwire conform client` says: see docs/conformance.md.
import { createInterface } from 'node:readline';
import { connect, ZkwireError } from 'zkwire';

const MODES = [
  'persistent',
  'ephemeral',
  'persistent-sequential',
  'ephemeral-sequential',
  'container',
  'persistent-ttl',
  'persistent-sequential-ttl',
];
const EVENTS = {
  NodeCreated: 'created',
  NodeDeleted: 'deleted',
  NodeDataChanged: 'changed',
  NodeChildrenChanged: 'children',
};

const say = (...words) => process.stdout.write(`${words.join('\t')}\n`);
const bytesOf = (word) => (word === 'null' ? null : Buffer.from(word === '-' ? '' : word, 'hex'));
const wordOf = (bytes) => (bytes === null ? 'null' : bytes.toString('hex') || '-');
const hear = ({ type, path }) => EVENTS[type] && say('event', EVENTS[type], path);
const reading = (word) => (word === 'watch' ? { watch: hear } : {});
const kindOf = (mode, ttl) => ({
  mode: MODES[mode],
  ...(ttl === undefined ? {} : { ttlMs: Number(ttl) }),
});

let zk;

const COMMANDS = {
  async connect(timeout, readOnly) {
    zk = await connect(process.argv[2] ?? process.env.ZKWIRE_CONNECT, {
      sessionTimeoutMs: Number(timeout),
      connectRounds: Number.POSITIVE_INFINITY,
      readOnly: readOnly === 'readonly',
    });
  },
  auth: (scheme, credential) => zk.addAuth({ scheme, auth: bytesOf(credential) }),
  async create(path, data, mode, ttl) {
    return [await zk.create(path, bytesOf(data), kindOf(mode, ttl))];
  },
  delete: (path, version) => zk.delete(path, { version: Number(version) }),
  async exists(path, watch) {
    const stat = await zk.exists(path, reading(watch));
    if (stat === null) throw Object.assign(new ZkwireError('NONODE', ''), { serverCode: -101 });
    const { czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner } = stat;
    const rest = [stat.dataLength, stat.numChildren, stat.pzxid];
    return [czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner, ...rest];
  },
  get: async (path, watch) => [wordOf((await zk.get(path, reading(watch))).data)],
  set: async (path, data, version) => {
    await zk.set(path, bytesOf(data), { version: Number(version) });
  },
  children: (path, watch) => zk.getChildren(path, reading(watch)),
  async getacl(path) {
    const { acl } = await zk.getAcl(path);
    return acl.flatMap(({ perms, id }) => [perms, id.scheme, id.id]);
  },
  async setacl(path, version, perms, scheme, id) {
    const acl = [{ perms: Number(perms), id: { scheme, id } }];
    await zk.setAcl(path, acl, { aversion: Number(version) });
  },
  sync: async (path) => void (await zk.sync(path)),
  async multi(...words) {
    const transaction = zk.transaction();
    for (const step of words.join('\t').split('\t;\t')) {
      const [name, path, ...rest] = step.split('\t');
      if (name === 'create') transaction.create(path, bytesOf(rest[0]), kindOf(rest[1]));
      else if (name === 'set') transaction.set(path, bytesOf(rest[0]), Number(rest[1]));
      else transaction[name](path, Number(rest[0]));
    }
    await transaction.commit();
  },
  async watch(path, mode) {
    await zk.watch(path, { recursive: mode === 'recursive', listener: hear });
  },
  close: () => zk.close(),
};

async function obey(id, name, words) {
  if (!Object.hasOwn(COMMANDS, name)) return say(id, 'unsupported');
  try {
    say(id, 'ok', ...((await COMMANDS[name](...words)) ?? []));
  } catch (error) {
    const code = ZkwireError.is(error) ? (error.serverCode ?? error.code) : 'untyped';
    say(id, 'error', code, String(error.message).replaceAll(/\s+/g, ' '));
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [id, name, ...words] = line.split('\t');
    void obey(id, name, words);
  })
  .on('close', () => process.exit());
