import { describe, expect, it } from 'vitest';
import { RequestError } from '../../../src/errors.ts';
import { dataReply } from '../pipeline/frames.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { scriptedClient } from './scripted-client.ts';

describe('an argument that cannot be sent', () => {
  const anything = (value: unknown): never => value as never;

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
    ['get', (zk) => zk.get('/a', { signal: anything('no signal') })],
    ['get', (zk) => zk.get('/a', { timeoutMs: Number.NaN })],
  ] as [string, (zk: Awaited<ReturnType<typeof scriptedClient>>['zk']) => Promise<unknown>][])(
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
