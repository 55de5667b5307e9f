import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, type ZooKeeperClient } from '../../src/client/index.ts';
import { REPLY_EXTRA_BYTES } from '../../src/limits.ts';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { endingOf, failureOf } from './support/failures.ts';
import { ObservedClient } from './support/observed-client.ts';
import { describeReal, isApache } from './support/real-zookeeper.ts';

/** Largest frame body that a server of default settings takes. */
const FRAME_BODY_BYTES_MAX = 0xfffff;

/** Of a setData request for `path`: header, path, the data's length, version. */
const setRequestBytes = (path: string): number => 8 + 4 + path.length + 4 + 4;

/** Soft limits are in front of `=;`, hard ones behind it (ZOOKEEPER-3301, since 3.7); -1: no limit. */
async function setQuota(zk: ZooKeeperClient, path: string, limits: string): Promise<void> {
  await zk.create(`/zookeeper/quota${path}`);
  await zk.create(`/zookeeper/quota${path}/zookeeper_limits`, limits);
  await zk.create(`/zookeeper/quota${path}/zookeeper_stats`, 'count=0,bytes=0');
}

describeReal('what a real server refuses', () => {
  let server: ZooKeeperServer;
  let zk: ZooKeeperClient;

  beforeAll(async () => {
    server = await startServer({
      fastStart: true,
      enforceQuota: true,
      configLines: ['forceSync=no'],
    });
    zk = await connect(server.connectString);
  });

  afterAll(async () => {
    await zk?.close();
    await server?.stop();
  });

  it('writes over a hard quota of nodes', async () => {
    // The node itself counts.
    await zk.create('/counted');
    await setQuota(zk, '/counted', 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=3');
    await zk.create('/counted/a');
    await zk.create('/counted/b');
    expect(await failureOf(zk.create('/counted/c'))).toMatchObject({
      code: 'QUOTAEXCEEDED',
      serverCode: -125,
      outcome: 'rejected',
      operation: 'create',
      path: '/counted/c',
    });
    expect((await zk.getChildren('/counted')).sort()).toEqual(['a', 'b']);
    await zk.delete('/counted/a');
    expect(await zk.create('/counted/c')).toBe('/counted/c');
  });

  it('writes over a hard quota of bytes', async () => {
    await zk.create('/weighed', 'x');
    await setQuota(zk, '/weighed', 'count=-1,bytes=-1=;byteHardLimit=100;countHardLimit=-1');
    expect((await zk.set('/weighed', Buffer.alloc(90))).dataLength).toBe(90);
    expect(await endingOf(zk.set('/weighed', Buffer.alloc(101)))).toBe('QUOTAEXCEEDED/rejected');
    expect(await endingOf(zk.create('/weighed/a', Buffer.alloc(11)))).toBe(
      'QUOTAEXCEEDED/rejected',
    );
    expect((await zk.get('/weighed')).stat).toMatchObject({ dataLength: 90, numChildren: 0 });
  });

  it('but no write over a soft quota: that one is for the log', async () => {
    await zk.create('/soft');
    await setQuota(zk, '/soft', 'count=2,bytes=10');
    for (const name of ['a', 'b', 'c']) await zk.create(`/soft/${name}`, Buffer.alloc(20));
    expect((await zk.getChildren('/soft')).sort()).toEqual(['a', 'b', 'c']);
    // The embedded server keeps no log.
    if (isApache) expect(server.logTail(200)).toMatch(/[Qq]uota exceeded: \/soft/);
  });

  it('operations that an ACL does not allow, each by its own permission', async () => {
    const anyone = { scheme: 'world', id: 'anyone' };
    const [READ, WRITE, CREATE, DELETE, ADMIN] = [1, 2, 4, 8, 16];
    const probe = async (perms: number): Promise<string[]> => {
      const path = `/acl-${perms}`;
      await zk.create(path, 'x', { acl: [{ perms, id: anyone }] });
      return await Promise.all([
        endingOf(zk.get(path)),
        endingOf(zk.set(path, 'y')),
        endingOf(zk.create(`${path}/child`)),
        endingOf(zk.getChildren(path)),
        // A Stat needs no permission.
        endingOf(zk.exists(path)),
        endingOf(zk.delete(`${path}/child`)),
      ]);
    };
    const no = 'NOAUTH/rejected';
    expect(await probe(READ)).toEqual(['ok', no, no, 'ok', 'ok', no]);
    expect(await probe(WRITE)).toEqual([no, 'ok', no, no, 'ok', no]);
    expect(await probe(CREATE)).toEqual([no, no, 'ok', no, 'ok', no]);
    expect(await probe(CREATE | DELETE)).toEqual([no, no, 'ok', no, 'ok', 'ok']);
    expect(await probe(ADMIN)).toEqual([no, no, no, no, 'ok', no]);
    const failure = await failureOf(zk.get(`/acl-${ADMIN}`));
    expect(failure).toMatchObject({ code: 'NOAUTH', serverCode: -102, path: `/acl-${ADMIN}` });
    // All or nothing: the step that may be done is not done either.
    const steps = [
      { op: 'set', path: `/acl-${WRITE}`, data: 'z' },
      { op: 'set', path: `/acl-${READ}`, data: 'z' },
    ] as const;
    expect(await failureOf(zk.multi(steps))).toMatchObject({ code: 'NOAUTH', outcome: 'rejected' });
    expect((await zk.exists(`/acl-${WRITE}`))?.version).toBe(1);
    for (const acl of [[], [{ perms: READ, id: { scheme: 'nonsense', id: 'x' } }]]) {
      expect(await endingOf(zk.create('/invalid', 'x', { acl }))).toBe('INVALIDACL/rejected');
    }
    expect(await zk.exists('/invalid')).toBeNull();
  });

  it('a frame of one byte too much: it ends the connection and is not sent again', async () => {
    await using client = await ObservedClient.connect(server.connectString, {
      // As if the client had not been told.
      frameBytesMax: 2 * FRAME_BODY_BYTES_MAX,
    });
    const { zk } = client;
    const id = zk.sessionId;
    await zk.create('/over', 'before');
    const most = FRAME_BODY_BYTES_MAX - setRequestBytes('/over');
    expect((await zk.set('/over', Buffer.alloc(most, 0x61))).version).toBe(1);
    const told = client.told;
    const ending = await endingOf(zk.set('/over', Buffer.alloc(most + 1, 0x62)));
    expect(ending).toBe('CONNECTION_LOSS/unknown');
    const back = await client.next('session', told);
    expect([back.sessionId, back.resumed]).toEqual([id, true]);
    const { data, stat } = await zk.get('/over');
    expect([stat.version, data?.length, data?.[0]]).toEqual([1, most, 0x61]);
    expect(client.story(told)).toHaveLength(4);
  });

  it('but no frame that the client knows to be too large: that one is never sent', async () => {
    await using client = await ObservedClient.connect(server.connectString);
    const { zk } = client;
    await zk.create('/known');
    const told = client.told;
    const answers = await Promise.all([
      endingOf(zk.exists('/known')),
      failureOf(zk.set('/known', Buffer.alloc(FRAME_BODY_BYTES_MAX))),
      endingOf(zk.exists('/known')),
    ]);
    expect(answers).toMatchObject([
      'ok',
      { code: 'REQUEST_TOO_LARGE', outcome: 'not-sent', path: '/known' },
      'ok',
    ]);
    expect(answers[1].message).toContain(String(FRAME_BODY_BYTES_MAX));
    expect(client.told).toBe(told);
  });

  it('30,000 children are one reply, which a client takes when its limit allows', async () => {
    await zk.create('/many');
    const names = Array.from({ length: 30_000 }, (_, index) => `child-${index}`.padEnd(40, 'x'));
    for (let at = 0; at < names.length; at += 3_000) {
      await Promise.all(names.slice(at, at + 3_000).map((name) => zk.create(`/many/${name}`)));
    }
    const replyBytes = 16 + 4 + names.length * 44;
    await using large = await connect(server.connectString, { frameBytesMax: replyBytes });
    expect((await large.getChildren('/many')).sort()).toEqual(names.sort());
    expect((await large.exists('/many'))?.numChildren).toBe(names.length);
    await using exact = await connect(server.connectString, {
      frameBytesMax: replyBytes - REPLY_EXTRA_BYTES,
    });
    expect(await exact.getChildren('/many')).toHaveLength(names.length);

    await using small = await ObservedClient.connect(server.connectString, {
      frameBytesMax: replyBytes - REPLY_EXTRA_BYTES - 1,
    });
    const told = small.told;
    const [, failure, behind] = await Promise.all([
      small.zk.exists('/many'),
      failureOf(small.zk.getChildren('/many')),
      small.zk.exists('/many'),
    ]);
    expect(failure).toMatchObject({ code: 'REPLY_TOO_LARGE', path: '/many' });
    expect(failure.message).toMatch(`${replyBytes} bytes`);
    expect(failure.message).toMatch(String(replyBytes - 1));
    // Nobody else hears of it.
    expect(behind?.numChildren).toBe(names.length);
    expect(small.told).toBe(told);
  });
});
