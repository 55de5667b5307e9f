import { beforeEach, describe, expect, it } from 'vitest';
import type { RequestError, ZooKeeperClient } from '../../../src/client/index.ts';
import { shown } from '../pipeline/pipelines.ts';
import { TreeServer } from './tree-server.ts';

let server: TreeServer;
let zk: ZooKeeperClient;

beforeEach(async () => {
  server = new TreeServer();
  zk = await server.connect();
});

const failure = (call: Promise<unknown>): Promise<RequestError> =>
  server.until(call.catch((reason: unknown) => reason)) as Promise<RequestError>;

describe('deleteRecursive', () => {
  it('deletes children before their parents, a level listed in one round trip and all deleted in one', async () => {
    server.plant('/a/b/c', '/a/b/d', '/a/e', '/ab', '/z');
    await server.until(zk.deleteRecursive('/a'));
    expect(server.paths).toEqual(['/ab', '/z']);
    const deletes = server.requests.filter((request) => request.startsWith('delete'));
    expect(deletes).toEqual([
      'delete /a/b/d',
      'delete /a/b/c',
      'delete /a/e',
      'delete /a/b',
      'delete /a',
    ]);
    expect(server.roundTrips).toBe(4);
  });

  it('is content with what is not there', async () => {
    await server.until(zk.deleteRecursive('/a'));
    server.plant('/b/c/d');
    server.judge = (request) => {
      if (request === 'getChildren /b/c')
        for (const path of ['/b/c/d', '/b/c']) server.nodes.delete(path);
      return undefined;
    };
    await server.until(zk.deleteRecursive('/b'));
    expect(server.paths).toEqual([]);
    server.plant('/e/f');
    server.judge = (request) => {
      if (request === 'delete /e/f') server.nodes.delete('/e/f');
      return undefined;
    };
    await server.until(zk.deleteRecursive('/e'));
    expect(server.paths).toEqual([]);
  });

  it('looks again for what others make meanwhile', async () => {
    server.plant('/a/b');
    let made = 0;
    server.judge = (request) => {
      if (request === 'delete /a/b' && made++ < 3) server.plant(`/a/b/x${made}`);
      return undefined;
    };
    await server.until(zk.deleteRecursive('/a'));
    expect(server.paths).toEqual([]);
    expect(server.requests.filter((request) => request.startsWith('sync'))).toHaveLength(3);
  });

  it('gives up when that goes on', async () => {
    server.plant('/a');
    let made = 0;
    server.judge = (request) => {
      if (request === 'delete /a') server.plant(`/a/x${made++}`);
      return undefined;
    };
    expect(await failure(zk.deleteRecursive('/a'))).toMatchObject({ code: 'NOTEMPTY', path: '/a' });
    expect(made).toBe(10);
  });

  it('fails with the refusal, and not with what follows from it', async () => {
    server.plant('/a/b', '/a/c');
    server.judge = (request) => (request === 'delete /a/b' ? -102 : undefined);
    expect(await failure(zk.deleteRecursive('/a'))).toMatchObject({ code: 'NOAUTH', path: '/a/b' });
    server.judge = (request) => (request === 'getChildren /a/b' ? -102 : undefined);
    expect(await failure(zk.deleteRecursive('/a'))).toMatchObject({ code: 'NOAUTH', path: '/a/b' });
  });

  it('never touches the root, nor that of a chroot', async () => {
    expect(await zk.deleteRecursive('/').catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    expect(await zk.deleteRecursive('a').catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    const other = new TreeServer();
    const below = await other.connect({}, '/app');
    other.plant('/app/a/b', '/a/b');
    expect(await below.deleteRecursive('/').catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    await other.until(below.deleteRecursive('/a'));
    expect(other.paths).toEqual(['/a', '/a/b', '/app']);
  });
});
