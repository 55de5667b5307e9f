import { describe, expect, it } from 'vitest';
import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import { ZkwireError } from '../../../src/errors.ts';
import { FLUSH_BYTES } from '../../../src/limits.ts';
import { beginGet, dataReply, sentPaths } from './frames.ts';
import {
  listeners,
  parkedScene,
  type Requests,
  scene,
  settled,
  shown,
  thrownBy,
} from './pipelines.ts';

describe('moving what never left', () => {
  it('keeps order, gives new xids, and tells those who waited', async () => {
    const parked = parkedScene({ lastXid: 70 });
    void parked.get('a');
    parked.lend('b');
    beginGet(parked.pipeline, '/c');
    parked.pipeline.settle(
      (reader, { settledXid, host }) => `${readGetDataResponse(reader).data} ${settledXid} ${host}`,
      (value) => void parked.log.push(`c=${value}`),
      () => {},
    );
    const one = scene({ lastXid: 40 });
    one.lend('first');
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.lend('last');
    one.tick();
    expect(one.sentXids).toEqual([41, 42, 43, 44, 45]);
    expect(sentPaths(one.sent)).toEqual(['/first', '/a', '/b', '/c', '/last']);
    expect(one.sent.map(({ op }) => op)).toEqual([4, 4, 4, 4, 4]);
    one.link.deliver(...[41, 42, 43, 44, 45].map((xid) => dataReply(xid, `v${xid}`)));
    await settled();
    expect(one.log).toEqual(['first=v41', 'last=v45']);
    expect(parked.log.filter((line) => line.includes('='))).toEqual([
      'b=v43',
      'c=v44 44 server.test:2181',
      'a=v42',
    ]);
  });

  it('takes all of it from one pipeline to the other, in every counter', () => {
    const parked = parkedScene();
    const controller = new AbortController();
    parked.lend('gone', undefined, { signal: controller.signal });
    parked.lend('a');
    parked.lend('b');
    controller.abort();
    const bytes = parked.pipeline.counters().inflightBytes;
    const one = scene();
    one.lend('own');
    const own = one.pipeline.counters().inflightBytes;
    parked.pipeline.moveUnsentTo(one.pipeline);
    expect(parked.pipeline.counters()).toMatchObject({
      requests: 0,
      replies: 0,
      inflight: 0,
      inflightBytes: 0,
    });
    const gone = '/gone'.length - '/a'.length;
    expect(one.pipeline.counters()).toMatchObject({
      requests: 3,
      replies: 0,
      inflight: 3,
      inflightBytes: own + (bytes - gone) * (2 / 3),
    });
    one.tick();
    one.link.deliver(...[1, 2, 3].map((xid) => dataReply(xid, '')));
    expect(one.pipeline.counters()).toMatchObject({ replies: 3, inflight: 0, inflightBytes: 0 });
  });

  it('carries frames over many slabs, and one larger than a slab, byte for byte', () => {
    const parked = parkedScene();
    for (let index = 0; index < 40; index++) parked.set(`n${index}`, 10_000 + index, index);
    parked.set('large', 300_000, 99);
    parked.set('last', 10, 100);
    const one = scene();
    parked.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    expect(one.sent).toHaveLength(42);
    for (const [index, { body, xid, op }] of one.sent.entries()) {
      const [name, bytes] =
        index < 40
          ? [`/n${index}`, 10_000 + index]
          : index === 40
            ? ['/large', 300_000]
            : ['/last', 10];
      expect([xid, op, sentPaths([{ body, xid, op }])[0]]).toEqual([index + 1, 5, name]);
      const fill = index < 40 ? index : index + 59;
      const expected = Buffer.alloc(bytes, fill);
      expect(body.subarray(8 + name.length, -4).equals(expected)).toBe(true);
      expect(body.readInt32BE(4 + name.length)).toBe(bytes);
      expect(body.readInt32BE(body.length - 4)).toBe(-1);
    }
    one.link.over();
    expect(one.link.pool.counters().outstanding).toBe(0);
  });

  it('takes the signals and deadlines along, and leaves no listener behind', () => {
    const parked = parkedScene();
    const controller = new AbortController();
    const { signal } = controller;
    parked.lend('a', undefined, { signal, deadlineMs: 500 });
    parked.lend('b', undefined, { signal });
    parked.lend('c', undefined, { deadlineMs: 100 });
    parked.lend('d');
    const one = scene();
    parked.pipeline.moveUnsentTo(one.pipeline);
    parked.log.length = 0;
    expect(listeners(signal)).toBe(1);
    expect(parked.pipeline.nextDeadlineMs).toBe(Number.POSITIVE_INFINITY);
    expect(one.pipeline.nextDeadlineMs).toBe(100);
    one.pipeline.sweep(100);
    expect(parked.log).toEqual(['c=REQUEST_TIMEOUT/unknown']);
    expect(one.pipeline.nextDeadlineMs).toBe(500);
    controller.abort();
    expect(parked.log.slice(1)).toEqual(['a=ABORTED/unknown', 'b=ABORTED/unknown']);
    expect(listeners(signal)).toBe(0);
    one.tick();
    one.link.deliver(...[1, 2, 3, 4].map((xid) => dataReply(xid, 'x')));
    expect(parked.log.slice(3)).toEqual(['d=x']);
  });

  it('leaves out one whose signal is firing right now', () => {
    const parked = parkedScene();
    const one = scene();
    const controller = new AbortController();
    const { signal } = controller;
    parked.lend('a', () => parked.pipeline.moveUnsentTo(one.pipeline), { signal });
    parked.lend('b', undefined, { signal });
    parked.lend('c');
    controller.abort();
    one.tick();
    expect(sentPaths(one.sent)).toEqual(['/c']);
    one.link.deliver(dataReply(1, 'x'));
    expect(parked.log.filter((line) => line.includes('='))).toEqual([
      'a=ABORTED/not-sent',
      'b=ABORTED/not-sent',
      'c=x',
    ]);
    expect(listeners(signal)).toBe(0);
  });

  it('tells each once when one of those refuses the rest', () => {
    const parked = parkedScene();
    const one = scene();
    const controller = new AbortController();
    const { signal } = controller;
    const refuse = (): void => parked.pipeline.refuse('SESSION_LOST', new ZkwireError('X', 'x'));
    parked.lend('a', () => parked.pipeline.moveUnsentTo(one.pipeline), { signal });
    parked.lend('b', refuse, { signal });
    parked.lend('c', refuse, { signal });
    parked.pipeline.closeSession((error) => void parked.log.push(`close=${shown(error)}`));
    controller.abort();
    expect(parked.log).toEqual([
      'a=ABORTED/not-sent',
      'b=ABORTED/not-sent',
      'c=SESSION_LOST/not-sent',
      'close=SESSION_LOST/not-sent',
      'end X',
    ]);
    expect(listeners(signal)).toBe(0);
  });

  it('survives many moves before anything is sent', async () => {
    let from = parkedScene();
    const first = from;
    const { signal } = new AbortController();
    void first.get('a', { signal });
    for (let move = 0; move < 5; move++) {
      const lost = scene({ events: { onLost: () => lost.pipeline.moveUnsentTo(next.pipeline) } });
      const next = parkedScene();
      lost.pipeline.hold();
      from.pipeline.moveUnsentTo(lost.pipeline);
      lost.link.over();
      expect(lost.pipeline.counters()).toMatchObject({ requests: 0, replies: 0, inflight: 0 });
      from = next;
    }
    const one = scene({ lastXid: 8 });
    from.pipeline.moveUnsentTo(one.pipeline);
    one.tick();
    one.link.deliver(dataReply(9, 'x'));
    await settled();
    expect(first.log.filter((line) => line.includes('='))).toEqual(['a=x']);
    expect(listeners(signal)).toBe(0);
  });

  it('lets those go on who waited for room: it is elsewhere now', async () => {
    const parked = parkedScene({ requestsMax: 1 });
    parked.lend('a');
    let admitted = 0;
    void parked.pipeline.room().then(() => admitted++);
    const one = scene();
    parked.pipeline.moveUnsentTo(one.pipeline);
    await settled();
    expect(admitted).toBe(1);
  });

  it('ends a parked pipeline: whoever kept it is refused and does not wait for ever', async () => {
    const parked = parkedScene();
    const one = scene();
    parked.pipeline.moveUnsentTo(one.pipeline);
    expect(parked.log).toEqual(['end CONNECTION_CLOSED']);
    expect(parked.pipeline.ended).toBe(true);
    expect(shown(thrownBy(() => parked.lend('a')))).toBe('CONNECTION_CLOSED/not-sent');
    await expect(parked.pipeline.room()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    parked.pipeline.moveUnsentTo(one.pipeline);
    expect(one.pipeline.counters().requests).toBe(0);
  });

  it('to itself is none', () => {
    const parked = parkedScene();
    parked.lend('a');
    parked.pipeline.moveUnsentTo(parked.pipeline);
    expect(parked.pipeline.counters()).toMatchObject({ requests: 1, inflight: 1 });
    expect(parked.pipeline.ended).toBe(false);
  });

  it('is not done from a connection that lives: requests would overtake each other', () => {
    const [one, other] = [scene(), scene()];
    one.lend('a');
    const refused = thrownBy(() => one.pipeline.moveUnsentTo(other.pipeline));
    expect(refused).toBeInstanceOf(ZkwireError);
    expect(refused).toMatchObject({ code: 'BAD_ARGUMENT' });
    one.tick();
    expect(one.sentXids).toEqual([1]);
    expect(other.pipeline.counters().requests).toBe(0);
  });
});

describe('a connection that is lost', () => {
  /** One request sent, then `unsent`, then the end: what never left goes to a parked pipeline. */
  function lose(unsent: (one: ReturnType<typeof scene>) => void): {
    one: ReturnType<typeof scene>;
    parked: Requests;
  } {
    const parked = parkedScene();
    const one = scene({
      events: {
        onLost: (error) => {
          one.log.push(`lost ${error.code}`);
          one.pipeline.moveUnsentTo(parked.pipeline);
        },
      },
    });
    one.lend('sent');
    one.tick();
    unsent(one);
    one.link.over();
    return { one, parked };
  }

  it('keeps what never left, fails the rest, and tells in this order', () => {
    const { one, parked } = lose(({ lend }) => {
      lend('a');
      lend('b');
    });
    expect(one.log).toEqual([
      'lost LINK_CLOSED',
      'sent=CONNECTION_LOSS/unknown',
      'end LINK_CLOSED',
    ]);
    expect(one.pipeline.counters()).toMatchObject({ requests: 1, replies: 0, inflightBytes: 0 });
    expect(parked.pipeline.counters()).toMatchObject({ requests: 2, inflight: 2 });
    const next = scene();
    parked.pipeline.moveUnsentTo(next.pipeline);
    next.tick();
    next.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'));
    expect(one.log.slice(3)).toEqual(['a=x', 'b=y']);
  });

  it('leaves pings, credentials and watches out of it; who waits for them hears of the loss', () => {
    const { one, parked } = lose((scene) => {
      const { pipeline, lend, log } = scene;
      pipeline.ping();
      lend('a');
      pipeline.auth('digest', Buffer.from('u:p'), (error) => void log.push(`auth ${shown(error)}`));
      pipeline.setWatches(
        101,
        (writer) => writer.long(1n),
        (error) => void log.push(`watches ${shown(error)}`),
      );
      lend('b');
      pipeline.ping();
    });
    expect(one.log).toEqual([
      'lost LINK_CLOSED',
      'sent=CONNECTION_LOSS/unknown',
      'auth CONNECTION_LOSS/unknown',
      'watches CONNECTION_LOSS/unknown',
      'end LINK_CLOSED',
    ]);
    const next = scene();
    parked.pipeline.moveUnsentTo(next.pipeline);
    next.tick();
    expect(next.sent.map(({ xid, op }) => [xid, op])).toEqual([
      [1, 4],
      [2, 4],
    ]);
    expect(sentPaths(next.sent)).toEqual(['/a', '/b']);
  });

  it('keeps what back pressure held', () => {
    const { parked } = lose((one) => {
      one.link.accepts = false;
      one.lend('a');
      one.tick();
      for (let index = 0; index < 5000; index++) one.lend(`n${index}`);
      one.tick();
    });
    const next = scene();
    parked.pipeline.moveUnsentTo(next.pipeline);
    next.tick();
    expect(sentPaths(next.sent)).toEqual(Array.from({ length: 5000 }, (_, index) => `/n${index}`));
  });

  it('does not move closeSession, which fails as never sent', () => {
    const { one, parked } = lose(({ pipeline, lend, log }) => {
      lend('a');
      pipeline.closeSession((error) => void log.push(`close ${shown(error)}`));
    });
    expect(one.log).toEqual([
      'lost LINK_CLOSED',
      'sent=CONNECTION_LOSS/unknown',
      'close CONNECTION_LOSS/not-sent',
      'end LINK_CLOSED',
    ]);
    expect(one.pipeline.counters()).toMatchObject({ requests: 2, replies: 0, inflightBytes: 0 });
    expect(parked.pipeline.counters()).toMatchObject({ requests: 1, inflight: 1 });
    const next = scene();
    parked.pipeline.moveUnsentTo(next.pipeline);
    next.tick();
    expect(next.sent.map(({ op }) => op)).toEqual([4]);
  });

  it('inside the write of its own requests moves only what that write did not hold', () => {
    const parked = parkedScene();
    const one = scene({ events: { onLost: () => one.pipeline.moveUnsentTo(parked.pipeline) } });
    one.link.onWrite = () => one.link.over();
    one.set('a', FLUSH_BYTES - 1000, 1);
    one.set('b', 30_000, 2);
    one.set('c', 10, 3);
    one.tick();
    expect(one.log).toContain('a=CONNECTION_LOSS/unknown');
    const next = scene();
    if (parked.pipeline.counters().inflight > 0) parked.pipeline.moveUnsentTo(next.pipeline);
    next.tick();
    const lost = one.log.filter((line) => line.endsWith('/unknown')).length;
    expect(lost + next.sent.length).toBe(3);
    expect(one.link.pool.counters().outstanding).toBe(0);
  });

  it('answered for a request that never left moves the others only', () => {
    const parked = parkedScene();
    const one = scene({ events: { onLost: () => one.pipeline.moveUnsentTo(parked.pipeline) } });
    one.lend('a');
    one.lend('b');
    // A server that makes up the xid of a request which is still in our slab.
    one.link.deliver(dataReply(1, 'guessed'));
    one.link.over();
    expect(one.log).toEqual(['a=guessed', 'end LINK_CLOSED']);
    expect(one.pipeline.counters()).toMatchObject({
      requests: 1,
      replies: 1,
      inflight: 0,
      inflightBytes: 0,
    });
    const next = scene();
    parked.pipeline.moveUnsentTo(next.pipeline);
    next.tick();
    expect(sentPaths(next.sent)).toEqual(['/b']);
  });

  it('may be moved from once: the second time there is nothing', () => {
    const [parked, other] = [parkedScene(), parkedScene()];
    const one = scene({
      events: {
        onLost: () => {
          one.pipeline.moveUnsentTo(parked.pipeline);
          one.pipeline.moveUnsentTo(other.pipeline);
          one.pipeline.flush();
        },
        onEnd: () => one.pipeline.moveUnsentTo(other.pipeline),
      },
    });
    one.lend('a');
    one.pipeline.closeSession(() => {});
    one.link.over();
    expect(parked.pipeline.counters().requests).toBe(1);
    expect(other.pipeline.counters().requests).toBe(0);
    expect(one.link.writes).toHaveLength(0);
  });
});
