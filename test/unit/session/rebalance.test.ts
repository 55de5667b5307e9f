import { describe, expect, it } from 'vitest';
import { type Endpoint, sameEndpoint } from '../../../src/session/connect-string.ts';
import { ServerList } from '../../../src/session/server-list.ts';
import { randomSource } from '../../conformance/random-source.ts';

const CLIENTS = 6_000;

function seeded(seed: number): () => number {
  const source = randomSource(seed);
  return () => source(2 ** 32) / 2 ** 32;
}

function servers(names: string): Endpoint[] {
  return [...names].map((host) => ({ host, port: 2181 }));
}

/** A client whose every attempt succeeds. */
class Client {
  readonly list: ServerList;
  at: Endpoint | null = null;

  constructor(names: string, random: () => number) {
    this.list = new ServerList(servers(names), random);
    this.connect();
  }

  get name(): string {
    return this.at?.host ?? '';
  }

  connect(): void {
    this.at = this.list.next().endpoint;
    this.list.connected(this.at);
  }

  /** Takes a list, and does as it is told. */
  take(names: string): 'stay' | 'move' {
    const answer = this.list.update(servers(names), this.at);
    if (answer === 'move') this.connect();
    return answer;
  }
}

function clients(names: string, seed: number): Client[] {
  const random = seeded(seed);
  return Array.from({ length: CLIENTS }, () => new Client(names, random));
}

/** Every server of `names` has its share of the clients, give or take a tenth; no other has any. */
function expectBalance(all: readonly Client[], names: string): void {
  const loads = new Map([...names].map((name) => [name, 0]));
  for (const { name } of all) loads.set(name, (loads.get(name) ?? Number.NaN) + 1);
  expect(loads.size).toBe(names.length);
  const share = all.length / names.length;
  for (const [name, load] of loads) {
    expect(Math.abs(load / share - 1), `${name} of ${names} has ${load}`).toBeLessThan(0.1);
  }
}

describe('a new list of servers', () => {
  it.each([
    // before, after, part of the clients that move, where they move to
    ['ABC', 'ABC', 0, ''],
    ['ABC', 'ABCDE', 2 / 5, 'DE'],
    ['ABCDE', 'ABC', 2 / 5, 'ABC'],
    ['ABC', 'ABD', 1 / 3, 'D'],
    ['ABC', 'DEF', 1, 'DEF'],
    ['ABC', 'BCDEF', 1 / 3 + (2 / 3) * (2 / 5), 'DEF'],
    ['ABCDEF', 'ABGH', 4 / 6, 'ABGH'],
    ['ABC', 'D', 1, 'D'],
    ['A', 'AB', 1 / 2, 'B'],
    ['ABCDEFGHI', 'ABCDEFGHIJ', 1 / 10, 'J'],
  ] as const)('%s -> %s: balanced, and no more moves than needed', (before, after, part, to) => {
    const all = clients(before, 11);
    expectBalance(all, before);
    const tally = { moved: 0, wrong: 0 };
    const reached = new Set<string>();
    for (const client of all) {
      const { name } = client;
      const answer = client.take(after);
      if ((answer === 'stay') !== (client.name === name)) tally.wrong++;
      if (answer === 'stay') continue;
      tally.moved++;
      reached.add(client.name);
    }
    const { moved, wrong } = tally;
    expect(wrong).toBe(0);
    expect(Math.abs(moved / CLIENTS - part)).toBeLessThan(0.02);
    expect([...reached].sort().join('')).toBe(to);
    expectBalance(all, after);
  });

  it('has the proportions of the Java client where servers go and others come', () => {
    // ZOOKEEPER-1355: old 6, kept 2, fresh 2: to a kept one with 2 * (6 - 4) / (4 * (6 - 2)) = 1/4.
    const lost = clients('ABCDEF', 12).filter(({ name }) => 'CDEF'.includes(name));
    let kept = 0;
    for (const client of lost) {
      client.take('ABGH');
      if ('AB'.includes(client.name)) kept++;
    }
    expect(Math.abs(kept / lost.length - 1 / 4)).toBeLessThan(0.02);
  });

  const HISTORY = ['ABCDE', 'ABC', 'ABCDEFGH', 'DEFX', 'XYZ', 'XYZABC', 'A', 'ABCDE'];

  it('keeps the balance over many changes', () => {
    const all = clients('ABC', 13);
    for (const names of HISTORY) {
      for (const client of all) client.take(names);
      expectBalance(all, names);
    }
  });

  it('keeps it when several changes come before a client has moved', () => {
    const all = clients('ABC', 14);
    for (const client of all) {
      let answer = 'stay';
      for (const names of HISTORY) answer = client.list.update(servers(names), client.at);
      if (answer === 'move') client.connect();
    }
    expectBalance(all, 'ABCDE');
  });

  it('never lets a client stay on a server that is gone', () => {
    const answers = new Set<string>();
    for (const client of clients('ABC', 15)) {
      client.list.update(servers('DE'), client.at);
      // Whatever the first update led to: the client is still where it was.
      answers.add(`${client.take('DEFG')} ${client.name}`);
    }
    expect([...answers].sort()).toEqual(['move D', 'move E', 'move F', 'move G']);
  });

  it('keeps it among clients that have no connection', () => {
    const all = clients('ABCD', 16);
    for (const client of all) {
      client.list.update(servers('CDEFG'), null);
      client.connect();
    }
    expectBalance(all, 'CDEFG');
  });

  it('counts the server that is being tried as the one that a client is on', () => {
    const random = seeded(17);
    const all = clients('ABC', 17);
    for (const client of all) {
      const list = new ServerList(servers('ABC'), random);
      client.at = list.next().endpoint;
      if (list.update(servers('ABCDE'), client.at) === 'move') client.at = list.next().endpoint;
      if (list.update(servers('BCDE'), client.at) === 'move') client.at = list.next().endpoint;
    }
    expectBalance(all, 'BCDE');
  });
});

describe('a client with a new list', () => {
  it('tries every server once before any again, fresh ones first when there are more', () => {
    const random = seeded(18);
    for (let client = 0; client < 200; client++) {
      const list = new ServerList(servers('ABC'), random);
      list.connected({ host: 'A', port: 2181 });
      expect(list.update(servers('BCDEF'), { host: 'A', port: 2181 })).toBe('move');
      const attempts = Array.from({ length: 10 }, () => list.next());
      const order = attempts.map(({ endpoint }) => endpoint.host).join('');
      expect([...order.slice(0, 3)].sort().join('')).toBe('DEF');
      expect([...order.slice(3, 5)].sort().join('')).toBe('BC');
      expect([...order.slice(5)].sort().join('')).toBe('BCDEF');
      expect(attempts.map(({ pauseMs }) => pauseMs > 0).indexOf(true)).toBe(5);
      expect(list.rounds).toBe(1);
    }
  });

  it('that changes nothing for it stays, and tries the others first when it is lost', () => {
    const random = seeded(21);
    const [a] = servers('A') as [Endpoint];
    for (let client = 0; client < 20; client++) {
      const list = new ServerList(servers('ABCD'), random);
      list.connected(a);
      expect(list.update(servers('ABCX'), a)).toBe('stay');
      const others = list.others(a).map(({ host }) => host);
      const order = [list.next(), list.next(), list.next(), list.next()];
      expect(order.map(({ endpoint }) => endpoint.host)).toEqual([...others, 'A']);
    }
  });

  it('keeps on with the server that it is trying when that is in a newer list', () => {
    const random = seeded(22);
    for (let client = 0; client < 50; client++) {
      const list = new ServerList(servers('ABC'), random);
      list.update(servers('DEF'), list.next().endpoint);
      const trying = list.next().endpoint;
      expect(list.update([trying, ...servers('XY')], trying)).toBe('stay');
    }
  });

  it('goes on in turn once it is connected', () => {
    const list = new ServerList(servers('ABC'), seeded(19));
    list.connected({ host: 'A', port: 2181 });
    list.update(servers('DEF'), { host: 'A', port: 2181 });
    const { endpoint } = list.next();
    list.connected(endpoint);
    const others = list.others(endpoint).map(({ host }) => host);
    expect([list.next(), list.next()].map((next) => next.endpoint.host)).toEqual(others);
  });

  it('starts a new round, at once, with a list that has nothing in common with the last one', () => {
    const list = new ServerList(servers('A'), seeded(20));
    for (let attempt = 0; attempt < 6; attempt++) list.next();
    list.update(servers('BC'), null);
    expect(list.rounds).toBe(0);
    const { endpoint, pauseMs } = list.next();
    expect([sameEndpoint(endpoint, { host: 'a', port: 2181 }), pauseMs]).toEqual([false, 0]);
  });
});
