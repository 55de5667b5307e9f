// Does on npm `node-zookeeper-client` what `zkwire conform client` says. The module's folder is the second argument.
import { createRequire } from 'node:module';
import { bytesOf, obey, say, steps, Unsupported, wordOf } from './obey.mjs';

const [connectString, folder] = process.argv.slice(2);
const { ACL, createClient, Event, Exception, Id } = createRequire(`${folder}/`)(
  'node-zookeeper-client',
);

const EVENTS = {
  [Event.NODE_CREATED]: 'created',
  [Event.NODE_DELETED]: 'deleted',
  [Event.NODE_DATA_CHANGED]: 'changed',
  [Event.NODE_CHILDREN_CHANGED]: 'children',
};

let client;

const hear = (event) => EVENTS[event.type] && say('event', EVENTS[event.type], event.path);
const watcher = (word) => (word === 'watch' ? [hear] : []);

/** Calls a method of the client whose last argument is a callback. */
const call = (name, ...args) =>
  new Promise((resolve, reject) => {
    client[name](...args, (error, ...results) => (error ? reject(error) : resolve(results)));
  });

const long = (value) =>
  (Buffer.isBuffer(value) ? value.readBigInt64BE() : BigInt(value)).toString();

/** It has no modes but the first four, and takes any number. */
const modeOf = (mode) => {
  if (Number(mode) > 3) throw new Unsupported();
  return Number(mode);
};

obey(
  {
    connect(timeout, readOnly) {
      if (readOnly === 'readonly') throw new Unsupported();
      client = createClient(connectString, { sessionTimeout: Number(timeout), spinDelay: 200 });
      return new Promise((resolve) => {
        client.once('connected', () => resolve());
        client.connect();
      });
    },
    auth(scheme, credential) {
      client.addAuthInfo(scheme, bytesOf(credential));
    },
    async create(path, data, mode) {
      return await call('create', path, bytesOf(data), modeOf(mode));
    },
    delete: (path, version) => call('remove', path, Number(version)).then(() => []),
    async exists(path, watch) {
      const [stat] = await call('exists', path, ...watcher(watch));
      if (!stat) throw Exception.create(Exception.NO_NODE, path);
      const { czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner } = stat;
      const { dataLength, numChildren, pzxid } = stat;
      const times = [czxid, mzxid, ctime, mtime].map(long);
      const rest = [long(ephemeralOwner), dataLength, numChildren, long(pzxid)];
      return [...times, version, cversion, aversion, ...rest];
    },
    get: async (path, watch) => [wordOf((await call('getData', path, ...watcher(watch)))[0])],
    set: (path, data, version) =>
      call('setData', path, bytesOf(data), Number(version)).then(() => []),
    children: async (path, watch) => (await call('getChildren', path, ...watcher(watch)))[0],
    async getacl(path) {
      const [acls] = await call('getACL', path);
      return acls.flatMap(({ permission, id }) => [permission, id.scheme, id.id]);
    },
    setacl: (path, version, perms, scheme, id) =>
      call('setACL', path, [new ACL(Number(perms), new Id(scheme, id))], Number(version)).then(
        () => [],
      ),
    multi(...words) {
      const transaction = client.transaction();
      for (const [name, path, ...rest] of steps(words)) {
        if (name === 'create') transaction.create(path, bytesOf(rest[0]), modeOf(rest[1]));
        if (name === 'set') transaction.setData(path, bytesOf(rest[0]), Number(rest[1]));
        if (name === 'delete') transaction.remove(path, Number(rest[0]));
        if (name === 'check') transaction.check(path, Number(rest[0]));
      }
      return new Promise((resolve, reject) => {
        transaction.commit((error) => (error ? reject(error) : resolve()));
      });
    },
    close() {
      return new Promise((resolve) => {
        client.once('disconnected', () => resolve());
        client.close();
      });
    },
  },
  (error) => (error instanceof Exception ? error.code : 'untyped'),
);
