// Three servers register, three clients watch the list. One server goes off line and comes back; then one is killed.
// Servers and clients are clients of ZooKeeper, each with a connection of its own.
//
// Usage: node examples/servers-on-and-off-line.mjs [servers] [--slow]
// Without servers it starts one of its own. --slow: 3 s, 10 s and 20 s between the steps, as in the story.

import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'zkwire';
import { createServer } from 'zkwire/server';

const isSlow = process.argv.includes('--slow');
const given = process.argv.slice(2).find((each) => !each.startsWith('-')) ?? process.env.CONNECT;
const scale = isSlow ? 1 : 0.1;
const sessionTimeoutMs = isSlow ? 5000 : 1000;
const own =
  given === undefined ? await createServer({ port: 0, tickTimeMs: isSlow ? 2000 : 250 }) : null;
const servers = given ?? own.connectString;
const ROOT = '/server';

async function connection() {
  const zk = await connect(servers, { sessionTimeoutMs });
  console.log(`Connected to ${zk.host}, timeout=${zk.sessionTimeoutMs}`);
  return zk;
}

/** A server on line. Gives its connection: who closes it takes the server off line at once. */
async function runServer(host) {
  const zk = await connection();
  const path = await zk.create(`${ROOT}/server`, host, { mode: 'ephemeral-sequential' });
  console.log(`【server ${host}】register server success, znode path: ${path}`);
  return zk;
}

/** Changes that each client was told. */
const changes = new Map();
/** What each client has listed last. */
const lists = new Map();

/** A client: lists the servers and leaves a watch, and does both again when the watch fires. */
async function runClient(host) {
  const zk = await connection();
  changes.set(host, 0);
  async function list() {
    const watch = (event) => {
      if (event.type === 'Ended') return;
      console.log(`【client ${host}】server changed!`);
      changes.set(host, changes.get(host) + 1);
      list().catch((error) =>
        console.log(`【client ${host}】get server list error: ${error.message}`),
      );
    };
    const names = await zk.getChildren(ROOT, { watch });
    // One that is gone in between is left out.
    const nodes = await zk.getMany(names.map((name) => `${ROOT}/${name}`));
    const hosts = nodes.flatMap((node) => (node instanceof Error ? [] : [String(node.data)]));
    console.log(`【client ${host}】get server list success: [${hosts.join(' ')}]`);
    lists.set(host, hosts);
  }
  await list();
  return zk;
}

/** Waits until all clients have listed so many. */
async function untilListed(count) {
  while (lists.size < 3 || [...lists.values()].some((hosts) => hosts.length !== count))
    await delay(5);
}

const root = await connection();
await root.deleteRecursive(ROOT);
if ((await root.exists(ROOT)) === null) await root.create(ROOT, 'server root znode');

const online = new Map();
const serverHosts = ['172.10.01.11', '172.10.01.12', '172.10.01.13'];
const startMs = performance.now();
const until = (ms) => delay(Math.max(0, startMs + ms * scale - performance.now()));
await Promise.all(serverHosts.map(async (host) => online.set(host, await runServer(host))));

await until(3000);
const clientHosts = ['172.10.02.11', '172.10.02.12', '172.10.02.13'];
const clients = await Promise.all(clientHosts.map(runClient));
await untilListed(3);

await until(10_000);
console.log('【server 172.10.01.11】server off line');
await online.get('172.10.01.11').close();
await untilListed(2);

await until(23_000);
online.set('172.10.01.11', await runServer('172.10.01.11'));
await untilListed(3);
console.log(`changes told to each client: ${[...changes.values()].join(' ')}`);

console.log('【server 172.10.01.12】killed');
const killedMs = performance.now();
// Its session is left to itself, as by a process that was killed.
await online.get('172.10.01.12').detach();
await untilListed(2);
const afterMs = performance.now() - killedMs;
const t = root.sessionTimeoutMs;
// Counted from the last word of the session; a server grants two ticks at least.
const isInTime = afterMs > (t * 2) / 3 - 50 && afterMs < t + t / 2 + 1000;
console.log(
  `noticed within the time-out and a tick: ${isInTime ? 'yes' : `no, after ${afterMs} ms`}`,
);
console.log(`changes told to each client: ${[...changes.values()].join(' ')}`);

// First those who watch.
for (const client of clients) await client.close();
for (const host of ['172.10.01.11', '172.10.01.13']) await online.get(host).close();
await root.deleteRecursive(ROOT);
await root.close();
await own?.close();
