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
  TransactionStep,
  ZooKeeperClient,
} from '../../src/client/index.ts';

/** Never run: what the compiler says of it is the test (`tsc -p test`, part of the build). */
function compiled(zk: ZooKeeperClient, lending: LendingClient, flag: boolean): void {
  expectTypeOf(zk.get('/a')).toEqualTypeOf<Promise<GetResult>>();
  expectTypeOf(
    zk.get('/a', { signal: undefined, timeoutMs: undefined }),
  ).resolves.toEqualTypeOf<GetResult>();
  expectTypeOf(zk.exists('/a')).toEqualTypeOf<Promise<Stat | null>>();
  expectTypeOf(zk.set('/a', null, { version: 3 })).toEqualTypeOf<Promise<Stat>>();
  expectTypeOf(zk.multi([])).toEqualTypeOf<Promise<TransactionResult[]>>();

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
  // @ts-expect-error inside a transaction neither
  void zk.multi([{ op: 'create', path: '/a', mode: 'persistent-ttl' }]);
  void zk.multi([{ op: 'create', path: '/a', mode: 'persistent-ttl', ttlMs: 5 }]);
  const kind: CreateKind = flag ? { mode: 'container' } : { mode: 'persistent-ttl', ttlMs: 5 };
  void zk.create('/a', 'x', kind);

  // check exists inside a transaction only, and needs its version there.
  // @ts-expect-error no such method
  void zk.check('/a', 1);
  void zk.multi([{ op: 'check', path: '/a', version: 1 }]);
  // @ts-expect-error a check of any version checks nothing
  void zk.multi([{ op: 'check', path: '/a' }]);

  // Data is bytes, a string or null, and never forgotten.
  // @ts-expect-error numbers are not stringified
  void zk.set('/a', 7);
  // @ts-expect-error set needs data
  void zk.set('/a');
  // @ts-expect-error set needs data inside a transaction too
  void zk.multi([{ op: 'set', path: '/a' }]);
  // @ts-expect-error a transaction reads nothing
  void zk.multi([{ op: 'get', path: '/a' }] satisfies TransactionStep[]);

  lending.get('/a', (error, reply) => {
    expectTypeOf(error).toEqualTypeOf<RequestError | null>();
    expectTypeOf(reply).toEqualTypeOf<GetResult | undefined>();
  });
  lending.delete('/a', -1, (error) => void error?.outcome);
}

describe('types of the client', () => {
  it('are checked by the compiler', () => {
    expectTypeOf(compiled).toBeFunction();
  });
});
