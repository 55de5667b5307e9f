// A copy of everything below a node, kept up to date by a recursive watch. It is read again after every gap:
// a reconnect, a burst of changes that was too much, a new session.
// Usage: node examples/watch-configuration.mjs [servers] [path]; end it with Ctrl-C.

import { setTimeout as delay } from 'node:timers/promises';
import { connect, RequestError } from 'zkwire';

const zk = await connect(process.argv[2] ?? '127.0.0.1:2181', { requestTimeoutMs: 30_000 });
const root = process.argv[3] ?? '/config';
const settings = new Map();

function store(path, { data }) {
  const value = String(data ?? '');
  if (settings.get(path) === value) return;
  settings.set(path, value);
  console.log(`${path} = ${value}`);
}

function forget(path) {
  if (settings.delete(path)) console.log(`${path} is gone`);
}

/** Nodes as they are now: events tell that something has changed, not to what. */
async function read(paths) {
  for (const [index, node] of (await zk.getMany(paths)).entries()) {
    if (!(node instanceof RequestError)) store(paths[index], node);
    else if (node.code === 'NONODE') forget(paths[index]);
    else throw node;
  }
}

/** Everything at or below a node, and what was there and is not any more. */
async function readTree(top) {
  const prefix = top === '/' ? '/' : `${top}/`;
  const paths = new Set([...settings.keys()].filter((path) => `${path}/`.startsWith(prefix)));
  if ((await zk.exists(top)) !== null) {
    for await (const { path } of zk.walk(top)) paths.add(path);
  }
  await read([...paths]);
}

/** Goes on until the watch ends, or a request fails. */
async function follow() {
  // First the watch, then the tree: what changes in between is told.
  const watch = await zk.watch(root, { recursive: true });
  try {
    console.log(`watching ${root}`);
    await readTree(root);
    for await (const event of watch) {
      if (event.type === 'Ended') throw new Error(`the watch has ended: ${event.reason}`);
      if (event.type === 'Resync') {
        console.log(`reading ${event.path} again after ${event.reason}`);
        await readTree(event.path);
      } else {
        await read([event.path]);
      }
    }
  } finally {
    await watch.close();
  }
}

let done = false;
zk.once('closed', () => {
  done = true;
});
process.once('SIGTERM', () => zk.close());
process.once('SIGINT', () => zk.close());

while (!done) {
  try {
    await follow();
  } catch (error) {
    // A lost connection, an expired session: nothing that reading again would not mend.
    console.log(error.message);
    if (!done) await delay(1000);
  }
}
