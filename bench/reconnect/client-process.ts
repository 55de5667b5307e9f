/** One client, in a process of its own: connects, sets its watches, asks and asks, and tells when it is back after a fault. */
import process from 'node:process';
import { Asker } from './asker.ts';
import type { ClientJob, FromClient, ToClient } from './client-messages.ts';
import { loadDriver, type ReconnectClient } from './drivers/driver.ts';

/** Watches that are being set at a time: more than that one of the peers slows down with the square of. */
const WATCHES_AT_ONCE = 500;

function send(message: FromClient): void {
  process.send?.(message);
}

/** As long as paths in real trees are; 100,000 of them are over 4 MB. */
export function watchedPath(index: number): string {
  return `/zkwire-bench/services/checkout/i-${String(index).padStart(8, '0')}`;
}

async function setWatches(client: ReconnectClient, count: number): Promise<void> {
  for (let from = 0; from < count; from += WATCHES_AT_ONCE) {
    const length = Math.min(WATCHES_AT_ONCE, count - from);
    await Promise.all(
      Array.from({ length }, (_, index) => client.watch(watchedPath(from + index))),
    );
  }
}

async function tellWhenBack(asker: Asker, client: ReconnectClient, doneMs: number): Promise<void> {
  const { settledMs } = await asker.firstGoodAfter(doneMs);
  const sessionId = client.sessionId();
  send({ type: 'recovered', settledMs, failed: asker.failed, sessionId });
}

async function run(job: ClientJob): Promise<void> {
  const driver = await loadDriver(job.client);
  const client = await driver.connect(job);
  await setWatches(client, job.watches);
  const asker = new Asker(() => client[job.ask](), job.paceMs);
  asker.start();
  process.on('message', (message: ToClient) => {
    if (message.type === 'fault') {
      void tellWhenBack(asker, client, message.doneMs);
      return;
    }
    asker.stop();
    void client.close().then(() => process.exit(0));
  });
  const { name, version, policy } = driver;
  send({ type: 'ready', name, version, policy });
}

// A parent that is gone has nobody to tell.
process.on('disconnect', () => process.exit(1));

try {
  await run(JSON.parse(process.argv[2] ?? '') as ClientJob);
} catch (cause) {
  send({ type: 'failed', reason: cause instanceof Error ? cause.message : String(cause) });
}
