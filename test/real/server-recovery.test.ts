import { afterAll, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { OP, SERVER_CODE, writeMultiHeader } from '../../src/codec/index.ts';
import { createServer } from '../../src/server/index.ts';
import { startServer } from '../../tools/zookeeper/index.ts';
import { filesIn, makeDirectory, OpenedStorage } from '../unit/server/storage/storage-rig.ts';
import { RawSession } from './support/raw-session.ts';
import { describeApache } from './support/real-zookeeper.ts';

async function skipZxid(raw: RawSession): Promise<void> {
  const code = await raw.code(OP.multi, (writer) => {
    writeMultiHeader(writer, OP.check, false, -1);
    writer.ustring(null);
    writer.int(0);
    writeMultiHeader(writer, -1, true, -1);
  });
  expect(code).toBe(SERVER_CODE.MARSHALLINGERROR);
}

async function makeNode(raw: RawSession, path: string): Promise<void> {
  const code = await raw.code(OP.create, (writer) => {
    writer.ustring(path);
    writer.buffer(Buffer.from('data'));
    writer.int(1);
    writer.int(31);
    writer.ustring('world');
    writer.ustring('anyone');
    writer.int(0);
  });
  expect(code).toBe(0);
}

/** A multi with a null path between two writes: it takes a zxid, and there is no transaction of it. */
async function writeAroundSkippedZxid(port: number): Promise<void> {
  const zk = await connect(`127.0.0.1:${port}`);
  await zk.create('/before');
  const raw = await RawSession.open(port);
  await skipZxid(raw);
  await zk.create('/after');
  await raw.close();
  await zk.close();
}

describeApache('a zxid that a request has taken without a transaction', () => {
  const directories = { real: makeDirectory(), ours: makeDirectory(), between: makeDirectory() };
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

  it('is no loss where a real server began a new log', async () => {
    const dataDir = directories.between.path;
    const real = await startServer({ dataDir, fastStart: true });
    const raw = await RawSession.open(real.port);
    await makeNode(raw, '/before');
    await real.restart();
    await raw.reconnect();
    await skipZxid(raw);
    await makeNode(raw, '/after');
    await raw.close();
    await real.kill('SIGKILL');
    await real.stop();
    expect(filesIn(dataDir)).toEqual(['log.1', 'log.4', 'snapshot.0', 'snapshot.2']);
    const ours = await OpenedStorage.open(dataDir);
    await ours.close();
    expect(ours.notices).toEqual([]);
    expect(ours.tree.node('/before')?.czxid).toBe(2n);
    expect(ours.tree.node('/after')?.czxid).toBe(4n);
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
