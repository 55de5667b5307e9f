import { beforeEach, describe, expect, it } from 'vitest';
import { type RequestError, TransactionError, type WatchEvent } from '../../../src/client/index.ts';
import { JuteReader, OP, readMultiRequest } from '../../../src/codec/index.ts';
import { writeMultiResponse } from '../../../src/codec/multi.ts';
import {
  writeCreate2Response,
  writeCreateResponse,
  writeGetChildrenResponse,
  writeGetEphemeralsResponse,
  writeWatcherEvent,
} from '../../../src/codec/records.gen.ts';
import { dataReply, reply, STAT } from '../pipeline/frames.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { type ScriptedClient, scriptedClient } from './scripted-client.ts';

let scene: ScriptedClient;

beforeEach(async () => {
  scene = await scriptedClient({}, 'server.test:2181/app');
});

/** First field of every request that has left: its path on the server. */
async function sentPaths(): Promise<(string | null)[]> {
  await settled();
  return scene.sent().map(({ body }) => JuteReader.over(body).ustring());
}

const created = (xid: number, path: string): Buffer =>
  reply(xid, { body: (writer) => writeCreateResponse(writer, path) });
const createdWithStat = (xid: number, path: string): Buffer =>
  reply(xid, { body: (writer) => writeCreate2Response(writer, path, STAT) });

describe('under a chroot', () => {
  it('every operation goes below it, and the configuration does not', async () => {
    const { zk } = scene;
    const calls = [
      zk.get('/a'),
      zk.set('/a', 'x'),
      zk.exists('/'),
      zk.create('/a/b'),
      zk.delete('/a'),
      zk.getChildren('/'),
      zk.getChildren('/a', { withStat: true }),
      zk.getAcl('/a'),
      zk.setAcl('/a', []),
      zk.sync('/'),
      zk.getAllChildrenNumber('/'),
      zk.getEphemerals('/a/'),
      zk.getEphemerals(),
      zk.create('/', null, { mode: 'ephemeral' }),
      zk.create('/', null, { mode: 'persistent-sequential' }),
      zk.create('/a/', null, { mode: 'persistent-sequential' }),
      zk.getConfig(),
    ];
    zk.lending.get('/a', () => {});
    zk.lending.set('/', null, -1, () => {});
    expect(await sentPaths()).toEqual([
      '/app/a',
      '/app/a',
      '/app',
      '/app/a/b',
      '/app/a',
      '/app',
      '/app/a',
      '/app/a',
      '/app/a',
      '/app',
      '/app',
      '/app/a/',
      '/app',
      '/app',
      // Not `/app`: the counter would make a neighbour of the chroot of it.
      '/app/',
      '/app/a/',
      '/zookeeper/config',
      '/app/a',
      '/app',
    ]);
    for (const call of calls) call.catch(() => {});
  });

  it('made paths come back without it', async () => {
    const { zk, link } = scene;
    const answers = Promise.all([
      zk.create('/a'),
      zk.create('/a', null, { withStat: true }),
      zk.create('/c', null, { mode: 'container' }),
      zk.create('/', null, { mode: 'persistent-sequential' }),
      zk.create('/'),
      new Promise((resolve) => {
        zk.lending.create('/l', null, (_error, path) => resolve(path));
      }),
    ]);
    await settled();
    link.deliver(
      created(1, '/app/a'),
      createdWithStat(2, '/app/a'),
      createdWithStat(3, '/app/c'),
      created(4, '/app/0000000007'),
      created(5, '/app'),
      created(6, '/app/l'),
    );
    expect(await answers).toEqual([
      '/a',
      { path: '/a', stat: STAT },
      '/c',
      '/0000000007',
      '/',
      '/l',
    ]);
  });

  it('ephemeral nodes are those in it, and not those of a neighbour that begins like it', async () => {
    const { zk, link } = scene;
    const answer = zk.getEphemerals();
    await settled();
    const paths = ['/app', '/apple/a', '/app/a/b', '/app-1', '/app/c'];
    link.deliver(reply(1, { body: (writer) => writeGetEphemeralsResponse(writer, paths) }));
    expect(await answer).toEqual(['/', '/a/b', '/c']);
  });

  it('errors name the path as the caller does', async () => {
    const { zk, link } = scene;
    const refused = zk.get('/a').catch((error: unknown) => error);
    const lost = zk.create('/').catch((error: unknown) => error);
    await settled();
    link.deliver(reply(1, { err: -101 }));
    link.over();
    expect(await refused).toMatchObject({ code: 'NONODE', path: '/a' });
    expect(await lost).toMatchObject({ code: 'CONNECTION_LOSS', path: '/' });
    const large = await zk.set('/a', Buffer.alloc(2_000_000)).catch((error: unknown) => error);
    expect(large).toMatchObject({ code: 'REQUEST_TOO_LARGE', path: '/a' });
    expect(
      (await zk.get('/a/').catch((error: RequestError) => error)) as RequestError,
    ).toMatchObject({ code: 'BAD_ARGUMENT', path: '/a/' });
  });

  it('transactions go below it, and their results and refusals come back without it', async () => {
    const { zk, link, sent } = scene;
    const steps = [
      { op: 'create', path: '/', mode: 'persistent-sequential' },
      { op: 'create', path: '/a' },
      { op: 'set', path: '/a', data: 'x' },
      { op: 'check', path: '/', version: 1 },
      { op: 'delete', path: '/a' },
    ] as const;
    const done = zk.multi(steps);
    const refused = zk.multi(steps).catch((error: unknown) => error);
    await settled();
    const asked = readMultiRequest(JuteReader.over(sent()[0]!.body));
    expect(asked.map(({ path }) => path)).toEqual(['/app/', '/app/a', '/app/a', '/app', '/app/a']);
    const results = [
      { op: OP.create2, path: '/app/0000000001', stat: STAT },
      { op: OP.create, path: '/app/a' },
      { op: OP.setData, stat: STAT },
      { op: OP.check },
      { op: OP.delete },
    ] as const;
    const codes = [0, -110, -2, -2, -2].map((err) => ({ op: OP.error, err }) as const);
    link.deliver(
      reply(1, { body: (writer) => writeMultiResponse(writer, results) }),
      reply(2, { body: (writer) => writeMultiResponse(writer, codes) }),
    );
    expect((await done).slice(0, 2)).toEqual([
      { op: 'create', path: '/0000000001', stat: STAT },
      { op: 'create', path: '/a', stat: null },
    ]);
    expect(await refused).toBeInstanceOf(TransactionError);
    expect(await refused).toMatchObject({ code: 'NODEEXISTS', path: '/a', failedStep: 1 });
  });

  it('reads of several nodes too', async () => {
    const { zk, sent } = scene;
    void zk
      .multiRead([
        { op: 'get', path: '/a' },
        { op: 'getChildren', path: '/' },
      ])
      .catch(() => {});
    await settled();
    const asked = readMultiRequest(JuteReader.over(sent()[0]!.body));
    expect(asked.map(({ path }) => path)).toEqual(['/app/a', '/app']);
  });

  it('watches hear the path of the caller', async () => {
    const { zk, link } = scene;
    const heard: WatchEvent[] = [];
    const answers = [
      zk.get('/a', { watch: (event) => heard.push(event) }),
      zk.getChildren('/', { watch: (event) => heard.push(event) }),
      zk.getConfig({ watch: (event) => heard.push(event) }),
    ];
    await settled();
    const event = (type: number, path: string): Buffer =>
      reply(-1, { zxid: -1n, body: (writer) => writeWatcherEvent(writer, type, 3, path) });
    link.deliver(
      dataReply(1, 'x'),
      reply(2, { body: (writer) => writeGetChildrenResponse(writer, []) }),
      dataReply(3, 'server.1'),
      event(3, '/app/a'),
      event(4, '/app'),
      event(3, '/zookeeper/config'),
    );
    await Promise.all(answers);
    expect(heard.map(({ type, path }) => `${type} ${path}`)).toEqual([
      'NodeDataChanged /a',
      'NodeChildrenChanged /',
      'NodeDataChanged /zookeeper/config',
    ]);
  });

  it('is not deleted', async () => {
    const { zk } = scene;
    expect(await zk.delete('/').catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    expect(await zk.multi([{ op: 'delete', path: '/' }]).catch(shown)).toBe(
      'BAD_ARGUMENT/not-sent',
    );
    expect(() => zk.lending.delete('/', -1, () => {})).toThrowError(/the root cannot be deleted/);
    const { zk: whole } = await scriptedClient();
    expect(await whole.delete('/').catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    expect([zk.chroot, whole.chroot]).toEqual(['/app', '']);
  });
});

describe('without a chroot', () => {
  it('nothing is put in front', async () => {
    scene = await scriptedClient();
    const calls = [
      scene.zk.get('/'),
      scene.zk.create('/', null, { mode: 'persistent-sequential' }),
    ];
    expect(await sentPaths()).toEqual(['/', '/']);
    scene.link.deliver(
      dataReply(1, 'x'),
      reply(2, { body: (writer) => writeCreateResponse(writer, '/0000000001') }),
    );
    expect(await calls[1]).toBe('/0000000001');
  });
});
