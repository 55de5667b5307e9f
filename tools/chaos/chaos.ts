import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { startEnsemble, type ZooKeeperEnsemble } from '../zookeeper/index.ts';
import { chanceOf } from './chance.ts';
import { ChaosClient, ROOT } from './chaos-client.ts';
import { checkHistory } from './check.ts';
import { allEqual, allServing, type FaultKind, FaultMaker } from './faults.ts';
import { gapsAfterFaults } from './gaps.ts';
import { Recorder } from './recorder.ts';
import { type ChaosResult, summarise } from './result.ts';
import { readTruth } from './truth.ts';

export interface ChaosOptions {
  readonly seconds: number;
  /** Between the beginnings of two faults, when the servers are all back by then. */
  readonly faultEverySeconds: number;
  /** What is done to the servers, by chance. */
  readonly faults: readonly FaultKind[];
  /** Sessions that write and read. */
  readonly clients: number;
  /** Of all clients together, while they are connected. */
  readonly writesPerSecond: number;
  readonly readsPerSecond: number;
  /** Decides what is written where; when it is written, and all else, is not repeatable. */
  readonly seed: number;
  /** Keep the servers' data there; absent: it goes with them. */
  readonly dataDir?: string | undefined;
  /** Told what is going on, a line each. */
  readonly say: (line: string) => void;
}

/** Requests are made in portions, one for each of these. */
const TICK_MS = 10;
/** What is still under way at the end gets this long to settle. */
const SETTLE_MS = 120_000;

/**
 * A server that comes back gets what it missed from its leader's memory or log, however much that is, and never
 * as a snapshot: then all of it is in its own log too, which is what `readTruth` relies on.
 */
const SERVER_OPTIONS = {
  fastStart: true,
  logLevel: 'WARN' as const,
  jvmFlags: [
    '-Dzookeeper.commitLogCount=100000',
    '-Dzookeeper.snapshotSizeFactor=1000000',
    '-Dzookeeper.preAllocSize=4096',
  ],
  configLines: ['snapCount=1000000'],
};

/**
 * Lets clients write and read while servers of an ensemble of three are killed or frozen over and over, and
 * then holds what the clients were told against the servers' transaction logs.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { say, dataDir } = options;
  say('starting three servers');
  const kept = dataDir === undefined ? {} : { dataDir };
  const ensemble = await startEnsemble({ ...SERVER_OPTIONS, ...kept });
  try {
    return await runOn(ensemble, options);
  } finally {
    await ensemble.stop();
  }
}

async function runOn(ensemble: ZooKeeperEnsemble, options: ChaosOptions): Promise<ChaosResult> {
  const { say, seconds, faultEverySeconds, faults } = options;
  const startedAt = new Date();
  const recorder = new Recorder();
  const clients = await connectClients(ensemble, recorder, options);
  const maker = new FaultMaker(ensemble, faults, chanceOf(options.seed));
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  say(`${options.clients} clients at work; every ${faultEverySeconds} s: ${faults.join(' or ')}`);
  const load = work(clients, endMs, options);
  const watch = setInterval(() => say(progressOf(recorder, maker, endMs)), 5_000);
  try {
    await Promise.all([load, maker.run(faultEverySeconds * 1000, endMs)]);
  } finally {
    clearInterval(watch);
  }
  const workedMs = performance.now() - startMs;
  await settle(ensemble, recorder, clients);
  say('reading the transaction logs');
  await Promise.all(ensemble.servers.map((server) => server.kill('SIGTERM')));
  const truth = readTruth(
    ensemble.servers.map(({ dataDir }) => dataDir),
    ROOT,
  );
  const { history } = recorder;
  return summarise({
    startedAt,
    options,
    server: ensemble.servers[0]?.version ?? 'unknown',
    workedMs,
    history,
    failedReads: recorder.failedReads,
    truth,
    verdict: checkHistory(history, truth),
    faults: maker.faults,
    reconnects: clients.reduce((sum, { connection }) => sum + connection, 0),
    expired: clients.reduce((sum, { expired }) => sum + expired, 0),
    serviceGapsMs: gapsAfterFaults(recorder.acknowledgedMs(), maker.faults, endMs),
    clientGapsMs: clients.map((_, index) =>
      gapsAfterFaults(recorder.acknowledgedMs(index), maker.faults, endMs),
    ),
  });
}

async function connectClients(
  ensemble: ZooKeeperEnsemble,
  recorder: Recorder,
  { clients, seed }: ChaosOptions,
): Promise<ChaosClient[]> {
  const connected = await Promise.all(
    Array.from({ length: clients }, (_, index) =>
      ChaosClient.connect(index, ensemble.connectString, recorder, seed),
    ),
  );
  await connected[0]?.makeTree(clients);
  return connected;
}

/** Makes requests at an even rate until `endMs`: an open loop, that only too many waiting requests hold back. */
async function work(
  clients: readonly ChaosClient[],
  endMs: number,
  { writesPerSecond, readsPerSecond }: ChaosOptions,
): Promise<void> {
  let lastMs = performance.now();
  let [writesDue, readsDue, next] = [0, 0, 0];
  while (lastMs < endMs) {
    await delay(TICK_MS);
    const nowMs = performance.now();
    writesDue += ((nowMs - lastMs) / 1000) * writesPerSecond;
    readsDue += ((nowMs - lastMs) / 1000) * readsPerSecond;
    lastMs = nowMs;
    // What could not be made because too many wait is not made up for later.
    for (; writesDue >= 1; writesDue--) clients[next++ % clients.length]?.write();
    for (; readsDue >= 1; readsDue--) clients[next++ % clients.length]?.read();
  }
}

async function settle(
  ensemble: ZooKeeperEnsemble,
  recorder: Recorder,
  clients: readonly ChaosClient[],
): Promise<void> {
  await allServing(ensemble.servers);
  const deadline = performance.now() + SETTLE_MS;
  while (recorder.pending > 0 && performance.now() < deadline) await delay(TICK_MS);
  await Promise.all(clients.map((client) => client.lastWrite()));
  await Promise.all(clients.map((client) => client.close()));
  await allEqual(ensemble.servers);
}

function progressOf(recorder: Recorder, { faults }: FaultMaker, endMs: number): string {
  const left = Math.max(0, Math.round((endMs - performance.now()) / 1000));
  const { writes, reads } = recorder.history;
  return `${left} s left: ${writes.length} writes, ${reads.length} reads, ${faults.length} faults`;
}
