import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { CallOptions, ZooKeeperClient } from '../../../src/client/index.ts';
import { writeGetChildrenResponse } from '../../../src/codec/records.gen.ts';
import { dataReply, reply } from '../pipeline/frames.ts';
import { shown } from '../pipeline/pipelines.ts';
import { turn } from '../session/scripted-network.ts';
import { scriptedClient } from './scripted-client.ts';

const protectionId = '00000000-0000-4000-8000-000000000000';

/** Calls that wait for room instead of failing, in words. */
const CALLS: readonly [string, (zk: ZooKeeperClient, options: CallOptions) => Promise<unknown>][] =
  [
    ['getMany', async (zk, options) => shown((await zk.getMany(['/a'], options))[0])],
    ['walk', (zk, options) => zk.walk('/a', options).next()],
    ['ensurePath', (zk, options) => zk.ensurePath('/a', options)],
    ['deleteRecursive', (zk, options) => zk.deleteRecursive('/a', options)],
    [
      'createProtected',
      (zk, options) => zk.createProtected('/a', null, { protectionId, ...options }),
    ],
  ];

describe.each(CALLS)('%s that waits for room', (_name, call) => {
  it('ends with its time-out', async () => {
    const { zk, clock, sent } = await scriptedClient({ inflightMax: 1 });
    void zk.get('/other');
    const answer = call(zk, { timeoutMs: 100 }).catch(shown);
    await turn();
    clock.advance(200);
    expect(await answer).toBe('REQUEST_TIMEOUT/not-sent');
    expect(sent()).toHaveLength(1);
  });

  it('ends with its signal, one that has fired before too', async () => {
    const { zk } = await scriptedClient({ inflightMax: 1 });
    void zk.get('/other');
    const ending = new AbortController();
    const answer = call(zk, { signal: ending.signal }).catch(shown);
    await turn();
    ending.abort();
    expect(await answer).toBe('ABORTED/not-sent');
    expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
    expect(await call(zk, { signal: ending.signal }).catch(shown)).toBe('ABORTED/not-sent');
  });

  it('has its time-out when it is sent at last', async () => {
    const { zk, link, clock, sent } = await scriptedClient({ inflightMax: 1 });
    const other = zk.get('/other');
    const answer = call(zk, { timeoutMs: 1000 }).catch(shown);
    await turn();
    clock.advance(500);
    link.deliver(dataReply(1, 'x'));
    await other;
    await turn();
    expect(sent()).toHaveLength(2);
    clock.advance(600);
    expect(await answer).toMatch(/^REQUEST_TIMEOUT/);
  });
});

describe('the request in the middle of a helper', () => {
  it('waits for room when deleteRecursive looks again', async () => {
    const { zk, link, sent } = await scriptedClient({ inflightMax: 1 });
    const answer = zk.deleteRecursive('/a').catch(shown);
    await turn();
    link.deliver(reply(1, { body: (writer) => writeGetChildrenResponse(writer, []) }));
    await turn();
    link.deliver(reply(2, { err: -111 }));
    const other = zk.get('/other');
    await turn();
    link.deliver(dataReply(3, 'x'));
    await other;
    await turn();
    expect(sent().map(({ op }) => op)).toEqual([8, 2, 4, 9]);
    link.over();
    expect(await Promise.race([answer, turn()])).toBe('CONNECTION_LOSS/unknown');
  });

  it('waits for room when ensurePath looks again', async () => {
    const { zk, link, sent } = await scriptedClient({ inflightMax: 1 });
    const answer = zk.ensurePath('/a').catch(shown);
    await turn();
    link.deliver(reply(1, { err: -101 }));
    await turn();
    link.deliver(reply(2, { err: -101 }));
    const other = zk.get('/other');
    await turn();
    link.deliver(dataReply(3, 'x'));
    await other;
    await turn();
    expect(sent().map(({ op }) => op)).toEqual([3, 1, 4, 9]);
    link.over();
    expect(await Promise.race([answer, turn()])).toBe('CONNECTION_LOSS/unknown');
  });
});

it('who cannot even wait is told why', async () => {
  const { zk } = await scriptedClient({ inflightMax: 1 });
  void zk.get('/other');
  void zk.room();
  await expect(zk.room()).rejects.toThrowError(
    /^room: PIPELINE_FULL: as many wait for room as requests may be in flight \(option inflightMax\)/,
  );
});
