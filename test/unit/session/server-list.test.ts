import { describe, expect, it } from 'vitest';
import { ZkwireError } from '../../../src/errors.ts';
import type { Endpoint } from '../../../src/session/connect-string.ts';
import { ServerList } from '../../../src/session/server-list.ts';
import { randomSource } from '../../conformance/random-source.ts';

/** Numbers from 0 to 1, the same ones for the same seed. */
function seeded(seed: number): () => number {
  const source = randomSource(seed);
  return () => source(2 ** 32) / 2 ** 32;
}

/** One server a letter. */
function servers(names: string): Endpoint[] {
  return [...names].map((host) => ({ host, port: 2181 }));
}

const [A, B, C] = servers('ABC') as [Endpoint, Endpoint, Endpoint];

function names(list: ServerList, count: number): string {
  return Array.from({ length: count }, () => list.next().endpoint.host).join('');
}

describe('ServerList', () => {
  it('hands all servers out in turn, from a random one on', () => {
    const list = new ServerList(servers('ABCD'), seeded(1));
    const round = names(list, 4);
    expect([...round].sort().join('')).toBe('ABCD');
    expect(names(list, 8)).toBe(round + round);
  });

  it('starts with each server, and tries each order, equally often', () => {
    const random = seeded(2);
    const orders = new Map<string, number>();
    for (let client = 0; client < 6_000; client++) {
      const order = names(new ServerList(servers('ABC'), random), 3);
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    for (const count of orders.values()) expect(Math.abs(count - 1_000)).toBeLessThan(100);
  });

  it('spreads the clients of a lost server over all others', () => {
    const random = seeded(3);
    const next = { A: 0, B: 0, C: 0, D: 0 } as Record<string, number>;
    for (let client = 0; client < 3_000; client++) {
      const list = new ServerList(servers('ABCD'), random);
      list.connected(A);
      next[list.next().endpoint.host]!++;
    }
    expect(next.A).toBe(0);
    for (const name of 'BCD') expect(Math.abs(next[name]! - 1_000)).toBeLessThan(100);
  });

  it('does not change the list that it was given, and counts a server once', () => {
    const given = Object.freeze([A, B, A, { host: 'a', port: 2181 }, C]);
    const list = new ServerList(given, seeded(4));
    expect(list.size).toBe(3);
  });

  it('refuses a list of no servers', () => {
    expect(() => new ServerList([], seeded(5))).toThrow(ZkwireError);
    const list = new ServerList([A], seeded(5));
    expect(() => list.update([], A)).toThrow('a list of no servers');
    expect(list.next().endpoint).toEqual(A);
  });

  it('names the others in the order of trying', () => {
    const list = new ServerList(servers('ABCD'), seeded(6));
    const round = names(list, 4);
    for (let at = 0; at < 4; at++) {
      const current = { host: round[at]!, port: 2181 };
      const others = list.others(current).map(({ host }) => host);
      expect(others.join('')).toBe(round.slice(at + 1) + round.slice(0, at));
    }
    expect(list.others({ host: 'X', port: 2181 })).toHaveLength(4);
    expect(new ServerList([A], seeded(6)).others(A)).toEqual([]);
  });
});

describe('pauses', () => {
  const half = (): number => 0.5;

  function pauses(list: ServerList, count: number, sessionTimeoutMs?: number): number[] {
    return Array.from({ length: count }, () => list.next(sessionTimeoutMs).pauseMs);
  }

  it('come after whole rounds only, and grow', () => {
    const list = new ServerList(servers('ABC'), half);
    expect(pauses(list, 18)).toEqual(
      [0, 75, 150, 300, 600, 750].flatMap((pauseMs) => [pauseMs, 0, 0]),
    );
    expect(list.rounds).toBe(5);
  });

  it('are counted as rounds when the next server is asked for', () => {
    const list = new ServerList(servers('AB'), half);
    const rounds = Array.from({ length: 6 }, () => {
      list.next();
      return list.rounds;
    });
    expect(rounds).toEqual([0, 0, 1, 1, 2, 2]);
    list.connected(A);
    expect(list.rounds).toBe(0);
  });

  it('start anew with a connection, whose loss is answered at once with the server behind it', () => {
    const list = new ServerList(servers('ABC'), half);
    pauses(list, 7);
    const { endpoint } = list.next();
    list.connected(endpoint);
    list.lost(true);
    const first = list.next();
    expect(first.pauseMs).toBe(0);
    expect(first.endpoint).toEqual(list.others(endpoint)[0]);
    expect(pauses(list, 6)).toEqual([0, 0, 75, 0, 0, 150]);
  });

  it('with one server: once at once, then not', () => {
    const list = new ServerList([A], half);
    expect(pauses(list, 3)).toEqual([0, 75, 150]);
    list.connected(A);
    list.lost(true);
    expect(pauses(list, 3)).toEqual([0, 75, 150]);
  });

  it('have jitter', () => {
    const list = new ServerList([A], seeded(7));
    list.next();
    const first = Array.from({ length: 1_000 }, () => {
      list.connected(A);
      list.next();
      return list.next().pauseMs;
    });
    expect(Math.min(...first)).toBeGreaterThanOrEqual(50);
    expect(Math.max(...first)).toBeLessThan(100);
    const mean = first.reduce((sum, pauseMs) => sum + pauseMs) / first.length;
    expect(Math.abs(mean - 75)).toBeLessThan(2);
    expect(new Set(first).size).toBeGreaterThan(990);
  });

  it('are shorter for a session with little time', () => {
    const list = new ServerList([A], half);
    expect(pauses(list, 5, 2_400)).toEqual([0, 75, 150, 150, 150]);
  });

  it('come for servers that grant sessions and hang up, but not the first time', () => {
    const list = new ServerList(servers('AB'), half);
    const seen: number[] = [];
    for (let connection = 0; connection < 8; connection++) {
      const { endpoint, pauseMs } = list.next();
      seen.push(pauseMs);
      list.connected(endpoint);
      expect(list.rounds).toBe(0);
      list.lost(false);
    }
    expect(seen).toEqual([0, 0, 0, 75, 0, 150, 0, 300]);
    list.connected(list.next().endpoint);
    list.lost(true);
    expect(pauses(list, 3)).toEqual([0, 0, 75]);
    list.connected(A);
    // Forgiven again, since there was one that was of use.
    list.lost(false);
    expect(pauses(list, 3)).toEqual([0, 0, 75]);
  });

  it('with one server that hangs up: once at once, then not', () => {
    const list = new ServerList([A], half);
    const seen: number[] = [];
    for (let connection = 0; connection < 5; connection++) {
      seen.push(list.next().pauseMs);
      list.connected(A);
      list.lost(false);
    }
    expect(seen).toEqual([0, 0, 75, 150, 300]);
  });
});

describe('prefer', () => {
  it('sends the next attempt there, and those after it behind it', () => {
    const list = new ServerList(servers('ABCD'), seeded(8));
    const round = names(list, 4);
    list.connected({ host: round[0]!, port: 2181 });
    list.prefer({ host: round[2]!, port: 2181 });
    expect(names(list, 5)).toBe(round[2]! + round[3] + round[0] + round[1] + round[2]);
  });

  it('ignores a server that is not in the list', () => {
    const list = new ServerList(servers('AB'), seeded(9));
    list.connected(A);
    list.prefer(C);
    expect(list.next().endpoint).toEqual(B);
  });

  it('comes before what a new list of servers has the client do', () => {
    for (const preferred of servers('CDE')) {
      const list = new ServerList(servers('AB'), seeded(9));
      list.connected(A);
      expect(list.update(servers('CDE'), A)).toBe('move');
      list.prefer(preferred);
      expect(list.next().endpoint).toEqual(preferred);
    }
  });

  it('is forgotten with a connection', () => {
    const list = new ServerList(servers('AB'), seeded(9));
    list.prefer(A);
    list.connected(A);
    expect(list.next().endpoint).toEqual(B);
  });
});
