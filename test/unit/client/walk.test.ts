import { beforeEach, describe, expect, it } from 'vitest';
import type { WalkEntry, WalkOptions, ZooKeeperClient } from '../../../src/client/index.ts';
import { shown } from '../pipeline/pipelines.ts';
import { turn } from '../session/scripted-network.ts';
import { TreeServer } from './tree-server.ts';

let server: TreeServer;
let zk: ZooKeeperClient;

beforeEach(async () => {
  server = new TreeServer();
  zk = await server.connect();
  server.plant('/a/b/c', '/a/b/d', '/a/e/f', '/a/g', '/h');
});

async function walked(path: string, options?: WalkOptions): Promise<string[]> {
  const read = async (): Promise<string[]> => {
    const paths: string[] = [];
    for await (const entry of zk.walk(path, options)) paths.push(entry.path);
    return paths;
  };
  return server.until(read());
}

describe('walk', () => {
  it('goes level by level, or node by node', async () => {
    const levels = ['/a', '/a/b', '/a/e', '/a/g', '/a/b/c', '/a/b/d', '/a/e/f'];
    expect(await walked('/a')).toEqual(levels);
    expect(await walked('/a', { order: 'breadth', aheadMax: 1 })).toEqual(levels);
    const down = ['/a', '/a/b', '/a/b/c', '/a/b/d', '/a/e', '/a/e/f', '/a/g'];
    expect(await walked('/a', { order: 'depth' })).toEqual(down);
    expect(await walked('/a', { order: 'depth', aheadMax: 1 })).toEqual(down);
    expect(await walked('/h')).toEqual(['/h']);
  });

  it('shows names and Stat of every node', async () => {
    const entry = await server.until(zk.walk('/a/b').next());
    expect(entry.value).toMatchObject({ path: '/a/b', children: ['c', 'd'], stat: { version: 3 } });
  });

  it('asks ahead of the reader, and no further than it may', async () => {
    server.plant(...Array.from({ length: 200 }, (_, index) => `/w/${index}`));
    for (const order of ['breadth', 'depth'] as const) {
      server.inflightMax = 0;
      server.roundTrips = 0;
      expect(await walked('/w', { order })).toHaveLength(201);
      expect(server.inflightMax).toBe(64);
      expect(server.roundTrips).toBeLessThan(8);
      server.inflightMax = 0;
      await walked('/w', { order, aheadMax: 7 });
      expect(server.inflightMax).toBe(7);
    }
  });

  it('asks for nothing before somebody reads, and for no more once nobody does', async () => {
    const walk = zk.walk('/');
    await server.turn();
    expect(server.requests).toEqual([]);
    const first = await server.until(walk.next());
    expect((first.value as WalkEntry).path).toBe('/');
    await walk.return();
    await server.turn();
    const asked = server.requests.length;
    await server.turn();
    expect(server.requests).toHaveLength(asked);
  });

  it('asks for what is next while the reader is busy', async () => {
    await server.until(zk.walk('/a').next());
    await server.turn();
    expect(server.requests).toEqual([
      'getChildren2 /a',
      'getChildren2 /a/b',
      'getChildren2 /a/e',
      'getChildren2 /a/g',
    ]);
  });

  it('leaves out what vanishes, but not the node that it begins with', async () => {
    server.judge = (request) => (request === 'getChildren2 /a/b' ? -101 : undefined);
    expect(await walked('/a')).toEqual(['/a', '/a/e', '/a/g', '/a/e/f']);
    expect(await walked('/none').catch(shown)).toBe('NONODE/rejected');
  });

  it('ends with what goes wrong otherwise', async () => {
    server.judge = (request) => (request === 'getChildren2 /a/e' ? -102 : undefined);
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { path } of zk.walk('/a')) seen.push(path);
    };
    expect(await server.until(read().catch(shown))).toBe('NOAUTH/rejected');
    expect(seen).toEqual(['/a', '/a/b']);
  });

  it('waits for room instead of failing', async () => {
    const other = new TreeServer();
    const narrow = await other.connect({ inflightMax: 2 }, '/app');
    other.plant(...Array.from({ length: 20 }, (_, index) => `/app/${index}`));
    const read = async (): Promise<string[]> => {
      const paths: string[] = [];
      for await (const { path } of narrow.walk('/')) paths.push(path);
      return paths;
    };
    const others = [narrow.get('/'), narrow.get('/')];
    const paths = await other.until(read());
    await Promise.all(others);
    expect(paths).toHaveLength(21);
    expect(paths.slice(0, 2)).toEqual(['/', '/0']);
    expect(other.inflightMax).toBe(2);
  });

  it('ends with its signal, although more nodes are here already', async () => {
    const ending = new AbortController();
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const { path } of zk.walk('/a', { signal: ending.signal })) {
        seen.push(path);
        await turn();
        if (path === '/a/b') ending.abort();
      }
    };
    expect(await server.until(read().catch(shown))).toBe('ABORTED/unknown');
    expect(seen).toEqual(['/a', '/a/b']);
  });

  it('limits the wait for each node', async () => {
    server.silent = true;
    const read = async (): Promise<unknown> => zk.walk('/a', { timeoutMs: 100 }).next();
    expect(await server.until(read().catch(shown))).toBe('REQUEST_TIMEOUT/unknown');
  });

  it.each([
    { order: 'upwards' },
    { aheadMax: 0 },
    { aheadMax: 1.5 },
    { ahead: 1 },
  ] as unknown as WalkOptions[])('refuses %o', async (options) => {
    expect(await walked('/a', options).catch(shown)).toBe('BAD_ARGUMENT/not-sent');
  });

  it('refuses what is no path', async () => {
    expect(await walked('a').catch(shown)).toBe('BAD_ARGUMENT/not-sent');
  });
});
