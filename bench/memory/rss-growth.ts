import process from 'node:process';
import { connect, type ZooKeeperClient } from 'zkwire';
import { zkwireVersion } from '../adapters/zkwire-version.ts';
import { type JobResult, nodePath } from '../jobs.ts';
import { collectGarbage } from './collect-garbage.ts';

const WARMUP_GETS = 1_000_000;
const MEASURED_GETS = 10_000_000;
const DEPTH = 1_024;

/** How much larger the process is after ten million gets than it was when warm; both times after a full collection. */
export async function measureRssGrowth(connectString: string): Promise<JobResult> {
  const client = await connect(connectString);
  await getMany(client, WARMUP_GETS);
  collectGarbage();
  const before = process.memoryUsage();
  await getMany(client, MEASURED_GETS);
  collectGarbage();
  const after = process.memoryUsage();
  await client.close();
  return {
    subject: 'zkwire (promises)',
    version: zkwireVersion,
    values: {
      gets: MEASURED_GETS,
      rssGrowthBytes: after.rss - before.rss,
      heapGrowthBytes: after.heapUsed - before.heapUsed,
      externalGrowthBytes: after.external - before.external,
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    },
  };
}

async function getMany(client: ZooKeeperClient, count: number): Promise<void> {
  const path = nodePath(100);
  let left = count;
  async function loop(): Promise<void> {
    while (left-- > 0) await client.get(path);
  }
  await Promise.all(Array.from({ length: DEPTH }, loop));
}
