import process from 'node:process';
import { connect, type ZooKeeperClient } from 'zkwire';
import { zkwireVersion } from '../adapters/zkwire-version.ts';
import type { JobResult } from '../jobs.ts';
import { collectGarbage } from '../memory/collect-garbage.ts';
import { COUNT_MIN, pointKey, SESSION_TIMEOUT_MS, type WatchWork } from './growth-work.ts';
import { eventsPath, watchedPath } from './responder-names.ts';

const PATIENT = { sessionTimeoutMs: SESSION_TIMEOUT_MS };
/** Watches that are being registered at a time. */
const TOGETHER = 10_000;
/** How often the events of a point are heard before anything is measured. */
const WARMUP_ROUNDS = 3;

/**
 * Registers more and more watches, each of another node, all with one listener. At each point: what one
 * has cost, and what an event costs now. Needs `--expose-gc`.
 */
export async function walkWatches(work: WatchWork): Promise<JobResult> {
  await warmUp(work);
  const zk = await connect(work.connectString, PATIENT);
  const listener = new CountingListener();
  const values: Record<string, number | null> = {};
  let registered = 0;
  const before = await heapBytes();
  for (const count of work.counts) {
    const cpuUs = await cpuUsOf(() => register(zk, work.style, registered, count, listener));
    const added = count - registered;
    registered = count;
    if (count >= COUNT_MIN.watches) {
      values[pointKey('registerUs', count)] = cpuUs / added;
      values[pointKey('heapBytes', count)] = ((await heapBytes()) - before) / count;
    }
    if (work.style === 'persistent') {
      values[pointKey('eventUs', count)] = await eventUs(zk, work.events, count, listener);
    }
  }
  await zk.close();
  const subject = `zkwire (${work.style} watches)`;
  return { subject, version: zkwireVersion, values };
}

/** One for all watches. */
class CountingListener {
  heard = 0;
  readonly hear = (): void => {
    this.heard++;
  };
}

async function warmUp({ connectString, style, events, warmup }: WatchWork): Promise<void> {
  const zk = await connect(connectString, PATIENT);
  const listener = new CountingListener();
  await register(zk, style, 0, warmup, listener);
  for (let round = 0; round < WARMUP_ROUNDS && style === 'persistent'; round++) {
    await eventUs(zk, events, warmup, listener);
  }
  await zk.close();
}

async function register(
  zk: ZooKeeperClient,
  style: WatchWork['style'],
  from: number,
  to: number,
  listener: CountingListener,
): Promise<void> {
  const one = (index: number): Promise<unknown> =>
    style === 'persistent'
      ? zk.watch(watchedPath(index), { listener: listener.hear })
      : zk.exists(watchedPath(index), { watch: listener.hear });
  for (let first = from; first < to; first += TOGETHER) {
    const count = Math.min(TOGETHER, to - first);
    await Promise.all(Array.from({ length: count }, (_, nth) => one(first + nth)));
  }
}

/** CPU time of one event. They are asked for twice: the first time the responder has to make them. */
async function eventUs(
  zk: ZooKeeperClient,
  events: number,
  registered: number,
  listener: CountingListener,
): Promise<number> {
  const ask = async (): Promise<void> => {
    const before = listener.heard;
    await zk.sync(eventsPath(events, registered));
    const heard = listener.heard - before;
    if (heard !== events) throw new Error(`${heard} events were heard, not ${events}`);
  };
  await ask();
  return (await cpuUsOf(ask)) / events;
}

async function cpuUsOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function heapBytes(): Promise<number> {
  // What was written has left by then, and what was settled is free.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
