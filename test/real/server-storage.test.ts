import { cpSync, rmSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  acl,
  connect,
  digestId,
  type SessionTicket,
  type ZooKeeperClient,
} from '../../src/client/index.ts';
import { OP } from '../../src/codec/index.ts';
import { createServer } from '../../src/server/index.ts';
import { listSnapshots, versionDirectory } from '../../src/server/storage/data-files.ts';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { fastCheckOptions } from '../property/seed.ts';
import { fillStorage, steps, writeSteps } from '../unit/server/storage/random-writes.ts';
import { filesIn, makeDirectory, OpenedStorage } from '../unit/server/storage/storage-rig.ts';
import type { TreeState } from '../unit/server/storage/tree-state.ts';
import { describeApache } from './support/real-zookeeper.ts';
import { readState } from './support/wire-state.ts';

const SUPER = { scheme: 'digest', auth: 'super:secret' };

function startOn(dataDir: string, snapCount = 100_000): Promise<ZooKeeperServer> {
  return startServer({
    dataDir,
    fastStart: true,
    extendedTypesEnabled: true,
    superDigest: digestId('super', 'secret').id,
    minSessionTimeoutMs: 1_000,
    maxSessionTimeoutMs: 120_000,
    jvmFlags: [`-Dzookeeper.snapCount=${snapCount}`],
  });
}

async function connectSuper(server: ZooKeeperServer): Promise<ZooKeeperClient> {
  const zk = await connect(server.connectString, { sessionTimeoutMs: 60_000 });
  await zk.addAuth(SUPER);
  return zk;
}

async function zxidOf(server: ZooKeeperServer): Promise<bigint> {
  const text = await server.fourLetterWord('srvr');
  return BigInt(/^Zxid: (0x[0-9a-f]+)$/m.exec(text)?.[1] ?? '-1');
}

/** All kinds of znodes and transactions, by a client. */
async function fill(zk: ZooKeeperClient): Promise<void> {
  const refused = (): void => {};
  await zk.create('/plain', 'hello');
  await zk.create('/null', null);
  await zk.create('/empty', '');
  await zk.create('/é-€', 'x');
  await zk.create('/plain/s-', null, { mode: 'persistent-sequential' });
  await zk.create('/container', '', { mode: 'container' });
  await zk.create('/container/child', 'c');
  await zk.create('/ttl', 'ttl', { mode: 'persistent-ttl', ttlMs: 3_600_000 });
  await zk.create('/acl', 'secret', { acl: [acl.digest('bob', 'pw'), acl.ip('10.0.0.0/8', 1)] });
  await zk.create('/read-only', '', { acl: acl.readOnly });
  await zk.setAcl('/read-only', [acl.world(3)]);
  await zk.set('/plain', 'world');
  await zk.create('/large', Buffer.alloc(300_000, 7));
  await zk.create('/gone', 'x');
  await zk.delete('/gone');
  await zk.delete('/none').catch(refused);
  await zk.multi([
    { op: 'create', path: '/multi', data: 'm' },
    { op: 'create', path: '/multi/t', mode: 'persistent-ttl', ttlMs: 5_000_000 },
    { op: 'create', path: '/multi/c', mode: 'container' },
    { op: 'set', path: '/multi', data: 'n' },
    { op: 'check', path: '/multi', version: 1 },
    { op: 'delete', path: '/null' },
  ]);
  const half = [
    { op: 'create', path: '/half' },
    { op: 'delete', path: '/none' },
  ] as const;
  await zk.multi(half).catch(refused);
  await zk.create('/wide');
  for (let index = 0; index < 40; index++) await zk.create(`/wide/child-${index * 7919}`);
}

const OPEN = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
const SESSION = 0x1234_5678_9abc_def0n;

/** All kinds of znodes and transactions, as our server logs them. */
function fillOurs(ours: OpenedStorage, living: bigint): void {
  const { tree } = ours;
  const made = (path: string) => {
    const parent = path.slice(0, path.lastIndexOf('/'));
    return { path, acl: OPEN, parentCversion: tree.node(parent)!.cversion + 1 };
  };
  const plain = (path: string, data: Buffer | null, ephemeral = false) =>
    ({ type: OP.create, ...made(path), data, ephemeral }) as const;
  ours.commit({ type: OP.createSession, timeoutMs: 90_000 }, SESSION);
  ours.commit(plain('/ours', Buffer.from('o')));
  ours.commit({ ...plain('/ours/null', null), type: OP.create2 });
  ours.commit(plain('/ours/eph', Buffer.alloc(0), true), SESSION);
  ours.commit(plain('/ours/eph2', Buffer.from('e'), true), living);
  ours.commit({ type: OP.createContainer, ...made('/ours/c'), data: null });
  ours.commit({ type: OP.createTTL, ...made('/ours/ttl'), data: null, ttlMs: 7_200_000 });
  ours.commit(plain('/ours/large', Buffer.alloc(200_000, 9)));
  ours.commit({ type: OP.setData, path: '/plain', data: Buffer.from('ours'), version: 2 });
  ours.commit({ type: OP.setACL, path: '/ours', acl: [acl.digest('eve', 'pw')], version: 1 });
  ours.commit({ type: OP.error, code: -101 });
  ours.commit({ type: OP.delete, path: '/wide/child-0' });
  ours.commit({
    type: OP.multi,
    txns: [
      { type: OP.check, path: '/ours', version: 1 },
      plain('/ours/m', Buffer.from('m')),
      { type: OP.setData, path: '/ours', data: null, version: 1 },
      { type: OP.delete, path: '/empty' },
    ],
  });
  ours.commit({ type: OP.multi, txns: [plain('/no', null), { type: OP.error, code: -101 }] });
  ours.commit({ type: OP.createSession, timeoutMs: 10_000 }, SESSION + 1n);
  ours.commit(plain('/ours/short', null, true), SESSION + 1n);
  ours.commit({ type: OP.closeSession, paths: ['/ours/short'] }, SESSION + 1n);
}

/** Complaints about the files in a server's log, without their times; it complains of clients too, and of our four-letter words. */
function complaints(server: ZooKeeperServer): string[] {
  const lines = server.logTail(10_000).split('\n');
  const serious = /ERROR|FATAL|igest.* not matching|EOF|snap/i;
  const harmless = /ServerCnxn|INFO/;
  return lines
    .filter((line) => serious.test(line) && !harmless.test(line))
    .map((line) => line.replace(/^[\d-]+ [\d:,]+ /, ''));
}

/** What a real server complains of when it starts on a copy of the files. */
async function complaintsAlone(dataDir: string): Promise<string[]> {
  const copy = makeDirectory();
  cpSync(dataDir, copy.path, { recursive: true });
  const server = await startOn(copy.path);
  try {
    return complaints(server);
  } finally {
    await server.stop();
    copy.remove();
  }
}

describeApache('one data directory, by turns of a real server and ours', () => {
  const directory = makeDirectory();
  const { path: dataDir } = directory;
  const closers: (() => Promise<void>)[] = [];
  let state: TreeState = {};
  let ticket: SessionTicket;
  /**
   * What a real server complains of in the files of a real one alone: of the digest of a snapshot that it took while
   * it wrote, 3.8.0 does at times. The same files say the same again, with ours behind them.
   */
  let itsOwn: string[] = [];

  afterAll(async () => {
    for (const close of closers) await close();
    directory.remove();
  });

  async function start(snapCount?: number): Promise<ZooKeeperServer> {
    const server = await startOn(dataDir, snapCount);
    closers.push(() => server.stop());
    return server;
  }

  it('a real one writes snapshots and logs and is killed: ours reads the same', async () => {
    const server = await start(20);
    const owner = await connect(server.connectString, { sessionTimeoutMs: 60_000 });
    await owner.create('/eph', 'mine', { mode: 'ephemeral' });
    const zk = await connectSuper(server);
    await fill(zk);
    await owner.create('/eph2', 'mine', { mode: 'ephemeral' });
    ticket = await owner.detach();
    state = await readState(zk);
    await zk.close();
    const zxid = await zxidOf(server);
    await server.kill('SIGKILL');
    expect(filesIn(dataDir).length).toBeGreaterThan(4);
    itsOwn = await complaintsAlone(dataDir);

    const ours = await OpenedStorage.open(dataDir);
    expect(ours.state).toEqual(state);
    expect(ours.notices).toEqual([]);
    expect(ours.tree.lastZxid).toBe(zxid);
    expect([...ours.storage.recovered.sessions]).toEqual([[ticket.sessionId, 60_000]]);
    fillOurs(ours, ticket.sessionId);
    state = ours.state;
    await ours.close();
  });

  it('ours has written on: a real one reads the same, and its client goes on', async () => {
    const server = await start();
    const owner = await connect(server.connectString, { resume: ticket });
    expect(await owner.getEphemerals()).toEqual(
      expect.arrayContaining(['/eph', '/eph2', '/ours/eph2']),
    );
    const dump = await server.fourLetterWord('dump');
    expect(dump).toContain(`0x${SESSION.toString(16)}`);
    expect(dump).toContain('/ours/eph');
    ticket = await owner.detach();
    const zk = await connectSuper(server);
    expect(await readState(zk)).toEqual(state);
    await zk.create('/again', 'real');
    await zk.set('/ours', 'real');
    state = await readState(zk);
    await zk.close();
    await server.kill('SIGKILL');
    expect(complaints(server)).toEqual(itsOwn);
    await server.stop();
  });

  it('the real one has written on: ours reads the same, takes a snapshot and writes on', async () => {
    const ours = await OpenedStorage.open(dataDir);
    expect(ours.state).toEqual(state);
    expect(ours.storage.recovered.sessions).toEqual(
      new Map([
        [ticket.sessionId, 60_000],
        [SESSION, 90_000],
      ]),
    );
    ours.create('before');
    await ours.storage.snapshot();
    ours.create('after');
    state = ours.state;
    const zxid = ours.tree.lastZxid;
    await ours.close();
    const server = await start();
    expect(await zxidOf(server)).toBe(zxid);
    const zk = await connectSuper(server);
    expect(await readState(zk)).toEqual(state);
    await zk.close();
    expect(complaints(server)).toEqual([]);
    await server.stop();
  });
});

describeApache('a session, by turns of our server and a real one on one directory', () => {
  const directory = makeDirectory();
  const { path: dataDir } = directory;
  afterAll(() => directory.remove());

  it('goes on with its ephemeral znodes, and ends on the other side', async () => {
    const options = { dataDir, port: 0, maxSessionTimeoutMs: 120_000 };
    const ours = await createServer(options);
    const client = await connect(ours.connectString, { sessionTimeoutMs: 60_000 });
    await client.create('/mine', 'ours', { mode: 'ephemeral' });
    await client.create('/seq-', null, { mode: 'persistent-sequential' });
    const { sessionId } = client;
    const first = await client.detach();
    await ours.close();

    const real = await startOn(dataDir);
    const there = await connect(real.connectString, { resume: first });
    expect(there.sessionId).toBe(sessionId);
    expect(await there.getEphemerals()).toEqual(['/mine']);
    expect((await there.get('/mine')).data?.toString()).toBe('ours');
    await there.create('/mine-too', 'real', { mode: 'ephemeral' });
    expect(await there.create('/seq-', null, { mode: 'persistent-sequential' })).toBe(
      '/seq-0000000003',
    );
    const second = await there.detach();
    await real.kill('SIGKILL');
    expect(complaints(real)).toEqual([]);
    await real.stop();

    const again = await createServer(options);
    const back = await connect(again.connectString, { resume: second });
    expect(back.sessionId).toBe(sessionId);
    expect([...(await back.getEphemerals())].sort()).toEqual(['/mine', '/mine-too']);
    await back.close();
    const other = await connect(again.connectString);
    expect(await other.getChildren('/')).not.toContain('mine');
    await other.close();
    await again.close();

    const last = await startOn(dataDir);
    const witness = await connect(last.connectString);
    expect([...(await witness.getChildren('/'))].sort()).toEqual([
      'seq-0000000001',
      'seq-0000000003',
      'zookeeper',
    ]);
    await witness.close();
    await last.stop();
  });
});

describeApache('a snapshot that was taken while everything changed', () => {
  const directory = makeDirectory();
  const original = join(directory.path, 'original');
  beforeAll(async () => {
    const opened = await OpenedStorage.open(original);
    await fillStorage(opened);
    await opened.close();
  });
  afterAll(() => directory.remove());

  const lists = fc.sample(fc.tuple(steps, fc.nat()), fastCheckOptions(4));
  it.each(lists.map((list, index) => [index, ...list] as const))(
    'is read by a real server as by ours (list %i)',
    async (index, list, snapshotAt) => {
      const dataDir = join(directory.path, String(index));
      cpSync(original, dataDir, { recursive: true });
      const written = await OpenedStorage.open(dataDir);
      await writeSteps(written, list, snapshotAt);
      await written.close();
      // The last of them is of rest.
      const [last] = listSnapshots(versionDirectory(dataDir)).slice(-1);
      rmSync(last!.path);
      const ours = await OpenedStorage.open(dataDir);
      await ours.close();
      const real = await startOn(dataDir);
      const zk = await connectSuper(real);
      expect(await readState(zk)).toEqual(ours.state);
      await zk.close();
      expect(complaints(real)).toEqual([]);
      await real.stop();
    },
  );
});

describeApache('a log that ends early', () => {
  const directory = makeDirectory();
  const { path: dataDir } = directory;
  afterAll(() => directory.remove());

  it('is read by a real server as by ours, when ours was killed', async () => {
    const ours = await OpenedStorage.open(dataDir);
    for (const name of ['a', 'b', 'c']) ours.create(name, `data of ${name}`);
    await ours.close();
    const log = join(versionDirectory(dataDir), 'log.1');
    truncateSync(log, statSync(log).size - 7);
    const server = await startOn(dataDir);
    expect(await zxidOf(server)).toBe(2n);
    const zk = await connect(server.connectString);
    expect([...(await zk.getChildren('/'))].sort()).toEqual(['a', 'b', 'zookeeper']);
    await zk.create('/d', 'real');
    await zk.close();
    await server.stop();
    // The real server has left the torn end where it was, and gone on in the next log, behind a snapshot.
    rmSync(join(versionDirectory(dataDir), 'snapshot.2'));
    const again = await OpenedStorage.open(dataDir);
    await again.close();
    expect(again.notices).toMatchObject([{ file: log }]);
    expect(again.tree.node('/c')).toBeUndefined();
    expect(again.tree.node('/d')?.czxid).toBe(4n);
    expect(again.tree.lastZxid).toBe(5n);
  });
});
