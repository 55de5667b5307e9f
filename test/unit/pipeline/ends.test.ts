import { describe, expect, it } from 'vitest';
import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import { LinkError, type RequestError } from '../../../src/errors.ts';
import { FLUSH_BYTES, OWNED_COPY_BYTES_MAX } from '../../../src/limits.ts';
import { beginGet, dataReply, notification, reply } from './frames.ts';
import { type Scene, scene, settled, shown } from './pipelines.ts';

/** A getData through `settle`, which logs `name=data` or `name=CODE/outcome`. */
function settle({ pipeline, log }: Scene, name: string): void {
  beginGet(pipeline, `/${name}`);
  pipeline.settle(
    readGetDataResponse,
    (value) => void log.push(`${name}=${value.data}`),
    (error) => void log.push(`${name}=${shown(error)}`),
  );
}

describe('settle()', () => {
  it('tells at once and in order, where promises would wait for the end of the read', async () => {
    const one = scene();
    settle(one, 'a');
    void one.get('p');
    settle(one, 'b');
    settle(one, 'c');
    one.tick();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'), notification('/w'));
    one.link.deliver(reply(3, { err: -101 }));
    one.link.over();
    await settled();
    expect(one.log).toEqual([
      'a=x',
      'notification /w',
      'b=NONODE/rejected',
      'c=CONNECTION_LOSS/unknown',
      'end LINK_CLOSED',
      'p=y',
    ]);
  });

  it.each([1, OWNED_COPY_BYTES_MAX, OWNED_COPY_BYTES_MAX + 1])(
    'gives %i bytes that stay the caller’s own',
    (bytes) => {
      const one = scene();
      const data = Buffer.alloc(bytes, 'own');
      let kept: Buffer | null = null;
      beginGet(one.pipeline);
      one.pipeline.settle(
        readGetDataResponse,
        (value) => {
          kept = value.data as Buffer;
        },
        () => {},
      );
      one.tick();
      one.link.deliver(dataReply(1, data));
      one.lend('b');
      one.tick();
      one.link.deliver(dataReply(2, 'y'));
      expect(kept!.equals(data)).toBe(true);
    },
  );

  it('with functions that throw harms nobody else', () => {
    const one = scene();
    const boom = new Error('boom');
    const explode = (): never => {
      throw boom;
    };
    const controller = new AbortController();
    for (const path of ['/a', '/b', '/c', '/d']) {
      beginGet(one.pipeline, path);
      const limits = path === '/c' ? { signal: controller.signal } : undefined;
      one.pipeline.settle(readGetDataResponse, explode, explode, limits);
    }
    one.lend('e');
    one.tick();
    controller.abort();
    one.link.deliver(dataReply(1, 'x'), reply(2, { err: -101 }));
    one.link.over();
    expect(one.log).toEqual(['e=CONNECTION_LOSS/unknown', 'end LINK_CLOSED']);
    expect(one.thrown).toEqual(Array.from({ length: 4 }, () => [boom, 'getData']));
  });

  it('takes limits as promises do', () => {
    const one = scene();
    const controller = new AbortController();
    beginGet(one.pipeline, '/a');
    const told: string[] = [];
    const failed = (error: Error): void => void told.push(shown(error));
    one.pipeline.settle(readGetDataResponse, () => {}, failed, { signal: controller.signal });
    controller.abort();
    expect(told).toEqual(['ABORTED/unknown']);
    beginGet(one.pipeline, '/b');
    const begun = (): void =>
      one.pipeline.settle(readGetDataResponse, () => {}, failed, { deadlineMs: Number.NaN });
    expect(begun).toThrow('the time-out is not a number');
  });
});

describe('idle()', () => {
  it('resolves at once when nothing is in flight, rejects at once after the end', async () => {
    const one = scene();
    await one.pipeline.idle();
    one.link.over();
    await expect(one.pipeline.idle()).rejects.toBe(one.ends[0]);
  });

  it('waits for the last reply, whoever waits for that', async () => {
    const one = scene();
    const controller = new AbortController();
    let idle = false;
    one.lend('a');
    one.lend('b', undefined, { signal: controller.signal });
    void one.pipeline.idle().then(() => {
      idle = true;
    });
    one.tick();
    controller.abort();
    one.link.deliver(dataReply(1, 'x'));
    await settled();
    expect(idle).toBe(false);
    one.link.deliver(dataReply(2, 'y'));
    await settled();
    expect(idle).toBe(true);
  });

  it('tells all who ask, and each of them anew', async () => {
    const one = scene();
    const told: string[] = [];
    const ask = (name: string): void =>
      void one.pipeline.idle().then(
        () => told.push(`${name} idle`),
        (error: LinkError) => told.push(`${name} ${error.code}`),
      );
    one.lend('a');
    ask('first');
    ask('second');
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    await settled();
    one.lend('b');
    ask('third');
    await settled();
    expect(told).toEqual(['first idle', 'second idle']);
    one.link.over();
    await settled();
    expect(told.slice(2)).toEqual(['third LINK_CLOSED']);
  });

  it('rejects when the connection ends before, in the middle of a read too', async () => {
    const one = scene();
    one.lend('a', () => one.pipeline.destroy(new LinkError('LINK_DESTROYED', 'h:1')));
    const idle = one.pipeline.idle();
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    await expect(idle).rejects.toMatchObject({ code: 'LINK_DESTROYED' });
  });

  it('resolves when a callback of the last reply asks for nothing more, not before', async () => {
    const one = scene();
    let idle = false;
    one.lend('a', () => one.lend('b'));
    void one.pipeline.idle().then(() => {
      idle = true;
    });
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    await settled();
    expect(idle).toBe(false);
    one.tick();
    one.link.deliver(dataReply(2, 'y'));
    await settled();
    expect(idle).toBe(true);
  });
});

describe('hold', () => {
  it('keeps everything back, however much it is and whoever asks, until release', () => {
    const one = scene();
    one.pipeline.hold();
    let bytes = 0;
    while (bytes <= 3 * FLUSH_BYTES) {
      one.lend('a');
      bytes = one.pipeline.counters().inflightBytes;
    }
    one.pipeline.ping();
    one.tick();
    one.pipeline.flush();
    expect(one.link.writes).toHaveLength(0);
    const requests = one.pipeline.counters().inflight;
    one.pipeline.release();
    expect(one.sentXids).toEqual([...Array.from({ length: requests }, (_, i) => i + 1), -2]);
    one.lend('b');
    one.tick();
    expect(one.sentXids.at(-1)).toBe(requests + 1);
  });

  it('is not ended by a link that has drained', () => {
    const one = scene();
    one.link.accepts = false;
    one.lend('a');
    one.tick();
    one.pipeline.hold();
    one.lend('b');
    one.link.drain();
    one.tick();
    expect(one.sentXids).toEqual([1]);
    one.pipeline.release();
    expect(one.sentXids).toEqual([1, 2]);
  });

  it('released on a link that is full waits for the link', () => {
    const one = scene();
    one.link.accepts = false;
    one.lend('a');
    one.tick();
    one.pipeline.hold();
    one.lend('b');
    one.pipeline.release();
    one.tick();
    expect(one.sentXids).toEqual([1]);
    one.link.drain();
    expect(one.sentXids).toEqual([1, 2]);
  });

  it('calls what it held not-sent when the connection ends', () => {
    const one = scene();
    one.lend('a');
    one.tick();
    one.pipeline.hold();
    one.lend('b');
    one.tick();
    one.link.over();
    one.pipeline.release();
    expect(one.log).toEqual([
      'a=CONNECTION_LOSS/unknown',
      'b=CONNECTION_LOSS/not-sent',
      'end LINK_CLOSED',
    ]);
    expect(one.link.pool.counters().outstanding).toBe(0);
  });

  it('is over inside the release when the link ends in that write', () => {
    const one = scene();
    one.link.onWrite = () => one.link.over();
    one.pipeline.hold();
    one.lend('a');
    one.pipeline.release();
    one.pipeline.release();
    expect(one.log).toEqual(['a=CONNECTION_LOSS/unknown', 'end LINK_CLOSED']);
  });
});

describe('onLost', () => {
  it('comes before any request fails, onEnd when all have, each once, whatever they throw', () => {
    const one = scene({
      events: {
        onLost: (error) => {
          one.log.push(`lost ${error.code} ${one.pipeline.counters().inflight}`);
          throw new Error('lost');
        },
      },
    });
    one.lend('a');
    one.link.over();
    one.link.over();
    one.pipeline.destroy(new LinkError('LINK_DESTROYED', 'h:1'));
    expect(one.log).toEqual([
      'lost LINK_CLOSED 1',
      'a=CONNECTION_LOSS/not-sent',
      'end LINK_CLOSED',
    ]);
    expect(one.thrown).toEqual([[new Error('lost'), 'closeSession']]);
  });

  it('counts as answered what was, at every moment of the end', () => {
    const replies: number[] = [];
    const count = (): void => void replies.push(one.pipeline.counters().replies);
    const one = scene({ events: { onLost: count, onEnd: count } });
    for (const path of ['/a', '/b', '/c']) {
      beginGet(one.pipeline, path);
      one.pipeline.settle(readGetDataResponse, count, count);
    }
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    one.link.over();
    count();
    // Told of its own reply, lost, two that fail, the end, and after it.
    expect(replies).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('refuses new requests already', () => {
    const one = scene({
      events: {
        onLost: () => {
          try {
            one.lend('late');
          } catch (error) {
            one.log.push(shown(error));
          }
        },
      },
    });
    one.link.over();
    expect(one.log).toEqual(['CONNECTION_CLOSED/not-sent', 'end LINK_CLOSED']);
  });
});

describe('heardMs', () => {
  it('is when bytes came last, on the clock that was given', () => {
    let nowMs = 100;
    const one = scene({ nowMs: () => nowMs });
    expect(one.pipeline.heardMs).toBe(100);
    nowMs = 200;
    one.lend('a');
    one.tick();
    expect(one.pipeline.heardMs).toBe(100);
    one.link.deliver(dataReply(1, 'x').subarray(0, 2));
    expect(one.pipeline.heardMs).toBe(200);
  });

  it('stays 0 without a clock', () => {
    const one = scene();
    one.link.deliver(notification('/w'));
    expect(one.pipeline.heardMs).toBe(0);
  });
});

describe('settledXid', () => {
  it('is that of the own request in every callback', () => {
    const one = scene({ lastXid: 10 });
    const controller = new AbortController();
    const xids: [string, number][] = [];
    const note =
      (name: string) =>
      (_error: RequestError | null): void =>
        void xids.push([name, one.pipeline.settledXid]);
    one.lend('a', note('a'));
    one.lend('b', note('b'));
    one.lend('c', note('c'), { signal: controller.signal });
    one.lend('d', note('d'), { deadlineMs: 10 });
    one.lend('e', note('e'));
    one.lend('f', note('f'));
    one.tick();
    expect(one.pipeline.settledXid).toBe(0);
    one.link.deliver(dataReply(11, ''), reply(12, { err: -101 }));
    controller.abort();
    one.pipeline.sweep(10);
    one.link.over();
    expect(xids).toEqual([
      ['a', 11],
      ['b', 12],
      ['c', 13],
      ['d', 14],
      ['e', 15],
      ['f', 16],
    ]);
  });
});
