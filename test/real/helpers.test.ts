import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { connect, RequestError, retry, type ZooKeeperClient } from '../../src/client/index.ts';
import { failureOf } from './support/failures.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { RealClient } from './support/real-client.ts';
import { describeReal } from './support/real-zookeeper.ts';

describeReal('helpers on a real server', () => {
  const real = new RealClient();
  let zk: ZooKeeperClient;
  const fresh = (): string => real.fresh();

  beforeAll(() => {
    zk = real.zk;
  });

  /** `fan` children, each with `fan` children: gives all paths. */
  async function tree(base: string, fan: number): Promise<string[]> {
    await zk.create(base);
    const first = Array.from({ length: fan }, (_, index) => `${base}/${index}`);
    const second = first.flatMap((path) =>
      Array.from({ length: fan }, (_, index) => `${path}/${index}`),
    );
    await Promise.all([...first, ...second].map((path) => zk.create(path, path)));
    return [base, ...first, ...second];
  }

  it('ensures a path, however often and from however many places', async () => {
    const base = fresh();
    const path = `${base}/a/b/c/d/e`;
    await Promise.all(Array.from({ length: 20 }, () => zk.ensurePath(path)));
    await zk.ensurePath(path);
    expect(await zk.exists(path)).not.toBeNull();
    const ephemeral = await zk.create(`${base}/e`, null, { mode: 'ephemeral' });
    expect(await failureOf(zk.ensurePath(`${ephemeral}/x/y`))).toMatchObject({
      code: 'NOCHILDRENFOREPHEMERALS',
      path: `${ephemeral}/x`,
    });
  });

  it('reads more nodes than may be in flight, with one promise', async () => {
    const paths = await tree(fresh(), 40);
    const narrow = await connect(real.server.connectString, { inflightMax: 100 });
    const asked = [...paths, ...paths, '/none', 'bad'];
    const results = await narrow.getMany(asked);
    expect(results).toHaveLength(asked.length);
    const wrong = results.slice(1, paths.length).filter((result, index) => {
      return result instanceof RequestError || String(result.data) !== paths[index + 1];
    });
    expect(wrong).toEqual([]);
    expect(results.slice(-2).map((result) => (result as RequestError).code)).toEqual([
      'NONODE',
      'BAD_ARGUMENT',
    ]);
    const stats = await narrow.existsMany(['/none', paths[0]!]);
    expect(stats).toMatchObject([null, { numChildren: 40 }]);
    expect((await narrow.getChildrenMany([paths[0]!]))[0]).toHaveLength(40);
    await narrow.close();
  });

  it('walks over a tree and deletes it', async () => {
    const base = fresh();
    const paths = await tree(base, 50);
    for (const order of ['breadth', 'depth'] as const) {
      const seen: string[] = [];
      for await (const { path, stat, children } of zk.walk(base, { order })) {
        expect(stat.numChildren).toBe(children.length);
        expect(seen.length === 0 || seen.includes(path.slice(0, path.lastIndexOf('/')))).toBe(true);
        seen.push(path);
      }
      expect(seen.sort()).toEqual([...paths].sort());
    }
    await zk.deleteRecursive(base);
    expect(await zk.exists(base)).toBeNull();
    await zk.deleteRecursive(base);
  });

  it('deletes a tree that others write into until they stop', async () => {
    const base = fresh();
    await tree(base, 10);
    const other = await connect(real.server.connectString);
    let writing = true;
    let made = 0;
    const writer = (async () => {
      while (writing && made < 2000) {
        await other.create(`${base}/3/w${made++}`).catch(() => {});
      }
    })();
    await delay(20);
    const deleted = await zk.deleteRecursive(base).then(
      () => 'deleted',
      (error: RequestError) => error.code,
    );
    writing = false;
    await writer;
    expect(['deleted', 'NOTEMPTY']).toContain(deleted);
    await retry(() => zk.deleteRecursive(base), { idempotent: true });
    expect(await zk.exists(base)).toBeNull();
    await other.close();
  });

  it.each([
    // Every few milliseconds: too often for a single call, but a call with the same id goes on with it.
    [5, () => ({ protectionId: randomUUID() }), 20],
    // Again and again, but not ten times during one call.
    [60, () => ({}), 5],
  ] as const)(
    'creates protected nodes, one each, over connections that break every %i ms and more',
    async (leastMs, protection, resetsMin) => {
      const base = fresh();
      await zk.create(base);
      const port = Number(real.server.connectString.split(':')[1]);
      await using proxy = await FaultProxy.listen({ host: '127.0.0.1', port });
      const shaky = await connect(proxy.connectString);
      const paths: string[] = [];
      const breaker = breaking(proxy, leastMs, 'protectionId' in protection(), () => paths.length);
      const createOne = async (): Promise<void> => {
        const options = { mode: 'ephemeral-sequential', ...protection() } as const;
        const create = (): Promise<string> => shaky.createProtected(`${base}/lock-`, null, options);
        const idempotent = 'protectionId' in options;
        paths.push(await retry(create, { idempotent, attempts: 100, pauseMs: 5 }));
      };
      while (paths.length < 200 || proxy.counters().resets < resetsMin) {
        await Promise.all(Array.from({ length: 5 }, createOne));
      }
      await breaker.stop();
      const names = await zk.getChildren(base);
      expect(names.map((name) => `${base}/${name}`).sort()).toEqual([...paths].sort());
      expect(new Set(paths).size).toBe(paths.length);
      await shaky.close();
    },
  );
});

/**
 * Resets all connections, again and again. On a slow machine with longer pauses, so that something is `done` at last;
 * or not until something is, if not `often`.
 */
function breaking(
  proxy: FaultProxy,
  leastMs: number,
  often: boolean,
  done: () => number,
): { stop(): Promise<void> } {
  let going = true;
  const over = (async () => {
    let before = done();
    let inVain = 0;
    for (let ms = 1; going; ms = (ms * 7) % 23) {
      await delay(leastMs + ms + inVain);
      while (!often && going && done() === before) await delay(1);
      inVain = done() === before ? inVain + 1 : 0;
      before = done();
      proxy.reset();
    }
  })();
  return {
    stop: () => {
      going = false;
      return over;
    },
  };
}
