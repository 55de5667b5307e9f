import process from 'node:process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect } from 'zkwire';
import { zkwireVersion } from '../adapters/zkwire-version.ts';
import { type JobResult, nodePath } from '../jobs.ts';
import { collectGarbage } from './collect-garbage.ts';

const REQUESTS = 1_000_000;
/** Requests made before the socket gets its turn, so that slabs are written and return. */
const REQUESTS_PER_TURN = 5_000;
const BYTES_MAX = 512 * 1024 * 1024;
/** Turns of the event loop after the last request: the slabs on their way to the socket are through then. */
const SETTLE_TURNS = 1_000;

/**
 * What a promise `get` holds while it waits: a million of them against a server that takes requests
 * and never answers. The caller's promise is in the figure, the caller's own reference to it is not.
 */
export async function measureInFlightHeap(connectString: string): Promise<JobResult> {
  const path = nodePath(100);
  const client = await connect(connectString, {
    inflightMax: REQUESTS,
    inflightBytesMax: BYTES_MAX,
  });
  collectGarbage();
  const before = process.memoryUsage();
  for (let made = 0; made < REQUESTS; made += REQUESTS_PER_TURN) {
    for (let nth = 0; nth < REQUESTS_PER_TURN; nth++) void client.get(path);
    await nextTurn();
  }
  for (let turn = 0; turn < SETTLE_TURNS; turn++) await nextTurn();
  collectGarbage();
  const after = process.memoryUsage();
  const { inflight } = client.counters();
  if (inflight !== REQUESTS) throw new Error(`${inflight} requests in flight, not ${REQUESTS}`);
  return {
    subject: 'zkwire (promises)',
    version: zkwireVersion,
    values: {
      requestsInFlight: inflight,
      heapBytesPerRequest: (after.heapUsed - before.heapUsed) / REQUESTS,
      externalBytesPerRequest: (after.external - before.external) / REQUESTS,
      rssBytesPerRequest: (after.rss - before.rss) / REQUESTS,
    },
  };
}
