import type { BenchClient, Workload } from '../adapters/adapter.ts';
import { loadAdapter } from '../adapters/index.ts';
import { type ClientName, type LoadCase, notSupported } from '../cases.ts';
import { isDriverName } from '../drivers/driver-names.ts';
import { type JobResult, workloadPath } from '../jobs.ts';
import { ALLOCATION_MS } from '../plan.ts';
import { payloadOf } from '../servers/canned-replies.ts';
import { checkOnce, drive } from './drive.ts';
import { socketCalls } from './io-counts.ts';
import { Meter, pause, type TurnMeasurement } from './meter.ts';

/** A client that cannot close is not waited for: the process ends anyway. */
const CLOSE_TIMEOUT_MS = 1_000;
/**
 * Warm-up begins at least this deep, so that the code is compiled and optimised also where the case
 * itself is one request at a time: some hundred ms of that are too few requests for V8.
 */
const WARMUP_DEPTH = 128;
/** Share of the warm-up at that depth; the rest is at the case's own. */
const WIDE_WARMUP_SHARE = 0.7;
/** A client that is slower than this many operations in its share gets more time, up to so many times as much. */
const WARMUP_OPERATIONS = 10_000;
const WARMUP_STRETCH_MAX = 1.5;

export interface LoadTurnOptions {
  connectString: string;
  warmupMs: number;
  measureMs: number;
}

export async function runLoadTurn(
  benchCase: LoadCase,
  { connectString, warmupMs, measureMs }: LoadTurnOptions,
  onPhase: (phase: 'measuring' | 'measured') => void,
): Promise<JobResult> {
  const { operation, payloadBytes, childCount = 0, depth } = benchCase;
  const data = payloadOf(payloadBytes);
  const path = workloadPath(benchCase);
  const workload: Workload = { operation, path, data, childCount, depth };
  const adapter = await loadAdapter(nodeClient(benchCase));
  const client = await adapter.connect(connectString);
  await checkOnce(client, workload);
  await warmUp(client, workload, warmupMs * WIDE_WARMUP_SHARE);
  const meter = new Meter();
  const drained = drive(client, workload, meter);
  const measured = await meter.measure(
    warmupMs * (1 - WIDE_WARMUP_SHARE),
    measureMs,
    onPhase,
    ALLOCATION_MS,
  );
  await Promise.race([drained.then(() => client.close()), pause(CLOSE_TIMEOUT_MS)]);
  const isCounted = adapter.syscallsAreCounted !== false || socketCalls() !== null;
  const values = isCounted ? measured : withoutSyscalls(measured);
  return { subject: adapter.name, version: adapter.version, values: { ...values } };
}

function nodeClient(benchCase: LoadCase): ClientName {
  const { client } = benchCase;
  const reason = notSupported(benchCase);
  if (reason !== null) throw new Error(`not supported: ${reason}`);
  if (isDriverName(client)) throw new Error(`${client} is no client of Node: it has a driver`);
  return client;
}

/** A part of them would be worse than none. */
function withoutSyscalls(measured: TurnMeasurement): TurnMeasurement {
  return { ...measured, readSyscallsPerOp: null, writeSyscallsPerOp: null };
}

/** Closed loops, thrown away. */
export async function warmUp(client: BenchClient, workload: Workload, ms: number): Promise<void> {
  const meter = new Meter();
  const depth = Math.max(workload.depth, WARMUP_DEPTH);
  const drained = drive(client, { ...workload, depth }, meter);
  await meter.run(ms, WARMUP_OPERATIONS, ms * WARMUP_STRETCH_MAX);
  await drained;
}
