import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { connect, type ZooKeeperClient } from '../../../src/client/index.ts';
import { createServer, type EmbeddedServer } from '../../../src/server/index.ts';
import { ManualTime } from './sessions/manual-time.ts';

const closing: AsyncDisposable[] = [];

afterEach(async () => {
  for (const each of closing.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function serve(
  clock: ManualTime,
  options: { dataDir?: string; readOnly?: boolean; containerMaxNeverUsedIntervalMs?: number } = {},
): Promise<{ server: EmbeddedServer; zk: ZooKeeperClient }> {
  const server = await createServer({ clock, containerCheckIntervalMs: 100, ...options });
  closing.push(server);
  const zk = await connect(server.connectString, { readOnly: options.readOnly === true });
  closing.push(zk);
  return { server, zk };
}

/** Makes it as a container is after its use. */
async function used(zk: ZooKeeperClient, path: string): Promise<void> {
  await zk.create(path, null, { mode: 'container' });
  await zk.create(`${path}/a`);
  await zk.delete(`${path}/a`);
}

describe('the sweeper of containers and TTL nodes', () => {
  it('deletes containers that had a child, and no others', async () => {
    const clock = new ManualTime(1_000);
    const { zk } = await serve(clock);
    await used(zk, '/used');
    await zk.create('/never', null, { mode: 'container' });
    await zk.create('/full', null, { mode: 'container' });
    await zk.create('/full/a');
    clock.advance(99);
    expect(await zk.exists('/used')).not.toBeNull();
    clock.advance(1);
    expect(await zk.getChildren('/')).toEqual(expect.not.arrayContaining(['used']));
    clock.advance(20_000);
    expect((await zk.getChildren('/')).sort()).toEqual(['full', 'never', 'zookeeper']);
  });

  it('deletes those that never had one when it is told how long to wait', async () => {
    const clock = new ManualTime(1_000);
    const { zk } = await serve(clock, { containerMaxNeverUsedIntervalMs: 500 });
    await zk.create('/never', null, { mode: 'container' });
    clock.advance(500);
    expect(await zk.exists('/never')).not.toBeNull();
    clock.advance(100);
    expect(await zk.exists('/never')).toBeNull();
  });

  it('deletes TTL nodes so long after their last change, if they have no children', async () => {
    const clock = new ManualTime(1_000);
    const { zk } = await serve(clock);
    await zk.create('/t', null, { mode: 'persistent-ttl', ttlMs: 250 });
    clock.advance(200);
    await zk.set('/t', 'again');
    clock.advance(200);
    await zk.create('/t/a');
    clock.advance(1_000);
    expect(await zk.exists('/t')).not.toBeNull();
    await zk.delete('/t/a');
    clock.advance(100);
    expect(await zk.exists('/t')).toBeNull();
  });

  it('deletes nothing where nobody may write', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'zkwire-sweeper-'));
    try {
      const clock = new ManualTime(1_000);
      const first = await serve(clock, { dataDir });
      await used(first.zk, '/used');
      await first.zk.close();
      await first.server.close();
      const { zk, server } = await serve(clock, { dataDir, readOnly: true });
      clock.advance(1_000);
      await nextTurn();
      expect(await zk.exists('/used')).not.toBeNull();
      await zk.close();
      await server.close();
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});
