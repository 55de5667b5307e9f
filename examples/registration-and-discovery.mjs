// Three services register, and a client asks one after the other for the time: whoever is there at the moment. One
// service is killed, one ends as it should, the last one too, and one comes back. The client survives all of it.
//
// Usage: node examples/registration-and-discovery.mjs [servers] [--slow]
// Without servers it starts one of its own. --slow: session time-outs of 10 s, and a second between two rounds.

import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'zkwire';
import { discover, register, watchService } from 'zkwire/recipes';
import { createServer } from 'zkwire/server';

const isSlow = process.argv.includes('--slow');
const given = process.argv.slice(2).find((each) => !each.startsWith('-')) ?? process.env.CONNECT;
const [sessionTimeoutMs, tickTimeMs, pauseMs] = isSlow ? [10_000, 2000, 1000] : [1500, 250, 100];
const own = given === undefined ? await createServer({ port: 0, tickTimeMs }) : null;
const servers = given ?? own.connectString;
const SERVICE = '/go_servers';

/** Tells the time to whoever asks, and is registered in a session of its own. */
class TimeService {
  #listener;
  #zk;
  #registration;
  address = '';

  async start() {
    this.#listener = net.createServer((socket) => {
      socket.on('error', () => {});
      // Read first: a socket that is closed with bytes unread in it is reset, and the answer may go with it.
      socket.once('data', () => socket.end(`${this.address}: ${new Date().toISOString()}`));
    });
    this.#listener.listen(0, '127.0.0.1');
    await once(this.#listener, 'listening');
    this.address = `127.0.0.1:${this.#listener.address().port}`;
    this.#zk = await connect(servers, { sessionTimeoutMs });
    const options = { name: this.address };
    this.#registration = await register(this.#zk, SERVICE, { address: this.address }, options);
    console.log(`registered ${this.#registration.path}`);
  }

  /** As it should be: nobody is sent here any more, then nobody is served. */
  async end() {
    await this.#registration.deregister();
    await this.#zk.close();
    this.#listener.close();
  }

  /** As if its process were killed: nobody is told. */
  async die() {
    this.#listener.close();
    await this.#zk.detach();
  }
}

/** Asks one instance. */
async function ask(address) {
  const [host, port] = address.split(':');
  const socket = net.connect({ host, port: Number(port) });
  await once(socket, 'connect');
  socket.write('timestamp');
  return text(socket);
}

/** One round: somebody by chance; if he is dead, the next. Gives who has answered, or null. */
async function round(services) {
  let candidates = [];
  try {
    candidates = services.inOrder('chance');
  } catch (error) {
    console.log(
      `get server host fail: ${error.code === 'NO_INSTANCE' ? 'server list is empty' : error}`,
    );
  }
  for (const { address } of candidates) {
    console.log(`connect host: ${address}`);
    try {
      console.log(await ask(address));
      return address;
    } catch (error) {
      console.log(`dial tcp ${address}: ${error.code}, trying the next`);
    }
  }
  return null;
}

const zk = await connect(servers, { sessionTimeoutMs });
await zk.deleteRecursive(SERVICE);

const services = [new TimeService(), new TimeService(), new TimeService()];
await Promise.all(services.map((service) => service.start()));
const [first, second, third] = services;
console.log(`${(await discover(zk, SERVICE)).length} in the list`);

const watched = await watchService(zk, SERVICE, {
  onChange: (instances) => console.log(`the list has ${instances.length} now`),
});
const lists = async (count) => {
  while (watched.instances.length !== count) await delay(5);
};

console.log('--- rounds with all three');
const answered = new Set();
while (answered.size < 3) {
  answered.add(await round(watched));
  await delay(pauseMs / 4);
}
console.log('all three have answered');

console.log('--- one is killed: it stays in the list until its session expires');
const killedMs = performance.now();
await first.die();
let dead = 0;
while (watched.instances.length === 3) {
  const wasThere = watched.instances.some(({ address }) => address === first.address);
  if ((await round(watched)) === null) throw new Error('nobody has answered');
  if (wasThere) dead++;
  await delay(pauseMs);
}
const afterMs = performance.now() - killedMs;
// The time begins with the last word of the session, a third of the time-out before at most. A server grants two
// ticks at least, so that a tick is half of it at most.
const t = zk.sessionTimeoutMs;
const isInTime = afterMs > (t * 2) / 3 - 50 && afterMs < t + 2 * (t / 2) + 1000;
console.log(
  `gone within the time-out and two ticks: ${isInTime ? 'yes' : `no, ${afterMs} ms`}, served all the while: ${dead > 0}`,
);

console.log('--- one ends as it should: it is gone at once');
await second.end();
await lists(1);
for (let count = 0; count < 5; count++) await round(watched);

console.log('--- the last one ends');
await third.end();
await lists(0);
for (let count = 0; count < 2; count++) {
  await round(watched);
  await delay(pauseMs);
}

console.log('--- one comes back');
const back = new TimeService();
await back.start();
await lists(1);
await round(watched);

await back.end();
await lists(0);
await watched.close();
await zk.deleteRecursive(SERVICE);
await zk.close();
await own?.close();
