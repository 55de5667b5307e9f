import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ZooKeeperClient } from '../../../src/client/index.ts';
import {
  discover,
  register,
  ServiceError,
  type ServiceInstance,
  type ServiceWatcher,
  type WatchServiceOptions,
  watchService,
} from '../../../src/recipes/index.ts';
import { addressesOf, ServiceRig, Told } from './service-rig.ts';

const SHOP = '/services/shop';

let rig: ServiceRig;
/** Whose changes are watched by another. */
let writer: ZooKeeperClient;
let zk: ZooKeeperClient;
let told: Told<readonly ServiceInstance[]>;

beforeEach(async () => {
  rig = await ServiceRig.start();
  writer = await rig.client();
  zk = await rig.client();
  told = new Told();
});

afterEach(() => rig[Symbol.asyncDispose]());

/** Nodes as a program of somebody else makes them: nobody makes them again. */
async function registerAll(...addresses: string[]): Promise<void> {
  await writer.ensurePath(SHOP);
  for (const each of addresses) await writer.create(`${SHOP}/${each}`, each, { mode: 'ephemeral' });
}

function watched(options: WatchServiceOptions = {}): ReturnType<typeof watchService> {
  return watchService(zk, SHOP, { onChange: told.tell, ...options });
}

/** The list that was told with these, in order of their names. */
const shows = (...addresses: string[]): Promise<readonly ServiceInstance[]> =>
  told.until((list) => String(addressesOf(list)) === String(addresses));

describe('discover', () => {
  it('gives nobody where nobody ever was', async () => {
    expect(await discover(zk, SHOP)).toEqual([]);
    await expect(discover(zk, 'shop')).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });

  it('understands nodes of others: data that is the address, and names that are', async () => {
    await writer.ensurePath(SHOP);
    await writer.create(`${SHOP}/127.0.0.1:8897`, null, { mode: 'ephemeral' });
    await writer.create(`${SHOP}/server0000000091`, '172.10.01.12');
    await writer.create(`${SHOP}/t`, '{"address":7}');
    const seen = await discover(zk, SHOP);
    expect(addressesOf(seen)).toEqual(['127.0.0.1:8897', '172.10.01.12', '{"address":7}']);
    expect(seen.map(({ sessionId }) => sessionId)).toEqual([writer.sessionId, 0n, 0n]);
  });
});

describe('a watched service', () => {
  it('follows those who come, change and go', async () => {
    await using shop = await watched();
    expect(shop.instances).toEqual([]);
    await registerAll('b:1');
    await shows('b:1');
    const registration = await register(writer, SHOP, { address: 'a:1' }, { name: 'a:1' });
    await shows('a:1', 'b:1');
    await writer.set(`${SHOP}/b:1`, '{"address":"b:2","weight":2}');
    const list = await shows('a:1', 'b:2');
    expect(list[1]?.metadata).toEqual({ weight: 2 });
    await registration.deregister();
    await shows('b:2');
    expect(shop.instances).toBe(told.all.at(-1));
    expect(told.all).toHaveLength(5);
    expect(shop.isCurrent).toBe(true);
  });

  it('reads what is new only, and tells a change only', async () => {
    await registerAll('a:1', 'b:1', 'c:1');
    await using _shop = await watched();
    zk.startMetrics();
    await registerAll('d:1');
    await shows('a:1', 'b:1', 'c:1', 'd:1');
    await writer.create(`${SHOP}/a:below`, 'x');
    await told.until((list) => list.length === 5);
    expect(zk.metrics?.snapshot().operations.getData?.ok).toBe(2);
  });

  it('is not misled by a change between a list and the nodes in it', async () => {
    await registerAll('a:1', 'b:1');
    const reading = rig.server.faults.inject(
      { op: 'getData', sessionId: zk.sessionId },
      { delayMs: 30 },
    );
    const coming = watched();
    await reading.hit;
    await writer.set(`${SHOP}/b:1`, 'b:2');
    await writer.delete(`${SHOP}/a:1`);
    await coming;
    await shows('b:2');
  });

  it('reads again what has changed behind its back while the rest is read', async () => {
    await registerAll('a:1', 'b:1', 'c:1');
    const failed = new Told<{ code: string }>();
    // The first node is read, the others have to wait: meanwhile it changes, and one of them goes.
    const match = { op: 'getData', sessionId: zk.sessionId, after: 1 } as const;
    const reading = rig.server.faults.inject(match, { delayMs: 50 });
    const coming = watched({ onFailed: failed.tell });
    await reading.hit;
    await writer.set(`${SHOP}/a:1`, 'a:2');
    await writer.delete(`${SHOP}/c:1`);
    await coming;
    await shows('a:2', 'b:1');
    expect(failed.all).toEqual([]);
  });

  it('reads a node again when the server put it off, and when the connection is cut in between', async () => {
    await registerAll('a:1', 'b:1');
    await using _shop = await watched();
    const match = { op: 'getData', sessionId: zk.sessionId } as const;
    rig.server.faults.inject(match, { answer: 'THROTTLEDOP' });
    await writer.set(`${SHOP}/a:1`, 'a:2');
    await shows('a:2', 'b:1');
    rig.server.faults.inject(match, { cut: 'before' });
    await writer.set(`${SHOP}/b:1`, 'b:2');
    await shows('a:2', 'b:2');
    expect(told.all.every((list) => list.length === 2)).toBe(true);
  });

  it('is not current while it is read again, and is when that is told', async () => {
    await registerAll('a:1');
    const current: (boolean | undefined)[] = [];
    let shop: ServiceWatcher | undefined;
    shop = await watched({
      onChange: (list) => {
        current.push(shop?.isCurrent);
        told.tell(list);
      },
    });
    expect(shop.isCurrent).toBe(true);
    const match = { op: 'getChildren', sessionId: zk.sessionId } as const;
    const reading = rig.server.faults.inject(match, { delayMs: 20 });
    await registerAll('b:1');
    await reading.hit;
    expect(shop.isCurrent).toBe(false);
    await shows('a:1', 'b:1');
    expect(shop.isCurrent).toBe(true);
    expect(current.slice(1)).toEqual([true]);
  });

  it('does not care for what is below an instance', async () => {
    await writer.ensurePath(`${SHOP}/a`);
    await using shop = await watched();
    zk.startMetrics();
    await writer.create(`${SHOP}/a/below`, 'x');
    await writer.set(`${SHOP}/a/below`, 'y');
    await zk.sync('/');
    expect(shop.isCurrent).toBe(true);
    expect(Object.keys(zk.metrics?.snapshot().operations ?? {})).toEqual(['sync']);
  });

  it('does not keep what it read when the change comes in the same breath', async () => {
    await registerAll('a:1');
    const shop = await watched();
    // The reply with the first and the event of the second come in one read of the link.
    for (let turn = 2; turn < 60; turn++) void writer.set(`${SHOP}/a:1`, `a:${turn}`);
    await shows('a:59');
    expect(addressesOf(shop.instances)).toEqual(['a:59']);
  });

  it('misses nothing while the connection is lost', async () => {
    await registerAll('a:1', 'b:1');
    await using shop = await watched();
    const gate = rig.server.faults.inject(
      { op: 'setWatches2', sessionId: zk.sessionId },
      { delayMs: 20 },
    );
    rig.server.faults.cut(zk.sessionId);
    await writer.set(`${SHOP}/a:1`, 'a:2');
    await writer.delete(`${SHOP}/b:1`);
    await registerAll('c:1');
    await gate.hit;
    await shows('a:2', 'c:1');
    expect(addressesOf(shop.instances)).toEqual(['a:2', 'c:1']);
  });

  it('goes on after its session has expired', async () => {
    await registerAll('a:1');
    await using shop = await watched();
    const before = zk.sessionId;
    rig.server.faults.expireSession(before);
    await registerAll('b:1');
    await shows('a:1', 'b:1');
    expect(zk.sessionId).not.toBe(before);
    await registerAll('c:1');
    await shows('a:1', 'b:1', 'c:1');
    expect(await zk.checkWatches(SHOP)).toBe(true);
    expect(shop.isCurrent).toBe(true);
  });

  it('follows through the death of those who are registered: gone with their sessions', async () => {
    await registerAll('a:1');
    const dying = await rig.client();
    await register(dying, SHOP, { address: 'z:1' }, { name: 'z:1', onEvent: () => {} });
    await using _shop = await watched();
    await shows('a:1', 'z:1');
    await dying.close();
    await shows('a:1');
  });

  it('need not exist, and may go and come', async () => {
    await using _shop = await watched();
    await registerAll('a:1');
    await shows('a:1');
    await writer.deleteRecursive(SHOP);
    await told.until((list) => list.length === 0, 1);
    await registerAll('b:1');
    await shows('b:1');
  });

  it('has paths of the client below a chroot', async () => {
    const inside = await rig.client('/apps/one');
    await using shop = await watchService(inside, SHOP, { onChange: told.tell });
    await register(inside, SHOP, { address: 'a:1' });
    await shows('a:1');
    expect(shop.servicePath).toBe(SHOP);
    expect(await zk.getChildren(`/apps/one${SHOP}`)).toHaveLength(1);
  });

  it('that is the root of a chroot works too', async () => {
    await writer.create('/only');
    const inside = await rig.client('/only');
    await using _shop = await watchService(inside, '/', { onChange: told.tell });
    await register(inside, '/', { address: 'a:1' }, { name: 'a' });
    await shows('a:1');
  });

  it('leaves out what it may not read, and says so', async () => {
    await writer.ensurePath(SHOP);
    const failed = new Told<{ code: string }>();
    await using shop = await watched({ onFailed: failed.tell });
    await registerAll('a:1');
    await shows('a:1');
    rig.server.faults.inject({ op: 'getData', path: `${SHOP}/b:1` }, { answer: 'NOAUTH' });
    await registerAll('b:1');
    await failed.until(({ code }) => code === 'NOAUTH');
    expect(addressesOf(shop.instances)).toEqual(['a:1']);
    await writer.set(`${SHOP}/b:1`, 'b:2');
    await shows('a:1', 'b:2');
  });

  it('is read again when a read fails', async () => {
    await registerAll('a:1');
    const failed = new Told<{ code: string }>();
    await using _shop = await watched({ onFailed: failed.tell });
    const fault = rig.server.faults.inject(
      { op: ['getChildren', 'getChildren2'], sessionId: zk.sessionId },
      { answer: 'THROTTLEDOP' },
    );
    await registerAll('b:1');
    await shows('a:1', 'b:1');
    expect([fault.hits, failed.all.map(({ code }) => code)]).toEqual([1, ['THROTTLEDOP']]);
  });

  it('rejects with what the server refuses, and leaves nothing', async () => {
    rig.server.faults.inject({ op: 'addWatch' }, { answer: 'NOAUTH' });
    await expect(watched()).rejects.toMatchObject({ code: 'NOAUTH' });
    await expect(watched({ signal: AbortSignal.abort('no') })).rejects.toMatchObject({
      code: 'ABORTED',
      cause: 'no',
    });
    expect(zk.listenerCount('state')).toBe(0);
    await zk.close();
    await expect(watched()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
  });

  it.each(['throw', 'reject'])('is not disturbed by listeners that %s', async (how) => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    await using shop = await watched({
      onChange: () => {
        if (how === 'reject') return Promise.reject(new Error('broken')) as never;
        throw new Error('broken');
      },
    });
    expect((await warned).message).toContain('broken');
    await registerAll('a:1');
    await expect.poll(() => addressesOf(shop.instances)).toEqual(['a:1']);
  });

  it('that is closed follows no more and leaves nothing, with or without a connection', async () => {
    await registerAll('a:1');
    const shop = await watched();
    await shop.close();
    await shop.close();
    expect(zk.listenerCount('state')).toBe(0);
    expect(await zk.checkWatches(SHOP)).toBe(false);
    await registerAll('b:1');
    await zk.sync('/');
    expect(addressesOf(shop.instances)).toEqual(['a:1']);
    expect([shop.isCurrent, told.all.length]).toEqual([false, 1]);
    const second = await watched();
    rig.server.faults.freeze();
    rig.server.faults.cut(zk.sessionId);
    await second.close();
    rig.server.faults.thaw();
    await zk.sync('/');
    expect(await zk.checkWatches(SHOP)).toBe(false);
  });
});

describe('who is chosen', () => {
  it('is each in turn, over the list as it is (row 003.6)', async () => {
    await registerAll('a:1', 'b:1', 'c:1');
    await using shop = await watched();
    const picked = (): string => shop.pick().address;
    expect([picked(), picked(), picked(), picked()]).toEqual(['a:1', 'b:1', 'c:1', 'a:1']);
    await writer.delete(`${SHOP}/c:1`);
    await shows('a:1', 'b:1');
    expect([picked(), picked(), picked()]).toEqual(['a:1', 'b:1', 'a:1']);
    expect(addressesOf(shop.inOrder())).toEqual(['b:1', 'a:1']);
  });

  it('is anyone by chance, and nobody beyond the end (row 003.6)', async () => {
    await registerAll('a:1', 'b:1');
    let chance = 0;
    await using shop = await watched({ random: () => chance });
    const seen = [0, 0.49, 0.5, 0.999].map((value) => {
      chance = value;
      return shop.pick('chance').address;
    });
    expect(seen).toEqual(['a:1', 'a:1', 'b:1', 'b:1']);
    expect(addressesOf(shop.inOrder('chance'))).toEqual(['b:1', 'a:1']);
    await using other = await watchService(zk, SHOP);
    const addresses = new Set(Array.from({ length: 200 }, () => other.pick('chance').address));
    expect([...addresses].sort()).toEqual(['a:1', 'b:1']);
  });

  it('is nobody when there is nobody: an error with a code, and later somebody (row 003.7)', async () => {
    await using shop = await watched();
    expect(() => shop.pick()).toThrow(ServiceError);
    expect(() => shop.inOrder('chance')).toThrow(
      expect.objectContaining({ code: 'NO_INSTANCE', servicePath: SHOP }),
    );
    await registerAll('a:1');
    await shows('a:1');
    expect(shop.pick().address).toBe('a:1');
  });
});
