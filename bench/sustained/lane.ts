import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runScript } from '../child-process.ts';
import type { JobResult } from '../jobs.ts';
import type { Lane, LaneServers } from '../lanes/lane.ts';
import { type BenchServer, startNullResponderProcess } from '../servers/server-process.ts';
import { type SustainedCase, sustainedCases } from './cases.ts';
import { sustainedCharts } from './charts.ts';
import { sustainedFigures } from './figures.ts';
import type { SustainedJob } from './sustained-turn.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
/** Over what a turn should take: for a loaded machine, and so that a client that hangs costs no more. */
const GRACE_MS = 30_000;

interface SustainedServers extends LaneServers {
  readonly server: BenchServer;
}

export const SUSTAINED_LANE: Lane<SustainedCase, SustainedServers> = {
  kind: 'sustained',
  about:
    'Measures a minute of full load: throughput by second, stalls of the event loop, garbage collections, memory.',
  notMeasured: [
    'an application around the client: its own garbage and callbacks are in every real stall',
    'more than a minute, and heaps that are large for other reasons',
    'writes, other payloads than 100 B and 1 KiB, real servers',
  ],
  cases: sustainedCases,
  async open([first]) {
    const { payloadBytes } = first as SustainedCase;
    const server = await startNullResponderProcess({ payloadBytes });
    return { server, stop: () => server.stop() };
  },
  measure,
  charts: sustainedCharts,
  figures: sustainedFigures,
};

function measure(each: SustainedCase, { server }: SustainedServers): Promise<JobResult> {
  const { client, payloadBytes, seconds, warmupMs, turnMs } = each;
  const { connectString } = server;
  const job: SustainedJob = { client, payloadBytes, seconds, warmupMs, connectString };
  return runScript(join(HERE, 'sustained-child.js'), job, { timeoutMs: turnMs + GRACE_MS });
}
