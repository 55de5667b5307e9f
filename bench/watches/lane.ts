import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runScript } from '../child-process.ts';
import type { JobResult } from '../jobs.ts';
import type { Lane, LaneServers } from '../lanes/lane.ts';
import { type BenchServer, startServerProcess } from '../servers/server-process.ts';
import { type WatchCase, watchCases } from './cases.ts';
import { watchCharts } from './charts.ts';
import { watchFigures } from './figures.ts';
import type { WatchJob } from './watch-turn.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const RESPONDER = join(HERE, '..', 'growth', 'growth-responder-process.js');
/** Over several times what a turn should take: for a loaded machine, and so that a client that hangs costs no more. */
const GRACE_MS = 60_000;
const GRACE_TIMES = 4;

interface WatchServers extends LaneServers {
  readonly server: BenchServer;
}

export const WATCHES_LANE: Lane<WatchCase, WatchServers> = {
  kind: 'watches',
  about: 'Measures how many watch events a second reach the listener of a user.',
  notMeasured: [
    'servers: the events are premade; what a server needs to find out whom to tell is in bench:server',
    'events between replies to requests, and several connections at once',
    'events as servers from 3.9 on send them, with the zxid of the change',
    'listeners that do something',
  ],
  cases: watchCases,
  async open() {
    const server = await startServerProcess(RESPONDER, {});
    return { server, stop: () => server.stop() };
  },
  measure,
  charts: watchCharts,
  figures: watchFigures,
};

function measure(each: WatchCase, { server }: WatchServers): Promise<JobResult> {
  const { style, client, watches, eventsPerRound, warmupRounds, rounds, turnMs } = each;
  const amounts = { watches, eventsPerRound, warmupRounds, rounds };
  const job: WatchJob = { ...amounts, style, client, connectString: server.connectString };
  const timeoutMs = GRACE_MS + GRACE_TIMES * turnMs;
  return runScript(join(HERE, 'watch-child.js'), job, { timeoutMs });
}
