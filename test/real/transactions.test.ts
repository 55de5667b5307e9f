import { beforeAll, expect, it } from 'vitest';
import { acl, TransactionError, type ZooKeeperClient } from '../../src/client/index.ts';
import { failureOf } from './support/failures.ts';
import { RealClient } from './support/real-client.ts';
import { describeReal } from './support/real-zookeeper.ts';

describeReal('transactions on a real server', () => {
  const real = new RealClient();
  let zk: ZooKeeperClient;
  const fresh = (): string => real.fresh();

  beforeAll(() => {
    zk = real.zk;
  });

  it('runs a transaction, all of it', async () => {
    const base = fresh();
    await zk.create(base, 'one');
    const results = await zk.multi([
      { op: 'check', path: base, version: 0 },
      { op: 'create', path: `${base}/a`, data: 'x' },
      { op: 'create', path: `${base}/s`, mode: 'ephemeral-sequential' },
      { op: 'create', path: `${base}/c`, mode: 'container' },
      { op: 'create', path: `${base}/t`, mode: 'persistent-ttl', ttlMs: 60_000 },
      { op: 'set', path: base, data: 'two', version: 0 },
      { op: 'delete', path: `${base}/a` },
    ]);
    expect(results.map(({ op }) => op)).toEqual([
      'check',
      'create',
      'create',
      'create',
      'create',
      'set',
      'delete',
    ]);
    expect(results.map((result) => ('path' in result ? result.path : null))).toEqual([
      null,
      `${base}/a`,
      `${base}/s0000000001`,
      `${base}/c`,
      `${base}/t`,
      null,
      null,
    ]);
    expect(results[5]).toMatchObject({ stat: { version: 1, dataLength: 3 } });
    expect((await zk.getChildren(base)).sort()).toEqual(['c', 's0000000001', 't']);
    expect(await zk.multi([])).toEqual([]);
  });

  it('runs a transaction, none of it, and names the step', async () => {
    const base = fresh();
    await zk.create(base);
    const error = await failureOf(
      zk.multi([
        { op: 'create', path: `${base}/a` },
        { op: 'check', path: base, version: 7 },
        { op: 'delete', path: `${base}/b` },
      ]),
    );
    expect(error).toBeInstanceOf(TransactionError);
    expect(error).toMatchObject({
      code: 'BADVERSION',
      serverCode: -103,
      outcome: 'rejected',
      failedStep: 1,
      stepCodes: [0, -103, -2],
      path: base,
      host: real.server.connectString,
    });
    expect(error.xid).toBeGreaterThan(0);
    expect(await zk.getChildren(base)).toEqual([]);
    expect(await zk.exists(base)).not.toBeNull();
  });

  it('runs one step by step', async () => {
    const base = fresh();
    await zk.create(base, 'one');
    const [made, set, deleted, checked] = await zk
      .transaction()
      .create(`${base}/a`, 'x')
      .set(base, 'two', 0)
      .delete(`${base}/a`)
      .check(base, 1)
      .commit();
    expect(made.path).toBe(`${base}/a`);
    expect([set.stat.version, deleted, checked]).toEqual([1, { op: 'delete' }, { op: 'check' }]);
  });

  it('reads several nodes in one request, whatever is wrong with some of them', async () => {
    const base = fresh();
    await zk.create(base, 'data');
    await zk.create(`${base}/b`, null);
    await zk.create(`${base}/secret`, 'x', { acl: [acl.digest('u', 'p')] });
    const [data, names, missing, hidden, none] = await zk.multiRead([
      { op: 'get', path: base },
      { op: 'getChildren', path: base },
      { op: 'get', path: `${base}/none` },
      { op: 'get', path: `${base}/secret` },
      { op: 'get', path: `${base}/b` },
    ]);
    expect(data).toMatchObject({ op: 'get', data: Buffer.from('data'), stat: { numChildren: 2 } });
    expect(names).toMatchObject({ op: 'getChildren' });
    expect('children' in names && names.children.sort()).toEqual(['b', 'secret']);
    expect(missing).toMatchObject({ code: 'NONODE', path: `${base}/none`, operation: 'getData' });
    expect(hidden).toMatchObject({ code: 'NOAUTH', host: real.server.connectString });
    expect(none).toMatchObject({ op: 'get', data: null });
    expect(await zk.multiRead([])).toEqual([]);
  });
});
