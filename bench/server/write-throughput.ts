import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadCase } from '../cases.ts';
import { loadCaseName } from '../cases.ts';
import { runJob } from '../child-process.ts';
import { startRealServer } from '../real-server.ts';
import { turnOrder } from '../turn-order.ts';
import { EmbeddedProcess } from './embedded-process.ts';
import type { Measurement, PartContext } from './measurement.ts';

const DEPTHS = [1, 128, 1_024];
const PAYLOAD_BYTES = 100;
/** Over what a turn takes. */
const GRACE_MS = 20_000;

interface Contestant {
  readonly name: 'embedded' | 'real';
  readonly connectString: string;
  stop(): Promise<void>;
}

/** Sets a second, with and without waiting for the disk, embedded and real server in turns. */
export async function measureWrites(context: PartContext): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const fsync of [true, false]) measurements.push(...(await measureMode(context, fsync)));
  return measurements;
}

async function measureMode(context: PartContext, fsync: boolean): Promise<Measurement[]> {
  const { scale, say, skip } = context;
  const disk = fsync ? 'fsync on' : 'fsync off';
  say(`set of ${PAYLOAD_BYTES} B, ${disk}`);
  const real = await startRealServer(fsync ? [] : ['forceSync=no']);
  if (typeof real === 'string') skip(`writes to a real server, ${disk}`, real);
  const contestants: Contestant[] = [await startEmbedded(fsync)];
  if (typeof real !== 'string') {
    contestants.push({ name: 'real', connectString: real.connectString, stop: () => real.stop() });
  }
  const values = new Map<string, number[]>();
  try {
    for (const each of contestants) await prepare(each, context);
    for (let turn = 0; turn < scale.writeTurns; turn++) {
      for (const depth of DEPTHS) {
        for (const each of turnOrder(contestants, turn)) {
          const key = `${each.name}-${depth}`;
          values.set(key, [...(values.get(key) ?? []), await sets(each, depth, context)]);
        }
      }
    }
  } finally {
    await Promise.all(contestants.map((each) => each.stop()));
  }
  return DEPTHS.flatMap((depth) =>
    contestants.map(({ name }) => ({
      id: `set-${fsync ? 'fsync' : 'nosync'}-${depth}-${name}`,
      label: `set of 100 B, depth ${depth}, ${disk}: ${name === 'real' ? 'real ZooKeeper' : 'embedded'}`,
      unit: 'ops/s' as const,
      values: values.get(`${name}-${depth}`) ?? [],
    })),
  );
}

async function startEmbedded(fsync: boolean): Promise<Contestant> {
  const dataDir = mkdtempSync(join(tmpdir(), 'zkwire-bench-'));
  const server = await EmbeddedProcess.start({ port: 0, dataDir, fsync });
  return {
    name: 'embedded',
    connectString: server.connectString,
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function caseOf({ name }: Contestant, depth: number): LoadCase {
  const client = 'raw-socket';
  const load = { operation: 'set', payloadBytes: PAYLOAD_BYTES, depth, client } as const;
  const label = loadCaseName(name, 'set', PAYLOAD_BYTES, depth, client);
  return {
    kind: 'load',
    name: label,
    group: label,
    turns: 1,
    inDefaultRun: false,
    target: name,
    ...load,
  };
}

/** The node is made, and the server is warm. */
async function prepare(contestant: Contestant, { scale }: PartContext): Promise<void> {
  const { connectString } = contestant;
  const job = { kind: 'prepare' as const, case: caseOf(contestant, 128), connectString };
  await runJob(job, { timeoutMs: GRACE_MS });
  const { warmupMs, measureMs } = scale;
  await run(contestant, 128, warmupMs, 2 * measureMs);
}

function sets(contestant: Contestant, depth: number, { scale }: PartContext): Promise<number> {
  return run(contestant, depth, scale.warmupMs, scale.measureMs);
}

async function run(
  contestant: Contestant,
  depth: number,
  warmupMs: number,
  measureMs: number,
): Promise<number> {
  const { connectString } = contestant;
  const job = { kind: 'case' as const, case: caseOf(contestant, depth), connectString };
  const result = await runJob({ ...job, warmupMs, measureMs }, { timeoutMs: GRACE_MS });
  return result.values.opsPerSecond ?? Number.NaN;
}
