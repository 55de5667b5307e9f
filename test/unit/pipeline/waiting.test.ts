import { describe, expect, it } from 'vitest';
import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import type { WaitLimits } from '../../../src/pipeline/wait-limits.ts';
import { beginGet, dataReply, reply } from './frames.ts';
import { listeners, scene, settled, shown, thrownBy } from './pipelines.ts';

const NEVER = Number.POSITIVE_INFINITY;

describe('an AbortSignal', () => {
  it('that has fired already refuses the request: not sent, nothing on the wire', () => {
    const one = scene();
    const signal = AbortSignal.abort('too late');
    const refused = thrownBy(() => one.lend('a', undefined, { signal }));
    expect(refused).toMatchObject({ code: 'ABORTED', outcome: 'not-sent', cause: 'too late' });
    one.tick();
    expect(one.sent).toHaveLength(0);
    one.lend('b');
    one.tick();
    expect(one.sent.map(({ xid }) => xid)).toEqual([1]);
    expect(listeners(signal)).toBe(0);
  });

  it('in flight ends the wait; the slot swallows the late reply and the next goes to its owner', async () => {
    const one = scene();
    const controller = new AbortController();
    void one.get('a', { signal: controller.signal });
    one.lend('b', undefined, { signal: controller.signal });
    void one.get('c');
    one.tick();
    controller.abort(new Error('changed my mind'));
    await settled();
    expect(one.log).toEqual(['b=ABORTED/unknown', 'a=ABORTED/unknown']);
    expect(one.pipeline.counters()).toMatchObject({ inflight: 3, lateReplies: 0 });
    one.link.deliver(dataReply(1, 'late'), reply(2, { err: -101 }), dataReply(3, 'mine'));
    await settled();
    expect(one.log.slice(2)).toEqual(['c=mine']);
    expect(one.pipeline.counters()).toMatchObject({
      inflight: 0,
      inflightBytes: 0,
      lateReplies: 2,
    });
  });

  it('gives its reason as cause and says what was asked', async () => {
    const one = scene();
    const controller = new AbortController();
    beginGet(one.pipeline, '/a');
    const answer = one.pipeline.promise(readGetDataResponse, { signal: controller.signal });
    const reason = new Error('changed my mind');
    controller.abort(reason);
    await expect(answer).rejects.toMatchObject({
      code: 'ABORTED',
      outcome: 'unknown',
      operation: 'getData',
      path: '/a',
      xid: 1,
      cause: reason,
    });
  });

  it('shared by 1,000 requests is listened to once, and without a warning', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    const one = scene();
    const controller = new AbortController();
    const { signal } = controller;
    for (let index = 0; index < 1000; index++) one.lend(`n${index}`, undefined, { signal });
    expect(listeners(signal)).toBe(1);
    one.tick();
    one.link.deliver(...Array.from({ length: 400 }, (_, index) => dataReply(index + 1, 'x')));
    expect(listeners(signal)).toBe(1);
    controller.abort();
    expect(one.log.filter((line) => line.endsWith('=x'))).toHaveLength(400);
    expect(one.log.slice(400)).toEqual(
      Array.from({ length: 600 }, (_, index) => `n${index + 400}=ABORTED/unknown`),
    );
    await settled();
    process.off('warning', listen);
    expect(warnings).toEqual([]);
    expect(listeners(signal)).toBe(0);
  });

  it.each([
    ['a reply', dataReply(1, 'x')],
    ['a refusal', reply(1, { err: -101 })],
    ['a reply that cannot be read', reply(1)],
    ['the end', null],
  ])('is let go of after %s', (_name, frame) => {
    const one = scene();
    const { signal } = new AbortController();
    one.lend('a', undefined, { signal });
    one.tick();
    expect(listeners(signal)).toBe(1);
    if (frame === null) one.link.over();
    else one.link.deliver(frame);
    expect(listeners(signal)).toBe(0);
    expect(one.log[0]).toMatch(/^a=/);
  });

  it('is let go of after a time-out, and firing then tells nobody', () => {
    const one = scene();
    const controller = new AbortController();
    one.lend('a', undefined, { signal: controller.signal, deadlineMs: 10 });
    one.pipeline.sweep(10);
    expect(listeners(controller.signal)).toBe(0);
    controller.abort();
    expect(one.log).toEqual(['a=REQUEST_TIMEOUT/unknown']);
  });

  it('may fire for a request while callbacks of the same signal end the connection', () => {
    const one = scene();
    const controller = new AbortController();
    const { signal } = controller;
    one.lend('a', () => one.link.over(), { signal });
    one.lend('b', undefined, { signal });
    controller.abort();
    expect(one.log).toEqual(['a=ABORTED/unknown', 'b=CONNECTION_LOSS/not-sent', 'end LINK_CLOSED']);
  });

  it('survives the growth of the ring', () => {
    const one = scene();
    const controller = new AbortController();
    one.lend('a', undefined, { signal: controller.signal });
    for (let index = 0; index < 200; index++) one.lend(`n${index}`);
    controller.abort();
    expect(one.log).toEqual(['a=ABORTED/unknown']);
  });

  it.each([
    ['a signal that is none', { signal: {} as AbortSignal }],
    ['a null signal', { signal: null as unknown as AbortSignal }],
    ['a deadline that is no number', { deadlineMs: Number.NaN }],
  ])(
    'and a deadline are checked before the request has a slot: %s',
    (_name, limits: WaitLimits) => {
      const one = scene();
      const refused = thrownBy(() => one.lend('a', undefined, limits));
      expect(shown(refused)).toBe('BAD_ARGUMENT/not-sent');
      one.lend('b');
      one.tick();
      one.link.deliver(dataReply(1, 'x'));
      expect(one.log).toEqual(['b=x']);
    },
  );
});

describe('a deadline', () => {
  it('that is over already refuses the request: not sent, nothing on the wire', () => {
    const one = scene();
    const refused = thrownBy(() => one.lend('a', undefined, { deadlineMs: -NEVER }));
    expect(shown(refused)).toBe('REQUEST_TIMEOUT/not-sent');
    one.tick();
    expect(one.sent).toHaveLength(0);
  });

  it('ends the wait when it has passed, not before; the late reply is swallowed', () => {
    const one = scene();
    one.lend('a', undefined, { deadlineMs: 100 });
    one.lend('b', undefined, { deadlineMs: 50 });
    one.lend('c');
    one.lend('d', undefined, { deadlineMs: 50.5 });
    one.tick();
    expect(one.pipeline.nextDeadlineMs).toBe(50);
    one.pipeline.sweep(49.9);
    expect(one.log).toEqual([]);
    one.pipeline.sweep(50);
    expect(one.log).toEqual(['b=REQUEST_TIMEOUT/unknown']);
    expect(one.pipeline.nextDeadlineMs).toBe(50.5);
    one.pipeline.sweep(1000);
    expect(one.log.slice(1)).toEqual(['a=REQUEST_TIMEOUT/unknown', 'd=REQUEST_TIMEOUT/unknown']);
    expect(one.pipeline.nextDeadlineMs).toBe(NEVER);
    one.pipeline.sweep(1e12);
    one.link.deliver(...[1, 2, 3, 4].map((xid) => dataReply(xid, `v${xid}`)));
    expect(one.log.slice(3)).toEqual(['c=v3']);
    expect(one.pipeline.counters().lateReplies).toBe(3);
  });

  it('of a request that is answered matters no more', () => {
    const one = scene();
    one.lend('a', undefined, { deadlineMs: 100 });
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    expect(one.pipeline.nextDeadlineMs).toBe(NEVER);
    one.lend('b', undefined, { deadlineMs: 500 });
    expect(one.pipeline.nextDeadlineMs).toBeLessThanOrEqual(500);
    one.pipeline.sweep(100);
    expect([one.log, one.pipeline.nextDeadlineMs]).toEqual([['a=x'], 500]);
  });

  it("is nobody's when none was named, whatever the clock says", () => {
    const one = scene();
    one.lend('a');
    for (const nowMs of [NEVER, Number.NaN]) one.pipeline.sweep(nowMs);
    one.lend('b', undefined, { deadlineMs: 5 });
    for (const nowMs of [Number.NaN, NEVER]) one.pipeline.sweep(nowMs);
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    expect(one.log).toEqual(['b=REQUEST_TIMEOUT/unknown', 'a=x']);
  });

  it('survives the growth of the ring', () => {
    const one = scene();
    one.lend('a', undefined, { deadlineMs: 100 });
    for (let index = 0; index < 200; index++) one.lend(`n${index}`);
    one.lend('z', undefined, { deadlineMs: 100 });
    one.pipeline.sweep(100);
    expect(one.log).toEqual(['a=REQUEST_TIMEOUT/unknown', 'z=REQUEST_TIMEOUT/unknown']);
  });

  it('swept while callbacks make new requests with deadlines: those wait for the next sweep', () => {
    const one = scene();
    let made = 0;
    const again = (): void => {
      if (++made < 5000) one.lend(`n${made}`, again, { deadlineMs: 10 });
    };
    one.lend('a', again, { deadlineMs: 10 });
    one.pipeline.sweep(10);
    expect(one.log).toEqual(['a=REQUEST_TIMEOUT/unknown']);
    expect(one.pipeline.nextDeadlineMs).toBe(10);
    one.pipeline.sweep(10);
    expect(one.log).toHaveLength(2);
  });

  it('swept while a callback ends the connection tells everybody once', () => {
    const one = scene();
    one.lend('a', undefined, { deadlineMs: 500 });
    one.lend('b', () => one.link.over(), { deadlineMs: 10 });
    one.lend('c', undefined, { deadlineMs: 10 });
    one.tick();
    one.pipeline.sweep(10);
    expect(one.log).toEqual([
      'b=REQUEST_TIMEOUT/unknown',
      'a=CONNECTION_LOSS/unknown',
      'c=CONNECTION_LOSS/unknown',
      'end LINK_CLOSED',
    ]);
    expect(one.pipeline.nextDeadlineMs).toBe(NEVER);
  });
});
