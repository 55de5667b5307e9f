import { connect as connectTcp } from 'node:net';
import { text as readText } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { createServer, type EmbeddedServer } from '../../src/server/index.ts';
import { collectGarbage } from '../hostile/support/memory-watch.ts';
import { Neighbour } from './support/neighbour.ts';
import { watchPeakMemory } from './support/peak-memory.ts';
import { besiege, mutantsOf, type SiegePlan, type SiegeReport } from './support/siege.ts';

/**
 * ZKWIRE_TEST_SEED chooses other attackers, ZKWIRE_HOSTILE_CLIENTS how many, and
 * ZKWIRE_HOSTILE_FIRST the number of the first: a failure is seen again with those that were there.
 */
const PLAN: SiegePlan = {
  seed: Number(process.env.ZKWIRE_TEST_SEED ?? 20_260_101),
  first: Number(process.env.ZKWIRE_HOSTILE_FIRST ?? 0),
  count: Number(process.env.ZKWIRE_HOSTILE_CLIENTS ?? 20_000),
  together: 200,
};

const TIME_LIMIT_MS: number = 300_000 + PLAN.count * 20;

/** What the server and 200 attackers in the same process may take at their worst, garbage included. */
const PEAK_BYTES_MAX = 700 * 1024 * 1024;

/** What may be left when all are gone: the znodes that they made, and code that is compiled now. */
const KEPT_BYTES_MAX = 64 * 1024 * 1024;

/** The listener, and both ends of a neighbour's connection. */
const SOCKETS = 3;

const LARGE_PATH = '/large';
const LARGE_BYTES = 100 * 1024;

describe('hostile clients', () => {
  it(
    `${PLAN.count} of them do not disturb a neighbour, seed ${PLAN.seed}`,
    async () => {
      const warnings: string[] = [];
      const onWarning = (warning: Error): void => void warnings.push(String(warning.stack));
      process.on('warning', onWarning);
      const server = await createServer({
        port: 0,
        tickTimeMs: 500,
        maxClientConnections: 0,
        fourLetterWords: '*',
        sessionlessTimeoutMs: 2_000,
      });
      await makeLargeNode(server);
      const overTcp = await Neighbour.moveIn(server.connectString, 'tcp');
      const inMemory = await Neighbour.moveIn(server.memoryConnectString, 'memory');
      await expect.poll(openSockets).toBe(SOCKETS);
      const before = await footprint();
      const victims = [overTcp.sessionId, inMemory.sessionId];
      const mutants = mutantsOf(PLAN.seed);
      const peak = watchPeakMemory();
      const report = await besiege(server.port as number, PLAN, {
        victims,
        mutants,
        largePath: LARGE_PATH,
      });
      const peakBytes = peak();
      await whenQuiet(server);
      // A busy machine closes sockets late, and hears late of those that came and went; what has leaked is there after any time.
      await expect.poll(openSockets).toBe(SOCKETS);
      const after = await footprint();
      tell(report, [overTcp, inMemory], peakBytes, after - before);
      expect(report.breaches).toEqual([]);
      expect(await overTcp.stop()).toEqual([]);
      expect(await inMemory.stop()).toEqual([]);
      expect(overTcp.rounds).toBeGreaterThan(20);
      expect(warnings).toEqual([]);
      expect(peakBytes).toBeLessThan(PEAK_BYTES_MAX);
      expect(after - before).toBeLessThan(KEPT_BYTES_MAX);
      await overTcp[Symbol.asyncDispose]();
      await inMemory[Symbol.asyncDispose]();
      await server.close();
      expect(server.slabs.outstanding).toBe(0);
      process.off('warning', onWarning);
    },
    TIME_LIMIT_MS,
  );
});

async function makeLargeNode(server: EmbeddedServer): Promise<void> {
  const client = await connect(server.connectString);
  await client.create(LARGE_PATH, Buffer.alloc(LARGE_BYTES, 1));
  await client.close();
}

/** Sessions of attackers have expired, and nobody but the neighbours is connected. */
async function whenQuiet(server: EmbeddedServer): Promise<void> {
  let monitored = await mntr(server);
  for (let round = 0; round < 1_200 && !isQuiet(monitored); round++) {
    await pause(100);
    monitored = await mntr(server);
  }
  if (!isQuiet(monitored)) {
    throw new Error(`something of the attackers stays: ${JSON.stringify([...monitored])}`);
  }
}

function isQuiet(monitored: ReadonlyMap<string, number>): boolean {
  return (
    monitored.get('zk_global_sessions') === 2 &&
    // The one that asks is one more.
    monitored.get('zk_num_alive_connections') === 3 &&
    (monitored.get('zk_watch_count') as number) <= 4 &&
    (monitored.get('zk_ephemerals_count') as number) <= 2
  );
}

/** Numbers of the four-letter word `mntr`. */
async function mntr(server: EmbeddedServer): Promise<ReadonlyMap<string, number>> {
  const socket = connectTcp({ port: server.port as number, host: '127.0.0.1' });
  socket.write('mntr');
  const text = await readText(socket);
  return new Map(
    text.split('\n').map((line) => {
      const [name = '', value] = line.split('\t');
      return [name, Number(value)];
    }),
  );
}

/** What the process has in use once all garbage is gone. */
async function footprint(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    await pause(20);
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Handles of sockets, of all that are in this process: server, neighbours, attackers. */
function openSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
}

function tell(
  { counts, seconds }: SiegeReport,
  neighbours: readonly Neighbour[],
  peakBytes: number,
  keptBytes: number,
): void {
  const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
  const rounds = neighbours.map(
    (each) => `${each.rounds} (slowest ${each.slowestMs.toFixed(0)} ms)`,
  );
  console.log(
    [
      `${PLAN.count} hostile clients in ${seconds.toFixed(1)} s, seed ${PLAN.seed}`,
      ...[...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `  ${count}  ${name}`),
      `rounds of work of the neighbours: ${rounds.join(', ')}`,
      `resident memory at most ${mebibytes(peakBytes)} more, kept ${mebibytes(keptBytes)}`,
      `to see it again: ZKWIRE_TEST_SEED=${PLAN.seed} npx vitest run test/hostile-clients`,
    ].join('\n'),
  );
}
