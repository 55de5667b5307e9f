import { afterAll, beforeAll, expect, it } from 'vitest';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { randomSource } from '../conformance/random-source.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { ObservedClient } from './support/observed-client.ts';
import { describeReal } from './support/real-zookeeper.ts';
import { WatchOracle } from './support/watch-oracle.ts';

/** `from-to` in ZKWIRE_WATCH_SEEDS, for a longer search or to see a failure again. */
const [FIRST_SEED = 1, LAST_SEED = 20] =
  process.env.ZKWIRE_WATCH_SEEDS?.split('-').map(Number) ?? [];

const STEPS = 60;

describeReal('watches that come and go at random', () => {
  let server: ZooKeeperServer;
  let proxy: FaultProxy;
  let direct: ObservedClient;

  beforeAll(async () => {
    server = await startServer({ fastStart: true, configLines: ['forceSync=no'] });
    proxy = await FaultProxy.listen(server);
    direct = await ObservedClient.connect(server.connectString);
  });

  afterAll(async () => {
    await direct?.[Symbol.asyncDispose]();
    await proxy?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  it(`everybody hears what is meant for him (seeds ${FIRST_SEED} to ${LAST_SEED})`, async () => {
    for (let seed = FIRST_SEED; seed <= LAST_SEED; seed++) {
      const random = randomSource(seed * 7919);
      await using client = await ObservedClient.connect(proxy.connectString);
      const oracle = new WatchOracle(client.zk, direct.zk, random, `/seed${seed}`);
      const loseConnection = async (): Promise<void> => {
        const from = client.told;
        proxy.reset();
        await client.next('session', from);
      };
      try {
        await oracle.start();
        for (let step = 0; step < STEPS; step++) await oracle.step(loseConnection);
        await oracle.finish();
        // Nothing is left behind on the server either.
        const counters = await server.fourLetterWord('mntr');
        expect(/zk_watch_count\t(\d+)/.exec(counters)?.[1]).toBe('0');
      } catch (error) {
        const story = oracle.story.slice(-60).join('\n');
        throw new Error(`seed ${seed}, the last things done:\n${story}`, { cause: error });
      }
    }
  }, 600_000);
});
