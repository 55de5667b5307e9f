// The life of a session: how it begins, what keeps it alive, how it moves to another server, how it ends. The numbers
// are those of the rows in docs/behaviour.md.
//
// Usage: node examples/session-life.mjs [servers] [--slow]
// Without servers it starts one of its own. --slow: a session time-out of 10 s, and ticks of 2 s.

import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, SessionTicket } from 'zkwire';
import { createServer } from 'zkwire/server';

const isSlow = process.argv.includes('--slow');
const given = process.argv.slice(2).find((each) => !each.startsWith('-')) ?? process.env.CONNECT;
const own =
  given === undefined ? await createServer({ port: 0, tickTimeMs: isSlow ? 2000 : 400 }) : null;
const servers = given ?? own.connectString;

const print = (row, text) => console.log(`${row.padEnd(7)}${text}`);
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
const between = (value, least, most) => (value >= least && value <= most ? 'yes' : `no: ${value}`);

/** A path to one server that can fall silent: it takes everything and passes nothing on. */
class Path {
  #sockets = new Set();
  #listener;

  async open(target) {
    const [host, port] = target.split(':');
    this.#listener = net.createServer((near) => {
      const far = net.connect({ host, port: Number(port) });
      for (const [one, other] of [
        [near, far],
        [far, near],
      ]) {
        this.#sockets.add(one);
        one.on('data', (bytes) => other.write(bytes));
        one.on('error', () => {});
        one.on('close', () => other.destroy());
      }
    });
    this.#listener.listen(0, '127.0.0.1');
    await once(this.#listener, 'listening');
    return `127.0.0.1:${this.#listener.address().port}`;
  }

  silence() {
    for (const socket of this.#sockets) socket.pause();
  }

  close() {
    this.#listener.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** How a connect that must fail does. */
function failureOf(connecting) {
  return connecting.then(
    () => 'it connected',
    (error) => (error.cause instanceof AggregateError ? error.cause.errors[0].code : error.code),
  );
}

const observer = await connect(servers);

// What is asked before there is a session: getChildren of the root.
const [host, port] = servers.split(',')[0].split(':');
const rude = net.connect({ host, port: Number(port) });
let answered = 0;
rude.on('data', (bytes) => {
  answered += bytes.length;
});
rude.on('error', () => {});
rude.write(Buffer.from('0000000e0000000100000008000000012f00', 'hex'));
await once(rude, 'close');
print(
  '001.1',
  `a request without a session: the connection is closed after ${answered} bytes of answer`,
);

const shortest = await connect(servers, { sessionTimeoutMs: 1 });
const longest = await connect(servers, { sessionTimeoutMs: 2_000_000_000 });
const tickMs = shortest.sessionTimeoutMs / 2;
print(
  '001.16',
  `asked for 1 ms and for weeks: granted 2 and ${longest.sessionTimeoutMs / tickMs} ticks`,
);
const isNext = servers.includes(',')
  ? 'another server'
  : String(longest.sessionId === shortest.sessionId + 1n);
print(
  '001.10',
  `session ids: the first byte is the server's number, and the next id is one more: ${isNext}`,
);
await longest.close();

const t = Math.max(isSlow ? 10_000 : 2400, shortest.sessionTimeoutMs);
await shortest.close();

async function zxidNow() {
  await observer.deleteRecursive('/mark');
  await observer.create('/mark');
  return (await observer.exists('/mark')).czxid;
}
// Each mark is two transactions itself.
const beforeAny = await zxidNow();
const brief = await connect(servers);
await brief.get('/mark');
await brief.exists('/mark');
const whileOpen = await zxidNow();
await brief.close();
const afterClose = await zxidNow();
print(
  '001.8',
  `transactions: ${whileOpen - beforeAny - 2n} for a session and two reads, ${afterClose - whileOpen - 2n} for its end`,
);

const holder = await connect(servers, { sessionTimeoutMs: t });
await holder.create('/life', null, { mode: 'ephemeral' });
const { sessionId } = holder;
const ticket = await holder.detach();
const resumed = await connect(servers, { resume: ticket });
print(
  '001.3',
  `id and password on another connection: the same session: ${resumed.sessionId === sessionId}`,
);
const forged = new SessionTicket({ ...ticket, password: Buffer.alloc(16, 7) });
const refused = await failureOf(
  connect(servers, { resume: forged, afterExpiry: 'end', connectRounds: 3 }),
);
print('001.3', `with a wrong password: ${refused}`);
const ahead = new SessionTicket({ ...ticket, password: ticket.password, lastZxidSeen: 2n ** 62n });
const behind = await failureOf(connect(servers, { resume: ahead }));
print('001.7', `a client that has seen more than the server: ${behind}`);
await resumed.close();
// The observer's server may be behind.
await observer.sync('/life');
print('001.2', `closed: its ephemeral node is there: ${(await observer.exists('/life')) !== null}`);

// Two ways to the servers. The client leaves the one that falls silent.
const paths = [new Path(), new Path()];
const targets = servers.split(',');
const ways = [await paths[0].open(targets[0]), await paths[1].open(targets.at(-1))];
const pings = [];
let heardMs = 0;
const told = [];
const zk = await connect(ways.join(','), {
  sessionTimeoutMs: t,
  random: () => 0.999,
  onState: ({ state, host: at }) => told.push({ state, at, atMs: performance.now(), heardMs }),
  wireTap: (line) => {
    if (line.includes(' > #-2 ping')) pings.push(performance.now());
    if (line.includes(' < ')) heardMs = performance.now();
  },
});
await zk.create('/life', null, { mode: 'ephemeral' });
const moving = zk.sessionId;
while (pings.length < 5) await delay(10);
const gaps = pings.slice(1).map((at, index) => at - pings[index]);
const gapMs = gaps.reduce((sum, each) => sum + each) / gaps.length;
print(
  '001.5',
  `nothing to say: a ping each third of the time-out: ${between((gapMs * 3) / t, 0.95, 1.5)}`,
);
print(
  '001.15',
  `after ${(5 / 3).toFixed(1)} time-outs of nothing but pings the session lives: ${(await observer.exists('/life'))?.ephemeralOwner === moving}`,
);

const from = told.length;
const used = ways.indexOf(told.findLast(({ state }) => state === 'session').at);
paths[used].silence();
while (!told.slice(from).some(({ state }) => state === 'session')) await delay(5);
const left = told.slice(from).find(({ state }) => state === 'disconnected');
// What was on its way when the path fell silent still counts as a word.
const thirds = ((left.atMs - left.heardMs) / t) * 3;
print(
  '001.6',
  `a silent server is left after two thirds of the time-out: ${between(thirds, 1.99, 2.6)}`,
);
const letters = told
  .slice(from)
  .map(({ state, at }) => `${state} ${at === ways[used] ? 'A' : 'B'}`);
print('001.6', `and the next one is tried: ${letters.join(', ')}`);
const owner = (await observer.exists('/life'))?.ephemeralOwner;
print(
  '001.4',
  `the session is the same there, with its node: ${zk.sessionId === moving && owner === moving}`,
);

// A client that is gone without a word, as one that was killed. Its last word counts.
const started = performance.now();
await zk.exists('/life');
await zk.detach();
const gone = new Promise((resolve) => {
  observer.exists('/life', { watch: ({ type }) => resolve([type, performance.now()]) });
});
const [type, goneMs] = await gone;
const afterMs = goneMs - started;
print(
  '001.9',
  `gone without a word: ${type}, between the time-out and a tick more: ${between(afterMs, t - 50, t + tickMs + t / 5)}`,
);
console.log(`       (${seconds(afterMs)}; time-out ${seconds(t)}, tick ${seconds(tickMs)})`);

for (const path of paths) path.close();
await observer.deleteRecursive('/mark');
await observer.close();
await own?.close();
