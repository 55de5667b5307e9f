import { beforeEach, describe, expect, it } from 'vitest';
import { acl } from '../../../src/client/index.ts';
import { shown } from '../pipeline/pipelines.ts';
import { TreeServer } from './tree-server.ts';

let server: TreeServer;

beforeEach(() => {
  server = new TreeServer();
});

/** Requests and round trips of a call. */
async function cost(call: Promise<unknown>): Promise<{ requests: string[]; roundTrips: number }> {
  server.requests.length = 0;
  server.roundTrips = 0;
  await server.until(call);
  return { requests: server.requests, roundTrips: server.roundTrips };
}

describe('ensurePath', () => {
  it('looks at all levels at once, and writes nothing when all are there', async () => {
    const zk = await server.connect();
    server.plant('/a/b/c');
    expect(await cost(zk.ensurePath('/a/b/c'))).toEqual({
      requests: ['exists /a', 'exists /a/b', 'exists /a/b/c'],
      roundTrips: 1,
    });
  });

  it('makes what is missing at once', async () => {
    const zk = await server.connect();
    server.plant('/a');
    const { requests, roundTrips } = await cost(zk.ensurePath('/a/b/c/d'));
    expect(requests.slice(4)).toEqual(['create /a/b', 'create /a/b/c', 'create /a/b/c/d']);
    expect(roundTrips).toBe(2);
    expect(server.paths).toEqual(['/a', '/a/b', '/a/b/c', '/a/b/c/d']);
  });

  it('makes the nodes of the chroot too, and those above it, but asks for none when they are there', async () => {
    const zk = await server.connect({}, '/app/one');
    await server.until(zk.ensurePath('/'));
    expect(server.paths).toEqual(['/app', '/app/one']);
    expect((await cost(zk.ensurePath('/a/b'))).requests).toEqual([
      'exists /app/one',
      'exists /app/one/a',
      'exists /app/one/a/b',
      'create /app/one/a',
      'create /app/one/a/b',
    ]);
  });

  it('asks for nothing at the root', async () => {
    const zk = await server.connect();
    expect((await cost(zk.ensurePath('/'))).requests).toEqual([]);
  });

  it('takes a node that somebody else makes meanwhile, and one that may not be seen', async () => {
    const zk = await server.connect();
    server.plant('/a');
    server.judge = (request) => {
      if (request === 'exists /a') return -102;
      if (request === 'create /a/b') server.plant('/a/b');
      return undefined;
    };
    await server.until(zk.ensurePath('/a/b/c'));
    expect(server.paths).toEqual(['/a', '/a/b', '/a/b/c']);
  });

  it('begins anew when somebody deletes what it makes, after the server has caught up', async () => {
    const zk = await server.connect();
    let deleted = 0;
    server.judge = (request) => {
      if (request === 'create /a/b' && deleted++ < 2) server.nodes.delete('/a');
      return undefined;
    };
    const { requests } = await cost(zk.ensurePath('/a/b'));
    expect(requests.filter((request) => request === 'sync /')).toHaveLength(2);
    expect(server.paths).toEqual(['/a', '/a/b']);
  });

  it('gives up when that goes on, and says so', async () => {
    const zk = await server.connect();
    server.judge = (request) => {
      if (request === 'create /a/b') server.nodes.delete('/a');
      return undefined;
    };
    const error = await server.until(zk.ensurePath('/a/b').catch((reason: unknown) => reason));
    expect(error).toMatchObject({ code: 'NONODE', path: '/a/b' });
    expect(server.requests.filter((request) => request === 'create /a/b')).toHaveLength(10);
  });

  it('names the first level that was refused, as the client knows it', async () => {
    const zk = await server.connect({}, '/app');
    server.plant('/app');
    server.judge = (request) => (request === 'create /app/a' ? -102 : undefined);
    const error = await server.until(zk.ensurePath('/a/b').catch((reason: unknown) => reason));
    expect(error).toMatchObject({ code: 'NOAUTH', path: '/a' });
  });

  it('gives every level the ACL, and refuses what cannot be one', async () => {
    const zk = await server.connect();
    const bad = zk.ensurePath('/a', { acl: [null as never] });
    expect(await bad.catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    expect(await zk.ensurePath('a').catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    await server.until(zk.ensurePath('/a/b', { acl: acl.readOnly }));
    expect(['/', '/a', '/a/b'].map((path) => server.nodes.get(path)?.perms)).toEqual([31, 1, 1]);
  });

  it('fails with what goes wrong while it looks', async () => {
    const zk = await server.connect();
    server.judge = () => -999;
    const error = await server.until(zk.ensurePath('/a').catch((reason: unknown) => reason));
    expect(error).toMatchObject({ code: 'UNKNOWN(-999)', operation: 'exists', path: '/a' });
  });
});
