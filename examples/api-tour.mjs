// A tour of the operations, call by call and text by text as the Go program of many tutorials prints it: the states of
// the session, four kinds of nodes, children, data, versions, deletes, a watch. Twice, since the second time differs.
//
// Usage: node examples/api-tour.mjs [servers]
// Without servers it starts one of its own.

import { connect, WatchQueue } from 'zkwire';
import { createServer } from 'zkwire/server';

const given = process.argv[2] ?? process.env.CONNECT;
const own = given === undefined ? await createServer({ port: 0 }) : null;
const servers = given ?? own.connectString;

const PARENT = '/golang';
const PERSISTENT = `${PARENT}/persistent`;
const EPHEMERAL = `${PARENT}/ephemeral`;
const PERSISTENT_SEQUENCE = `${PARENT}/persistent_sequence`;
const EPHEMERAL_SEQUENCE = `${PARENT}/ephemeral_sequence`;
const EXISTS = `${PARENT}/exists`;

/** What states and events are called there. */
const STATES = { connecting: 1, connected: 100, session: 101, disconnected: 0, expired: -112 };
const EVENTS = {
  NodeCreated: 1,
  NodeDeleted: 2,
  NodeDataChanged: 3,
  NodeChildrenChanged: 4,
  Ended: -2,
};
const SYNC_CONNECTED = 3;
const ERRORS = {
  NODEEXISTS: 'zk: node already exists',
  NONODE: 'zk: node does not exist',
  NOTEMPTY: 'zk: node has children',
};

const eventText = (fields) =>
  JSON.stringify({ Type: -1, State: 0, Path: '', Err: null, Server: '', ...fields });
const errorText = (error) => (error === null ? '<nil>' : (ERRORS[error.code] ?? error.message));

function statText(stat) {
  if (stat === null) return '<nil>';
  const { czxid, mzxid, ctime, mtime, version, cversion, aversion } = stat;
  const { ephemeralOwner, dataLength, numChildren, pzxid } = stat;
  return (
    `&{Czxid:${czxid} Mzxid:${mzxid} Ctime:${ctime} Mtime:${mtime} Version:${version} Cversion:${cversion} ` +
    `Aversion:${aversion} EphemeralOwner:${ephemeralOwner} DataLength:${dataLength} NumChildren:${numChildren} Pzxid:${pzxid}}`
  );
}

/** A call as Go has it: what it gives, and an error or none. */
async function outcome(call) {
  try {
    return { value: await call, error: null };
  } catch (error) {
    return { value: null, error };
  }
}

async function tour() {
  const zk = await connect(servers, {
    sessionTimeoutMs: 5000,
    onState: ({ state, host }) => {
      if (state in STATES)
        console.log(`【all event】${eventText({ State: STATES[state], Server: host })}`);
    },
  });

  async function create(path, data, mode) {
    const { value, error } = await outcome(zk.create(path, data, { mode }));
    const how = error === null ? `success】 ${value}` : `error】 ${errorText(error)}`;
    console.log(`【create znode [${path}] ${how}`);
  }

  async function children(name, path) {
    const { value, error } = await outcome(zk.getChildren(path, { withStat: true }));
    console.log(
      `【${name} children】 [${value?.children.join(' ') ?? ''}], ${statText(value?.stat ?? null)}, ${errorText(error)}`,
    );
  }

  async function get(path) {
    const { value, error } = await outcome(zk.get(path));
    console.log(
      `【get path [${path}] info result】 ${value?.data ?? ''}, ${statText(value?.stat ?? null)}, ${errorText(error)}`,
    );
    return value?.stat.version;
  }

  async function remove(path, version) {
    const { error } = await outcome(zk.delete(path, { version }));
    console.log(`【delete path [${path}] result】 ${errorText(error)}`);
  }

  await children('root', '/');
  await create(PARENT, 'this is a golang znode', 'persistent');
  await create(PERSISTENT, 'this is a persistent znode', 'persistent');
  await create(EPHEMERAL, 'this is a ephemeral znode', 'ephemeral');
  await create(PERSISTENT_SEQUENCE, 'this is a persistent sequence znode', 'persistent-sequential');
  await create(EPHEMERAL_SEQUENCE, 'this is a ephemeral sequence znode', 'ephemeral-sequential');
  await children('golang', PARENT);

  const there = await outcome(zk.exists(PARENT));
  console.log(
    `【golang Exists】 ${there.value !== null}, ${statText(there.value)}, ${errorText(there.error)}`,
  );

  const version = await get(PERSISTENT);
  const changed = await outcome(zk.set(PERSISTENT, 'change data', { version }));
  console.log(
    `【change path [${PERSISTENT}] data result】 ${statText(changed.value)}, ${errorText(changed.error)}`,
  );
  await remove(PERSISTENT, await get(PERSISTENT));
  await children('golang', PARENT);
  await remove(PARENT, await get(PARENT));
  await children('root', '/');

  // The watch is told where it happens, and read by somebody else at his own pace.
  const heard = new WatchQueue();
  const watched = await zk.exists(EXISTS, {
    watch: (event) => {
      const Type = EVENTS[event.type];
      if (event.type !== 'Ended') {
        console.log(`【all event】${eventText({ Type, State: SYNC_CONNECTED, Path: event.path })}`);
      }
      heard.listener(event);
    },
  });
  const read = heard.next().then(({ value: event }) => {
    if (event.type === 'Ended') return;
    const fields = { Type: EVENTS[event.type], State: SYNC_CONNECTED, Path: event.path };
    console.log(`【exists watch event】${eventText(fields)}`);
  });
  await create(EXISTS, 'this is exists data', 'persistent');
  if (watched === null) await read;
  await zk.close();
}

const janitor = await connect(servers);
await janitor.deleteRecursive(PARENT);
console.log('--- first run');
await tour();
console.log('--- second run');
await tour();
await janitor.deleteRecursive(PARENT);
await janitor.close();
await own?.close();
