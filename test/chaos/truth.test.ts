import { describe, expect, it } from 'vitest';
import { OP } from '../../src/codec/index.ts';
import type { Txn } from '../../src/server/tree/txn.ts';
import { type LoggedTxn, mergeLogs, writeIdOf } from '../../tools/chaos/truth.ts';

const CREATE = { type: OP.create, acl: [], ephemeral: false, parentCversion: 1 } as const;

function entry(zxid: number, txn: Txn): LoggedTxn {
  return { header: { sessionId: 1n, cxid: zxid, zxid: BigInt(zxid), timeMs: 0 }, txn };
}

function set(zxid: number, text: string, path = '/chaos/key'): LoggedTxn {
  return entry(zxid, { type: OP.setData, path, data: Buffer.from(text), version: zxid });
}

describe('the truth of several logs', () => {
  it('is all of them in order of zxid, whoever has it and however often', () => {
    const [a, b, c] = [set(1, 'a'), set(2, 'b'), set(3, 'c')];
    const truth = mergeLogs(
      [
        [a, c, b, b],
        [a, b],
        [a, b, c],
      ],
      '/chaos',
    );
    expect(truth.writes.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(truth).toMatchObject({ transactions: 3, disagreements: [], leftBehind: [] });
  });

  it('leaves out what only a minority has written down: it was never applied', () => {
    const [a, b, c] = [set(1, 'a'), set(2, 'b'), set(3, 'c')];
    const truth = mergeLogs([[a, b, c], [a, c], []], '/chaos');
    expect(truth.writes.map(({ id }) => id)).toEqual(['a', 'c']);
    expect(truth).toMatchObject({ transactions: 2, leftBehind: [2n] });
  });

  it('tells what the servers do not agree on', () => {
    const truth = mergeLogs([[set(1, 'a')], [set(1, 'a')], [set(1, 'x')]], '/chaos');
    expect(truth).toMatchObject({ disagreements: [1n], leftBehind: [] });
  });

  it('knows each write by what it leaves behind, and takes a multi for one write', () => {
    const data = Buffer.from('new');
    const log = [
      entry(1, { type: OP.createSession, timeoutMs: 1 }),
      entry(2, { ...CREATE, path: '/chaos/n', data }),
      entry(3, { type: OP.delete, path: '/chaos/n' }),
      entry(4, {
        type: OP.multi,
        txns: [
          { type: OP.setData, path: '/chaos/key', data: Buffer.from('m'), version: 9 },
          { ...CREATE, path: '/chaos/o', data: Buffer.from('m') },
        ],
      }),
      entry(5, {
        type: OP.multi,
        txns: [
          { type: OP.setData, path: '/chaos/key', data, version: 9 },
          { type: OP.error, code: -101 },
        ],
      }),
      entry(6, { type: OP.error, code: -101 }),
      set(7, 'elsewhere', '/other/key'),
      set(8, 'the root itself', '/chaos'),
      entry(9, { type: OP.closeSession, paths: [] }),
    ];
    const { writes, transactions, refused } = mergeLogs([log], '/chaos');
    expect([...refused]).toEqual([['1 6', -101]]);
    expect(transactions).toBe(9);
    expect(writes.map(({ id, version, path, cxid }) => [id, version, path, cxid])).toEqual([
      ['new', 0, '/chaos/n', 2],
      ['delete /chaos/n', null, '/chaos/n', 3],
      ['m', 9, '/chaos/key', 4],
    ]);
  });

  it('does not know what writes no node', () => {
    expect(writeIdOf({ type: OP.check, path: '/a', version: 1 })).toBeNull();
    expect(writeIdOf({ type: OP.setData, path: '/a', data: null, version: 1 })).toBeNull();
  });
});
