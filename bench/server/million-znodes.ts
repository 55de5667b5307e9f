import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { connect, type ZooKeeperClient } from 'zkwire';
import type { ServerOptions } from 'zkwire/server';
import { EmbeddedProcess } from './embedded-process.ts';
import type { Measurement, PartContext } from './measurement.ts';

const CHILDREN = 1_000;
const DATA_BYTES = 100;
const DEPTH = 1_024;
/** Writes between the last znode and the snapshot. */
const REST = 2_000;

/** A large tree on disk: to fill it, to take a snapshot of it, and to load it again. */
export async function measureZnodes({ scale, say }: PartContext): Promise<Measurement[]> {
  const { znodes } = scale;
  const dataDir = mkdtempSync(join(tmpdir(), 'zkwire-bench-'));
  // The snapshot comes when all is filled, and REST more are written.
  const options = { port: 0, dataDir, snapCount: znodes + REST, maxClientConnections: 0 };
  let server = await EmbeddedProcess.start(options);
  try {
    say(`${znodes} znodes of ${DATA_BYTES} B, fsync on`);
    const before = await server.ask('memory');
    const client = await connect(server.connectString);
    await server.ask('watch-stalls');
    const fillMs = await timed(() => fill(client, znodes));
    const fillStall = await server.ask('longest-stall');
    const full = await server.ask('memory');
    say('snapshot');
    await server.ask('watch-stalls');
    const snapshot = server.ask('next-snapshot');
    await write(client, 2 * REST);
    const { snapshotMs } = await snapshot;
    const snapshotStall = await server.ask('longest-stall');
    await client.close();
    await server.stop();
    say('load');
    server = await EmbeddedProcess.start(options satisfies ServerOptions);
    await checkCount(server, znodes);
    const loaded = await server.ask('memory');
    const grown = (name: string): number => (full[name] as number) - (before[name] as number);
    const count = znodes.toLocaleString('en');
    const one = (id: string, label: string, unit: Measurement['unit'], value: unknown) => ({
      id,
      label: label.replace('#', count),
      unit,
      values: [value as number],
    });
    return [
      one('fill', '# znodes of 100 B created by one client, fsync on', 'ms', fillMs),
      one('fill-rate', 'of that: creates a second', 'ops/s', (znodes / fillMs) * 1000),
      one('fill-stall', 'longest stall of the event loop meanwhile', 'ms', fillStall.stallMs),
      one('znodes-rss', 'RSS for # znodes', 'MB', grown('rssMB')),
      one('znodes-heap', 'of that: JavaScript heap', 'MB', grown('heapMB')),
      one('znodes-external', 'of that: data outside the heap', 'MB', grown('externalMB')),
      one('snapshot', 'snapshot of # znodes while it serves', 'ms', snapshotMs),
      one(
        'snapshot-stall',
        'longest stall of the event loop meanwhile',
        'ms',
        snapshotStall.stallMs,
      ),
      one('load', 'start on a directory with # znodes', 'ms', server.openMs),
      one('load-cpu', 'of that: CPU time', 'ms', server.openCpuMs),
      one('load-rss', 'RSS after it', 'MB', loaded.rssMB),
    ];
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function timed(run: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
}

async function fill(client: ZooKeeperClient, znodes: number): Promise<void> {
  const data = Buffer.alloc(DATA_BYTES, 1);
  const parents = Math.ceil(znodes / CHILDREN);
  await inLoops(parents, (index) => client.create(`/p${index}`, null));
  await inLoops(znodes - parents, (index) =>
    client.create(`/p${index % parents}/child-${Math.floor(index / parents)}`, data),
  );
}

/** More transactions, on a znode that is there. */
async function write(client: ZooKeeperClient, count: number): Promise<void> {
  await inLoops(count, () => client.set('/p0', 'x'));
}

async function inLoops(count: number, run: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: DEPTH }, loop));
}

async function checkCount({ connectString }: EmbeddedProcess, znodes: number): Promise<void> {
  const client = await connect(connectString);
  const count = await client.getAllChildrenNumber('/');
  await client.close();
  if (count < znodes) throw new Error(`${count} znodes came back of ${znodes}`);
}
