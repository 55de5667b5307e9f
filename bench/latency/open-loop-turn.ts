import type { BenchClient, Workload } from '../adapters/adapter.ts';
import { loadAdapter } from '../adapters/index.ts';
import { type JobResult, nodePath } from '../jobs.ts';
import { checkOnce } from '../load/drive.ts';
import { warmUp } from '../load/load-turn.ts';
import { pause } from '../load/meter.ts';
import { payloadOf } from '../servers/canned-replies.ts';
import { type MakeRequest, OpenLoop } from './open-loop.ts';
import type { OpenLoopJob } from './open-loop-job.ts';
import { scheduleOf } from './schedule.ts';

/** A client that cannot close is not waited for: the process ends anyway. */
const CLOSE_TIMEOUT_MS = 1_000;
/** Of the closed loops that warm up. */
const WARMUP_DEPTH = 128;

/** One open loop of one client; the process that it runs in has loaded no other. */
export async function runOpenLoopTurn(job: OpenLoopJob): Promise<JobResult> {
  const path = nodePath(job.payloadBytes);
  const data = payloadOf(job.payloadBytes);
  const workload: Workload = { operation: 'get', path, data, depth: WARMUP_DEPTH };
  const adapter = await loadAdapter(job.client);
  const client = await adapter.connect(job.connectString);
  await checkOnce(client, workload);
  await warmUp(client, workload, job.closedWarmupMs);
  const loop = new OpenLoop(requestOf(client, path), {
    schedule: scheduleOf(job.arrivals, job.perSecond),
    perSecond: job.perSecond,
    warmupMs: job.openWarmupMs,
    measureMs: job.openMeasureMs,
    drainMs: job.drainMs,
    inFlightMax: job.inFlightMax,
  });
  const values = await loop.run();
  await Promise.race([client.close(), pause(CLOSE_TIMEOUT_MS)]);
  return { subject: adapter.name, version: adapter.version, values };
}

function requestOf(client: BenchClient, path: string): MakeRequest {
  switch (client.style) {
    case 'promise':
      return (done) => void client.get(path).then(() => done(null), done);
    case 'callback':
      return (done) => client.get(path, done);
    case 'socket':
      throw new Error('the raw socket cannot tell its requests apart');
  }
}
