import { describe, expect, it } from 'vitest';
import type { TransactionStep } from '../../../src/client/index.ts';
import { TransactionError } from '../../../src/client/index.ts';
import { writeMultiResponse } from '../../../src/codec/multi.ts';
import { OP } from '../../../src/codec/operations.ts';
import { RequestError } from '../../../src/errors.ts';
import { reply, STAT } from '../pipeline/frames.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { scriptedClient } from './scripted-client.ts';

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
