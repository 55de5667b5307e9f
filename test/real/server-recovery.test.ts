import { afterAll, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { OP, SERVER_CODE, writeMultiHeader } from '../../src/codec/index.ts';
import { createServer } from '../../src/server/index.ts';
import { startServer } from '../../tools/zookeeper/index.ts';
import { makeDirectory, OpenedStorage } from '../unit/server/storage/storage-rig.ts';
import { RawSession } from './support/raw-session.ts';
import { describeApache } from './support/real-zookeeper.ts';

/** A multi with a null path between two writes: it takes a zxid, and there is no transaction of it. */
async function writeAroundSkippedZxid(port: number): Promise<void> {
  const zk = await connect(`127.0.0.1:${port}`);
  await zk.create('/before');
  const raw = await RawSession.open(port);
  const code = await raw.code(OP.multi, (writer) => {
    writeMultiHeader(writer, OP.check, false, -1);
    writer.ustring(null);
    writer.int(0);
    writeMultiHeader(writer, -1, true, -1);
  });
  expect(code).toBe(SERVER_CODE.MARSHALLINGERROR);
  await zk.create('/after');
  await raw.close();
  await zk.close();
}

describeApache('a zxid that a request has taken without a transaction', () => {
  const directories = { real: makeDirectory(), ours: makeDirectory() };
  afterAll(() => {
    for (const { remove } of Object.values(directories)) remove();
  });

  it('is no loss in the log of a real server', async () => {
    const dataDir = directories.real.path;
    const real = await startServer({ dataDir, fastStart: true });
    await writeAroundSkippedZxid(real.port);
    await real.kill('SIGKILL');
    await real.stop();
    const ours = await OpenedStorage.open(dataDir);
    await ours.close();
    expect(ours.notices).toEqual([]);
    expect(ours.tree.node('/before')?.czxid).toBe(2n);
    expect(ours.tree.node('/after')?.czxid).toBe(5n);
    expect(ours.tree.lastZxid).toBe(7n);
  });

  it('is none in ours, and a real server reads it', async () => {
    const dataDir = directories.ours.path;
    const ours = await createServer({ port: 0, dataDir });
    await writeAroundSkippedZxid(ours.port!);
    await ours.close();
    const again = await OpenedStorage.open(dataDir);
    await again.close();
    expect(again.notices).toEqual([]);
    expect(again.tree.node('/after')?.czxid).toBe(5n);
    await using real = await startServer({ dataDir, fastStart: true });
    await using zk = await connect(real.connectString);
    expect((await zk.exists('/after'))?.czxid).toBe(5n);
    expect((await zk.exists('/before'))?.czxid).toBe(2n);
  });
});
