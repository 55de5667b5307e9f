import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClientName, type LoadCase, loadCaseName } from '../cases.ts';
import { runJob, runScript } from '../child-process.ts';
import { buildDriver, type Driver, type DriverName, runDriver } from '../drivers/driver.ts';
import { isDriverName } from '../drivers/driver-names.ts';
import { type JobResult, nodePath } from '../jobs.ts';
import { type LaneServers, NotHere } from '../lanes/lane.ts';
import { startRealServer } from '../real-server.ts';
import { type BenchServer, startNullResponderProcess } from '../servers/server-process.ts';
import type { LatencyCase } from './cases.ts';
import type { OpenLoopJob } from './open-loop-job.ts';
import type { Arrivals } from './schedule.ts';

const HERE = dirname(fileURLToPath(import.meta.url));

/** Closed loops side by side, to find what a client does at most. */
const MAX_RATE_DEPTH = 1_024;
/** Requests under way at most: more than the deepest stall makes of half a rate, and less than the floor has slots for. */
const IN_FLIGHT_MAX = 4_000;
/** After the measured time: a client that has not caught up by then cannot keep up. */
const DRAIN_MS = 2_000;
/** Over what a turn should take: for a loaded machine, and so that a client that hangs costs no more. */
const GRACE_MS = 20_000;
/** A server works this long before anybody is measured: a cold one would slow the client that is first. */
const SERVER_WARMUP_MS = { null: 500, real: 2_000 };

export interface LatencyServers extends LaneServers {
  readonly server: BenchServer;
}

export async function openLatencyServers([first]: readonly LatencyCase[]): Promise<LatencyServers> {
  const { target, payloadBytes } = first as LatencyCase;
  const server =
    target === 'null' ? await startNullResponderProcess({ payloadBytes }) : await startRealServer();
  if (typeof server === 'string') throw new NotHere(server);
  try {
    await prepare(server, first as LatencyCase);
  } catch (cause) {
    await server.stop();
    throw cause;
  }
  return { server, stop: () => server.stop() };
}

async function prepare({ connectString }: BenchServer, each: LatencyCase): Promise<void> {
  const node = closedLoops(each, 'raw-socket');
  const options = { timeoutMs: SERVER_WARMUP_MS.real + GRACE_MS };
  if (each.target === 'real') await runJob({ kind: 'prepare', case: node, connectString }, options);
  const times = { warmupMs: 100, measureMs: SERVER_WARMUP_MS[each.target] };
  await runJob({ kind: 'case', case: node, connectString, ...times }, options);
}

function closedLoops({ target, payloadBytes }: LatencyCase, client: ClientName): LoadCase {
  const name = loadCaseName(target, 'get', payloadBytes, MAX_RATE_DEPTH, client);
  const rest = { kind: 'load', group: name, turns: 1, inDefaultRun: false } as const;
  return { ...rest, name, client, target, operation: 'get', payloadBytes, depth: MAX_RATE_DEPTH };
}

/** One turn: at half rate the maximum is found first. Then a run for each kind of arrivals; its values have their name in front. */
export async function measureLatency(
  each: LatencyCase,
  { server: { connectString } }: LatencyServers,
): Promise<JobResult> {
  const result: JobResult = { subject: '', version: '', values: {} };
  let perSecond: number;
  if (each.load === 'half-rate') {
    const maxPerSecond = await maxRate(each, connectString);
    result.values.maxPerSecond = maxPerSecond;
    perSecond = Math.max(1, Math.floor(maxPerSecond / 2));
  } else perSecond = each.load;
  for (const arrivals of each.arrivals) {
    const { subject, version, values } = await openLoop(each, connectString, arrivals, perSecond);
    Object.assign(result, { subject, version });
    Object.assign(result.values, named(arrivals, values));
  }
  return result;
}

async function maxRate(each: LatencyCase, connectString: string): Promise<number> {
  const { client } = each;
  const times = { warmupMs: each.maxWarmupMs, measureMs: each.maxMeasureMs };
  const options = { timeoutMs: GRACE_MS + times.warmupMs + times.measureMs };
  const { values } = isDriverName(client)
    ? await runDriver(
        await driverOf(client),
        { ...driverWork(each, connectString), ...times, depth: MAX_RATE_DEPTH },
        options,
      )
    : await runJob(
        { kind: 'case', case: closedLoops(each, client), connectString, ...times },
        options,
      );
  return values.opsPerSecond as number;
}

const drivers = new Map<DriverName, Promise<Driver>>();

/** Built once a run. */
function driverOf(name: DriverName, say?: (line: string) => void): Promise<Driver> {
  let driver = drivers.get(name);
  if (driver === undefined) {
    driver = buildDriver(name, say);
    drivers.set(name, driver);
  }
  return driver;
}

/** Why a client of another language cannot be measured here; null when it can. */
export async function missingDriver(
  { client }: LatencyCase,
  say: (line: string) => void,
): Promise<string | null> {
  return isDriverName(client) ? (await driverOf(client, say)).missing : null;
}

function driverWork({ payloadBytes }: LatencyCase, connectString: string) {
  return { connectString, operation: 'get', path: nodePath(payloadBytes), payloadBytes } as const;
}

async function openLoop(
  each: LatencyCase,
  connectString: string,
  arrivals: Arrivals,
  perSecond: number,
): Promise<JobResult> {
  const { client, payloadBytes, closedWarmupMs, openWarmupMs, openMeasureMs } = each;
  const timeoutMs = GRACE_MS + closedWarmupMs + openWarmupMs + openMeasureMs + DRAIN_MS;
  if (isDriverName(client)) {
    const work = {
      ...driverWork(each, connectString),
      depth: IN_FLIGHT_MAX,
      warmupMs: closedWarmupMs + openWarmupMs,
      measureMs: openMeasureMs,
      ratePerSecond: perSecond,
      arrivals,
      drainMs: DRAIN_MS,
    };
    return runDriver(await driverOf(client), work, { timeoutMs });
  }
  const job: OpenLoopJob = {
    client,
    payloadBytes,
    closedWarmupMs,
    openWarmupMs,
    openMeasureMs,
    connectString,
    arrivals,
    perSecond,
    drainMs: DRAIN_MS,
    inFlightMax: IN_FLIGHT_MAX,
  };
  return runScript(join(HERE, 'open-loop-child.js'), job, { timeoutMs });
}

function named(arrivals: Arrivals, values: JobResult['values']): JobResult['values'] {
  const entries = Object.entries(values).map(([name, value]) => [`${arrivals}.${name}`, value]);
  return Object.fromEntries(entries) as JobResult['values'];
}
