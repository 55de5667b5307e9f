import { beforeAll, expect, it } from 'vitest';
import { connect, type WatchEvent, type ZooKeeperClient } from '../../src/client/index.ts';
import { failureOf } from './support/failures.ts';
import { RealClient } from './support/real-client.ts';
import { describeReal } from './support/real-zookeeper.ts';

describeReal('under a chroot on a real server', () => {
  const real = new RealClient();
  let whole: ZooKeeperClient;
  let chroots = 0;

  beforeAll(() => {
    whole = real.zk;
  });

  /** A client of its own chroot, whose node is there or not. */
  async function open(there = true): Promise<{ zk: ZooKeeperClient; chroot: string }> {
    const chroot = `/apps/app${++chroots}`;
    if (there) await whole.ensurePath(chroot);
    return { zk: await connect(`${real.server.connectString}${chroot}`), chroot };
  }

  it('paths are the same as without, and others do not see them', async () => {
    const { zk, chroot } = await open();
    expect(await zk.create('/a', 'x')).toBe('/a');
    expect(await zk.create('/a/', null, { mode: 'ephemeral-sequential' })).toBe('/a/0000000000');
    expect(await zk.create('/', null, { mode: 'persistent-sequential' })).toMatch(/^\/\d{10}$/);
    expect((await zk.create('/b', null, { withStat: true })).path).toBe('/b');
    expect((await whole.get(`${chroot}/a`)).data).toEqual(Buffer.from('x'));
    expect(await zk.getChildren('/')).toHaveLength(3);
    expect(await zk.getAllChildrenNumber('/')).toBe(4);
    await zk.set('/', 'root');
    expect((await whole.get(chroot)).data).toEqual(Buffer.from('root'));
    expect(await failureOf(zk.get('/none'))).toMatchObject({ code: 'NONODE', path: '/none' });
    expect(await failureOf(zk.delete('/'))).toMatchObject({ code: 'BAD_ARGUMENT' });
    await zk.sync('/a');
    await zk.close();
  });

  it('ephemeral nodes are those in it', async () => {
    const { zk, chroot } = await open();
    await zk.create('/mine', null, { mode: 'ephemeral' });
    // The same session on a path that only begins like the chroot: by way of another client it cannot be made.
    const ticket = await zk.detach();
    const outside = await connect(real.server.connectString, { resume: ticket });
    await outside.create(`${chroot}-neighbour`, null, { mode: 'ephemeral' });
    expect(await outside.getEphemerals()).toHaveLength(2);
    const inside = await connect(`${real.server.connectString}${chroot}`, {
      resume: await outside.detach(),
    });
    expect(await inside.getEphemerals()).toEqual(['/mine']);
    expect(await inside.getEphemerals('/mi')).toEqual(['/mine']);
    expect(await inside.getEphemerals('/x')).toEqual([]);
    await inside.close();
  });

  it('transactions and their errors name the same paths', async () => {
    const { zk } = await open();
    const [made, numbered] = await zk.multi([
      { op: 'create', path: '/a' },
      { op: 'create', path: '/', mode: 'persistent-sequential' },
      { op: 'set', path: '/a', data: 'x' },
    ]);
    expect([made.path, numbered.path]).toEqual(['/a', '/0000000001']);
    const error = await failureOf(zk.multi([{ op: 'check', path: '/a', version: 9 }]));
    expect(error).toMatchObject({ code: 'BADVERSION', path: '/a' });
    await zk.close();
  });

  it('watches tell the same paths', async () => {
    const { zk, chroot } = await open();
    const heard: string[] = [];
    const watch = ({ type, path }: WatchEvent): void => void heard.push(`${type} ${path}`);
    await zk.exists('/a', { watch });
    await zk.getChildren('/', { watch });
    const lasting = await zk.watch('/', { recursive: true, listener: watch });
    await whole.create(`${chroot}/a`);
    await whole.create(`${chroot}2`);
    await zk.sync('/');
    expect(heard.sort()).toEqual(['NodeChildrenChanged /', 'NodeCreated /a', 'NodeCreated /a']);
    await lasting.close();
    await zk.close();
  });

  it('the node of the chroot need not be there', async () => {
    const { zk, chroot } = await open(false);
    expect(await failureOf(zk.create('/a'))).toMatchObject({ code: 'NONODE', path: '/a' });
    expect(await zk.exists('/')).toBeNull();
    expect(await zk.create('/')).toBe('/');
    expect(await whole.exists(chroot)).not.toBeNull();
    await zk.close();
    const deep = await connect(`${real.server.connectString}/x/y/z`);
    await deep.ensurePath('/a/b');
    expect(await whole.exists('/x/y/z/a/b')).not.toBeNull();
    await deep.close();
  });

  it('the configuration is that of the servers', async () => {
    const { zk } = await open();
    expect(await zk.getConfig()).toEqual(await whole.getConfig());
    await zk.close();
  });
});
