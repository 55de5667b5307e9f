// Does on a zkwire client what `zkwire conform client` says: see docs/conformance.md.
import { connect, ZkwireError } from 'zkwire';
import { bytesOf, obey, say, steps, wordOf } from './obey.mjs';

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
    for (const [name, path, ...rest] of steps(words)) {
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

obey(COMMANDS, (error) => (ZkwireError.is(error) ? (error.serverCode ?? error.code) : 'untyped'));
