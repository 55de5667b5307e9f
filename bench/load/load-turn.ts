import type { BenchClient, Workload } from '../adapters/adapter.ts';
import { loadAdapter } from '../adapters/index.ts';
import type { LoadCase } from '../cases.ts';
import { type JobResult, nodePath } from '../jobs.ts';
import { payloadOf } from '../servers/canned-replies.ts';
import { checkOnce, drive } from './drive.ts';
import { Meter } from './meter.ts';

/** A client that cannot close is not waited for: the process ends anyway. */
const CLOSE_TIMEOUT_MS = 1_000;

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
  const meter = new Meter();
  drive(client, workload, meter);
  const measured = await meter.measure(warmupMs, measureMs, onPhase);
  await closeWithin(client, CLOSE_TIMEOUT_MS);
  return { subject: adapter.name, version: adapter.version, values: { ...measured } };
}

function closeWithin(client: BenchClient, timeoutMs: number): Promise<unknown> {
  const timeout = new Promise((resolve) => setTimeout(resolve, timeoutMs));
  return Promise.race([client.close().catch(() => {}), timeout]);
}
