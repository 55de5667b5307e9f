import { beforeEach, describe, expect, it } from 'vitest';
import { WatchQueue } from '../../../src/client/index.ts';
import {
  writeGetChildren2Response,
  writeGetChildrenResponse,
  writeStatOf,
  writeWatcherEvent,
} from '../../../src/codec/records.gen.ts';
import type { WatchEvent } from '../../../src/session/index.ts';
import { dataReply, reply, STAT } from '../pipeline/frames.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { type ScriptedClient, scriptedClient } from './scripted-client.ts';

const [CREATED, DELETED, CHANGED, CHILDREN] = [1, 2, 3, 4];

let scene: ScriptedClient;
let heard: string[];

beforeEach(async () => {
  scene = await scriptedClient();
  heard = [];
});

const watch = (event: WatchEvent): void => void heard.push(`${event.type} ${event.path}`);
const told = (type: number, path = '/a'): Buffer =>
  reply(-1, { zxid: -1n, body: (writer) => writeWatcherEvent(writer, type, 3, path) });
const stat = (xid: number): Buffer => reply(xid, { body: (writer) => writeStatOf(writer, STAT) });

/** The last byte of each request is its watch flag. */
async function flags(): Promise<(number | undefined)[]> {
  await settled();
  return scene.sent().map(({ body }) => body.at(-1));
}

describe('a watch on a read', () => {
  it('is asked for, and only then', async () => {
    const { zk } = scene;
    const calls = [
      zk.get('/a', { watch }),
      zk.exists('/a', { watch }),
      zk.getChildren('/a', { watch }),
      zk.getChildren('/a', { watch, withStat: true }),
      zk.getConfig({ watch }),
      zk.get('/a'),
      zk.exists('/a', {}),
      zk.getChildren('/a', { watch: undefined }),
      zk.getChildren('/a', { withStat: true }),
      zk.getConfig(),
    ];
    expect(await flags()).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0, 0]);
    for (const call of calls) call.catch(() => {});
  });

  it.each([
    ['get', CHANGED, 'NodeDataChanged /a'],
    ['get', DELETED, 'NodeDeleted /a'],
    ['exists', CHANGED, 'NodeDataChanged /a'],
    ['getChildren', CHILDREN, 'NodeChildrenChanged /a'],
    ['getChildren with Stat', CHILDREN, 'NodeChildrenChanged /a'],
  ] as const)(
    'of %s hears event %s once, even in the frame behind the reply',
    async (method, type, event) => {
      const { zk, link } = scene;
      const answer =
        method === 'get'
          ? zk.get('/a', { watch })
          : method === 'exists'
            ? zk.exists('/a', { watch })
            : zk.getChildren('/a', { watch, withStat: method !== 'getChildren' });
      answer.then(() => heard.push('answer'));
      await settled();
      const replies = {
        get: dataReply(1, 'x'),
        exists: stat(1),
        getChildren: reply(1, { body: (writer) => writeGetChildrenResponse(writer, []) }),
        'getChildren with Stat': reply(1, {
          body: (writer) => writeGetChildren2Response(writer, [], STAT),
        }),
      };
      link.deliver(replies[method], told(type), told(type));
      await settled();
      // Listeners run in the read path; what awaits the answer comes after it.
      expect(heard).toEqual([event, 'answer']);
    },
  );

  it('is of the data for get, of the children for getChildren', async () => {
    const { zk, link } = scene;
    const answers = [zk.get('/a', { watch }), zk.getChildren('/b', { watch })];
    await settled();
    link.deliver(
      dataReply(1, 'x'),
      reply(2, { body: (writer) => writeGetChildrenResponse(writer, []) }),
      told(CHILDREN, '/a'),
      told(CHANGED, '/b'),
    );
    await Promise.all(answers);
    expect(heard).toEqual([]);
  });

  it('stands when exists finds nothing, and waits for the node', async () => {
    const { zk, link } = scene;
    const answer = zk.exists('/a', { watch });
    await settled();
    link.deliver(reply(1, { err: -101 }), told(CREATED));
    expect(await answer).toBeNull();
    expect(heard).toEqual(['NodeCreated /a']);
  });

  it.each([
    ['get', -101],
    ['get', -102],
    ['exists', -102],
    ['getChildren', -101],
  ] as const)('is none when %s fails with %s', async (method, err) => {
    const { zk, link } = scene;
    const answer = zk[method]('/a', { watch }).catch(() => {});
    await settled();
    link.deliver(reply(1, { err }), told(CREATED), told(CHANGED), told(CHILDREN));
    await answer;
    expect(heard).toEqual([]);
  });

  it('is none when nobody waits for the answer any more, or it is broken', async () => {
    const { zk, link, clock } = scene;
    const late = zk.get('/a', { watch, timeoutMs: 100 }).catch(shown);
    const broken = zk.getChildren('/a', { watch }).catch(shown);
    await settled();
    clock.advance(200);
    expect(await late).toBe('REQUEST_TIMEOUT/unknown');
    link.deliver(dataReply(1, 'x'), told(CHANGED), reply(2, { body: (writer) => writer.int(9) }));
    expect(await broken).toBe('BAD_REPLY/unknown');
    expect(heard).toEqual([]);
  });

  it('can be a queue', async () => {
    const { zk, link } = scene;
    const queue = new WatchQueue();
    const answer = zk.get('/a', { watch: queue });
    await settled();
    link.deliver(dataReply(1, 'x'), told(CHANGED));
    await answer;
    expect((await queue.next()).value).toMatchObject({ type: 'NodeDataChanged', path: '/a' });
  });

  it.each([null, 7, 'x', {}, { listener: 7 }])('cannot be %j', async (bad) => {
    const { zk } = scene;
    const options = { watch: bad as never };
    for (const call of [
      zk.get('/a', options),
      zk.exists('/a', options),
      zk.getChildren('/a', options),
      zk.getConfig(options),
    ]) {
      expect(await call.catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    }
    expect(await flags()).toEqual([]);
  });

  it('does not hide that the path is none', async () => {
    const { zk } = scene;
    for (const path of ['a', undefined as never]) {
      expect(await zk.get(path, { watch }).catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    }
  });
});

describe('watches that stay', () => {
  it('are methods of the client', async () => {
    const { zk, link, sent } = scene;
    const opening = zk.watch('/a', { listener: watch });
    await settled();
    link.deliver(reply(1, { body: (writer) => writer.int(0) }), told(CHANGED));
    const lasting = await opening;
    const checking = zk.checkWatches('/a');
    const removing = zk.removeWatches('/a', 'persistent');
    await settled();
    link.deliver(reply(2), reply(3));
    expect(await checking).toBe(true);
    await removing;
    expect(lasting.ended).toBe(true);
    expect(heard).toEqual(['NodeDataChanged /a', 'Ended /a']);
    expect(sent().map(({ op }) => op)).toEqual([106, 17, 18]);
    expect(await zk.watch('a').catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    expect(await zk.removeWatches('a').catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    expect(await zk.checkWatches('a').catch(shown)).toBe('BAD_ARGUMENT/not-sent');
  });
});
