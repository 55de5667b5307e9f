import { describe, expect, it } from 'vitest';
import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import { LinkError } from '../../../src/errors.ts';
import { Pipeline } from '../../../src/pipeline/pipeline.ts';
import type { PipelineEvents } from '../../../src/pipeline/pipeline-options.ts';
import type { RequestObserver } from '../../../src/pipeline/request-observer.ts';
import { beginGet, dataReply, pong, reply } from './frames.ts';
import { scene, settled, shown } from './pipelines.ts';

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

describe('the round trip of a ping', () => {
  /** Times that `onPing` was told. */
  function pings(nowMs?: () => number): ReturnType<typeof scene> & { times: (number | null)[] } {
    const times: (number | null)[] = [];
    const events: PipelineEvents = { onPing: (roundTripMs) => void times.push(roundTripMs) };
    return { ...scene({ nowMs, events }), times };
  }

  it('is from sending to reading', () => {
    let timeMs = 100;
    const { link, pipeline, times, tick } = pings(() => timeMs);
    for (const roundTripMs of [3, 5]) {
      pipeline.ping();
      tick();
      timeMs += roundTripMs;
      link.deliver(pong());
      timeMs += 1000;
    }
    expect(times).toEqual([3, 5]);
  });

  it('is taken of the first only, when another is sent before its answer', () => {
    let timeMs = 100;
    const { link, pipeline, times } = pings(() => timeMs);
    pipeline.ping();
    timeMs += 10;
    pipeline.ping();
    timeMs += 10;
    link.deliver(pong());
    pipeline.ping();
    timeMs += 10;
    link.deliver(pong(), pong());
    pipeline.ping();
    timeMs += 7;
    link.deliver(pong());
    expect(times).toEqual([20, null, null, 7]);
  });

  it('is unknown without a clock, and of answers to nothing', () => {
    const clockless = pings();
    clockless.pipeline.ping();
    clockless.link.deliver(pong());
    expect(clockless.times).toEqual([null]);
    let timeMs = 100;
    const { link, pipeline, times } = pings(() => timeMs);
    link.deliver(pong());
    pipeline.ping();
    timeMs += 4;
    link.deliver(pong());
    expect(times).toEqual([null, 4]);
  });
});
