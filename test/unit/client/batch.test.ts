import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { writeGetChildrenResponse } from '../../../src/codec/records.gen.ts';
import { RequestError } from '../../../src/errors.ts';
import { BATCH_REQUESTS_MAX } from '../../../src/limits.ts';
import { dataReply, reply } from '../pipeline/frames.ts';
import { settled, shown } from '../pipeline/pipelines.ts';
import { scriptedClient } from './scripted-client.ts';
import { TreeServer } from './tree-server.ts';

const paths = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `/n${index}`);

/** `data`, or `CODE/outcome path`. */
const inWords = (results: readonly unknown[]): string[] =>
  results.map((result) =>
    result instanceof RequestError
      ? `${shown(result)} ${result.path}`
      : String((result as { data: Buffer }).data),
  );

describe('getMany', () => {
  it('gives a result or an error for each path, in the order of the paths', async () => {
    const server = new TreeServer();
    const zk = await server.connect({}, '/app');
    server.plant('/app/a', '/app/c');
    server.roundTrips = 0;
    const results = await server.until(zk.getMany(['/a', 'bad', '/b', '/c', '/a/']));
    expect(inWords(results)).toEqual([
      '/app/a',
      'BAD_ARGUMENT/not-sent bad',
      'NONODE/rejected /b',
      '/app/c',
      'BAD_ARGUMENT/not-sent /a/',
    ]);
    expect(server.roundTrips).toBe(1);
    expect(await zk.getMany([])).toEqual([]);
    expect(inWords(await zk.getMany(['x', 'y']))).toEqual([
      'BAD_ARGUMENT/not-sent x',
      'BAD_ARGUMENT/not-sent y',
    ]);
  });

  it('has siblings for Stats and names', async () => {
    const server = new TreeServer();
    const zk = await server.connect();
    server.plant('/a/b');
    const stats = await server.until(zk.existsMany(['/a', '/none', 'bad']));
    expect(stats.map((stat) => (stat instanceof RequestError ? stat.code : stat?.version))).toEqual(
      [3, undefined, 'BAD_ARGUMENT'],
    );
    expect(stats[1]).toBeNull();
    const names = await server.until(zk.getChildrenMany(['/a', '/none']));
    expect(names[0]).toEqual(['b']);
    expect(shown(names[1])).toBe('NONODE/rejected');
  });

  it.each(['getMany', 'existsMany', 'getChildrenMany'] as const)(
    '%s refuses what is no list',
    async (method) => {
      const { zk } = await scriptedClient();
      expect(await zk[method]('/a' as never).catch(shown)).toBe('BAD_ARGUMENT/not-sent');
    },
  );

  it('keeps a bounded number in flight, and every reply asks for the next', async () => {
    const { zk, link, sent } = await scriptedClient();
    const all = paths(BATCH_REQUESTS_MAX + 3);
    const answer = zk.getMany(all);
    all.length = 0;
    await settled();
    expect(sent()).toHaveLength(BATCH_REQUESTS_MAX);
    link.deliver(dataReply(1, '1'), dataReply(2, '2'));
    await settled();
    expect(sent()).toHaveLength(BATCH_REQUESTS_MAX + 2);
    for (let xid = 3; xid <= BATCH_REQUESTS_MAX + 3; xid++) link.deliver(dataReply(xid, `${xid}`));
    const results = await answer;
    expect(results).toHaveLength(BATCH_REQUESTS_MAX + 3);
    expect(inWords(results)).toEqual(
      paths(BATCH_REQUESTS_MAX + 3).map((_, index) => `${index + 1}`),
    );
  });

  it('waits for the room that others take, whether replies of its own are due or not', async () => {
    const { zk, link, sent } = await scriptedClient({ inflightMax: 3 });
    const others = [zk.get('/o'), zk.get('/o'), zk.get('/o')];
    const answer = zk.getMany(paths(5));
    await settled();
    expect(sent()).toHaveLength(3);
    link.deliver(dataReply(1, 'o'));
    await settled();
    expect(sent()).toHaveLength(4);
    link.deliver(dataReply(2, 'o'), dataReply(3, 'o'));
    for (let xid = 4; xid <= 8; xid++) {
      await settled();
      link.deliver(dataReply(xid, `${xid}`));
    }
    expect(inWords(await answer)).toEqual(['4', '5', '6', '7', '8']);
    await Promise.all(others);
  });

  it('says for each that too many wait for room', async () => {
    const { zk } = await scriptedClient({ inflightMax: 1 });
    const first = zk.get('/o').catch(shown);
    const room = zk.room().catch(() => {});
    expect(inWords(await zk.getMany(['/a', '/b']))).toEqual([
      'PIPELINE_FULL/not-sent /a',
      'PIPELINE_FULL/not-sent /b',
    ]);
    void zk.close();
    void Promise.all([first, room]);
  });

  it('tells of each what became of it when the connection is lost', async () => {
    const { zk, link } = await scriptedClient({ whileDisconnected: 'fail' });
    const answer = zk.getMany(paths(4).concat('bad'));
    await settled();
    link.deliver(dataReply(1, 'a'), reply(2, { err: -102 }));
    link.over();
    expect(inWords(await answer)).toEqual([
      'a',
      'NOAUTH/rejected /n1',
      'CONNECTION_LOSS/unknown /n2',
      'CONNECTION_LOSS/unknown /n3',
      'BAD_ARGUMENT/not-sent bad',
    ]);
  });

  it('goes on with the next connection', async () => {
    const server = new TreeServer();
    const zk = await server.connect({ inflightMax: 2 });
    server.plant(...paths(6));
    let lost = false;
    server.judge = (request) => {
      if (request !== 'getData /n2' || lost) return undefined;
      lost = true;
      return 'lose';
    };
    expect(inWords(await server.until(zk.getMany(paths(6))))).toEqual([
      '/n0',
      '/n1',
      'CONNECTION_LOSS/unknown /n2',
      'CONNECTION_LOSS/unknown /n3',
      '/n4',
      '/n5',
    ]);
  });

  it('ends with its signal: nothing more is sent', async () => {
    const { zk, link, sent } = await scriptedClient({ inflightMax: 2 });
    const controller = new AbortController();
    const answer = zk.getMany(paths(4), { signal: controller.signal });
    await settled();
    link.deliver(dataReply(1, 'a'));
    await settled();
    controller.abort();
    expect(inWords(await answer)).toEqual([
      'a',
      'ABORTED/unknown /n1',
      'ABORTED/unknown /n2',
      'ABORTED/not-sent /n3',
    ]);
    await settled();
    expect(sent()).toHaveLength(3);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  it('ends with its signal while it waits for room', async () => {
    const { zk, link, sent } = await scriptedClient({ inflightMax: 1 });
    const other = zk.get('/o');
    const controller = new AbortController();
    const reason = new Error('enough');
    const answer = zk.getMany(paths(2), { signal: controller.signal });
    await settled();
    controller.abort(reason);
    const results = await answer;
    expect(inWords(results)).toEqual(['ABORTED/not-sent /n0', 'ABORTED/not-sent /n1']);
    expect(results[0]).toMatchObject({ operation: 'getData', cause: reason });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    link.deliver(dataReply(1, 'o'));
    await other;
    await settled();
    expect(sent()).toHaveLength(1);
  });

  it('is over with its signal: the end of the connection adds nothing', async () => {
    const { zk, link } = await scriptedClient({ inflightMax: 1, whileDisconnected: 'fail' });
    const other = zk.get('/o').catch(shown);
    const controller = new AbortController();
    const answer = zk.getMany(paths(2), { signal: controller.signal });
    await settled();
    controller.abort();
    const results = await answer;
    link.over();
    await other;
    await settled();
    expect(results).toHaveLength(2);
  });

  it('says for each that its limits are none', async () => {
    const { zk, sent } = await scriptedClient();
    const signal = 'no signal' as never;
    expect(inWords(await zk.getMany(['/a', '/b'], { signal }))).toEqual([
      'BAD_ARGUMENT/not-sent /a',
      'BAD_ARGUMENT/not-sent /b',
    ]);
    expect(inWords(await zk.getMany(['/a'], { timeoutMs: 0 }))).toEqual([
      'REQUEST_TIMEOUT/not-sent /a',
    ]);
    await settled();
    expect(sent()).toEqual([]);
  });

  it('has one time-out for all', async () => {
    const { zk, clock, sent } = await scriptedClient({ inflightMax: 2 });
    const answer = zk.getMany(paths(3), { timeoutMs: 100 });
    await settled();
    clock.advance(200);
    expect(inWords(await answer)).toEqual([
      'REQUEST_TIMEOUT/unknown /n0',
      'REQUEST_TIMEOUT/unknown /n1',
      'REQUEST_TIMEOUT/not-sent /n2',
    ]);
    await settled();
    expect(sent()).toHaveLength(2);
  });

  it('survives a link that answers inside its write, and one that ends there', async () => {
    const { zk, link, sent } = await scriptedClient({ whileDisconnected: 'fail' });
    const long = `/${'x'.repeat(6_200)}`;
    // 48 KiB of frames are written at once, in the middle of a commit: eight of them.
    link.onWrite = () => {
      const frames = sent();
      if (frames.length > 8) link.over();
      else link.deliver(...frames.map(({ xid }) => dataReply(xid, `${xid}`)));
    };
    const results = await zk.getMany(Array.from({ length: 24 }, () => long));
    const words = inWords(results).map((each) => each.split(' ')[0]);
    expect(words.slice(0, 8)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect(new Set(words.slice(8, 16))).toEqual(new Set(['CONNECTION_LOSS/unknown']));
    expect(new Set(words.slice(16))).toEqual(new Set(['NOT_CONNECTED/not-sent']));
  });

  it('owns its bytes', async () => {
    const { zk, link } = await scriptedClient();
    const answer = zk.getMany(['/a', '/b']);
    await settled();
    link.deliver(dataReply(1, 'first'), dataReply(2, 'second'));
    link.deliver(reply(-2), reply(-2));
    expect(inWords(await answer)).toEqual(['first', 'second']);
  });

  it('fails what follows when a reply is broken', async () => {
    const { zk, link } = await scriptedClient({ whileDisconnected: 'fail' });
    const answer = zk.getChildrenMany(['/a', '/b', '/c']);
    await settled();
    const names = reply(1, { body: (writer) => writeGetChildrenResponse(writer, ['x']) });
    link.deliver(names, reply(2, { body: (writer) => writer.int(7) }));
    const [first, second, third] = await answer;
    expect(first).toEqual(['x']);
    expect([shown(second), shown(third)]).toEqual(['BAD_REPLY/unknown', 'CONNECTION_LOSS/unknown']);
  });
});
