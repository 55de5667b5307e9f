import { describe, expect, it } from 'vitest';
import type { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { OP } from '../../../src/codec/operations.ts';
import { writeSetWatches } from '../../../src/codec/records.gen.ts';
import type { RequestError } from '../../../src/errors.ts';
import type { PipelineEvents } from '../../../src/pipeline/pipeline-options.ts';
import { dataReply, notification, pong, reply } from './frames.ts';
import { type Scene, scene, shown, thrownBy } from './pipelines.ts';

const { setWatches, setWatches2 } = OP;
const ignore = (): void => {};
const write = (writer: JuteWriter): void => writeSetWatches(writer, 7n, ['/a'], [], []);

/** A setWatches whose callback logs `name ok` or `name CODE/outcome`. */
function watch(
  { pipeline, log }: Scene,
  name: string,
  operation: typeof setWatches | typeof setWatches2 = setWatches,
): void {
  pipeline.setWatches(operation, write, (error) => {
    log.push(`${name} ${error === null ? 'ok' : shown(error)}`);
  });
}

describe('setWatches', () => {
  it('goes beside the ring with xid -8, in its place among the requests', () => {
    const one = scene();
    one.lend('a');
    watch(one, 'w', setWatches);
    watch(one, 'w2', setWatches2);
    one.lend('b');
    one.tick();
    expect(one.sent.map(({ xid, op }) => [xid, op])).toEqual([
      [1, 4],
      [-8, 101],
      [-8, 105],
      [2, 4],
    ]);
    expect(one.sent[1]!.body.toString('hex')).toBe(
      '0000000000000007' + '00000001' + '000000022f61' + '00000000' + '00000000',
    );
    expect(one.pipeline.counters()).toMatchObject({ requests: 2, inflight: 2 });
  });

  it('is answered in order, behind the events that it brings', () => {
    const one = scene({ lastZxidSeen: 3n });
    watch(one, 'first');
    one.lend('a');
    watch(one, 'second', setWatches2);
    one.pipeline.auth('digest', Buffer.from('u:p'), () => one.log.push('auth'));
    one.tick();
    one.link.deliver(
      notification('/missed'),
      reply(-8, { zxid: 99n }),
      pong(),
      dataReply(1, 'x'),
      reply(-4),
      reply(-8, { err: -6, zxid: 99n }),
    );
    expect(one.log).toEqual([
      'notification /missed',
      'first ok',
      'ping',
      'a=x',
      'auth',
      'second UNIMPLEMENTED/rejected',
    ]);
    // Only replies to requests of the ring move it.
    expect(one.pipeline.lastZxidSeen).toBe(3n);
  });

  it('names in its failure what was sent', () => {
    const one = scene();
    const failures: (RequestError | null)[] = [];
    for (const operation of [setWatches, setWatches2, setWatches2] as const) {
      one.pipeline.setWatches(operation, write, (error) => void failures.push(error));
    }
    one.tick();
    one.link.deliver(reply(-8, { err: -6 }), reply(-8, { err: -4321 }));
    one.link.over();
    const host = 'server.test:2181';
    expect(failures).toMatchObject([
      { code: 'UNIMPLEMENTED', serverCode: -6, outcome: 'rejected', operation: 'setWatches', host },
      { code: 'UNKNOWN(-4321)', outcome: 'rejected', operation: 'setWatches2', host },
      { code: 'CONNECTION_LOSS', outcome: 'unknown', operation: 'setWatches2', host },
    ]);
    expect(failures[2]!.cause).toBe(one.ends[0]);
  });

  it.each([
    ['none was sent', 0],
    ['all were answered', 1],
  ])('answered when %s is a broken stream', (_name, sent) => {
    const one = scene();
    for (let count = 0; count < sent; count++) watch(one, 'w');
    one.lend('a');
    one.tick();
    one.link.deliver(...Array.from({ length: sent + 1 }, () => reply(-8)));
    expect(one.log.slice(sent)).toEqual(['a=CONNECTION_LOSS/unknown', 'end PROTOCOL_VIOLATION']);
    expect(one.ends[0]!.cause).toMatchObject({ code: 'UNEXPECTED_XID', offset: 4 });
    expect((one.ends[0]!.cause as Error).message).toContain('a reply to setWatches came');
  });

  it('is bounded', () => {
    const one = scene();
    const empty = (): void => one.pipeline.setWatches(setWatches2, ignore, ignore);
    for (let count = 0; count < 65_536; count++) empty();
    const refused = thrownBy(empty);
    expect(shown(refused)).toBe('PIPELINE_FULL/not-sent');
    expect(refused).toMatchObject({ operation: 'setWatches2' });
  });

  it('is refused when too large, when the connection closes, and after the end; nothing of it leaves', () => {
    const one = scene({ bodyBytesMax: 30 });
    const large = thrownBy(() => watch(one, 'large'));
    expect(large).toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      outcome: 'not-sent',
      operation: 'setWatches',
    });
    one.pipeline.setWatches(setWatches2, (writer) => writer.long(1n), ignore);
    one.pipeline.closeSession(ignore);
    const closing = thrownBy(() => watch(one, 'late', setWatches2));
    expect(closing).toMatchObject({ code: 'CONNECTION_CLOSED', operation: 'setWatches2' });
    one.tick();
    expect(one.sent.map(({ xid, op }) => [xid, op])).toEqual([
      [-8, 105],
      [1, -11],
    ]);
    one.link.over();
    expect(shown(thrownBy(() => watch(one, 'w')))).toBe('CONNECTION_CLOSED/not-sent');
    expect(one.log).toEqual(['end LINK_CLOSED']);
  });

  it('may be asked for again in its callback, and a callback that throws harms nobody', () => {
    const one = scene();
    const boom = new Error('boom');
    one.pipeline.setWatches(setWatches, write, () => {
      watch(one, 'again');
      throw boom;
    });
    one.tick();
    one.link.deliver(reply(-8));
    one.tick();
    one.link.deliver(reply(-8));
    expect(one.log).toEqual(['again ok']);
    expect(one.thrown).toEqual([[boom, 'setWatches']]);
  });

  it('has its callback before it leaves: a link may answer inside the write', () => {
    const one = scene({ schedule: (flush) => flush() });
    let answered = false;
    one.link.onWrite = () => {
      if (answered) return;
      answered = true;
      one.link.deliver(reply(-8));
    };
    watch(one, 'w');
    expect(one.log).toEqual(['w ok']);
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

it('the check operation is never sent on its own: it harms servers in wide use', () => {
  const one = scene();
  const refused = thrownBy(() => one.pipeline.begin(OP.check, '/a'));
  expect(refused).toMatchObject({
    code: 'BAD_ARGUMENT',
    outcome: 'not-sent',
    operation: 'check',
    path: '/a',
  });
  expect((refused as Error).message).toContain('a step of a multi');
  one.lend('b');
  one.tick();
  expect(one.sent.map(({ xid, op }) => [xid, op])).toEqual([[1, 4]]);
});
