// A watch on a node that is not there yet, through three partitions of the network: one that is too short to be
// noticed, one that is shorter than the session time-out, and one that is longer. It prints what the session says and
// what the watch hears, as a program sees them.
//
// Usage: node examples/watch-through-partition.mjs [servers] [--slow]
// Without servers it starts one of its own and reaches it by three addresses. --slow: a session time-out of 10 s.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, WatchQueue } from 'zkwire';
import { createServer } from 'zkwire/server';

const isSlow = process.argv.includes('--slow');
const servers = process.argv.slice(2).find((each) => !each.startsWith('-')) ?? process.env.CONNECT;
/** Session time-out; the server looks for expired sessions once a tick. */
const [sessionTimeoutMs, tickTimeMs, connectTimeoutMs] = isSlow
  ? [10_000, 2000, 1000]
  : [4000, 500, 400];

/** Takes a port when it is told which, and does nothing there: what comes is neither accepted nor refused. */
const BLACK_HOLE = `
  const told = Buffer.alloc(8);
  const port = Number(told.toString('latin1', 0, require('node:fs').readSync(0, told)));
  require('node:net').createServer().listen({ host: '127.0.0.1', port, backlog: 1 }, () => {
    require('node:fs').writeSync(1, 'taken');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 120_000);
  });`;

/** A cable to one server that can be cut: then nothing is accepted or refused, nothing forwarded, nothing closed. */
class Cable {
  #target;
  #sockets = new Set();
  #listener;
  #hole;
  #fillers = [];
  port = 0;

  constructor(target) {
    this.#target = target;
  }

  async plugIn() {
    this.#listener = net.createServer({ allowHalfOpen: true }, (near) => this.#join(near));
    this.#listener.listen(this.port, '127.0.0.1');
    await once(this.#listener, 'listening');
    this.port = this.#listener.address().port;
  }

  #join(near) {
    const [host, port] = this.#target.split(':');
    const far = net.connect({ host, port: Number(port), allowHalfOpen: true });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      this.#sockets.add(one);
      one.on('data', (bytes) => other.write(bytes));
      one.on('end', () => other.end());
      one.on('error', () => other.destroy());
      one.on('close', () => this.#sockets.delete(one));
    }
  }

  /** Before the first cut: a process takes its time to start. */
  prepare() {
    this.#hole = spawn(process.execPath, ['-e', BLACK_HOLE], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }

  async cut() {
    for (const socket of this.#sockets) socket.pause();
    this.#listener.close();
    this.#hole.stdin.write(String(this.port));
    await once(this.#hole.stdout, 'data');
    // The system takes a few connections itself until its queue is full.
    for (let made = true; made; ) {
      const filler = net.connect({ host: '127.0.0.1', port: this.port }).on('error', () => {});
      this.#fillers.push(filler);
      made = await Promise.race([once(filler, 'connect').then(() => true), delay(100, false)]);
    }
  }

  async heal() {
    for (const filler of this.#fillers.splice(0)) filler.destroy();
    this.#hole.kill('SIGKILL');
    await once(this.#hole, 'close');
    this.prepare();
    await this.plugIn();
    for (const socket of this.#sockets) socket.resume();
  }

  pullOut() {
    this.#listener.close();
    this.#hole.kill();
    for (const socket of this.#sockets) socket.destroy();
  }
}

const startMs = performance.now();
function print(text) {
  console.log(`${((performance.now() - startMs) / 1000).toFixed(2).padStart(6)}  ${text}`);
}

const own = servers === undefined ? await createServer({ port: 0, tickTimeMs }) : null;
const targets = own === null ? servers.split(',') : Array(3).fill(own.connectString);
const cables = targets.map((target) => new Cable(target));
for (const cable of cables) {
  cable.prepare();
  await cable.plugIn();
}
const letters = new Map(cables.map(({ port }, at) => [`127.0.0.1:${port}`, 'ABCDEFGHI'[at]]));
for (const [address, letter] of letters) print(`server ${letter} is ${address}`);

/** Everything that the session said: who waits for a state is told. */
const states = [];
let stateTold = () => {};
async function state(name, from) {
  for (;;) {
    const at = states.indexOf(name, from);
    if (at >= 0) return at;
    await new Promise((resolve) => {
      stateTold = resolve;
    });
  }
}

const DETAILS = {
  session: (event) =>
    ` 0x${event.sessionId.toString(16)} ${event.resumed ? 'resumed' : 'new'}, time-out ${event.sessionTimeoutMs} ms`,
  disconnected: (event) => ` (${event.reason.code})`,
};

const zk = await connect([...letters.keys()].join(','), {
  sessionTimeoutMs,
  connectTimeoutMs,
  // The servers in the order of the list.
  random: () => 0.999,
  onState: (event) => {
    const where = event.host === undefined ? '' : ` ${letters.get(event.host)}`;
    print(`[session] ${event.state}${where}${DETAILS[event.state]?.(event) ?? ''}`);
    states.push(event.state);
    stateTold();
  },
});
// Another client, on a cable that nobody cuts.
const other = await connect(targets.join(','));
for (const path of ['/foo', '/missed']) await other.deleteRecursive(path);

/** Watches a node that is not there. Gives a promise of the end of the watch, which is read at its own pace. */
async function watchExistence(path) {
  const heard = new WatchQueue();
  await zk.exists(path, { watch: heard });
  print(`[watch ${path}] set`);
  return {
    ended: heard.next().then(({ value: event }) => {
      const why = event.type === 'Ended' ? ` ${event.reason}, ${event.error.code}` : '';
      print(`[watch ${path}] ${event.type}${why}`);
    }),
  };
}

/** Cuts all cables until `over` resolves. Gives the number of states that were told before. */
async function partition(title, over) {
  print(`--- ${title}`);
  const from = states.length;
  await zk.sync('/');
  await Promise.all(cables.map((cable) => cable.cut()));
  print('cut off');
  await over(from);
  await Promise.all(cables.map((cable) => cable.heal()));
  print('healed');
  return from;
}

/** When every server in turn has been dialled once in vain. */
async function oneRound(from) {
  for (let at = await state('disconnected', from), left = cables.length; left > 0; left--) {
    at = (await state('connecting', at)) + 1;
  }
}

const foo = await watchExistence('/foo');

const quiet = await partition('a partition of less than two thirds of the session time-out', () =>
  delay(zk.sessionTimeoutMs / 4),
);
await zk.sync('/');
print(states.length === quiet ? 'the session said nothing' : 'the session spoke');

const missed = await watchExistence('/missed');
const short = await partition(
  'a partition that is shorter than the session time-out',
  async (from) => {
    await state('disconnected', from);
    await other.create('/missed');
    print('another client has created /missed');
    await state('connecting', from);
  },
);
await state('session', short);
await missed.ended;
// First: on an ensemble the event may be here before the other client has its answer.
print('another client creates /foo');
await other.create('/foo');
await foo.ended;

await other.delete('/foo');
// Its server may be behind the other's.
await zk.sync('/');
const again = await watchExistence('/foo');
const before = zk.sessionId;
const long = await partition(
  'a partition that is longer than the session time-out',
  async (from) => {
    await oneRound(from);
    await state('lost', from);
    // A server lets a session live for its time-out and at most a tick more, and grants two ticks at least.
    await delay(zk.sessionTimeoutMs / 2 + 300);
  },
);
await state('expired', long);
await again.ended;
await state('session', long);
print(zk.sessionId === before ? 'the session is the one of before' : 'the session is another one');
await other.create('/foo');
await zk.sync('/');
print('another client has created /foo, and the watch that has ended says nothing');

for (const path of ['/foo', '/missed']) await other.delete(path);
await Promise.all([zk.close(), other.close()]);
for (const cable of cables) cable.pullOut();
await own?.close();
