import { describe, expect, it } from 'vitest';
import type { ACL, NodeData, ZooKeeperClient } from '../../../src/client/index.ts';
import type { SentFrame } from '../pipeline/frames.ts';
import { turn } from '../session/scripted-network.ts';
import { scriptedClient } from './scripted-client.ts';

/**
 * Reading a caller's arguments may run the caller's code, and that may make requests of its own: one that
 * is sent, and one that fails when half of it is encoded. What is read in the middle of a request of the
 * outer call would put something else into its frame.
 */

/** Gives a value, and may do something before. */
type Give = <T>(value: T) => T;

type Call = (zk: ZooKeeperClient, give: Give) => unknown;

/** The same object, with accessors for its properties. */
function read<const T extends object>(give: Give, values: T): T {
  const object = {};
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(object, name, { enumerable: true, get: () => give(value) });
  }
  return object as T;
}

/** The same list, with accessors for its entries. */
function listed<T>(give: Give, values: readonly T[]): T[] {
  const list: T[] = [];
  for (const [at, value] of values.entries()) {
    Object.defineProperty(list, at, { enumerable: true, get: () => give(value) });
  }
  return list;
}

const limits = (give: Give) => read(give, { timeoutMs: 60_000, signal: undefined });

const aclOf = (give: Give): ACL[] =>
  listed(give, [
    read(give, { perms: 3, id: read(give, { scheme: 'world', id: 'anyone' }) }),
    read(give, { perms: 5, id: read(give, { scheme: 'ip', id: '10.0.0.1' }) }),
  ]);

/** Bytes that tell nobody how many they are without doing something else. */
function bytes(give: Give): Uint8Array {
  class Counted extends Uint8Array {
    override get length(): number {
      return give(super.length);
    }
  }
  return new Counted([1, 2, 3, 4, 5]);
}

const told = (): void => {};

const CALLS: Record<string, Call> = {
  get: (zk, give) => zk.get('/outer', read(give, { watch: told, timeoutMs: 60_000 })),
  exists: (zk, give) => zk.exists('/outer', read(give, { watch: told, timeoutMs: 60_000 })),
  getChildren: (zk, give) =>
    zk.getChildren('/outer', read(give, { watch: told, withStat: true, timeoutMs: 60_000 })),
  getAcl: (zk, give) => zk.getAcl('/outer', limits(give)),
  getEphemerals: (zk, give) => zk.getEphemerals('/outer', limits(give)),
  getAllChildrenNumber: (zk, give) => zk.getAllChildrenNumber('/outer', limits(give)),
  whoAmI: (zk, give) => zk.whoAmI(limits(give)),
  getConfig: (zk, give) => zk.getConfig(read(give, { watch: told, timeoutMs: 60_000 })),
  sync: (zk, give) => zk.sync('/outer', limits(give)),
  getMany: (zk, give) => zk.getMany(listed(give, ['/outer', '/outer/2']), limits(give)),
  existsMany: (zk, give) => zk.existsMany(listed(give, ['/outer', '/outer/2']), limits(give)),
  getChildrenMany: (zk, give) =>
    zk.getChildrenMany(listed(give, ['/outer', '/outer/2']), limits(give)),
  multiRead: (zk, give) =>
    zk.multiRead(
      listed(give, [
        read(give, { op: 'get', path: '/outer' }),
        read(give, { op: 'getChildren', path: '/outer' }),
      ]),
      limits(give),
    ),
  walk: (zk, give) => zk.walk('/outer', read(give, { order: 'depth', aheadMax: 3 })).next(),
  set: (zk, give) => zk.set('/outer', bytes(give), read(give, { version: 7, timeoutMs: 60_000 })),
  create: (zk, give) =>
    zk.create(
      '/outer',
      bytes(give),
      read(give, { mode: 'persistent-ttl', ttlMs: 9, acl: aclOf(give), withStat: true }),
    ),
  delete: (zk, give) => zk.delete('/outer', read(give, { version: 7, timeoutMs: 60_000 })),
  setAcl: (zk, give) =>
    zk.setAcl('/outer', aclOf(give), read(give, { aversion: 7, timeoutMs: 60_000 })),
  multi: (zk, give) =>
    zk.multi(
      listed(give, [
        read(give, { op: 'create', path: '/outer', data: bytes(give), acl: aclOf(give) }),
        read(give, { op: 'set', path: '/outer', data: bytes(give), version: 1 }),
        read(give, { op: 'check', path: '/outer', version: 2 }),
        read(give, { op: 'delete', path: '/outer', version: 2 }),
      ]),
      limits(give),
    ),
  transaction: (zk, give) =>
    zk
      .transaction()
      .create('/outer', bytes(give), read(give, { mode: 'ephemeral', acl: aclOf(give) }))
      .set('/outer', bytes(give), 3)
      .commit(limits(give)),
  'reconfig, one by one': (zk, give) =>
    zk.reconfig(
      read(give, { joining: listed(give, ['server.4=h:2888:3888']), leaving: listed(give, [2]) }),
      read(give, { configId: 7n, timeoutMs: 60_000 }),
    ),
  'reconfig, all': (zk, give) =>
    zk.reconfig(read(give, { newMembers: listed(give, ['server.4=h:2888:3888']) }), limits(give)),
  ensurePath: (zk, give) => zk.ensurePath('/outer', read(give, { acl: aclOf(give) })),
  createProtected: (zk, give) =>
    zk.createProtected(
      '/outer/a',
      bytes(give),
      read(give, { acl: aclOf(give), protectionId: '00000000-0000-4000-8000-000000000000' }),
    ),
  deleteRecursive: (zk, give) => zk.deleteRecursive('/outer', limits(give)),
  watch: (zk, give) =>
    zk.watch('/outer', read(give, { recursive: true, listener: told, timeoutMs: 60_000 })),
  checkWatches: (zk, give) => zk.checkWatches('/outer', 'any', limits(give)),
  addAuth: (zk, give) => zk.addAuth(read(give, { scheme: 'digest', auth: bytes(give) })),
  'lending get': (zk, give) => zk.lending.get('/outer', told, limits(give)),
  'lending set': (zk, give) => zk.lending.set('/outer', bytes(give), 3, told, limits(give)),
  'lending exists': (zk, give) => zk.lending.exists('/outer', told, limits(give)),
  'lending create': (zk, give) => zk.lending.create('/outer', bytes(give), told, limits(give)),
  'lending delete': (zk, give) => zk.lending.delete('/outer', 3, told, limits(give)),
  'lending getChildren': (zk, give) => zk.lending.getChildren('/outer', told, limits(give)),
  'lending sync': (zk, give) => zk.lending.sync('/outer', told, limits(give)),
};

const isNested = ({ op, body }: SentFrame): boolean => op === 4 && body.includes('/inner');

/** What a call sends when reading its arguments does `nested`: its own requests, without their xids. */
async function sentBy(call: Call, nested: (zk: ZooKeeperClient) => void): Promise<unknown[]> {
  const { zk, sent } = await scriptedClient();
  const give: Give = (value) => {
    nested(zk);
    return value;
  };
  const result = call(zk, give);
  if (result instanceof Promise) result.catch(() => {});
  await turn();
  return sent()
    .filter((frame) => !isNested(frame))
    .map(({ op, body }) => [op, body.toString('latin1')]);
}

describe('a request that the arguments of another one make when they are read', () => {
  it.each(Object.entries(CALLS))('is none of its business: %s', async (_, call) => {
    const alone = await sentBy(call, () => {});
    expect(alone).not.toEqual([]);
    let inner = 0;
    const nested = (path: string) => (zk: ZooKeeperClient) => {
      // Reading many arguments asks for a lot.
      if (inner++ < 1000) void zk.get(path).catch(() => {});
    };
    expect(await sentBy(call, nested('/inner'))).toEqual(alone);
    expect(await sentBy(call, nested('/inner//'))).toEqual(alone);
    expect(inner).toBeGreaterThan(1);
  });
});

it.each(['set', 'create', 'multi', 'lending set'])(
  'a Proxy of bytes is no data: its traps would run inside of the frame (%s)',
  async (name) => {
    const { zk, sent } = await scriptedClient();
    let trapped = 0;
    const data = new Proxy(Buffer.from('abc'), {
      get: (target, key) => {
        trapped++;
        return Reflect.get(target, key);
      },
    }) as NodeData;
    const asked = async (): Promise<unknown> => {
      if (name === 'set') return zk.set('/outer', data);
      if (name === 'create') return zk.create('/outer', data);
      if (name === 'multi') return zk.multi([{ op: 'set', path: '/outer', data }]);
      return zk.lending.set('/outer', data, -1, told);
    };
    await expect(asked()).rejects.toMatchObject({ code: 'BAD_ARGUMENT', outcome: 'not-sent' });
    await turn();
    expect(sent()).toEqual([]);
    expect(trapped).toBe(0);
  },
);
