import type { BenchClient, Workload } from '../adapters/adapter.ts';
import { loadAdapter } from '../adapters/index.ts';
import type { LoadCase } from '../cases.ts';
import { type JobResult, nodePath } from '../jobs.ts';
import { payloadOf } from '../servers/canned-replies.ts';
import { checkOnce, drive } from './drive.ts';
import { Meter, pause } from './meter.ts';

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
  const { operation, payloadBytes, depth } = benchCase;
  const data = payloadOf(payloadBytes);
  const workload: Workload = { operation, path: nodePath(payloadBytes), data, depth };
  const adapter = await loadAdapter(benchCase.client);
  const client = await adapter.connect(connectString);
  await checkOnce(client, workload);
  await warmUp(client, workload, warmupMs * WIDE_WARMUP_SHARE);
  const meter = new Meter();
  const drained = drive(client, workload, meter);
  const measured = await meter.measure(warmupMs * (1 - WIDE_WARMUP_SHARE), measureMs, onPhase);
  await Promise.race([drained.then(() => client.close()), pause(CLOSE_TIMEOUT_MS)]);
  return { subject: adapter.name, version: adapter.version, values: { ...measured } };
}

/** Closed loops, thrown away. */
export async function warmUp(client: BenchClient, workload: Workload, ms: number): Promise<void> {
  const meter = new Meter();
  const depth = Math.max(workload.depth, WARMUP_DEPTH);
  const drained = drive(client, { ...workload, depth }, meter);
  await meter.run(ms, WARMUP_OPERATIONS, ms * WARMUP_STRETCH_MAX);
  await drained;
}
