import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { createServer } from '../../src/server/index.ts';
import { startServer } from '../../tools/zookeeper/index.ts';
import { filesIn, makeDirectory, OpenedStorage } from '../unit/server/storage/storage-rig.ts';
import { describeApache } from './support/real-zookeeper.ts';

const root = makeDirectory();
afterAll(() => root.remove());

/** The lower half of a zxid, which counts transactions, is about to be full. */
const LAST_ZXID = 0xffff_fffdn;

async function almostFull(dataDir: string): Promise<void> {
  const opened = await OpenedStorage.open(dataDir);
  opened.tree.lastZxid = LAST_ZXID - 1n;
  opened.create('before');
  await opened.storage.snapshot();
  await opened.close();
  for (const name of [`log.${LAST_ZXID.toString(16)}`, 'snapshot.0']) {
    rmSync(join(dataDir, 'version-2', name));
  }
}

/** Zxids of what is made; the session took the first one. */
async function create(connectString: string, names: readonly string[]): Promise<bigint[]> {
  await using zk = await connect(connectString);
  const zxids: bigint[] = [];
  for (const name of names) {
    await zk.create(name);
    zxids.push((await zk.exists(name))?.czxid ?? -1n);
  }
  return zxids;
}

describeApache('more transactions than half a zxid counts', () => {
  it('raise the other half, on a real server of one node and on ours, and are read again', async () => {
    const theirDir = join(root.path, 'theirs');
    const ourDir = join(root.path, 'ours');
    await almostFull(theirDir);
    cpSync(theirDir, ourDir, { recursive: true });
    const names = ['/a', '/b', '/c'];
    const wanted = [LAST_ZXID + 2n, 0x1_0000_0000n, 0x1_0000_0001n];
    await using theirs = await startServer({ dataDir: theirDir, fastStart: true });
    expect(await create(theirs.connectString, names)).toEqual(wanted);
    const ours = await createServer({ port: 0, dataDir: ourDir });
    expect(await create(ours.connectString, names)).toEqual(wanted);
    await ours.close();
    expect(filesIn(ourDir)).toContain('log.fffffffe');

    // Each on the files of the other.
    await theirs.kill();
    await using ourOnTheirs = await createServer({ port: 0, dataDir: theirDir });
    await using theirOnOurs = await startServer({ dataDir: ourDir, fastStart: true });
    const [next, theirNext] = [
      await create(ourOnTheirs.connectString, ['/d']),
      await create(theirOnOurs.connectString, ['/d']),
    ];
    // A session ended, or did not, with its client; one began.
    expect(next).toEqual(theirNext);
    expect(next[0]).toBeGreaterThan(wanted[2]!);
  });
});
