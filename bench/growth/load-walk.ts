import type { BenchClient, Workload } from '../adapters/adapter.ts';
import { loadAdapter } from '../adapters/index.ts';
import type { JobResult } from '../jobs.ts';
import { checkOnce, drive } from '../load/drive.ts';
import { Meter, pause, type TurnMeasurement } from '../load/meter.ts';
import { payloadOf } from '../servers/canned-replies.ts';
import { connectForChildren } from './children-clients.ts';
import { type LoadPoint, type LoadWork, pointKey } from './growth-work.ts';
import { childrenIn } from './responder-names.ts';

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

/** A client with a connection to where the points at hand are. */
interface Connected {
  readonly name: string;
  readonly version: string;
  readonly client: BenchClient;
  /** Rejects when the client does not get what the point says. */
  check(point: LoadPoint): Promise<void>;
}

/** Walks the points in their order with one client; those that would take it too long have no values. */
export async function walkLoad(work: LoadWork): Promise<JobResult> {
  const values: Record<string, number | null> = {};
  let connected: Connected | null = null;
  let connectedTo = '';
  let last: { point: LoadPoint; opsPerSecond: number } | null = null;
  for (const point of work.points) {
    const roundMs = last === null ? 0 : expectedRoundMs(point, last.point, last.opsPerSecond);
    if (roundMs > ROUND_MS_MAX) continue;
    if (connected === null || connectedTo !== point.connectString) {
      const isFirst = connected === null;
      await Promise.race([connected?.client.close(), pause(CLOSE_TIMEOUT_MS)]);
      connected = await connectFor(work, point.connectString);
      connectedTo = point.connectString;
      await connected.check(point);
      if (isFirst) await warmUp(connected.client, work, point);
    } else {
      await connected.check(point);
    }
    const measured = await measure(connected.client, work, point, roundMs);
    last = { point, opsPerSecond: measured.opsPerSecond };
    values[pointKey('opsPerSecond', point.x)] = measured.opsPerSecond;
    values[pointKey('cpuUsPerOp', point.x)] = measured.cpuUsPerOp;
    values[pointKey('p50Us', point.x)] = measured.p50Us;
  }
  return { subject: connected?.name ?? '', version: connected?.version ?? '', values };
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

async function connectFor(work: LoadWork, connectString: string): Promise<Connected> {
  const { operation } = work;
  if (operation !== 'getChildren') {
    const { name, version, connect } = await loadAdapter(work.client);
    const client = await connect(connectString);
    const check = (point: LoadPoint): Promise<void> =>
      checkOnce(client, workloadOf(point, operation));
    return { name, version, client, check };
  }
  const { name, version, client, list } = await connectForChildren(work.client, connectString);
  const check = async ({ path }: LoadPoint): Promise<void> => {
    if (list === null) return;
    const [{ length }, wanted] = [await list(path), childrenIn(path)];
    if (length !== wanted) throw new Error(`${length} children, not the ${wanted} expected`);
  };
  return { name, version, client, check };
}

/** A listing of children is driven as a `get` is. */
function workloadOf(
  { path, payloadBytes, depth }: LoadPoint,
  operation: LoadWork['operation'],
): Workload {
  return {
    operation: operation === 'set' ? 'set' : 'get',
    path,
    data: payloadOf(payloadBytes),
    depth,
  };
}

async function warmUp(client: BenchClient, work: LoadWork, point: LoadPoint): Promise<void> {
  const meter = new Meter();
  const workload = { ...workloadOf(point, work.operation), depth: WARMUP_DEPTH };
  const drained = drive(client, workload, meter);
  await meter.run(work.warmupMs, 0, work.warmupMs);
  await drained;
}

async function measure(
  client: BenchClient,
  { operation, settleMs, measureMs }: LoadWork,
  point: LoadPoint,
  roundMs: number,
): Promise<TurnMeasurement> {
  const meter = new Meter();
  const drained = drive(client, workloadOf(point, operation), meter);
  const measured = await meter.measure(
    Math.max(settleMs, roundMs * ROUNDS_MIN),
    Math.max(measureMs, roundMs * ROUNDS_MIN),
    () => {},
  );
  await drained;
  return measured;
}
