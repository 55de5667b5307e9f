import { beforeAll, expect, it } from 'vitest';
import {
  acl,
  type CreateKind,
  connect,
  digestCredential,
  digestId,
  PERMS,
  type WatchEvent,
  type ZooKeeperClient,
} from '../../src/client/index.ts';
import { failureOf } from './support/failures.ts';
import { RealClient } from './support/real-client.ts';
import { describeReal } from './support/real-zookeeper.ts';

describeReal('operations on a real server', () => {
  const real = new RealClient();
  let zk: ZooKeeperClient;
  const fresh = (): string => real.fresh();

  beforeAll(() => {
    zk = real.zk;
  });

  it('writes, reads and deletes, with versions', async () => {
    const path = fresh();
    expect(await zk.create(path, 'one')).toBe(path);
    const first = await zk.get(path);
    expect(first.data).toEqual(Buffer.from('one'));
    expect(first.stat).toMatchObject({
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: 0n,
      dataLength: 3,
      numChildren: 0,
      mzxid: first.stat.czxid,
      pzxid: first.stat.czxid,
    });
    expect(Math.abs(Number(first.stat.ctime) - Date.now())).toBeLessThan(60_000);
    const stat = await zk.set(path, Buffer.from('two!'), { version: 0 });
    expect([stat.version, stat.dataLength, stat.mzxid > stat.czxid]).toEqual([1, 4, true]);
    expect(await zk.exists(path)).toEqual(stat);
    expect(await failureOf(zk.set(path, 'three', { version: 0 }))).toMatchObject({
      code: 'BADVERSION',
      serverCode: -103,
      outcome: 'rejected',
      operation: 'setData',
      path,
      host: real.server.connectString,
    });
    expect((await failureOf(zk.delete(path, { version: 0 }))).code).toBe('BADVERSION');
    expect(await zk.delete(path, { version: 1 })).toBeUndefined();
    expect(await zk.exists(path)).toBeNull();
    expect((await failureOf(zk.get(path))).code).toBe('NONODE');
  });

  it('tells null from empty', async () => {
    const path = fresh();
    await zk.create(path);
    expect((await zk.get(path)).data).toBeNull();
    await zk.set(path, '');
    expect((await zk.get(path)).data).toEqual(Buffer.alloc(0));
    await zk.set(path, null);
    expect((await zk.get(path)).data).toBeNull();
  });

  // Servers do not show clients that a node is a container or has a time to live: its owner is 0.
  it.each([
    [{ mode: 'persistent' }, false, false],
    [{ mode: 'ephemeral' }, false, true],
    [{ mode: 'persistent-sequential' }, true, false],
    [{ mode: 'ephemeral-sequential' }, true, true],
    [{ mode: 'container' }, false, false],
    [{ mode: 'persistent-ttl', ttlMs: 100_000 }, false, false],
    [{ mode: 'persistent-sequential-ttl', ttlMs: 2 ** 40 - 1 }, true, false],
  ] as [CreateKind, boolean, boolean][])(
    'creates %o, with its Stat or without',
    async (kind, sequential, ephemeral) => {
      const base = fresh();
      await zk.create(base);
      const name = sequential ? /^\/n\d+\/x\d{10}$/ : /^\/n\d+\/x$/;
      const path = await zk.create(`${base}/x`, 'data', kind);
      expect(path).toMatch(name);
      const { stat } = await zk.get(path);
      expect(stat.ephemeralOwner).toBe(ephemeral ? zk.sessionId : 0n);
      await zk.delete(path);
      const made = await zk.create(`${base}/x`, 'data', { ...kind, withStat: true });
      expect(made.path).toMatch(name);
      expect(await zk.exists(made.path)).toEqual(made.stat);
      expect(made.stat.dataLength).toBe(4);
    },
  );

  it('numbers sequential nodes, below a slash and behind a dot too', async () => {
    const base = fresh();
    await zk.create(base);
    const mode = 'persistent-sequential';
    expect(await zk.create(`${base}/`, null, { mode })).toBe(`${base}/0000000000`);
    expect(await zk.create(`${base}/.`, null, { mode })).toBe(`${base}/.0000000001`);
    expect(await zk.create(`${base}/a-`, null, { mode })).toBe(`${base}/a-0000000002`);
  });

  it('keeps ACLs, and the server judges them', async () => {
    const path = fresh();
    const readOnly = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }];
    await zk.create(path, 'x', { acl: readOnly });
    expect((await zk.get(path)).data).toEqual(Buffer.from('x'));
    expect((await failureOf(zk.set(path, 'y'))).code).toBe('NOAUTH');
    expect((await failureOf(zk.create(fresh(), 'x', { acl: [] }))).code).toBe('INVALIDACL');
  });

  it('lists children', async () => {
    const base = fresh();
    await zk.create(base);
    expect(await zk.getChildren(base)).toEqual([]);
    await Promise.all(['b', 'a', 'ü'].map((name) => zk.create(`${base}/${name}`)));
    expect((await zk.getChildren(base)).sort()).toEqual(['a', 'b', 'ü']);
    const { children, stat } = await zk.getChildren(base, { withStat: true });
    expect(children.sort()).toEqual(['a', 'b', 'ü']);
    expect(stat).toMatchObject({ numChildren: 3, cversion: 3 });
    expect((await failureOf(zk.delete(base))).code).toBe('NOTEMPTY');
    expect(await zk.getChildren('/')).toContain('zookeeper');
  });

  it('writes text of all sorts, in data and in names', async () => {
    const base = fresh();
    for (const name of [
      'ä',
      '漢字',
      'with space',
      'a..b',
      '\u00a0',
      '\ud7ff',
      '\uf900',
      '\uffef',
    ]) {
      const path = `${base}-${name}`;
      expect(await zk.create(path, `${name} 😀`)).toBe(path);
      expect((await zk.get(path)).data?.toString()).toBe(`${name} 😀`);
      expect(await zk.getChildren('/')).toContain(path.slice(1));
    }
  });

  it('refuses the paths that the server would refuse, and no others', async () => {
    for (const unit of [0x01, 0x1f, 0x7f, 0x9f, 0xd800, 0xdfff, 0xe000, 0xf8ff, 0xfff0, 0xffff]) {
      const refused = await failureOf(zk.create(`/c${String.fromCharCode(unit)}`));
      expect([refused.code, refused.outcome]).toEqual(['BAD_ARGUMENT', 'not-sent']);
    }
  });

  it('waits for the leader', async () => {
    expect(await zk.sync('/')).toBeUndefined();
  });

  it('numbers children of the root too', async () => {
    const path = await zk.create('/', null, { mode: 'persistent-sequential' });
    expect(path).toMatch(/^\/\d{10}$/);
    await zk.delete(path);
    expect(await failureOf(zk.create('/'))).toMatchObject({ code: 'NODEEXISTS', path: '/' });
  });

  it('reads and writes ACLs, each with its version', async () => {
    const path = fresh();
    await zk.create(path);
    const first = await zk.getAcl(path);
    expect(first.acl).toEqual(acl.open);
    expect(first.stat).toMatchObject({ version: 0, aversion: 0 });
    const list = [...acl.readOnly, acl.digest('u', 'p', PERMS.ALL), acl.ip('127.0.0.0/8', 16)];
    const stat = await zk.setAcl(path, list, { aversion: 0 });
    expect(stat).toMatchObject({ version: 0, aversion: 1 });
    expect(await zk.exists(path)).toEqual(stat);
    expect((await failureOf(zk.setAcl(path, acl.open, { aversion: 0 }))).code).toBe('BADVERSION');
    // 127.0.0.1 may see and set the ACL, and nothing else.
    expect(await zk.getAcl(path)).toEqual({ acl: list, stat });
    expect((await failureOf(zk.set(path, 'x'))).code).toBe('NOAUTH');
    await zk.setAcl(path, acl.open);
    await zk.set(path, 'x');
    expect((await failureOf(zk.setAcl(fresh(), acl.open))).code).toBe('NONODE');
    expect((await failureOf(zk.setAcl(path, []))).code).toBe('INVALIDACL');
  });

  it('gives nodes to who creates them, and to who shows the password', async () => {
    const path = fresh();
    const refused = await failureOf(zk.create(path, null, { acl: acl.creatorAll }));
    expect(refused.code).toBe('INVALIDACL');
    const owner = await connect(real.server.connectString);
    await owner.addAuth(digestCredential('owner', 'secret'));
    expect((await owner.whoAmI()).sort((a, b) => (a.scheme < b.scheme ? -1 : 1))).toEqual([
      { scheme: 'digest', user: 'owner' },
      { scheme: 'ip', user: '127.0.0.1' },
    ]);
    await owner.create(path, 'x', { acl: acl.creatorAll });
    expect((await owner.getAcl(path)).acl).toEqual([acl.digest('owner', 'secret')]);
    expect((await owner.getAcl(path)).acl[0]!.id).toEqual(digestId('owner', 'secret'));
    expect((await failureOf(zk.get(path))).code).toBe('NOAUTH');
    await owner.delete(path);
    await owner.close();
  });

  it('knows its own ephemeral nodes', async () => {
    const base = fresh();
    const other = await connect(real.server.connectString);
    await other.create(base);
    const mine = await Promise.all(
      ['a', 'ab', 'c'].map((name) => other.create(`${base}/${name}`, null, { mode: 'ephemeral' })),
    );
    expect((await other.getEphemerals()).sort()).toEqual(mine);
    expect((await other.getEphemerals(`${base}/a`)).sort()).toEqual(mine.slice(0, 2));
    expect(await other.getEphemerals('/none')).toEqual([]);
    expect(await zk.getEphemerals(base)).toEqual([]);
    await other.close();
  });

  it('counts all nodes below a node', async () => {
    const base = fresh();
    await zk.ensurePath(`${base}/a/b/c`);
    await zk.create(`${base}-neighbour`);
    expect(await zk.getAllChildrenNumber(base)).toBe(3);
    expect(await zk.getAllChildrenNumber(`${base}/a/b/c`)).toBe(0);
    expect(await zk.getAllChildrenNumber('/')).toBeGreaterThan(5);
    expect((await failureOf(zk.getAllChildrenNumber(fresh()))).code).toBe('NONODE');
  });

  it('reads the configuration, and may not change it', async () => {
    const { data, stat } = await zk.getConfig();
    expect(data).toBeInstanceOf(Buffer);
    expect(stat.czxid).toBe(0n);
    const refused = await failureOf(zk.reconfig({ joining: ['server.9=127.0.0.1:1:2;3'] }));
    expect(refused).toMatchObject({ code: 'RECONFIGDISABLED', serverCode: -123 });
    expect(refused).toMatchObject({ outcome: 'rejected', operation: 'reconfig', path: undefined });
    expect(zk.connected).toBe(true);
  });

  it('is told once of what it has read', async () => {
    const path = fresh();
    const heard: string[] = [];
    const watch = ({ type, path: where }: WatchEvent): void => void heard.push(`${type} ${where}`);
    expect(await zk.exists(path, { watch })).toBeNull();
    await zk.create(path);
    await zk.get(path, { watch });
    await zk.exists(path, { watch });
    await zk.getChildren(path, { watch });
    await zk.set(path, 'x');
    await zk.set(path, 'y');
    await zk.create(`${path}/child`);
    await zk.getChildren(path, { watch, withStat: true });
    await zk.delete(`${path}/child`);
    await zk.get(path, { watch });
    await zk.delete(path);
    expect((await failureOf(zk.get(path, { watch }))).code).toBe('NONODE');
    await zk.create(path);
    expect(heard).toEqual([
      `NodeCreated ${path}`,
      `NodeDataChanged ${path}`,
      `NodeChildrenChanged ${path}`,
      `NodeChildrenChanged ${path}`,
      `NodeDeleted ${path}`,
    ]);
  });
});
