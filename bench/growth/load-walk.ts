import type { BenchClient, Workload } from '../adapters/adapter.ts';
import { loadAdapter } from '../adapters/index.ts';
import type { JobResult } from '../jobs.ts';
import { checkOnce, drive } from '../load/drive.ts';
import { Meter, pause, type TurnMeasurement } from '../load/meter.ts';
import { payloadOf } from '../servers/canned-replies.ts';
import { type LoadPoint, type LoadWork, pointKey } from './growth-work.ts';

/** Of the warm-up, whatever the first point is: V8 must have seen enough calls. */
const WARMUP_DEPTH = 128;
/** A point is measured for at least so many times as long as all of its loops take to come round once. */
const ROUNDS_MIN = 2;
/** Points whose loops would take longer than this to come round, by the rate of the point before, are left out. */
const ROUND_MS_MAX = 1_000;
/** An operation costs as much as copying this many bytes, about: frames that are longer slow it down. */
const OPERATION_BYTES = 16 * 1024;
/** A client that cannot close is not waited for. */
const CLOSE_TIMEOUT_MS = 1_000;

/** Walks the points in their order with one client; those that would take it too long have no values. */
export async function walkLoad(work: LoadWork): Promise<JobResult> {
  const { name, version, connect } = await loadAdapter(work.client);
  const values: Record<string, number | null> = {};
  let client: BenchClient | null = null;
  let last: { point: LoadPoint; opsPerSecond: number } | null = null;
  for (const point of work.points) {
    const roundMs = last === null ? 0 : expectedRoundMs(point, last.point, last.opsPerSecond);
    if (roundMs > ROUND_MS_MAX) continue;
    if (client === null || last?.point.connectString !== point.connectString) {
      await Promise.race([client?.close(), pause(CLOSE_TIMEOUT_MS)]);
      client = await connect(point.connectString, work.needs);
    }
    await checkOnce(client, workloadOf(point, work));
    if (last === null) await warmUp(client, work, point);
    const measured = await measure(client, work, point, roundMs);
    last = { point, opsPerSecond: measured.opsPerSecond };
    values[pointKey('opsPerSecond', point.x)] = measured.opsPerSecond;
    values[pointKey('cpuUsPerOp', point.x)] = measured.cpuUsPerOp;
    values[pointKey('p50Us', point.x)] = measured.p50Us;
  }
  return { subject: name, version, values };
}

/** Time in which each of the loops has had its turn, from what the point before has shown. */
function expectedRoundMs(
  { depth, frameBytes }: LoadPoint,
  before: LoadPoint,
  opsPerSecond: number,
): number {
  const slower = (OPERATION_BYTES + frameBytes) / (OPERATION_BYTES + before.frameBytes);
  return (depth / opsPerSecond) * 1000 * slower;
}

function workloadOf(
  { path, payloadBytes, childCount, depth }: LoadPoint,
  { operation }: LoadWork,
): Workload {
  return { operation, path, data: payloadOf(payloadBytes), childCount, depth };
}

async function warmUp(client: BenchClient, work: LoadWork, point: LoadPoint): Promise<void> {
  const meter = new Meter();
  const workload = { ...workloadOf(point, work), depth: WARMUP_DEPTH };
  const drained = drive(client, workload, meter);
  await meter.run(work.warmupMs, 0, work.warmupMs);
  await drained;
}

async function measure(
  client: BenchClient,
  work: LoadWork,
  point: LoadPoint,
  roundMs: number,
): Promise<TurnMeasurement> {
  const meter = new Meter();
  const drained = drive(client, workloadOf(point, work), meter);
  const measured = await meter.measure(
    Math.max(work.settleMs, roundMs * ROUNDS_MIN),
    Math.max(work.measureMs, roundMs * ROUNDS_MIN),
    () => {},
  );
  await drained;
  return measured;
}
