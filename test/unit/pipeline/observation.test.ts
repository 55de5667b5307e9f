import { describe, expect, it } from 'vitest';
import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import { LinkError, ZkwireError } from '../../../src/errors.ts';
import { Pipeline } from '../../../src/pipeline/pipeline.ts';
import type { RequestObserver } from '../../../src/pipeline/request-observer.ts';
import { beginGet, dataReply, notification, pong, reply } from './frames.ts';
import { parkedScene, scene, settled, shown } from './pipelines.ts';

/** Bytes of a getData request for a path of two characters, and of a reply to it with one byte. */
const REQUEST_BYTES = 19;
const REPLY_BYTES = 93;

interface Watched extends RequestObserver {
  /** `path xid host requestBytes replyBytes beganMs failure` of each settled request. */
  readonly seen: string[];
  timeMs: number;
  looks: number;
}

function watched(): Watched {
  return {
    seen: [],
    timeMs: 1,
    looks: 0,
    nowMs() {
      this.looks++;
      return this.timeMs;
    },
    settled(operation, path, xid, host, requestBytes, replyBytes, beganMs, error) {
      expect(operation).toBe(4);
      const failure = error === null ? 'ok' : shown(error);
      this.seen.push(`${path} ${xid} ${host} ${requestBytes} ${replyBytes} ${beganMs} ${failure}`);
    },
  };
}

describe('the observer of a pipeline', () => {
  it('is told of each request once it has settled, with the time that it gave', async () => {
    const observer = watched();
    const { link, get, lend, tick } = scene({ observer });
    void get('a');
    observer.timeMs = 2;
    lend('b');
    void get('c');
    tick();
    observer.timeMs = 9;
    link.deliver(dataReply(1, 'x'));
    expect(observer.seen).toEqual([`/a 1 ${link.host} ${REQUEST_BYTES} ${REPLY_BYTES} 1 ok`]);
    link.deliver(reply(2, { err: -101 }), dataReply(3, 'xy'));
    expect(observer.seen.slice(1)).toEqual([
      `/b 2 ${link.host} ${REQUEST_BYTES} 20 2 NONODE/rejected`,
      `/c 3 ${link.host} ${REQUEST_BYTES} ${REPLY_BYTES + 1} 2 ok`,
    ]);
    expect(observer.looks).toBe(3);
    await settled();
  });

  it('is told before the waiter, of the same failure', async () => {
    const observer = watched();
    const { link, lend, tick } = scene({ observer });
    let seen = 0;
    lend('a', () => {
      seen = observer.seen.length;
    });
    tick();
    link.over();
    expect(seen).toBe(1);
  });

  it('is told of losses, time-outs and aborts, and not of the late replies', async () => {
    const observer = watched();
    const { link, pipeline, get, tick } = scene({ observer });
    const ending = new AbortController();
    void get('a', { deadlineMs: 5 });
    void get('b', { signal: ending.signal });
    void get('c');
    tick();
    void get('d');
    pipeline.sweep(5);
    ending.abort();
    link.deliver(dataReply(1, 'x'));
    link.over();
    const start = `${link.host} ${REQUEST_BYTES} 0 1`;
    expect(observer.seen).toEqual([
      `/a 1 ${start} REQUEST_TIMEOUT/unknown`,
      `/b 2 ${start} ABORTED/unknown`,
      `/c 3 ${start} CONNECTION_LOSS/unknown`,
      `/d 4 ${start} CONNECTION_LOSS/not-sent`,
    ]);
    await settled();
  });

  it('is told how long a reply was that could not be decoded', async () => {
    const observer = watched();
    const { link, get, tick } = scene({ observer });
    void get('a');
    tick();
    link.deliver(reply(1));
    expect(observer.seen).toEqual([`/a 1 ${link.host} ${REQUEST_BYTES} 20 1 BAD_REPLY/unknown`]);
    await settled();
  });

  it('may leave requests alone: those whose time is NaN', async () => {
    const observer = watched();
    const { link, get, tick } = scene({ observer });
    observer.timeMs = Number.NaN;
    for (const name of ['a', 'b', 'c']) {
      void get(name);
      observer.timeMs = name === 'a' ? 3 : Number.NaN;
    }
    tick();
    link.deliver(dataReply(1, 'x'), dataReply(2, 'x'), dataReply(3, 'x'));
    expect(observer.seen.map((line) => line.slice(0, 4))).toEqual(['/b 2']);
    await settled();
  });

  it('is told when a request was made, not when it was moved to the connection that it left on', async () => {
    const observer = watched();
    const parked = Pipeline.parked({ observer });
    const answers = ['/a', '/b'].map((path) => {
      beginGet(parked, path);
      return parked.promise(readGetDataResponse).catch(shown);
    });
    observer.timeMs = 50;
    const { link, pipeline, get, tick } = scene({ observer });
    void get('z');
    parked.moveUnsentTo(pipeline);
    tick();
    link.deliver(dataReply(1, 'x'), dataReply(2, 'x'));
    link.over(new LinkError('LINK_CLOSED', link.host));
    await Promise.all(answers);
    expect(observer.seen).toEqual([
      `/z 1 ${link.host} ${REQUEST_BYTES} ${REPLY_BYTES} 50 ok`,
      `/a 2 ${link.host} ${REQUEST_BYTES} ${REPLY_BYTES} 1 ok`,
      `/b 3 ${link.host} ${REQUEST_BYTES} 0 1 CONNECTION_LOSS/unknown`,
    ]);
  });
});

/** Writes down every call; its clock goes one ms a look. */
class Notes implements RequestObserver {
  readonly lines: string[] = [];
  readonly calls: Parameters<RequestObserver['settled']>[] = [];
  nows = 0;

  nowMs(): number {
    return ++this.nows;
  }

  settled(...call: Parameters<RequestObserver['settled']>): void {
    this.calls.push(call);
    const [, path, , , , , , error] = call;
    this.lines.push(`${path}=${error === null ? 'ok' : shown(error)}`);
  }
}

describe('every way to settle', () => {
  it('is told before the caller, of every way to settle, exactly once each', async () => {
    const observer = new Notes();
    const one = scene({ observer, events: { onCallbackError: () => {} } });
    const controller = new AbortController();
    one.lend('reply', () => one.log.push(`${observer.lines.length} told`));
    void one.get('promise');
    one.lend('refusal');
    one.lend('aborted', undefined, { signal: controller.signal });
    one.lend('late', undefined, { deadlineMs: 10 });
    one.pipeline.ping();
    one.pipeline.auth('digest', Buffer.from('u:p'), () => {});
    one.tick();
    controller.abort();
    one.pipeline.sweep(10);
    one.link.deliver(pong(), notification('/w'), reply(-4), dataReply(1, 'x'), dataReply(2, 'y'));
    one.link.deliver(reply(3, { err: -101 }), dataReply(4, 'late'), reply(5, { err: -101 }));
    expect(one.log).toContain('3 told');
    beginGet(one.pipeline, '/settled');
    one.pipeline.settle(
      readGetDataResponse,
      () => {},
      () => {},
    );
    beginGet(one.pipeline, '/bad');
    one.pipeline.callback(
      (reader) => reader.long(),
      () => {},
    );
    one.lend('sent');
    one.tick();
    one.lend('unsent');
    one.link.deliver(dataReply(6, 'z'), reply(7));
    one.link.deliver(dataReply(8, 'dropped'));
    one.link.over();
    controller.abort();
    one.pipeline.sweep(1e9);
    await settled();
    expect(observer.lines).toEqual([
      '/aborted=ABORTED/unknown',
      '/late=REQUEST_TIMEOUT/unknown',
      '/reply=ok',
      '/promise=ok',
      '/refusal=NONODE/rejected',
      '/settled=ok',
      '/bad=BAD_REPLY/unknown',
      '/sent=CONNECTION_LOSS/unknown',
      '/unsent=CONNECTION_LOSS/not-sent',
    ]);
    expect(observer.nows).toBe(9);
    expect(observer.calls.map((call) => call[6])).toEqual([4, 5, 1, 2, 3, 6, 7, 8, 9]);
    const errors = observer.calls.map((call) => call[7]).filter((error) => error !== null);
    expect(errors.every((error) => error.name === 'RequestError')).toBe(true);
  });

  it('is told of closeSession and of refused pipelines', () => {
    const observer = new Notes();
    const one = scene({ observer });
    one.lend('a');
    one.pipeline.closeSession(() => {});
    one.tick();
    one.link.deliver(dataReply(1, ''), reply(2));
    expect(observer.lines).toEqual(['/a=ok', 'null=ok']);
    const parked = parkedScene({ observer });
    parked.lend('b');
    parked.pipeline.refuse('SESSION_LOST', new ZkwireError('SESSION_LOST', 'x'));
    expect(observer.lines.slice(2)).toEqual(['/b=SESSION_LOST/not-sent']);
    expect(observer.calls[2]!.slice(2, 4)).toEqual([1, '']);
  });

  it('that only the new pipeline has is not told of what was made before', () => {
    const observer = new Notes();
    const parked = parkedScene();
    parked.lend('a');
    const one = scene({ observer });
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.lend('b');
    one.tick();
    one.link.deliver(dataReply(1, ''), dataReply(2, ''));
    expect([observer.nows, observer.lines]).toEqual([1, ['/b=ok']]);
  });

  it('is not asked again in a move for what it left alone', () => {
    const observer = new Notes();
    observer.nowMs = () => {
      observer.nows++;
      return Number.NaN;
    };
    const parked = parkedScene({ observer });
    parked.lend('a');
    const one = scene({ observer });
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    one.link.deliver(dataReply(1, ''));
    expect([observer.nows, observer.lines]).toEqual([1, []]);
  });

  it('keeps begins apart while the ring grows', () => {
    const observer = new Notes();
    const one = scene({ observer });
    for (let index = 1; index <= 300; index++) one.lend(`n${index}`);
    one.tick();
    one.link.deliver(...Array.from({ length: 300 }, (_, index) => dataReply(index + 1, '')));
    expect(observer.calls.map((call) => call[6])).toEqual(
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
  });

  it('that throws is reported, and harms no request and no connection', async () => {
    const boom = new Error('observer');
    const observer: RequestObserver = {
      nowMs: () => 0,
      settled: () => {
        throw boom;
      },
    };
    const one = scene({ observer });
    const controller = new AbortController();
    one.lend('a');
    void one.get('b');
    one.lend('c', undefined, { signal: controller.signal });
    one.lend('d');
    one.lend('e');
    one.tick();
    controller.abort();
    one.link.deliver(dataReply(1, 'x'), reply(2, { err: -101 }));
    one.link.over();
    await settled();
    expect(one.log).toEqual([
      'c=ABORTED/unknown',
      'a=x',
      'd=CONNECTION_LOSS/unknown',
      'e=CONNECTION_LOSS/unknown',
      'end LINK_CLOSED',
      'b=NONODE/rejected',
    ]);
    expect(one.thrown).toEqual(Array.from({ length: 5 }, () => [boom, 'getData']));
  });

  it('whose clock throws loses that request only, before it has a place', () => {
    let fails = false;
    const observer: RequestObserver = {
      nowMs: () => {
        if (fails) throw new Error('clock');
        return 0;
      },
      settled: () => {},
    };
    const one = scene({ observer });
    fails = true;
    expect(() => one.lend('a')).toThrow('clock');
    fails = false;
    one.lend('b');
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    expect(one.log).toEqual(['b=x']);
    expect(one.pipeline.counters()).toMatchObject({ requests: 1, inflight: 0 });
  });

  it.each(['a reply', 'a refusal', 'an abort', 'the end'])(
    'that ends the connection while it is told of %s: each caller hears once',
    (way) => {
      const controller = new AbortController();
      const observer: RequestObserver = {
        nowMs: () => 0,
        settled: () => {
          controller.abort();
          one.pipeline.destroy(new LinkError('LINK_DESTROYED', 'h:1'));
        },
      };
      const one = scene({ observer });
      one.lend('a', undefined, { signal: controller.signal });
      one.lend('b', undefined, { signal: controller.signal });
      one.lend('c');
      one.tick();
      if (way === 'a reply') one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'));
      if (way === 'a refusal') one.link.deliver(reply(1, { err: -101 }));
      if (way === 'an abort') controller.abort();
      if (way === 'the end') one.link.over();
      const told = one.log.filter((line) => line.includes('='));
      expect(told.map((line) => line[0]).sort()).toEqual(['a', 'b', 'c']);
      expect(one.ends).toHaveLength(1);
      expect(one.pipeline.counters()).toMatchObject({ requests: 3, inflight: 0, inflightBytes: 0 });
    },
  );
});
