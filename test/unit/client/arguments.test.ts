import { describe, expect, it } from 'vitest';
import { RequestError } from '../../../src/errors.ts';
import { dataReply } from '../pipeline/frames.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { scriptedClient } from './scripted-client.ts';

type Client = Awaited<ReturnType<typeof scriptedClient>>['zk'];

describe('an argument that cannot be sent', () => {
  const anything = (value: unknown): never => value as never;
  const anyone = { scheme: 'world', id: 'anyone' };

  it.each([
    ['get', (zk) => zk.get('a')],
    ['get', (zk) => zk.get(anything(undefined))],
    ['set', (zk) => zk.set('/a/', 'x')],
    ['set', (zk) => zk.set('/a', anything(undefined))],
    ['set', (zk) => zk.set('/a', anything(7))],
    ['set', (zk) => zk.set('/a', anything({}))],
    ['set', (zk) => zk.set('/a', 'x', { version: 1.5 })],
    ['set', (zk) => zk.set('/a', 'x', { version: -2 })],
    ['set', (zk) => zk.set('/a', 'x', { version: 2 ** 31 })],
    ['exists', (zk) => zk.exists('/a//b')],
    ['delete', (zk) => zk.delete('/a', { version: anything('1') })],
    ['delete', (zk) => zk.delete('')],
    ['create', (zk) => zk.create('/a', 'x', anything({ mode: 'toString', ttlMs: 5 }))],
    ['create', (zk) => zk.create('/a', 'x', anything({ mode: 'persistent-ttl' }))],
    ['create', (zk) => zk.create('/a', 'x', { acl: anything([null]) })],
    ['create', (zk) => zk.create('/a', 'x', { acl: anything('world') })],
    ['create', (zk) => zk.create('/a', 'x', { acl: [{ perms: 31, id: anything(null) }] })],
    ['create', (zk) => zk.create('/a/', 'x')],
    ['children', (zk) => zk.getChildren('/a/../b')],
    ['children', (zk) => zk.getChildren('/.', { withStat: true })],
    ['sync', (zk) => zk.sync('x')],
    ['multi', (zk) => zk.multi(anything('steps'))],
    ['multi', (zk) => zk.multi([anything(null)])],
    ['multi', (zk) => zk.multi([anything({ op: 'get', path: '/a' })])],
    ['multi', (zk) => zk.multi([{ op: 'set', path: 'a', data: 'x' }])],
    ['multi', (zk) => zk.multi([{ op: 'set', path: '/a', data: 'x', version: -7 }])],
    ['multi', (zk) => zk.multi([{ op: 'delete', path: '/a', version: 0.5 }])],
    ['multi', (zk) => zk.multi([{ op: 'check', path: '/a', version: anything(undefined) }])],
    ['multi', (zk) => zk.multi([anything({ op: 'create', path: '/a', mode: 7 })])],
    ['multi', (zk) => zk.multi([{ op: 'create', path: '/a', acl: [anything({})] }])],
    ['multi', (zk) => zk.multi(anything(new Array(65_537)))],
    ['create', (zk) => zk.create('/a', 'x', { acl: [{ perms: 2 ** 40, id: anyone }] })],
    ['create', (zk) => zk.create('/a', 'x', { acl: [{ perms: 1.5, id: anyone }] })],
    ['getAcl', (zk) => zk.getAcl('a')],
    ['setAcl', (zk) => zk.setAcl('a', [])],
    ['setAcl', (zk) => zk.setAcl('/a', anything(undefined))],
    ['setAcl', (zk) => zk.setAcl('/a', [], { aversion: -2 })],
    ['getAllChildrenNumber', (zk) => zk.getAllChildrenNumber('/a/')],
    ['getEphemerals', (zk) => zk.getEphemerals('a')],
    ['getEphemerals', (zk) => zk.getEphemerals(anything(7))],
    ['reconfig', (zk) => zk.reconfig(anything({}))],
    [
      'reconfig',
      (zk) => zk.reconfig(anything({ joining: ['server.1=a:1:2'], newMembers: ['x=y'] })),
    ],
    ['reconfig', (zk) => zk.reconfig({ joining: [] })],
    ['reconfig', (zk) => zk.reconfig({ joining: ['server.1=a,server.2=b'] })],
    ['reconfig', (zk) => zk.reconfig({ joining: ['nonsense'] })],
    ['reconfig', (zk) => zk.reconfig({ newMembers: anything('server.1=a') })],
    ['reconfig', (zk) => zk.reconfig({ leaving: [1.5] })],
    ['reconfig', (zk) => zk.reconfig({ leaving: anything(['1']) })],
    ['reconfig', (zk) => zk.reconfig({ leaving: [1] }, { configId: anything(5) })],
    ['reconfig', (zk) => zk.reconfig({ leaving: [1] }, { configId: -2n })],
    ['reconfig', (zk) => zk.reconfig({ leaving: [1] }, { configId: 2n ** 63n })],
    ['multi', (zk) => zk.multi(anything(new Array(2)))],
    ['multiRead', (zk) => zk.multiRead(anything('steps'))],
    ['multiRead', (zk) => zk.multiRead(anything([undefined]))],
    ['multiRead', (zk) => zk.multiRead(anything([{ op: 'exists', path: '/a' }]))],
    ['multiRead', (zk) => zk.multiRead([{ op: 'get', path: 'a' }])],
    ['get', (zk) => zk.get('/a', { signal: anything('no signal') })],
    ['get', (zk) => zk.get('/a', { timeoutMs: Number.NaN })],
  ] as [string, (zk: Client) => Promise<unknown>][])(
    'is refused by %s with BAD_ARGUMENT, nothing is sent, and the next request works (%#)',
    async (_name, call) => {
      const { zk, link, sent } = await scriptedClient();
      const error: unknown = await call(zk).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(RequestError);
      expect(shown(error)).toBe('BAD_ARGUMENT/not-sent');
      const next = zk.get('/ok');
      await settled();
      expect(sent().map(({ xid, op }) => [xid, op])).toEqual([[1, 4]]);
      link.deliver(dataReply(1, 'x'));
      expect((await next).data).toEqual(Buffer.from('x'));
    },
  );

  it('of the wrong size is REQUEST_TOO_LARGE, before anything is copied', async () => {
    const { zk, link } = await scriptedClient();
    const huge = Buffer.alloc(20_000_000);
    await expect(zk.set('/a', huge)).rejects.toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      outcome: 'not-sent',
      path: '/a',
    });
    await expect(
      zk.multi([1, 2, 3, 4].map(() => ({ op: 'set', path: '/a', data: huge }) as const)),
    ).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE', operation: 'multi' });
    expect(link.pool.counters().createdBytes).toBeLessThan(1_000_000);
  });
});

describe('what older libraries take where options are', () => {
  const old = (value: unknown): never => value as never;
  const ignore = (): void => {};

  it.each<[string, (zk: Client) => Promise<unknown>]>([
    ['3', (zk) => zk.set('/a', 'x', old(3))],
    ['3', (zk) => zk.delete('/a', old(3))],
    ['1', (zk) => zk.create('/a', 'x', old(1))],
    ['ephemeral', (zk) => zk.create('/a', 'x', old('ephemeral'))],
    ['2', (zk) => zk.createProtected('/a', 'x', old(2))],
    ['true', (zk) => zk.exists('/a', old(true))],
    ['a function', (zk) => zk.get('/a', old(ignore))],
    ['a function', (zk) => zk.getChildren('/a', old(ignore))],
    ['a function', (zk) => zk.watch('/a', old(ignore))],
    ['7', (zk) => zk.setAcl('/a', [], old(7))],
    ['-1', (zk) => zk.deleteRecursive('/a', old(-1))],
    ['5', (zk) => zk.getMany(['/a'], old(5))],
    ['null', (zk) => zk.sync('/a', old(null))],
    ['9', (zk) => zk.multi([], old(9))],
    ['9', (zk) => zk.walk('/a', old(9)).next()],
    ['8', async (zk) => zk.lending.get('/a', ignore, old(8))],
  ])('is refused instead of ignored: %s', async (given, call) => {
    const { zk, sent } = await scriptedClient();
    await expect(call(zk)).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      message: expect.stringMatching(`options must be an object .*, not ${given}$`),
    });
    await settled();
    expect(sent()).toEqual([]);
  });
});

describe('a request that is too large', () => {
  const long = `/${'x'.repeat(2_000_000)}`;
  const huge = Buffer.alloc(2_000_000);

  it.each([
    ['getData', (zk) => zk.get(long)],
    ['setData', (zk) => zk.set('/a', huge), '/a'],
    ['exists', (zk) => zk.exists(long)],
    ['create', (zk) => zk.create('/a', huge), '/a'],
    ['create2', (zk) => zk.create('/a', huge, { withStat: true }), '/a'],
    ['createContainer', (zk) => zk.create('/a', huge, { mode: 'container' }), '/a'],
    ['createTTL', (zk) => zk.create('/a', huge, { mode: 'persistent-ttl', ttlMs: 1 }), '/a'],
    ['delete', (zk) => zk.delete(long)],
    ['getChildren', (zk) => zk.getChildren(long)],
    ['getChildren2', (zk) => zk.getChildren(long, { withStat: true })],
    ['getACL', (zk) => zk.getAcl(long)],
    ['setACL', (zk) => zk.setAcl(long, [])],
    ['sync', (zk) => zk.sync(long)],
    ['getAllChildrenNumber', (zk) => zk.getAllChildrenNumber(long)],
    ['getEphemerals', (zk) => zk.getEphemerals(long)],
    ['multi', (zk) => zk.multi([{ op: 'create', path: '/a', data: huge }]), undefined],
    ['multiRead', (zk) => zk.multiRead([{ op: 'get', path: long }]), undefined],
    ['reconfig', (zk) => zk.reconfig({ newMembers: [`server.1=${long}`] }), undefined],
    ['addWatch', (zk) => zk.watch(long)],
    ['getData', (zk) => zk.getMany([long]).then(([error]) => Promise.reject(error))],
    ['exists', (zk) => zk.ensurePath(long)],
    ['getChildren', (zk) => zk.deleteRecursive(long)],
    ['getChildren2', (zk) => zk.walk(long).next()],
    ['create', (zk) => zk.createProtected('/a', huge), expect.stringMatching(/^\/_c_.*-a$/)],
  ] as [string, (zk: Client) => Promise<unknown>, unknown?][])(
    'is refused by %s, with its path named, and nothing is sent (%#)',
    async (operation, call, ...paths) => {
      const { zk, sent } = await scriptedClient();
      const error: unknown = await call(zk).catch((reason: unknown) => reason);
      expect(shown(error)).toBe('REQUEST_TOO_LARGE/not-sent');
      expect((error as RequestError).operation).toBe(operation);
      expect((error as RequestError).path).toEqual(paths.length === 0 ? long : paths[0]);
      await settled();
      expect(sent()).toEqual([]);
    },
  );
});
