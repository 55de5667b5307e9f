import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type WatchEvent, type ZooKeeperClient } from 'zkwire';
import {
  type GrowthResponder,
  startGrowthResponder,
} from '../../../../bench/growth/growth-responder.ts';
import {
  eventIndex,
  eventsIn,
  eventsPath,
  watchedPath,
} from '../../../../bench/growth/responder-names.ts';

describe('names', () => {
  it('are read as they were written', () => {
    expect(eventsIn(eventsPath(20, 300))).toEqual({ events: 20, watched: 300 });
    expect(eventsIn('/other')).toBeNull();
    expect(watchedPath(42)).toBe('/watched/member-0000000042');
  });

  it.each([1, 10, 1_000])('events come round all of %d watched nodes', (watched) => {
    const indexes = Array.from({ length: watched }, (_, nth) => eventIndex(nth, watched));
    expect(new Set(indexes).size).toBe(watched);
    expect(Math.max(...indexes)).toBe(watched - 1);
  });
});

describe('the growth responder', () => {
  let responder: GrowthResponder;
  let zk: ZooKeeperClient;
  beforeEach(async () => {
    responder = await startGrowthResponder();
    zk = await connect(`127.0.0.1:${responder.port}`);
  });
  afterEach(async () => {
    await zk.close();
    await responder.close();
  });

  it('answers what came together in order, long bursts among short ones', async () => {
    const heard: number[] = [];
    let events = 0;
    await zk.watch(watchedPath(0), { listener: () => void events++ });
    const counts = [3, 5_000, 1, 2_000, 0];
    await Promise.all(
      counts.map(async (count) => {
        await zk.sync(eventsPath(count, 1));
        heard.push(events);
      }),
    );
    expect(events).toBe(7_004);
    expect(heard.every((sum, nth) => sum >= (heard[nth - 1] ?? 3))).toBe(true);
  });

  it('sends the events that a sync asks for, before its answer', async () => {
    const events: WatchEvent[] = [];
    for (const index of [0, 1, 2]) {
      await zk.watch(watchedPath(index), { listener: (event) => void events.push(event) });
    }
    await zk.sync(eventsPath(6, 3));
    expect(events.map(({ type }) => type)).toEqual(new Array(6).fill('NodeDataChanged'));
    expect(events.map(({ path }) => path).sort()).toEqual(
      [0, 0, 1, 1, 2, 2].map((index) => watchedPath(index)),
    );
  });

  it('knows a node that is watched once', async () => {
    const events: WatchEvent[] = [];
    await zk.exists(watchedPath(0), { watch: (event) => void events.push(event) });
    await zk.sync(eventsPath(2, 1));
    expect(events.map(({ type }) => type)).toEqual(['NodeDataChanged']);
  });

  it('refuses what it does not know and hangs up', async () => {
    await expect(zk.delete('/a')).rejects.toMatchObject({ code: 'UNIMPLEMENTED' });
  });
});
