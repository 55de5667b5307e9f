import { describe, expect, it } from 'vitest';
import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import { LinkError, ZkwireError } from '../../../src/errors.ts';
import { Pipeline } from '../../../src/pipeline/pipeline.ts';
import { beginGet, dataReply, sentPaths } from './frames.ts';
import { listeners, parkedScene, scene, settled, shown, thrownBy } from './pipelines.ts';

describe('a parked pipeline', () => {
  it('keeps requests and sends nothing, whatever asks it to', async () => {
    const parked = parkedScene({ schedule: process.nextTick });
    parked.lend('a');
    await settled();
    parked.pipeline.flush();
    parked.pipeline.release();
    parked.pipeline.onDrain();
    parked.lend('b');
    expect(parked.pipeline.parked).toBe(true);
    expect(parked.pipeline.counters()).toMatchObject({ requests: 2, inflight: 2, writes: 0 });
    const one = scene();
    expect(one.pipeline.parked).toBe(false);
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    expect(sentPaths(one.sent)).toEqual(['/a', '/b']);
  });

  it('is bounded like any other', async () => {
    const parked = parkedScene({ requestsMax: 2 });
    parked.lend('a');
    parked.lend('b');
    expect(parked.pipeline.hasRoom).toBe(false);
    const refused = thrownBy(() => parked.lend('c'));
    expect(refused).toMatchObject({ code: 'PIPELINE_FULL', outcome: 'not-sent', host: undefined });
  });

  it('ends waits that are over: not sent, and really left out', async () => {
    const parked = parkedScene();
    const controller = new AbortController();
    parked.lend('a', undefined, { signal: controller.signal });
    parked.lend('b', undefined, { deadlineMs: 10 });
    parked.lend('c');
    controller.abort();
    parked.pipeline.sweep(10);
    expect(parked.log).toEqual(['a=ABORTED/not-sent', 'b=REQUEST_TIMEOUT/not-sent']);
    const one = scene();
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    expect(sentPaths(one.sent)).toEqual(['/c']);
    one.link.deliver(dataReply(1, 'x'));
    expect(parked.log.slice(2)).toContain('c=x');
  });

  it('says nothing beside the ring: there is nobody who would answer', () => {
    const { pipeline } = parkedScene();
    const refusal = { code: 'NOT_CONNECTED', outcome: 'not-sent', host: undefined };
    const auth = (): void => pipeline.auth('digest', Buffer.from('u:p'), () => {});
    expect(thrownBy(auth)).toMatchObject({ ...refusal, operation: 'auth' });
    const watches = (): void =>
      pipeline.setWatches(
        105,
        () => {},
        () => {},
      );
    expect(thrownBy(watches)).toMatchObject({ ...refusal, operation: 'setWatches2' });
    expect(() => pipeline.ping()).not.toThrow();
  });
});

describe('a refused pipeline', () => {
  const cause = new ZkwireError('SESSION_LOST', 'nothing was heard for 30000 ms');

  it('fails what is parked, once, and everything later at once, with the same words', async () => {
    const parked = parkedScene();
    const controller = new AbortController();
    void parked.get('a', { signal: controller.signal, deadlineMs: 5 });
    parked.lend('b', () => parked.pipeline.refuse('AUTH_FAILED', cause));
    parked.pipeline.refuse('SESSION_LOST', cause);
    parked.pipeline.refuse('SESSION_EXPIRED', cause);
    controller.abort();
    parked.pipeline.sweep(10);
    parked.pipeline.destroy(new LinkError('LINK_DESTROYED', ''));
    await settled();
    expect(parked.log).toEqual([
      'b=SESSION_LOST/not-sent',
      'end SESSION_LOST',
      'a=SESSION_LOST/not-sent',
    ]);
    expect(thrownBy(() => parked.lend('c'))).toMatchObject({
      code: 'SESSION_LOST',
      outcome: 'not-sent',
      path: '/c',
      host: undefined,
      cause,
    });
    await expect(parked.pipeline.room()).rejects.toMatchObject({ code: 'SESSION_LOST', cause });
    const close = thrownBy(() => parked.pipeline.closeSession(() => {}));
    expect(close).toMatchObject({ code: 'SESSION_LOST', operation: 'closeSession' });
    const one = scene();
    parked.pipeline.moveUnsentTo(one.pipeline);
    expect(one.pipeline.counters().requests).toBe(0);
    expect(listeners(controller.signal)).toBe(0);
  });

  it('refuses what was begun before', () => {
    const parked = parkedScene();
    beginGet(parked.pipeline, '/a');
    parked.pipeline.refuse('SESSION_LOST', cause);
    const commit = (): void => parked.pipeline.callback(readGetDataResponse, () => {});
    expect(shown(thrownBy(commit))).toBe('SESSION_LOST/not-sent');
    expect(parked.pipeline.counters()).toMatchObject({ requests: 0, inflight: 0 });
  });

  it('fails those who wait for room', async () => {
    const parked = parkedScene({ requestsMax: 1 });
    parked.lend('a');
    const waiting = parked.pipeline.room();
    parked.pipeline.refuse('SESSION_LOST', cause);
    await expect(waiting).rejects.toMatchObject({ code: 'SESSION_LOST', operation: 'room' });
  });

  it('drops its connection, if it has one: sent is unknown, unsent is not-sent', () => {
    const one = scene();
    one.lend('a');
    one.tick();
    one.lend('b');
    one.pipeline.refuse('AUTH_FAILED', cause);
    one.tick();
    expect(one.log).toEqual([
      'a=AUTH_FAILED/unknown',
      'b=AUTH_FAILED/not-sent',
      'end SESSION_LOST',
    ]);
    expect(one.link.destroyed).toMatchObject({ code: 'LINK_DESTROYED', cause });
    expect(one.ends).toEqual([cause]);
    expect(one.link.writes).toHaveLength(1);
    expect(one.link.pool.counters().outstanding).toBe(0);
  });
});

it('a parked pipeline has the options of any other', () => {
  expect(() => Pipeline.parked({ bodyBytesMax: 0 })).toThrow(RangeError);
});
