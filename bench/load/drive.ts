import { performance } from 'node:perf_hooks';
import type { BenchClient, CallbackClient, PromiseClient, Workload } from '../adapters/adapter.ts';
import { type Meter, timedLoopStride } from './meter.ts';

/** Checks that the client really reads (or writes) what the case says, before anything is counted. */
export async function checkOnce(client: BenchClient, workload: Workload): Promise<void> {
  if (client.style === 'socket' || (client.style === 'promise' && client.dataOf === null)) return;
  const { operation, path, data } = workload;
  if (operation === 'set') await setOnce(client, path, data);
  const found = await getOnce(client, path);
  if (found === null || Buffer.compare(found, data) !== 0) {
    throw new Error(`get gave ${found?.length ?? 'no'} bytes, not the ${data.length} expected`);
  }
}

function setOnce(
  client: PromiseClient | CallbackClient,
  path: string,
  data: Buffer,
): Promise<unknown> {
  if (client.style === 'promise') return client.set(path, data);
  return new Promise<void>((resolve, reject) => {
    client.set(path, data, (error) => (error ? reject(error) : resolve()));
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
  const loops: Promise<void>[] = [];
  for (let loop = 0; loop < workload.depth; loop++) {
    const timed = loop % stride === 0;
    loops.push(
      client.style === 'promise'
        ? promiseLoop(client, workload, meter, timed)
        : callbackLoop(client, workload, meter, timed),
    );
  }
  await Promise.all(loops);
}

async function promiseLoop(
  client: PromiseClient,
  { operation, path, data }: Workload,
  meter: Meter,
  timed: boolean,
): Promise<void> {
  try {
    while (meter.running) {
      const startMs = timed ? performance.now() : 0;
      if (operation === 'get') await client.get(path);
      else await client.set(path, data);
      if (timed) meter.latencies.record((performance.now() - startMs) * 1000);
      meter.completed++;
    }
  } catch (cause) {
    meter.fail(cause);
  }
}

function callbackLoop(
  client: CallbackClient,
  { operation, path, data }: Workload,
  meter: Meter,
  timed: boolean,
): Promise<void> {
  return new Promise((resolve) => {
    let startMs = 0;
    function issue(): void {
      if (timed) startMs = performance.now();
      if (operation === 'get') client.get(path, done);
      else client.set(path, data, done);
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
