import { describe, expect, it } from 'vitest';
import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import { LinkError } from '../../../src/errors.ts';
import type { PipelineEvents } from '../../../src/pipeline/pipeline-options.ts';
import { beginGet, dataReply, notification, pong, reply } from './frames.ts';
import { scene, settled, shown } from './pipelines.ts';

describe('what throws', () => {
  const boom = new Error('boom');
  const explode = (): never => {
    throw boom;
  };

  it('in a callback harms nobody and is reported with its operation', () => {
    const one = scene();
    one.lend('a', explode);
    one.lend('b');
    one.lend('c', explode);
    one.lend('d', explode);
    one.tick();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'), reply(3, { err: -101 }));
    expect(one.log).toEqual(['a=x', 'b=y', 'c=NONODE/rejected']);
    one.link.over();
    expect(one.log.slice(3)).toEqual(['d=CONNECTION_LOSS/unknown', 'end LINK_CLOSED']);
    const report = [boom, 'getData'];
    expect(one.thrown).toEqual([report, report, report]);
  });

  it('in a notification, ping, auth or end handler neither', async () => {
    const one = scene({ events: { onNotification: explode, onPing: explode, onEnd: explode } });
    one.pipeline.auth('digest', Buffer.alloc(0), explode);
    void one.get('a');
    one.tick();
    one.link.deliver(notification('/w'), pong(), reply(-4), dataReply(1, 'x'));
    one.link.over();
    await settled();
    expect(one.log).toEqual(['a=x']);
    expect(one.thrown.map(([, operation]) => operation)).toEqual([
      'notification',
      'ping',
      'auth',
      'closeSession',
    ]);
  });

  it('in the handler of what was thrown becomes a process warning', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    const one = scene({ events: { onCallbackError: () => explode() } });
    one.lend('a', () => {
      throw new Error('first');
    });
    one.lend('b');
    one.tick();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'));
    await settled();
    process.off('warning', listen);
    expect(one.log).toEqual(['a=x', 'b=y']);
    expect(warnings).toEqual([boom]);
  });

  it('is a process warning when nobody handles it, whatever was thrown', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    const one = scene({ events: { onCallbackError: undefined } as unknown as PipelineEvents });
    for (const thing of ['text', Object.create(null) as unknown]) {
      one.lend('a', () => {
        throw thing;
      });
    }
    one.tick();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'));
    await settled();
    process.off('warning', listen);
    expect(warnings.map(({ name, message }) => [name, message])).toEqual([
      ['ZkwireCallbackError', 'text'],
      ['ZkwireCallbackError', '[Object: null prototype] {}'],
    ]);
  });

  it('in a decode function is a broken stream: nobody knows what it had read', async () => {
    const one = scene();
    beginGet(one.pipeline);
    const answer = one.pipeline.promise(explode);
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    await expect(answer).rejects.toMatchObject({ code: 'BAD_REPLY', cause: boom });
    expect(one.log).toEqual(['end PROTOCOL_VIOLATION']);
  });
});

describe('what an async function throws', () => {
  const boom = new Error('boom');
  const explode = async (): Promise<never> => {
    throw boom;
  };

  it('in a callback ends where everything else does that callbacks throw', async () => {
    const one = scene();
    const lend = (path: string): void => {
      beginGet(one.pipeline, path);
      one.pipeline.callback(readGetDataResponse, explode);
    };
    for (const path of ['/value', '/refused', '/lost']) lend(path);
    one.tick();
    one.link.deliver(dataReply(1, 'x'), reply(2, { err: -101 }));
    one.link.over();
    await settled();
    const report = [boom, 'getData'];
    expect(one.thrown).toEqual([report, report, report]);
  });

  it('in a handler of events or beside the ring too', async () => {
    const events = { onNotification: explode, onPing: explode, onLost: explode, onEnd: explode };
    const one = scene({ events });
    one.pipeline.auth('digest', Buffer.alloc(0), explode);
    one.tick();
    one.link.deliver(notification('/w'), pong(), reply(-4));
    one.link.over();
    await settled();
    expect(one.thrown.map(([, operation]) => operation)).toEqual([
      'notification',
      'ping',
      'auth',
      'closeSession',
      'closeSession',
    ]);
  });

  it('in an observer of requests too', async () => {
    const one = scene({ observer: { nowMs: () => 1, settled: explode } });
    one.lend('a');
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    await settled();
    expect(one.thrown).toEqual([[boom, 'getData']]);
  });

  it('in the handler of what was thrown is a process warning', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error): void => void warnings.push(warning);
    process.on('warning', listen);
    const one = scene({ events: { onCallbackError: explode } });
    one.lend('a', () => {
      throw new Error('first');
    });
    one.tick();
    one.link.deliver(dataReply(1, 'x'));
    await settled();
    await settled();
    process.off('warning', listen);
    expect(warnings).toEqual([boom]);
  });
});

describe('a callback may', () => {
  it('make requests, which leave in order', () => {
    const one = scene();
    one.lend('a', () => {
      one.lend('c', () => one.lend('d'));
    });
    one.lend('b', () => one.lend('e'));
    one.tick();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'));
    one.tick();
    one.link.deliver(dataReply(3, 'z'), dataReply(4, 'v'));
    one.tick();
    one.link.deliver(dataReply(5, 'w'));
    expect(one.log).toEqual(['a=x', 'b=y', 'c=z', 'e=v', 'd=w']);
    expect(one.sent.map(({ xid }) => xid)).toEqual([1, 2, 3, 4, 5]);
  });

  it('make so many requests that the ring grows under it', () => {
    const one = scene();
    one.lend('a', () => {
      for (let index = 0; index < 500; index++) one.lend(`n${index}`);
    });
    one.lend('b');
    one.tick();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'));
    one.tick();
    one.link.deliver(
      ...Array.from({ length: 500 }, (_, index) => dataReply(index + 3, `v${index}`)),
    );
    expect(one.log).toHaveLength(502);
    expect(one.log.at(-1)).toBe('n499=v499');
  });

  it('find that nothing more is accepted when the connection has just ended', () => {
    const one = scene();
    one.lend('a', () => {
      try {
        one.lend('b');
      } catch (error) {
        one.log.push(`refused ${shown(error)}`);
      }
    });
    one.tick();
    one.link.over();
    expect(one.log).toEqual([
      'a=CONNECTION_LOSS/unknown',
      'refused CONNECTION_CLOSED/not-sent',
      'end LINK_CLOSED',
    ]);
  });

  it('abort others: their replies are still consumed by their own slots', () => {
    const one = scene();
    const controller = new AbortController();
    one.lend('a', () => controller.abort('no more'));
    one.lend('b', undefined, { signal: controller.signal });
    one.lend('c');
    one.tick();
    one.link.deliver(dataReply(1, 'x'), dataReply(2, 'y'), dataReply(3, 'z'));
    expect(one.log).toEqual(['a=x', 'b=ABORTED/unknown', 'c=z']);
    expect(one.pipeline.counters()).toMatchObject({ lateReplies: 1, replies: 3 });
  });

  it('destroy the connection while others fail, and be told once', () => {
    const one = scene();
    one.lend('a', () => one.pipeline.destroy(new LinkError('LINK_DESTROYED', 'h:1')));
    one.lend('b');
    one.tick();
    one.link.over();
    expect(one.log).toEqual([
      'a=CONNECTION_LOSS/unknown',
      'b=CONNECTION_LOSS/unknown',
      'end LINK_CLOSED',
    ]);
    expect(one.ends).toHaveLength(1);
  });
});
