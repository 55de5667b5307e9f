import { setTimeout as delay } from 'node:timers/promises';
import type { ZooKeeperServer } from '../../../tools/zookeeper/index.ts';
import { systemMs } from '../system-time.ts';

/** Room for 100,000 watches; quiet, since logging costs time. */
export const SERVER_OPTIONS = { heapMiB: 512, logLevel: 'WARN' as const };

/** Between two questions whether a server is there again: fine enough for what takes half a second. */
const POLL_MS = 5;

/** From the four-letter word `wchs`: `Total watches:N`. */
export async function watchesOn(server: ZooKeeperServer): Promise<number | null> {
  const answer = await server.fourLetterWord('wchs').catch(() => '');
  const total = /Total watches:(\d+)/.exec(answer)?.[1];
  return total === undefined ? null : Number(total);
}

/** When one of them served a client for the first time from now on. */
export async function serviceBackMs(servers: readonly ZooKeeperServer[]): Promise<number> {
  for (;;) {
    const modes = await Promise.all(servers.map((server) => server.mode()));
    if (modes.some((mode) => mode !== undefined)) return systemMs();
    await delay(POLL_MS);
  }
}

/** Resolves when every one of them serves. */
export async function allServing(servers: readonly ZooKeeperServer[]): Promise<void> {
  for (;;) {
    const modes = await Promise.all(servers.map((server) => server.mode()));
    if (modes.every((mode) => mode !== undefined)) return;
    await delay(10 * POLL_MS);
  }
}
