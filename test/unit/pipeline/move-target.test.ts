import { describe, expect, it } from 'vitest';
import { ZkwireError } from '../../../src/errors.ts';
import { dataReply, sentPaths } from './frames.ts';
import { listeners, parkedScene, scene } from './pipelines.ts';

describe('the pipeline that takes them', () => {
  it('takes nothing once it has ended: what was parked stays, and can go to the next', () => {
    const parked = parkedScene();
    parked.lend('a');
    const ended = scene();
    ended.link.over();
    const closing = scene();
    closing.pipeline.closeSession(() => {});
    for (const { pipeline } of [ended, closing]) parked.pipeline.moveUnsentTo(pipeline);
    expect(parked.pipeline.counters()).toMatchObject({ requests: 1, inflight: 1 });
    expect(parked.pipeline.ended).toBe(false);
    parked.lend('b');
    const one = scene();
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    expect(sentPaths(one.sent)).toEqual(['/a', '/b']);
  });

  it('takes more than it would accept one by one, but nothing above its frame limit', () => {
    const parked = parkedScene({ bodyBytesMax: 2000 });
    parked.set('a', 100, 1);
    parked.set('large', 1500, 2);
    parked.set('b', 100, 3);
    const one = scene({ requestsMax: 1, bytesMax: 1, bodyBytesMax: 1000 });
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    expect(sentPaths(one.sent)).toEqual(['/a', '/b']);
    expect(one.pipeline.hasRoom).toBe(false);
    expect(parked.log).toEqual(['large=CONNECTION_LOSS/not-sent', 'end CONNECTION_CLOSED']);
    expect(parked.pipeline.counters()).toMatchObject({ requests: 1, replies: 0, inflight: 0 });
  });

  it('writes nothing before all of them stand, and forgets no flush', () => {
    const parked = parkedScene();
    for (let index = 0; index < 20; index++) parked.set(`n${index}`, 10_000, index);
    const one = scene({ schedule: (flush) => flush() });
    let inflight = -1;
    one.link.onWrite = () => {
      if (inflight < 0) inflight = one.pipeline.counters().inflight;
    };
    parked.pipeline.moveUnsentTo(one.pipeline);
    expect(inflight).toBe(20);
    expect(one.sent).toHaveLength(20);
  });

  it('settles each once when its link answers inside the write and the answer aborts and refuses', () => {
    const parked = parkedScene();
    const controller = new AbortController();
    const { signal } = controller;
    const cause = new ZkwireError('SESSION_LOST', 'x');
    const upset = (): void => {
      controller.abort();
      parked.pipeline.refuse('SESSION_LOST', cause);
      parked.pipeline.sweep(1000);
    };
    parked.lend('a', upset, { signal });
    for (let index = 0; index < 5000; index++) {
      parked.lend(`n${index}`, undefined, { signal, deadlineMs: 5 });
    }
    const one = scene();
    let answered = false;
    one.link.onWrite = () => {
      if (answered) return;
      answered = true;
      one.link.deliver(dataReply(1, 'x'));
    };
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.link.over();
    const told = parked.log.filter((line) => line.includes('='));
    expect(told).toHaveLength(5001);
    expect(new Set(told.map((line) => line.slice(0, line.indexOf('=')))).size).toBe(5001);
    expect(told.slice(0, 2)).toEqual(['a=x', 'n0=ABORTED/unknown']);
    expect(listeners(signal)).toBe(0);
  });

  it('tells each once when it ends inside the write of what it took', () => {
    const parked = parkedScene();
    const again = parkedScene();
    for (let index = 0; index < 20; index++) parked.set(`n${index}`, 10_000, index);
    const one = scene({ events: { onLost: () => one.pipeline.moveUnsentTo(again.pipeline) } });
    one.link.onWrite = () => one.link.over();
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    const unknown = parked.log.filter((line) => line.endsWith('=CONNECTION_LOSS/unknown'));
    expect(unknown.length).toBeGreaterThan(0);
    expect(unknown.length + again.pipeline.counters().inflight).toBe(20);
    expect(one.link.pool.counters().outstanding).toBe(0);
  });

  it('stays held when it was held', () => {
    const parked = parkedScene();
    for (let index = 0; index < 20; index++) parked.set(`n${index}`, 10_000, index);
    const one = scene();
    one.pipeline.hold();
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    expect(one.link.writes).toHaveLength(0);
    one.pipeline.release();
    expect(one.sent).toHaveLength(20);
  });
});
