import { describe, expect, it } from 'vitest';
import type { ReadStep, TransactionResult, TransactionStep } from '../../../src/client/index.ts';
import { acl, TransactionError } from '../../../src/client/index.ts';
import type { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { writeMultiResponse } from '../../../src/codec/multi.ts';
import { OP } from '../../../src/codec/operations.ts';
import { RequestError } from '../../../src/errors.ts';
import { reply, STAT } from '../pipeline/frames.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { scriptedClient } from './scripted-client.ts';
import { TreeServer } from './tree-server.ts';

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

  it('that is refused by a server which shows results of the steps before has code 0 for them', async () => {
    const { zk, link } = await scriptedClient();
    const answer = zk.multi(steps.slice(0, 2)).catch((error: unknown) => error);
    await settled();
    const results = [{ op: OP.check }, { op: OP.error, err: -110 }] as const;
    link.deliver(reply(1, { body: (writer) => writeMultiResponse(writer, results) }));
    expect(await answer).toMatchObject({ failedStep: 1, stepCodes: [0, -110] });
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

describe('a transaction in a chain', () => {
  it('is the same as the list', async () => {
    const { zk, link, sent } = await scriptedClient();
    const chain = zk
      .transaction()
      .create('/a/b', 'x', { mode: 'ephemeral', acl: acl.readOnly })
      .create('/t', null, { mode: 'persistent-ttl', ttlMs: 5 })
      .set('/a', null, 3)
      .set('/a', 'y')
      .delete('/c')
      .delete('/c', 7)
      .check('/a', 1);
    expect([chain.length, zk.transaction().length]).toEqual([7, 0]);
    const answers: Promise<unknown>[] = [chain.commit(), zk.multi(list)];
    await settled();
    expect(sent()[0]!.body).toEqual(sent()[1]!.body);
    const results = [
      { op: OP.create2, path: '/a/b', stat: STAT },
      { op: OP.create2, path: '/t', stat: STAT },
      { op: OP.setData, stat: STAT },
      { op: OP.setData, stat: STAT },
      { op: OP.delete },
      { op: OP.delete },
      { op: OP.check },
    ] as const;
    const body = (writer: JuteWriter): void => writeMultiResponse(writer, results);
    link.deliver(reply(1, { body }), reply(2, { body }));
    const [chained, listed] = await Promise.all(answers);
    expect(chained).toEqual(listed);
  });

  it('can be committed again, and passes its limits on', async () => {
    const { zk, sent } = await scriptedClient();
    const chain = zk.transaction<TransactionResult[]>();
    for (const path of ['/a', '/b']) chain.delete(path);
    expect(await chain.commit({ timeoutMs: 0 }).catch(shown)).toBe('REQUEST_TIMEOUT/not-sent');
    void chain.commit().catch(() => {});
    await settled();
    expect(sent()).toHaveLength(1);
  });

  it('is checked when it is committed', async () => {
    const { zk } = await scriptedClient();
    const chain = zk.transaction().delete('a');
    expect(await chain.commit().catch(shown)).toBe('BAD_ARGUMENT/not-sent');
  });

  const list: TransactionStep[] = [
    { op: 'create', path: '/a/b', data: 'x', mode: 'ephemeral', acl: acl.readOnly },
    { op: 'create', path: '/t', mode: 'persistent-ttl', ttlMs: 5 },
    { op: 'set', path: '/a', data: null, version: 3 },
    { op: 'set', path: '/a', data: 'y' },
    { op: 'delete', path: '/c' },
    { op: 'delete', path: '/c', version: 7 },
    { op: 'check', path: '/a', version: 1 },
  ];
});

describe('a refused transaction', () => {
  it('that was moved to another connection has the xid and the host of the one that answered', async () => {
    const server = new TreeServer();
    const zk = await server.connect();
    server.lose();
    const before = [zk.get('/'), zk.get('/')];
    const error = zk
      .multi([{ op: 'check', path: '/a', version: 1 }])
      .catch((reason: unknown) => reason);
    const body = (writer: JuteWriter): void =>
      writeMultiResponse(writer, [{ op: OP.error, err: -101 }]);
    server.answers.set('multi', body);
    expect(await server.until(error)).toMatchObject({
      code: 'NONODE',
      host: 'server.test:2181',
      xid: 3,
    });
    await Promise.all(before);
  });
});

describe('several reads in one request', () => {
  it('give a result or an error each', async () => {
    const { zk, link, sent } = await scriptedClient();
    const steps: ReadStep[] = [
      { op: 'get', path: '/a' },
      { op: 'getChildren', path: '/b' },
      { op: 'get', path: '/c' },
      { op: 'getChildren', path: '/d' },
    ];
    const answer = zk.multiRead(steps);
    steps.length = 0;
    await settled();
    expect(sent()[0]!.op).toBe(OP.multiRead);
    const results = [
      { op: OP.getData, data: Buffer.from('x'), stat: STAT },
      { op: OP.getChildren, children: ['y'] },
      { op: OP.error, err: -101 },
      { op: OP.error, err: -102 },
    ] as const;
    link.deliver(reply(1, { body: (writer) => writeMultiResponse(writer, results) }));
    const [data, names, missing, hidden] = await answer;
    // The slab of the reply is overwritten by now: the bytes are the caller's.
    expect(data).toEqual({ op: 'get', data: Buffer.from('x'), stat: STAT });
    expect(names).toEqual({ op: 'getChildren', children: ['y'] });
    expect(missing).toBeInstanceOf(RequestError);
    expect(missing).toMatchObject({
      code: 'NONODE',
      serverCode: -101,
      outcome: 'rejected',
      operation: 'getData',
      path: '/c',
      xid: 1,
      host: 'server.test:2181',
    });
    expect(hidden).toMatchObject({ code: 'NOAUTH', operation: 'getChildren', path: '/d' });
    expect(zk.counters().trailingReplies).toBe(0);
  });

  it.each([
    [
      'too many',
      [
        { op: OP.getChildren, children: [] },
        { op: OP.getChildren, children: [] },
      ],
    ],
    ['of another kind', [{ op: OP.getData, data: null, stat: STAT }]],
    ['no read', [{ op: OP.delete }]],
    ['an error that is none', [{ op: OP.error, err: 0 }]],
    ['a null name', [{ op: OP.getChildren, children: [null as unknown as string] }]],
  ] as const)('with results that are %s are BAD_REPLY', async (_name, results) => {
    const { zk, link } = await scriptedClient();
    const answer = zk.multiRead([{ op: 'getChildren', path: '/a' }]).catch(shown);
    await settled();
    link.deliver(reply(1, { body: (writer) => writeMultiResponse(writer, results) }));
    expect(await answer).toBe('BAD_REPLY/unknown');
  });

  it('may be none', async () => {
    const { zk, link } = await scriptedClient();
    const answer = zk.multiRead([]);
    await settled();
    link.deliver(reply(1, { body: (writer) => writeMultiResponse(writer, []) }));
    expect(await answer).toEqual([]);
  });
});
