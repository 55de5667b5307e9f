import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, type ZooKeeperClient } from '../../src/client/index.ts';
import { type Registration, register, watchService } from '../../src/recipes/index.ts';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { describeReal } from './support/real-zookeeper.ts';

const SHOP = '/services/shop';
const WAIT = { interval: 20 };

describeReal('registration and discovery on a real server', () => {
  let server: ZooKeeperServer;
  let direct: ZooKeeperClient;

  beforeAll(async () => {
    const configLines = ['forceSync=no'];
    server = await startServer({
      fastStart: true,
      tickTimeMs: 200,
      maxSessionTimeoutMs: 40_000,
      configLines,
    });
    direct = await connect(server.connectString, { sessionTimeoutMs: 40_000 });
  });

  afterAll(async () => {
    await direct?.close();
    await server?.stop();
  });

  it('survive resets, a partition that ends their sessions, and the death of the server', async () => {
    await using proxy = await FaultProxy.listen(server);
    const clients = await Promise.all(
      [1, 2, 3].map(() => connect(proxy.connectString, { sessionTimeoutMs: 10_000 })),
    );
    const events: string[] = [];
    const registrations: Registration[] = [];
    for (const [at, zk] of clients.entries()) {
      const name = `shop-${at}`;
      const onEvent = ({ type }: { type: string }): void => {
        if (type !== 'failed') events.push(`${name} ${type}`);
      };
      registrations.push(
        await register(zk, SHOP, { address: `10.0.0.${at}:80` }, { name, onEvent }),
      );
    }
    const [watching] = clients as [ZooKeeperClient];
    await using shop = await watchService(watching, SHOP);
    const names = (): string => shop.instances.map(({ name }) => name).join(' ');
    expect(names()).toBe('shop-0 shop-1 shop-2');

    for (let round = 0; round < 5; round++) {
      proxy.reset();
      await direct.create(`${SHOP}/extra-${round}`, 'x');
      await delay(20);
    }
    await expect.poll(() => shop.instances.length, WAIT).toBe(8);
    for (let round = 0; round < 5; round++) await direct.delete(`${SHOP}/extra-${round}`);
    await expect.poll(names, WAIT).toBe('shop-0 shop-1 shop-2');
    expect(events).toHaveLength(3);

    proxy.hang();
    await expect.poll(() => direct.getChildren(SHOP), WAIT).toEqual([]);
    await direct.create(`${SHOP}/meanwhile`, 'x', { mode: 'ephemeral' });
    proxy.unhang();
    await expect.poll(names, WAIT).toBe('meanwhile shop-0 shop-1 shop-2');
    for (const at of [0, 1, 2]) {
      const own = events.filter((event) => event.startsWith(`shop-${at} `));
      expect(own).toEqual(
        ['registered', 'unregistered', 'registered'].map((type) => `shop-${at} ${type}`),
      );
      expect(shop.instances.find(({ name }) => name === `shop-${at}`)?.sessionId).toBe(
        clients[at]?.sessionId,
      );
    }

    await server.kill();
    await server.restart();
    await registrations[1]?.deregister();
    await expect.poll(names, WAIT).toBe('meanwhile shop-0 shop-2');
    expect((await direct.getChildren(SHOP)).sort()).toEqual(['meanwhile', 'shop-0', 'shop-2']);
    // A client that is not back yet leaves its session to the server when it closes.
    await Promise.all(clients.map((zk) => zk.exists('/')));
    for (const zk of clients) await zk.close();
    await expect.poll(() => direct.getChildren(SHOP), WAIT).toEqual(['meanwhile']);
  });
});
