import { performance } from 'node:perf_hooks';
import type { BenchClient, CallbackClient, PromiseClient, Workload } from '../adapters/adapter.ts';
import { type Meter, timedLoopStride } from './meter.ts';
import {
  type CallbackPerform,
  type PromisePerform,
  performWithCallbacks,
  performWithPromises,
} from './operations.ts';

/** Checks that the client really does what the case says, before anything is counted. */
export async function checkOnce(client: BenchClient, workload: Workload): Promise<void> {
  if (client.style === 'socket' || (client.style === 'promise' && client.dataOf === null)) return;
  const { operation, path, data, childCount = 0 } = workload;
  if (operation === 'getChildren') {
    const count = await countChildren(client, path);
    if (count === childCount) return;
    throw new Error(`getChildren gave ${count} names, not the ${childCount} expected`);
  }
  // Of a mix, the part that writes: it is read below.
  if (operation === 'mixed') await performOnce(client, { ...workload, operation: 'set' });
  else if (operation !== 'get') await performOnce(client, workload);
  // What was created has a name of its own, and its parent has no data.
  if (operation === 'create') return;
  const found = await getOnce(client, path);
  if (found === null || Buffer.compare(found, data) !== 0) {
    throw new Error(`get gave ${found?.length ?? 'no'} bytes, not the ${data.length} expected`);
  }
}

function performOnce(client: PromiseClient | CallbackClient, workload: Workload): Promise<unknown> {
  if (client.style === 'promise') return performWithPromises(client, workload)();
  const perform = performWithCallbacks(client, workload);
  return new Promise<void>((resolve, reject) => {
    perform((error) => (error ? reject(error) : resolve()));
  });
}

async function countChildren(
  client: PromiseClient | CallbackClient,
  path: string,
): Promise<number | undefined> {
  if (client.style === 'promise') return (await client.getChildren?.(path))?.length;
  return new Promise((resolve, reject) => {
    if (client.getChildren === undefined) resolve(undefined);
    else
      client.getChildren(path, (error, names) => (error ? reject(error) : resolve(names?.length)));
  });
}

async function getOnce(
  client: PromiseClient | CallbackClient,
  path: string,
): Promise<Buffer | null> {
  if (client.style === 'promise') {
    const data = client.dataOf?.(await client.get(path));
    return data ? Buffer.from(data) : null;
  }
  return new Promise((resolve, reject) => {
    client.get(path, (error, data) => {
      // Copied: what a callback gets may be lent to it only until it returns.
      if (error) reject(error);
      else resolve(data ? Buffer.from(data) : null);
    });
  });
}

/**
 * Runs `depth` closed loops: each issues its next operation when its last one is complete.
 *
 * @returns resolves when the meter has stopped and the last reply is in
 */
export async function drive(client: BenchClient, workload: Workload, meter: Meter): Promise<void> {
  if (client.style === 'socket') return client.run(workload, meter);
  const stride = timedLoopStride(workload.depth);
  const start = loopOf(client, workload, meter);
  const loops: Promise<void>[] = [];
  for (let loop = 0; loop < workload.depth; loop++) {
    const timed = loop % stride === 0;
    loops.push(start(timed));
  }
  await Promise.all(loops);
}

/** Starts a loop; what they all share is made once. */
function loopOf(
  client: PromiseClient | CallbackClient,
  workload: Workload,
  meter: Meter,
): (timed: boolean) => Promise<void> {
  if (client.style === 'promise') {
    const perform = performWithPromises(client, workload);
    return (timed) => promiseLoop(perform, meter, timed);
  }
  const perform = performWithCallbacks(client, workload);
  return (timed) => callbackLoop(perform, meter, timed);
}

async function promiseLoop(perform: PromisePerform, meter: Meter, timed: boolean): Promise<void> {
  try {
    while (meter.running) {
      const startMs = timed ? performance.now() : 0;
      await perform();
      if (timed) meter.latencies.record((performance.now() - startMs) * 1000);
      meter.completed++;
    }
  } catch (cause) {
    meter.fail(cause);
  }
}

function callbackLoop(perform: CallbackPerform, meter: Meter, timed: boolean): Promise<void> {
  return new Promise((resolve) => {
    let startMs = 0;
    function issue(): void {
      if (timed) startMs = performance.now();
      perform(done);
    }
    function done(error: unknown): void {
      if (error) {
        meter.fail(error);
        return;
      }
      if (timed) meter.latencies.record((performance.now() - startMs) * 1000);
      meter.completed++;
      if (meter.running) issue();
      else resolve();
    }
    issue();
  });
}
