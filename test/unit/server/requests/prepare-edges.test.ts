import { describe, expect, it } from 'vitest';
import { OP } from '../../../../src/codec/index.ts';
import type { WriteRequest } from '../../../../src/server/requests/prepare.ts';
import type { CreateTxn, SetDataTxn, Txn } from '../../../../src/server/tree/txn.ts';
import { WriteModel } from './write-model.ts';
import {
  check,
  create,
  createContainer,
  createTtl,
  FLAG,
  multi,
  OPEN,
  remove,
  setAcl,
  setData,
} from './write-requests.ts';

const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);

function refused(code: number): Txn {
  return { type: OP.error, code };
}

describe('what is not asked of a real server, since it would not survive it', () => {
  const model = new WriteModel();

  it('check outside a multi', () => {
    expect(model.prepare('anon', check('/'))).toEqual(refused(-8));
    expect(model.prepare('anon', check('/none', 3))).toEqual(refused(-8));
  });

  it('createTTL with a mode that has no TTL, with any time, in a multi too', () => {
    for (const flags of [0, 1, 2, 3, 4, 7, -1]) {
      for (const ttl of [-1n, 0n, 1n, 1_000n, -(2n ** 63n)]) {
        const request = createTtl('/x', ttl, { flags });
        expect(model.prepare('anon', request)).toEqual(refused(-8));
        expect(model.prepare('anon', multi(check('/'), request))).toEqual({
          type: OP.multi,
          txns: [refused(0), refused(-8)],
        });
      }
    }
  });
});

it('a check in a multi has the version behind the one it found, as in logs of Apache', () => {
  expect(new WriteModel().prepare('anon', multi(check('/', 0)))).toEqual({
    type: OP.multi,
    txns: [{ type: OP.check, path: '/', version: 1 }],
  });
});

describe('counters at their end', () => {
  it('versions of data and ACLs overflow, as ints of Java do', () => {
    const model = new WriteModel();
    model.write('anon', create('/v'));
    const node = model.tree.node('/v')!;
    node.version = INT_MAX;
    node.aversion = INT_MAX;
    expect(model.prepare('anon', setData('/v', INT_MAX))).toMatchObject({ version: INT_MIN });
    expect(model.prepare('anon', setAcl('/v', OPEN, INT_MAX))).toMatchObject({ version: INT_MIN });
    node.version = -1;
    expect(model.prepare('anon', setData('/v', -1))).toMatchObject({ version: 0 });
    expect(model.prepare('anon', setData('/v', 0))).toEqual(refused(-103));
    node.version = -2;
    expect(model.prepare('anon', setData('/v', -2))).toMatchObject({ version: -1 });
  });

  it.each([
    [0, '0000000000'],
    [999_999_999, '0999999999'],
    [INT_MAX, '2147483647'],
    // String.format("%010d") of Java.
    [INT_MIN, '-2147483648'],
    [-1, '-000000001'],
    [-123_456_789, '-123456789'],
  ])('a sequential node behind %i is %s', (counter, suffix) => {
    const model = new WriteModel();
    model.tree.node('/')!.cversion = counter;
    const request = create('/s', { flags: FLAG.sequential });
    expect(model.prepare('anon', request)).toMatchObject({
      path: `/s${suffix}`,
      parentCversion: (counter + 1) | 0,
    });
  });

  it('the counter goes on within a multi', () => {
    const model = new WriteModel();
    model.tree.node('/')!.cversion = INT_MAX;
    const step = create('/s', { flags: FLAG.sequential });
    expect(model.write('anon', multi(step, step))).toBe(
      'multi [create /s2147483647, create /s-2147483648]',
    );
  });
});

describe('data of a transaction', () => {
  const requests: [name: string, (data: string | null) => WriteRequest][] = [
    ['create', (data) => create('/d', { data })],
    ['setData', (data) => setData('/', -1, data)],
    ['createContainer', (data) => createContainer('/d', { data })],
    ['createTTL', (data) => createTtl('/d', 1n, { data })],
  ];

  it.each(requests)('%s: are a copy of what the request lends', (_, request) => {
    for (const bytes of [1, 512, 513, 100_000]) {
      const lent = request('x'.repeat(bytes)) as WriteRequest & { data: Buffer };
      const { data } = new WriteModel().prepare('anon', lent) as CreateTxn | SetDataTxn;
      lent.data.fill(0);
      expect(data!.toString()).toBe('x'.repeat(bytes));
      expect(data!.buffer.byteLength).toBeLessThanOrEqual(Math.max(bytes, 8 * 1024));
    }
  });

  it.each(requests)('%s: null and empty stay what they are', (_, request) => {
    const model = new WriteModel();
    expect((model.prepare('anon', request(null)) as CreateTxn).data).toBeNull();
    expect((model.prepare('anon', request('')) as CreateTxn).data).toEqual(Buffer.alloc(0));
  });
});

describe('preparing', () => {
  it('changes nothing', () => {
    const model = new WriteModel();
    const steps = [create('/a'), setData('/'), create('/a/b'), remove('/a/b')];
    model.prepare('anon', multi(...steps));
    model.prepare('anon', create('/a'));
    expect(model.tree.node('/a')).toBeUndefined();
    expect(model.tree.node('/')).toMatchObject({ version: 0, cversion: 0, childCount: 1 });
  });

  it('looks at no ACL when told so, but still at what becomes one', () => {
    const model = new WriteModel({}, { skipAcl: true });
    model.write('alice', create('/a', { acl: [{ perms: 31, id: { scheme: 'auth', id: '' } }] }));
    expect(model.write('anon', setData('/a'))).toBe('ok');
    expect(model.write('anon', setAcl('/a', []))).toBe('-114');
  });

  it('keeps the ACL of an open node as it came, which the tree then shares', () => {
    const txn = new WriteModel().prepare('anon', create('/a')) as CreateTxn;
    expect(txn.acl).toBe(OPEN);
  });

  it('of a large multi that fails late says what became of each step', () => {
    const steps = Array.from({ length: 20_000 }, () => check('/'));
    const txn = new WriteModel().prepare('anon', multi(...steps, check('/none')));
    expect(txn).toMatchObject({ type: OP.multi });
    const { txns } = txn as Extract<Txn, { type: typeof OP.multi }>;
    expect([txns.length, txns[0], txns.at(-1)]).toEqual([20_001, refused(0), refused(-101)]);
  });
});
