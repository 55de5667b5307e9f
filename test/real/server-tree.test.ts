import { expect, it } from 'vitest';
import {
  connect,
  type Stat,
  type WatchEvent,
  type ZooKeeperClient,
} from '../../src/client/index.ts';
import { OP } from '../../src/codec/index.ts';
import { DataTree } from '../../src/server/tree/data-tree.ts';
import { TreeWalk } from '../../src/server/tree/tree-walk.ts';
import { statOf, type ZNode } from '../../src/server/tree/znode.ts';
import type { ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { TreeWriter } from '../unit/server/tree/tree-writer.ts';
import { RealClient } from './support/real-client.ts';
import { describeApache } from './support/real-zookeeper.ts';

/** What is compared of a Stat: all but the times, which are the other's clock. */
function timeless(stat: Stat): Partial<Stat> {
  const { ctime: _, mtime: __, ...rest } = stat;
  return rest;
}

/** A row of random numbers below 1, the same in each run. */
function randomRow(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

async function figures(server: ZooKeeperServer): Promise<Record<string, number>> {
  const lines = (await server.fourLetterWord('mntr')).split('\n').map((line) => line.split('\t'));
  const found = lines.map(([name, value]) => [name?.replace('zk_', ''), Number(value)]);
  return Object.fromEntries(found);
}

/** The whole tree of a server, as paths with what `of` makes of each. */
async function everyNode<T>(
  zk: ZooKeeperClient,
  of: (path: string) => Promise<T>,
): Promise<Record<string, T>> {
  const found: Record<string, T> = {};
  const left = ['/'];
  for (let path = left.shift(); path !== undefined; path = left.shift()) {
    found[path] = await of(path);
    const parent = path === '/' ? '' : path;
    left.push(...(await zk.getChildren(path)).map((name) => `${parent}/${name}`));
  }
  return found;
}

describeApache('the tree, compared with a real server of its own', () => {
  const real = new RealClient();

  it('is the same when fresh', async () => {
    const tree = new DataTree();
    const { zk, server } = real;
    const nodes = await everyNode(zk, async (path) => {
      const [{ data, stat }, { acl }] = [await zk.get(path), await zk.getAcl(path)];
      return { data, stat, acl };
    });
    const paths = ['/', '/zookeeper', '/zookeeper/config', '/zookeeper/quota'];
    expect(Object.keys(nodes).sort()).toEqual(paths);
    for (const path of paths) {
      const node = tree.node(path)!;
      expect({ data: node.data, stat: statOf(node), acl: node.acl }, path).toEqual(nodes[path]);
    }
    for (const path of ['/', '/zookeeper']) {
      expect(tree.childNames(tree.node(path)!)).toEqual(await zk.getChildren(path));
    }
    expect(await figures(server)).toMatchObject({
      znode_count: tree.nodeCount,
      approximate_data_size: tree.dataBytes,
      ephemerals_count: 0,
    });
  });
});

describeApache('the tree, when the same is done to a real server', () => {
  const real = new RealClient();

  it('lists children in the same order', async () => {
    const { zk } = real;
    const tree = new DataTree();
    const local = new TreeWriter(tree);
    const top = real.fresh();
    await zk.create(top);
    local.create(top);
    const random = randomRow(7);
    const present: string[] = [];
    const names: ((index: number) => string)[] = [
      (index) => `lock-${String(index).padStart(10, '0')}`,
      () => Math.floor(random() * 2 ** 40).toString(36),
      (index) => `ключ-${index}-${String.fromCharCode(0x4e00 + (index % 900))}`,
      (index) => `${'ab'.repeat(1 + (index % 40))}${index}`,
    ];
    for (let round = 0; round < 40; round++) {
      const pending: Promise<unknown>[] = [];
      for (let step = 0; step < 120; step++) {
        const isDelete = present.length > 0 && random() < (round > 30 ? 0.8 : 0.25);
        if (isDelete) {
          const [name] = present.splice(Math.floor(random() * present.length), 1);
          pending.push(zk.delete(`${top}/${name}`));
          local.delete(`${top}/${name}`);
          // Now and then back at once: last in its bucket.
          if (random() < 0.7) continue;
          present.push(name!);
          pending.push(zk.create(`${top}/${name}`));
          local.create(`${top}/${name}`);
        } else {
          const name = names[step % names.length]!(round * 1000 + step);
          present.push(name);
          pending.push(zk.create(`${top}/${name}`));
          local.create(`${top}/${name}`);
        }
        if (step % 20 === 0 && round % 8 === 0) {
          await Promise.all(pending.splice(0));
          expect(tree.childNames(tree.node(top)!)).toEqual(await zk.getChildren(top));
        }
      }
      await Promise.all(pending);
      expect(tree.childNames(tree.node(top)!)).toEqual(await zk.getChildren(top));
    }
    expect(present.length).toBeGreaterThan(500);
  });

  it('lists and deletes ephemeral znodes in the same order', async () => {
    const { zk, server } = real;
    const tree = new DataTree();
    const local = new TreeWriter(tree);
    const top = real.fresh();
    const owner = await connect(server.connectString);
    const sessionId = owner.sessionId;
    await zk.create(top);
    local.create(top);
    const random = randomRow(11);
    for (let index = 0; index < 200; index++) {
      const path = `${top}/${Math.floor(random() * 2 ** 30).toString(36)}`;
      await owner.create(path, null, { mode: 'ephemeral' });
      local.create(path, null, { sessionId });
      if (random() < 0.3) {
        await owner.delete(path);
        local.delete(path);
      }
      if (index % 10 === 0) {
        expect(tree.ephemeralPaths(sessionId, null)).toEqual(await owner.getEphemerals());
        const prefix = `${top}/1`;
        const some = await owner.getEphemerals(prefix);
        expect(tree.ephemeralPaths(sessionId, prefix)).toEqual(some);
      }
    }
    expect((await figures(server)).ephemerals_count).toBe(tree.ephemeralCount);
    expect((await zk.getChildren(top)).length).toBe(tree.ephemeralCount);

    const told: string[] = [];
    const listener = (event: WatchEvent): number => told.push('path' in event ? event.path : '');
    await using _watch = await zk.watch(top, { recursive: true, listener });
    const deleted: string[] = [];
    local.listener = {
      created: () => {},
      deleted: (path) => deleted.push(path),
      dataChanged: () => {},
    };
    await owner.close();
    local.closeSession(sessionId);
    await zk.sync(top);
    expect(told).toEqual(deleted);
  });

  it('lists few ephemeral znodes in the same order', async () => {
    await using zk = await connect(real.server.connectString);
    const local = new TreeWriter(new DataTree());
    for (const path of ['/i', '/a', '/q', '/y']) {
      await zk.create(path, null, { mode: 'ephemeral' });
      local.create(path, null, { sessionId: zk.sessionId });
      expect(local.tree.ephemeralPaths(zk.sessionId, null)).toEqual(await zk.getEphemerals());
    }
  });

  it('keeps what is used of a quota', async () => {
    const { zk } = real;
    const tree = new DataTree();
    const local = new TreeWriter(tree);
    const create = async (path: string, data: string | null): Promise<void> => {
      await zk.create(path, data);
      local.create(path, data);
    };
    const top = real.fresh();
    const quota = `/zookeeper/quota${top}`;
    const same = async (): Promise<void> => {
      for (const name of ['zookeeper_limits', 'zookeeper_stats']) {
        const path = `${quota}/${name}`;
        const node = tree.node(path)!;
        const { data, stat } = await zk.get(path);
        expect(node.data?.toString(), path).toBe(data?.toString());
        expect([stat.version, stat.mzxid === stat.czxid], path).toEqual([0, true]);
        expect(node.version).toBe(0);
      }
    };
    await create(top, 'four');
    await create(`${top}/below`, null);
    await create(quota, null);
    await create(`${quota}/zookeeper_limits`, 'count=-1,bytes=-1=;byteHardLimit=1000');
    await create(`${quota}/zookeeper_stats`, 'count=0,bytes=0');
    await same();
    await create(`${top}/below/more`, 'twelve bytes');
    await same();
    await zk.set(`${top}/below`, 'gains');
    local.setData(`${top}/below`, 'gains');
    await same();
    await zk.delete(`${top}/below/more`);
    local.delete(`${top}/below/more`);
    await same();
    // A quota further down takes over what is below it; what was counted stays.
    await create(`${quota}/below`, null);
    await create(`${quota}/below/zookeeper_stats`, 'count=0,bytes=0');
    await create(`${quota}/below/zookeeper_limits`, 'count=3,bytes=4');
    await create(`${top}/below/other`, 'abc');
    await same();
    const further = await zk.get(`${quota}/below/zookeeper_stats`);
    expect(further.data?.toString()).toBe('count=2,bytes=8');
    const ours = tree.node(`${quota}/below/zookeeper_stats`)!;
    expect(ours.data?.toString()).toBe('count=2,bytes=8');
    // What clients write into it is what it is.
    await zk.set(`${quota}/zookeeper_stats`, 'bytes=7;other=5,another=+06');
    local.setData(`${quota}/zookeeper_stats`, 'bytes=7;other=5,another=+06');
    await create(`${top}/aside`, 'ab');
    const { data } = await zk.get(`${quota}/zookeeper_stats`);
    expect(tree.node(`${quota}/zookeeper_stats`)!.data?.toString()).toBe(data?.toString());
    // Without limits nothing is counted.
    await zk.delete(`${quota}/zookeeper_limits`);
    local.delete(`${quota}/zookeeper_limits`);
    await create(`${top}/uncounted`, null);
    const { data: left } = await zk.get(`${quota}/zookeeper_stats`);
    expect(left?.toString()).toBe(data?.toString());
    expect(tree.node(`${quota}/zookeeper_stats`)!.data?.toString()).toBe(data?.toString());
  });
});

describeApache('the tree, after the same random writes as a real server', () => {
  const real = new RealClient();

  it('has the same Stats, counts and sizes, and after a restart too', async () => {
    const { zk, server } = real;
    const { stat: first } = await zk.create('/first', null, { withStat: true });
    const local = new TreeWriter(new DataTree(), first.czxid - 1n);
    const { tree } = local;
    local.create('/first');
    const random = randomRow(3);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
    const everybody = { scheme: 'world', id: 'anyone' };
    const reader = { perms: 1, id: { scheme: 'ip', id: '127.0.0.9' } };
    for (let step = 0; step < 1500; step++) {
      const path = Array.from(
        { length: 1 + Math.floor(random() * 3) },
        () => `/${pick('abcd'.split(''))}`,
      ).join('');
      const data = pick([null, '', 'x', 'x'.repeat(300)]);
      const acl = [{ perms: 31, id: everybody }, ...(step % 2 === 0 ? [] : [reader])];
      const node = tree.node(path);
      const isParent = tree.node(path.slice(0, path.lastIndexOf('/'))) !== undefined;
      const kind = random();
      if (node === undefined && !isParent) continue;
      if (node === undefined && kind < 0.2) {
        await zk.create(path, data, { mode: 'container', acl });
        local.create(path, data, { container: true, acl });
      } else if (node === undefined && kind < 0.4) {
        await zk.create(path, data, { mode: 'persistent-ttl', ttlMs: 1e9 });
        local.create(path, data, { ttlMs: 1e9 });
      } else if (node === undefined) {
        await zk.create(path, data, { acl });
        local.create(path, data, { acl });
      } else if (node.childCount === 0 && kind < 0.4) {
        await zk.delete(path);
        local.delete(path);
      } else if (kind < 0.5) {
        await zk.setAcl(path, acl);
        local.setAcl(path, acl);
      } else if (kind < 0.6) {
        await zk.multi([
          { op: 'set', path, data },
          { op: 'create', path: `${path}/m` },
          { op: 'delete', path: `${path}/m` },
          { op: 'set', path, data: 'last' },
        ]);
        const version = node.version + 2;
        local.apply({
          type: OP.multi,
          txns: [
            local.setDataTxn(path, data),
            local.createTxn(`${path}/m`),
            { type: OP.delete, path: `${path}/m` },
            { type: OP.setData, path, data: Buffer.from('last'), version },
          ],
        });
      } else {
        await zk.set(path, data);
        local.setData(path, data);
      }
    }
    await same();
    await server.restart();
    await zk.sync('/');
    await same();
    // By now the server has a snapshot of all. The order of children is that of the snapshot.
    await server.restart();
    await zk.sync('/');
    reload();
    await same();

    async function same(): Promise<void> {
      const nodes = await everyNode(zk, async (path) => {
        const [{ data, stat }, { acl }] = [await zk.get(path), await zk.getAcl(path)];
        return { data, acl, stat: timeless(stat), children: await zk.getChildren(path) };
      });
      expect(Object.keys(nodes)).toHaveLength(tree.nodeCount - 1);
      for (const [path, theirs] of Object.entries(nodes)) {
        const node = tree.node(path)!;
        const { data, acl, childNames: children } = node;
        expect({ data, acl, stat: timeless(statOf(node)), children }, path).toEqual(theirs);
        expect(tree.descendantsOf(path)).toBe(await zk.getAllChildrenNumber(path));
      }
      expect(await figures(server)).toMatchObject({
        znode_count: tree.nodeCount,
        approximate_data_size: tree.dataBytes,
      });
    }

    function reload(): void {
      const walk = new TreeWalk(tree);
      const nodes: [path: string, node: ZNode][] = [];
      while (walk.next()) nodes.push([walk.path, walk.node]);
      tree.beginRestore();
      for (const [path, old] of nodes) {
        old.children = null;
        expect(tree.restore(path, old)).toBe(true);
      }
      expect(tree.endRestore(local.zxid)).toBe(true);
    }
  });
});
