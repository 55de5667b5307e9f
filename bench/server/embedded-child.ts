/**
 * An embedded server as a process of its own. Forked with one argument: its options as JSON.
 * Sends `{ port, openMs, openCpuMs }` when it serves; answers questions in order; ends with its parent.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import process from 'node:process';
import { createServer, type ServerOptions } from 'zkwire/server';
import type { Answer, Question } from './embedded-process.ts';

/** How often the data directory is looked at. */
const LOOK_EVERY_MS = 10;
const MEGABYTE = 1e6;

const options = JSON.parse(process.argv[2] ?? '{}') as ServerOptions;
const startMs = performance.now();
const startCpu = process.cpuUsage();
// Snapshots come when snapCount says so, not somewhere before.
const server = await createServer({ ...options, random: () => 1 - Number.EPSILON });
const openMs = performance.now() - startMs;
const { user, system } = process.cpuUsage(startCpu);
const openCpuMs = (user + system) / 1000;
const delays = monitorEventLoopDelay({ resolution: 1 });

async function answer(question: Question): Promise<Answer> {
  switch (question) {
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return { cpuUs: user + system };
    }
    case 'memory': {
      for (let round = 0; round < 3; round++) {
        (globalThis as { gc?: () => void }).gc?.();
        await pause(20);
      }
      const { rss, heapUsed, external } = process.memoryUsage();
      return {
        rssMB: rss / MEGABYTE,
        heapMB: heapUsed / MEGABYTE,
        externalMB: external / MEGABYTE,
      };
    }
    case 'watch-stalls':
      delays.reset();
      delays.enable();
      return {};
    case 'longest-stall':
      delays.disable();
      return { stallMs: delays.max / 1e6 };
    case 'next-snapshot':
      return { snapshotMs: await nextSnapshot(join(options.dataDir ?? '', 'version-2')) };
    case 'close':
      await server.close();
      return {};
  }
}

/** From the moment that a snapshot is begun to the moment that it is there, under its own name. */
async function nextSnapshot(directory: string): Promise<number> {
  let begunMs = 0;
  for (;;) {
    const isBeingWritten = readdirSync(directory).some((name) => !/^\w+\.[0-9a-f]+$/.test(name));
    if (isBeingWritten && begunMs === 0) begunMs = performance.now();
    if (!isBeingWritten && begunMs !== 0) return performance.now() - begunMs;
    await pause(LOOK_EVERY_MS);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

process.on('message', (question: Question) => {
  void answer(question).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: server.port, openMs, openCpuMs });
