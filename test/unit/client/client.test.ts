import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { CreateOptions, TransactionStep } from '../../../src/client/index.ts';
import { TransactionError } from '../../../src/client/index.ts';
import { writeMultiResponse } from '../../../src/codec/multi.ts';
import { OP } from '../../../src/codec/operations.ts';
import {
  writeCreate2Response,
  writeCreateResponse,
  writeGetChildren2Response,
  writeGetChildrenResponse,
  writeStatOf,
} from '../../../src/codec/records.gen.ts';
import { RequestError } from '../../../src/errors.ts';
import { dataReply, reply, STAT } from '../pipeline/frames.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { scriptedClient } from './scripted-client.ts';

const stat = (xid: number): Buffer => reply(xid, { body: (writer) => writeStatOf(writer, STAT) });
const created = (xid: number, path: string): Buffer =>
  reply(xid, { body: (writer) => writeCreate2Response(writer, path, STAT) });

describe('answers', () => {
  it('come to all methods in the order of the calls, refusals too', async () => {
    const { zk, link, sent } = await scriptedClient();
    const order: string[] = [];
    const note = (name: string, answer: Promise<unknown>): void => {
      answer.then(
        () => order.push(name),
        (error: unknown) => order.push(`${name} ${shown(error)}`),
      );
    };
    note('delete', zk.delete('/a'));
    note('get', zk.get('/a'));
    note('exists', zk.exists('/a'));
    note('set', zk.set('/a', 'x'));
    note('create', zk.create('/a'));
    note('get refused', zk.get('/a'));
    note('container', zk.create('/a', null, { mode: 'container' }));
    note('exists not', zk.exists('/a'));
    note('children', zk.getChildren('/a'));
    note('multi', zk.multi([]));
    note('sync', zk.sync('/a'));
    note('multi refused', zk.multi([{ op: 'check', path: '/a', version: 3 }]));
    note('last', zk.get('/a'));
    await settled();
    expect(sent().map(({ op }) => op)).toEqual([2, 4, 3, 5, 1, 4, 19, 3, 8, 14, 9, 14, 4]);
    const failed = [{ op: OP.error, err: -103 }] as const;
    link.deliver(
      reply(1),
      dataReply(2, 'x'),
      stat(3),
      stat(4),
      reply(5, { body: (writer) => writeCreateResponse(writer, '/a') }),
      reply(6, { err: -101 }),
      created(7, '/a'),
      reply(8, { err: -101 }),
      reply(9, { body: (writer) => writeGetChildrenResponse(writer, ['b']) }),
      reply(10, { body: (writer) => writeMultiResponse(writer, []) }),
      reply(11, { body: (writer) => writer.ustring('/a') }),
      reply(12, { body: (writer) => writeMultiResponse(writer, failed) }),
      dataReply(13, 'x'),
    );
    await settled();
    expect(order).toEqual([
      'delete',
      'get',
      'exists',
      'set',
      'create',
      'get refused NONODE/rejected',
      'container',
      'exists not',
      'children',
      'multi',
      'sync',
      'multi refused BADVERSION/rejected',
      'last',
    ]);
    expect(zk.counters().trailingReplies).toBe(0);
  });

  it('have the values of the wire', async () => {
    const { zk, link } = await scriptedClient();
    const answers = Promise.all([
      zk.get('/a'),
      zk.get('/a'),
      zk.exists('/a'),
      zk.exists('/b'),
      zk.set('/a', null),
      zk.create('/a', 'x', { mode: 'persistent-sequential' }),
      zk.create('/a', 'x', { withStat: true }),
      zk.create('/a', 'x', { mode: 'persistent-ttl', ttlMs: 5, withStat: true }),
      zk.delete('/a'),
      zk.getChildren('/a'),
      zk.getChildren('/a', { withStat: true }),
      zk.sync('/a'),
    ]);
    await settled();
    link.deliver(
      dataReply(1, 'x'),
      dataReply(2, null),
      stat(3),
      reply(4, { err: -101 }),
      stat(5),
      reply(6, { body: (writer) => writeCreateResponse(writer, '/a0000000001') }),
      created(7, '/a'),
      created(8, '/a'),
      reply(9),
      reply(10, { body: (writer) => writeGetChildrenResponse(writer, ['b', 'c']) }),
      reply(11, { body: (writer) => writeGetChildren2Response(writer, ['b'], STAT) }),
      reply(12, { body: (writer) => writer.ustring('/a') }),
    );
    expect(await answers).toEqual([
      { data: Buffer.from('x'), stat: STAT },
      { data: null, stat: STAT },
      STAT,
      null,
      STAT,
      '/a0000000001',
      { path: '/a', stat: STAT },
      { path: '/a', stat: STAT },
      undefined,
      ['b', 'c'],
      { children: ['b'], stat: STAT },
      undefined,
    ]);
  });

  it.each([
    ['create', (writer) => writer.ustring(null)],
    [
      'createStat',
      (writer) => {
        writer.ustring(null);
        writeStatOf(writer, STAT);
      },
    ],
    ['children', (writer) => writer.int(-1)],
    [
      'children',
      (writer) => {
        writer.int(1);
        writer.ustring(null);
      },
    ],
  ] as [string, NonNullable<Parameters<typeof reply>[1]>['body'] & {}][])(
    'with a null that no correct server sends are BAD_REPLY (%s)',
    async (method, body) => {
      const { zk, link } = await scriptedClient();
      const answer =
        method === 'create'
          ? zk.create('/a')
          : method === 'createStat'
            ? zk.create('/a', null, { withStat: true })
            : zk.getChildren('/a');
      const failing = expect(answer).rejects.toMatchObject({
        code: 'BAD_REPLY',
        outcome: 'unknown',
        cause: { code: 'UNEXPECTED_NULL' },
      });
      await settled();
      link.deliver(reply(1, { body }));
      await failing;
      expect(zk.connected).toBe(false);
    },
  );
});

describe('a transaction', () => {
  const steps: TransactionStep[] = [
    { op: 'check', path: '/a', version: 3 },
    { op: 'create', path: '/a/b', data: 'x' },
    { op: 'set', path: '/a', data: null, version: 3 },
    { op: 'delete', path: '/c' },
  ];

  it('gives a result a step, with and without Stat', async () => {
    const { zk, link } = await scriptedClient();
    const both = Promise.all([zk.multi(steps), zk.multi([steps[1]!])]);
    await settled();
    const results = [
      { op: OP.check },
      { op: OP.create2, path: '/a/b', stat: STAT },
      { op: OP.setData, stat: STAT },
      { op: OP.delete },
    ] as const;
    const old = [{ op: OP.create, path: '/a/b' }] as const;
    link.deliver(
      reply(1, { body: (writer) => writeMultiResponse(writer, results) }),
      reply(2, { body: (writer) => writeMultiResponse(writer, old) }),
    );
    expect(await both).toEqual([
      [
        { op: 'check' },
        { op: 'create', path: '/a/b', stat: STAT },
        { op: 'set', stat: STAT },
        { op: 'delete' },
      ],
      [{ op: 'create', path: '/a/b', stat: null }],
    ]);
  });

  it('that is refused names the step, even when the list was changed meanwhile', async () => {
    const { zk, link } = await scriptedClient();
    const list = [...steps];
    const answer = zk.multi(list).catch((error: unknown) => error);
    list.length = 0;
    await settled();
    const codes = [0, -110, -2, -2];
    link.deliver(
      reply(1, {
        body: (writer) =>
          writeMultiResponse(
            writer,
            codes.map((err) => ({ op: OP.error, err })),
          ),
      }),
    );
    const error = (await answer) as TransactionError;
    expect(error).toBeInstanceOf(TransactionError);
    expect(error).toBeInstanceOf(RequestError);
    expect(error).toMatchObject({
      name: 'TransactionError',
      code: 'NODEEXISTS',
      serverCode: -110,
      outcome: 'rejected',
      operation: 'multi',
      path: '/a/b',
      xid: 1,
      host: 'server.test:2181',
      failedStep: 1,
      stepCodes: codes,
    });
    expect(error.message).toContain('step 1 (create) failed');
  });

  it.each([
    ['another number of results', [{ op: OP.check }, { op: OP.check }], 'BAD_MULTI'],
    ['a null path', [{ op: OP.create, path: null as unknown as string }], 'UNEXPECTED_NULL'],
  ] as const)('answered with %s is BAD_REPLY', async (_name, results, code) => {
    const { zk, link } = await scriptedClient();
    const answer = zk.multi([steps[1]!]);
    const failing = expect(answer).rejects.toMatchObject({ code: 'BAD_REPLY', cause: { code } });
    await settled();
    link.deliver(reply(1, { body: (writer) => writeMultiResponse(writer, results) }));
    await failing;
  });

  it('fails with the connection like any request', async () => {
    const { zk, link } = await scriptedClient();
    const answer = zk.multi(steps).catch(shown);
    await settled();
    link.over();
    expect(await answer).toBe('CONNECTION_LOSS/unknown');
  });
});

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

describe('limits of a call', () => {
  it('have a default for all calls', async () => {
    const { zk, clock } = await scriptedClient({ requestTimeoutMs: 1000 });
    const log: string[] = [];
    const note = (name: string, answer: Promise<unknown>): void => {
      answer.catch((error: unknown) => log.push(`${name} ${shown(error)}`));
    };
    note('default', zk.get('/a'));
    note('shorter', zk.exists('/a', { timeoutMs: 100 }));
    note('longer', zk.multi([], { timeoutMs: 2000 }));
    note('no time', zk.delete('/a', { timeoutMs: 0 }));
    await settled();
    for (const ms of [150, 900, 1000]) {
      clock.advance(ms);
      await settled();
    }
    expect(log).toEqual([
      'no time REQUEST_TIMEOUT/not-sent',
      'shorter REQUEST_TIMEOUT/unknown',
      'default REQUEST_TIMEOUT/unknown',
      'longer REQUEST_TIMEOUT/unknown',
    ]);
    expect(zk.counters().inflight).toBe(3);
  });

  it('are signals too', async () => {
    const { zk, sent } = await scriptedClient();
    const controller = new AbortController();
    const options: CreateOptions = { signal: controller.signal };
    const answers = [zk.create('/a', null, options), zk.sync('/a', options)].map((answer) =>
      answer.catch(shown),
    );
    await settled();
    controller.abort();
    expect(await Promise.all(answers)).toEqual(['ABORTED/unknown', 'ABORTED/unknown']);
    expect(await zk.get('/a', options).catch(shown)).toBe('ABORTED/not-sent');
    await settled();
    expect(sent()).toHaveLength(2);
  });
});

describe('the client', () => {
  it('says who and where it is, and not its password', async () => {
    const { zk } = await scriptedClient();
    expect([zk.host, zk.sessionId, zk.sessionTimeoutMs, zk.connected, zk.hasRoom]).toEqual([
      'server.test:2181',
      0x77n,
      12_000,
      true,
      true,
    ]);
    expect(inspect(zk, { depth: 9, showHidden: true })).not.toMatch(/password|5a 5a/);
    await zk.room();
  });

  it('refuses every method after the end, and closes as often as one likes', async () => {
    const { zk, link } = await scriptedClient();
    const closing = zk.close();
    link.over();
    await closing;
    const calls = [
      zk.get('/a'),
      zk.set('/a', 'x'),
      zk.exists('/a'),
      zk.create('/a'),
      zk.delete('/a'),
      zk.getChildren('/a'),
      zk.sync('/a'),
      zk.multi([]),
      zk.room(),
    ];
    expect(await Promise.all(calls.map((call) => call.catch(shown)))).toEqual(
      calls.map(() => 'CONNECTION_CLOSED/not-sent'),
    );
    await zk.close();
    await zk[Symbol.asyncDispose]();
    expect(zk.connected).toBe(false);
  });

  it('closes when it is disposed of', async () => {
    const { zk, link, sent } = await scriptedClient();
    const disposed = zk[Symbol.asyncDispose]();
    await settled();
    expect(sent().map(({ op }) => op)).toEqual([-11]);
    link.deliver(reply(1));
    await disposed;
    expect(zk.connected).toBe(false);
  });
});

describe('the lending client', () => {
  it('calls back with values in wire order', async () => {
    const { zk, link, sent } = await scriptedClient();
    const log: unknown[] = [];
    const note =
      (name: string) =>
      (error: RequestError | null, value: unknown): void => {
        log.push([name, error === null ? value : shown(error)]);
      };
    zk.lending.get('/a', (error, value) => note('get')(error, value?.data?.toString()));
    zk.lending.set('/a', 'x', -1, note('set'));
    zk.lending.exists('/a', note('exists'));
    zk.lending.create('/a', 'x', note('create'));
    zk.lending.delete('/a', 3, note('delete'));
    zk.lending.getChildren('/a', note('children'));
    zk.lending.sync('/a', note('sync'));
    await settled();
    expect(sent().map(({ op }) => op)).toEqual([4, 5, 3, 1, 2, 8, 9]);
    link.deliver(
      dataReply(1, 'x'),
      stat(2),
      reply(3, { err: -101 }),
      reply(4, { body: (writer) => writeCreateResponse(writer, '/a') }),
      reply(5),
      reply(6, { body: (writer) => writeGetChildrenResponse(writer, []) }),
      reply(7, { body: (writer) => writer.ustring('/a') }),
    );
    expect(log).toEqual([
      ['get', 'x'],
      ['set', STAT],
      ['exists', 'NONODE/rejected'],
      ['create', '/a'],
      ['delete', undefined],
      ['children', []],
      ['sync', undefined],
    ]);
  });

  it('throws what cannot be made into a request', async () => {
    const { zk, link } = await scriptedClient();
    const never = (): void => expect.unreachable();
    expect(() => zk.lending.get('a', never)).toThrowError(/must start with/);
    expect(() => zk.lending.set('/a', 'x', 0.5, never)).toThrowError(/version 0.5/);
    void zk.close();
    link.over();
    expect(() => zk.lending.sync('/a', never)).toThrowError(/CONNECTION_CLOSED/);
  });
});
