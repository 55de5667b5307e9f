import { describe, expectTypeOf, it } from 'vitest';
import type {
  ChildrenResult,
  CreateKind,
  CreateResult,
  GetResult,
  LendingClient,
  RequestError,
  Stat,
  TransactionResult,
  TransactionResultOf,
  TransactionStep,
  ZooKeeperClient,
} from '../../src/client/index.ts';

/** Never run: what the compiler says of it is the test (`tsc -p test`, part of the build). */
function compiled(zk: ZooKeeperClient, lending: LendingClient, flag: boolean): void {
  expectTypeOf(zk.get('/a')).toEqualTypeOf<Promise<GetResult>>();
  expectTypeOf(
    zk.get('/a', { signal: undefined, timeoutMs: undefined, watch: undefined }),
  ).resolves.toEqualTypeOf<GetResult>();
  expectTypeOf(zk.exists('/a', { watch: (event) => void event.path })).toEqualTypeOf<
    Promise<Stat | null>
  >();
  expectTypeOf(zk.set('/a', null, { version: 3 })).toEqualTypeOf<Promise<Stat>>();

  expectTypeOf(zk.create('/a')).toEqualTypeOf<Promise<string>>();
  expectTypeOf(zk.create('/a', 'x', { mode: 'ephemeral' })).toEqualTypeOf<Promise<string>>();
  expectTypeOf(zk.create('/a', 'x', { withStat: false })).toEqualTypeOf<Promise<string>>();
  expectTypeOf(zk.create('/a', 'x', { withStat: true })).toEqualTypeOf<Promise<CreateResult>>();
  expectTypeOf(
    zk.create('/a', undefined, { withStat: true, mode: 'persistent-ttl', ttlMs: 1 }),
  ).toEqualTypeOf<Promise<CreateResult>>();
  expectTypeOf(zk.create('/a', 'x', { withStat: flag })).toEqualTypeOf<
    Promise<string | CreateResult>
  >();
  expectTypeOf<CreateResult>().toEqualTypeOf<{ readonly path: string; readonly stat: Stat }>();

  expectTypeOf(zk.getChildren('/a')).toEqualTypeOf<Promise<string[]>>();
  expectTypeOf(zk.getChildren('/a', { timeoutMs: 5 })).toEqualTypeOf<Promise<string[]>>();
  expectTypeOf(zk.getChildren('/a', { withStat: true })).toEqualTypeOf<Promise<ChildrenResult>>();
  expectTypeOf(zk.getChildren('/a', { withStat: flag })).toEqualTypeOf<
    Promise<string[] | ChildrenResult>
  >();

  // A time to live belongs to the modes that have one, and to no other.
  void zk.create('/a', 'x', { mode: 'persistent-ttl', ttlMs: 1000 });
  void zk.create('/a', 'x', { mode: 'persistent-sequential-ttl', ttlMs: 1000 });
  // @ts-expect-error a TTL mode needs its ttlMs
  void zk.create('/a', 'x', { mode: 'persistent-ttl' });
  // @ts-expect-error a TTL mode needs its ttlMs
  void zk.create('/a', 'x', { mode: 'persistent-sequential-ttl', ttlMs: undefined });
  // @ts-expect-error other modes take none
  void zk.create('/a', 'x', { mode: 'ephemeral', ttlMs: 1000 });
  // @ts-expect-error nor does the default
  void zk.create('/a', 'x', { ttlMs: 1000 });
  // @ts-expect-error there is no such mode
  void zk.create('/a', 'x', { mode: 'PERSISTENT' });
  const kind: CreateKind = flag ? { mode: 'container' } : { mode: 'persistent-ttl', ttlMs: 5 };
  void zk.create('/a', 'x', kind);
  void zk.createProtected('/a', 'x', { ...kind, timeoutMs: 5 });
  // @ts-expect-error a TTL mode needs its ttlMs
  void zk.createProtected('/a', 'x', { mode: 'persistent-ttl' });

  // check exists inside a transaction only, and needs its version there.
  // @ts-expect-error no such method
  void zk.check('/a', 1);

  // Data is bytes, a string or null, and never forgotten.
  // @ts-expect-error numbers are not stringified
  void zk.set('/a', 7);
  // @ts-expect-error set needs data
  void zk.set('/a');

  lending.get('/a', (error, reply) => {
    expectTypeOf(error).toEqualTypeOf<RequestError | null>();
    expectTypeOf(reply).toEqualTypeOf<GetResult | undefined>();
  });
  lending.delete('/a', -1, (error) => void error?.outcome);
}

function manyAndAcls(zk: ZooKeeperClient): void {
  expectTypeOf(zk.getMany(['/a'])).toEqualTypeOf<Promise<(GetResult | RequestError)[]>>();
  expectTypeOf(zk.existsMany(['/a'])).toEqualTypeOf<Promise<(Stat | null | RequestError)[]>>();
  expectTypeOf(zk.getChildrenMany([])).toEqualTypeOf<Promise<(string[] | RequestError)[]>>();

  // The version of an ACL is not that of the data.
  void zk.setAcl('/a', [], { aversion: 3 });
  // @ts-expect-error not version
  void zk.setAcl('/a', [], { version: 3 });
  // @ts-expect-error schemes are texts
  void zk.setAcl('/a', [{ perms: 1, id: { scheme: null, id: '' } }]);

  // Either servers come and go, or all are named.
  void zk.reconfig({ joining: ['server.5=e:2888:3888;2181'] });
  void zk.reconfig({ joining: ['server.5=e:2888:3888;2181'], leaving: [1, 2] }, { configId: 7n });
  void zk.reconfig({ newMembers: ['server.5=e:2888:3888;2181'] });
  // @ts-expect-error not both
  void zk.reconfig({ joining: [], newMembers: [] });
  // @ts-expect-error not neither
  void zk.reconfig({});
  // @ts-expect-error zxids and what is made of them are bigints
  void zk.reconfig({ leaving: [1] }, { configId: 7 });
}

function transactions(zk: ZooKeeperClient, steps: TransactionStep[]): void {
  expectTypeOf(zk.multi([])).toEqualTypeOf<Promise<[]>>();
  expectTypeOf(zk.multi(steps)).toEqualTypeOf<Promise<TransactionResult[]>>();
  expectTypeOf(
    zk.multi([
      { op: 'create', path: '/a' },
      { op: 'check', path: '/b', version: 1 },
    ]),
  ).toEqualTypeOf<Promise<[TransactionResultOf<'create'>, TransactionResultOf<'check'>]>>();
  // @ts-expect-error a TTL mode needs its ttlMs here too
  void zk.multi([{ op: 'create', path: '/a', mode: 'persistent-ttl' }]);
  void zk.multi([{ op: 'create', path: '/a', mode: 'persistent-ttl', ttlMs: 5 }]);
  // @ts-expect-error a check of any version checks nothing
  void zk.multi([{ op: 'check', path: '/a' }]);
  // @ts-expect-error set needs data
  void zk.multi([{ op: 'set', path: '/a' }]);
  // @ts-expect-error a transaction reads nothing
  void zk.multi([{ op: 'get', path: '/a' }]);
  // @ts-expect-error and a reading one writes nothing
  void zk.multiRead([{ op: 'delete', path: '/a' }]);

  expectTypeOf(
    zk.transaction().create('/a').set('/b', null, 3).delete('/c').check('/d', 1).commit(),
  ).toEqualTypeOf<
    Promise<
      [
        TransactionResultOf<'create'>,
        TransactionResultOf<'set'>,
        TransactionResultOf<'delete'>,
        TransactionResultOf<'check'>,
      ]
    >
  >();
  const open = zk.transaction<TransactionResult[]>();
  for (const path of ['/a', '/b']) open.delete(path);
  expectTypeOf(open.commit()).toEqualTypeOf<Promise<TransactionResult[]>>();
  // @ts-expect-error a TTL mode needs its ttlMs in a chain too
  zk.transaction().create('/a', 'x', { mode: 'persistent-ttl' });
  // @ts-expect-error a check needs its version in a chain too
  zk.transaction().check('/a');

  const read = zk.multiRead([
    { op: 'get', path: '/a' },
    { op: 'getChildren', path: '/a' },
  ]);
  expectTypeOf(read).resolves.toEqualTypeOf<
    [
      { readonly op: 'get'; readonly data: Buffer | null; readonly stat: Stat } | RequestError,
      { readonly op: 'getChildren'; readonly children: string[] } | RequestError,
    ]
  >();
}

describe('types of the client', () => {
  it('are checked by the compiler', () => {
    expectTypeOf(compiled).toBeFunction();
    expectTypeOf(manyAndAcls).toBeFunction();
    expectTypeOf(transactions).toBeFunction();
  });
});
