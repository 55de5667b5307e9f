// Does on npm `zookeeper` what `zkwire conform client` says. The module's folder is the second argument.
import { createRequire } from 'node:module';
import { bytesOf, obey, say, Unsupported, wordOf } from './obey.mjs';

const [connectString, folder] = process.argv.slice(2);
const ZooKeeper = createRequire(`${folder}/`)('zookeeper');

const EVENTS = { 1: 'created', 2: 'deleted', 3: 'changed', 4: 'children' };

let client;

const hear = (type, _state, path) => EVENTS[type] && say('event', EVENTS[type], path);

/** An error is a number and its text. */
class Refused extends Error {
  constructor(code, text) {
    super(text);
    this.code = code;
  }
}

/** Calls a method of the addon whose last argument is a callback. */
const call = (name, ...args) =>
  new Promise((resolve, reject) => {
    const code = client[name](...args, (rc, text, ...results) =>
      rc === 0 ? resolve(results) : reject(new Refused(rc, text)),
    );
    if (typeof code === 'number' && code !== 0) reject(new Refused(code, 'refused at once'));
  });

/** A read, with or without a callback for its watch. */
const read = (name, path, watch) =>
  watch === 'watch' ? call(`aw_${name}`, path, hear) : call(`a_${name}`, path, false);

obey(
  {
    connect(timeout, readOnly) {
      if (readOnly === 'readonly') throw new Unsupported();
      client = new ZooKeeper();
      const config = {
        connect: connectString,
        timeout: Number(timeout),
        debug_level: 1,
        host_order_deterministic: false,
        data_as_buffer: true,
      };
      return new Promise((resolve) => {
        client.once('connect', () => resolve());
        client.init(config);
      });
    },
    auth: (scheme, credential) =>
      call('add_auth', scheme, bytesOf(credential).toString()).then(() => []),
    create(path, data, mode, ttl) {
      if (ttl === undefined) return call('a_create', path, bytesOf(data), Number(mode));
      return call('a_createTtl', path, bytesOf(data), Number(mode), Number(ttl));
    },
    delete: (path, version) => call('a_delete_', path, Number(version)).then(() => []),
    async exists(path, watch) {
      const [stat] = await read('exists', path, watch);
      const { czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner } = stat;
      const { dataLength, numChildren, pzxid } = stat;
      const times = [BigInt(czxid), BigInt(mzxid), ctime.getTime(), mtime.getTime()];
      const owner = BigInt(`0x${ephemeralOwner}`);
      return [...times, version, cversion, aversion, owner, dataLength, numChildren, BigInt(pzxid)];
    },
    get: async (path, watch) => [wordOf((await read('get', path, watch))[1])],
    set: (path, data, version) =>
      call('a_set', path, bytesOf(data), Number(version)).then(() => []),
    children: async (path, watch) => (await read('get_children', path, watch))[0],
    async getacl(path) {
      const [acls] = await call('a_get_acl', path);
      return acls.flatMap(({ perm, scheme, auth }) => [perm, scheme, auth]);
    },
    setacl: (path, version, perm, scheme, auth) =>
      call('a_set_acl', path, Number(version), [{ perm: Number(perm), scheme, auth }]).then(
        () => [],
      ),
    sync: (path) => call('a_sync', path).then(() => []),
    close() {
      return new Promise((resolve) => {
        client.once('close', () => resolve());
        client.close();
      });
    },
  },
  (error) => (error instanceof Refused ? error.code : 'untyped'),
);
