import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ServerRelease } from '../../src/server/server-release.ts';
import { findZooKeeper, startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { randomSource } from '../conformance/random-source.ts';
import { RawSession } from './support/raw-session.ts';
import { describeApache } from './support/real-zookeeper.ts';
import { WatchModel } from './support/watch-model.ts';

/** `from-to` in ZKWIRE_WATCH_SEEDS, for a longer search or to see a failure again. */
const [FIRST_SEED = 1, LAST_SEED = 10] =
  process.env.ZKWIRE_WATCH_SEEDS?.split('-').map(Number) ?? [];

const STEPS = 200;

describeApache('watches of the embedded server, compared with a real one', () => {
  let server: ZooKeeperServer;
  let release: ServerRelease;

  beforeAll(async () => {
    release = findZooKeeper().version.startsWith('3.8') ? '3.8' : '3.9';
    server = await startServer({ fastStart: true, configLines: ['forceSync=no'] });
  });

  afterAll(() => server?.stop());

  async function play(seed: number): Promise<number> {
    const sessions = [await RawSession.open(server.port), await RawSession.open(server.port)];
    const model = new WatchModel(release, sessions, randomSource(seed * 7919), `/seed${seed}`);
    await model.start();
    for (let step = 0; step < STEPS; step++) await model.step();
    expect(model.ours, `seed ${seed}`).toEqual(model.real);
    const { connections, paths, watches } = model.tables.summary;
    const wchs = `${connections} connections watching ${paths} paths\nTotal watches:${watches}\n`;
    expect(await server.fourLetterWord('wchs')).toBe(wchs);
    const mntr = await server.fourLetterWord('mntr');
    expect(/zk_watch_count\t(\d+)/.exec(mntr)?.[1]).toBe(String(model.tables.watchCount));
    for (const session of sessions) await session.close();
    return model.real.filter((line) => line.startsWith('  ')).length;
  }

  it(`tells the same to the same, answers the same (seeds ${FIRST_SEED} to ${LAST_SEED})`, async () => {
    let events = 0;
    for (let seed = FIRST_SEED; seed <= LAST_SEED; seed++) events += await play(seed);
    expect(events).toBeGreaterThan((LAST_SEED - FIRST_SEED + 1) * 30);
  }, 600_000);
});
