import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { connect, RequestError, type ZooKeeperClient } from 'zkwire';
import { zkwireVersion } from '../adapters/zkwire-version.ts';
import { type JobPhase, type JobResult, nodePath } from '../jobs.ts';
import { Meter, pause, type TurnMeasurement } from '../load/meter.ts';
import { collectGarbage } from '../memory/collect-garbage.ts';
import { payloadOf } from '../servers/canned-replies.ts';
import { USUAL_PAYLOAD_BYTES } from './cases.ts';
import {
  COUNT_MIN,
  type ConnectionWork,
  pointKey,
  SESSION_TIMEOUT_MS,
  type WalkTimes,
} from './growth-work.ts';

const PATIENT = { sessionTimeoutMs: SESSION_TIMEOUT_MS };
const PATH = nodePath(USUAL_PAYLOAD_BYTES);
/** Sockets that were closed are let go of by then. */
const CLOSING_MS = 50;
/** Clients that connect, or close, at a time: a listener's queue is 511 long, and a client too many waits for a second. */
const TOGETHER = 250;

/**
 * More and more clients in one process, made anew at each point, under two loads: one that they share,
 * and one of which each has as much as any other point. Phases are told of the first. Needs `--expose-gc`.
 */
export async function walkConnections(
  work: ConnectionWork,
  onPhase: (phase: JobPhase) => void,
): Promise<JobResult> {
  const first = await connect(work.connectString, PATIENT);
  await makeNode(first);
  await load([first], work.sharedDepth, { ...work, settleMs: 0, measureMs: work.warmupMs });
  await first.close();
  const values: Record<string, number | null> = {};
  for (const count of work.counts) {
    const before = await memory();
    const startMs = performance.now();
    const clients = await open(work.connectString, count);
    values[pointKey('connectMs', count)] = performance.now() - startMs;
    const idle = await memory();
    if (count >= COUNT_MIN.heap) {
      values[pointKey('heapBytes', count)] = (idle.heapUsed - before.heapUsed) / count;
    }
    // First answers are not measured: a server makes memory for each connection then.
    await Promise.all(clients.map((zk) => zk.get(PATH)));
    const shared = await load(clients, work.sharedDepth, work, onPhase);
    values[pointKey('opsPerSecond', count)] = shared.opsPerSecond;
    values[pointKey('cpuUsPerOp', count)] = shared.cpuUsPerOp;
    values[pointKey('operations', count)] = shared.operations;
    const own = await load(clients, work.ownDepth * count, work);
    values[pointKey('ownCpuUsPerOp', count)] = own.cpuUsPerOp;
    if (count >= COUNT_MIN.rss) {
      values[pointKey('rssBytes', count)] = ((await memory()).rss - before.rss) / count;
    }
    await close(clients);
  }
  return { subject: 'zkwire (promises)', version: zkwireVersion, values };
}

async function makeNode(zk: ZooKeeperClient): Promise<void> {
  try {
    await zk.create(PATH, payloadOf(USUAL_PAYLOAD_BYTES));
  } catch (cause) {
    if (!(cause instanceof RequestError && cause.code === 'NODEEXISTS')) throw cause;
  }
}

/** As many loops as the depth says, evenly spread over the clients. */
async function load(
  clients: readonly ZooKeeperClient[],
  depth: number,
  { settleMs, measureMs }: WalkTimes,
  onPhase: (phase: JobPhase) => void = () => {},
): Promise<TurnMeasurement> {
  const meter = new Meter();
  const loops = Array.from({ length: depth }, (_, index) =>
    loop(clients[index % clients.length] as ZooKeeperClient, meter),
  );
  const measured = await meter.measure(settleMs, measureMs, onPhase);
  await Promise.all(loops);
  return measured;
}

async function loop(zk: ZooKeeperClient, meter: Meter): Promise<void> {
  try {
    while (meter.running) {
      await zk.get(PATH);
      meter.completed++;
    }
  } catch (cause) {
    meter.fail(cause);
  }
}

async function open(connectString: string, count: number): Promise<ZooKeeperClient[]> {
  const clients: ZooKeeperClient[] = [];
  while (clients.length < count) {
    const length = Math.min(TOGETHER, count - clients.length);
    clients.push(
      ...(await Promise.all(Array.from({ length }, () => connect(connectString, PATIENT)))),
    );
  }
  return clients;
}

async function close(clients: readonly ZooKeeperClient[]): Promise<void> {
  for (let first = 0; first < clients.length; first += TOGETHER) {
    await Promise.all(clients.slice(first, first + TOGETHER).map((zk) => zk.close()));
  }
}

async function memory(): Promise<NodeJS.MemoryUsage> {
  await pause(CLOSING_MS);
  collectGarbage();
  return process.memoryUsage();
}
