import { describe, expect, it } from 'vitest';
import { LinkError, type RequestError, WireError } from '../../../src/errors.ts';
import { beginGet, dataReply, notification, pong, reply } from './frames.ts';
import { scene, settled, shown, threeGets } from './pipelines.ts';

describe('a broken stream', () => {
  const broken: [string, Buffer, string, number][] = [
    ['a wrong xid', dataReply(3, 'x'), 'UNEXPECTED_XID', 4],
    ['xid 0', dataReply(0, 'x'), 'UNEXPECTED_XID', 4],
    ['a reserved xid that nobody uses', dataReply(-8, 'x'), 'UNEXPECTED_XID', 4],
    ['an auth reply without an auth', reply(-4), 'UNEXPECTED_XID', 4],
    [
      'a frame shorter than a reply header',
      Buffer.from('0000000401020304', 'hex'),
      'BAD_FRAME_LENGTH',
      0,
    ],
    ['a negative length', Buffer.from('ffffffff', 'hex'), 'BAD_FRAME_LENGTH', 0],
    ['a huge length', Buffer.from('7fffffff', 'hex'), 'FRAME_TOO_LARGE', 0],
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), 'FRAME_TOO_LARGE', 0],
    ['a notification cut short', reply(-1), 'TRUNCATED', 20],
  ];

  it.each(broken)(
    '%s ends the connection; everything pending fails once',
    async (_name, bytes, code, offset) => {
      const one = threeGets();
      one.link.deliver(dataReply(1, 'fine'), bytes);
      one.link.deliver(dataReply(2, 'too late'));
      await settled();
      expect(one.log).toEqual([
        'end PROTOCOL_VIOLATION',
        'a=fine',
        'b=CONNECTION_LOSS/unknown',
        'c=CONNECTION_LOSS/unknown',
      ]);
      expect(one.link.destroyed).toBe(one.ends[0]);
      expect(one.ends[0]!.cause).toBeInstanceOf(WireError);
      expect(one.ends[0]!.cause).toMatchObject({ code, offset });
      expect(one.link.pool.counters()).toMatchObject({ outstanding: 0 });
      expect(one.pipeline.counters()).toMatchObject({ requests: 3, replies: 1, inflight: 0 });
    },
  );

  it('a duplicate reply ends it too, with requests pending or without', async () => {
    const one = threeGets();
    one.link.deliver(dataReply(1, 'x'), dataReply(1, 'again'));
    await settled();
    expect(one.log.slice(-3)).toEqual([
      'a=x',
      'b=CONNECTION_LOSS/unknown',
      'c=CONNECTION_LOSS/unknown',
    ]);
    const other = scene();
    other.link.deliver(dataReply(1, 'x'));
    expect(other.log).toEqual(['end PROTOCOL_VIOLATION']);
    expect((other.ends[0]!.cause as Error).message).toContain('the oldest pending request is none');
  });

  it('a body that cannot be decoded is BAD_REPLY for its owner, a loss for the others', async () => {
    const one = scene();
    const failures: RequestError[] = [];
    for (const path of ['/a', '/b', '/c']) {
      beginGet(one.pipeline, path);
      one.pipeline
        .promise((reader) => reader.buffer())
        .catch((error: RequestError) => failures.push(error));
    }
    one.tick();
    one.lend('d');
    const cut = reply(1, { body: (writer) => writer.int(1000) });
    one.link.deliver(cut, dataReply(2, 'unread'));
    await settled();
    expect(failures.map(shown)).toEqual([
      'BAD_REPLY/unknown',
      'CONNECTION_LOSS/unknown',
      'CONNECTION_LOSS/unknown',
    ]);
    expect(failures[0]!.cause).toBeInstanceOf(WireError);
    expect(failures[0]).toMatchObject({
      operation: 'getData',
      path: '/a',
      xid: 1,
      cause: { code: 'BAD_LENGTH', offset: 20 },
    });
    expect(failures[1]!.cause).toBe(one.ends[0]);
    expect(one.ends[0]!.cause).toBe(failures[0]!.cause);
    expect(one.log).toEqual(['d=CONNECTION_LOSS/not-sent', 'end PROTOCOL_VIOLATION']);
  });
});

describe('the end of the link', () => {
  it('fails everything once: unknown what was handed over, not-sent what was not', async () => {
    const one = threeGets();
    one.lend('d');
    one.link.over();
    one.link.over();
    one.tick();
    one.link.drain();
    await settled();
    expect(one.log).toEqual([
      'd=CONNECTION_LOSS/not-sent',
      'end LINK_CLOSED',
      'a=CONNECTION_LOSS/unknown',
      'b=CONNECTION_LOSS/unknown',
      'c=CONNECTION_LOSS/unknown',
    ]);
    expect(one.link.writes).toHaveLength(1);
    expect(one.pipeline.ended).toBe(true);
    expect(one.pipeline.counters()).toMatchObject({ requests: 4, replies: 0, inflight: 0 });
  });

  it('calls what back pressure held not-sent', () => {
    const one = scene();
    one.link.accepts = false;
    one.lend('a');
    one.tick();
    one.lend('b');
    one.tick();
    one.pipeline.destroy(new LinkError('LINK_DESTROYED', 'server.test:2181'));
    expect(one.log).toEqual([
      'a=CONNECTION_LOSS/unknown',
      'b=CONNECTION_LOSS/not-sent',
      'end LINK_DESTROYED',
    ]);
  });

  it('calls all not-sent when nothing ever left, and keeps both apart near the wrap of sequences', () => {
    const one = scene();
    one.lend('a');
    one.lend('b');
    one.link.over();
    expect(one.log.slice(0, 2)).toEqual([
      'a=CONNECTION_LOSS/not-sent',
      'b=CONNECTION_LOSS/not-sent',
    ]);
  });

  it('may come inside a write', async () => {
    const link = scene().link;
    const one = scene();
    one.link.onWrite = () => one.link.over();
    void one.get('a');
    one.tick();
    await settled();
    expect(one.log).toEqual(['end LINK_CLOSED', 'a=CONNECTION_LOSS/unknown']);
    expect([one.link.pool, link.pool].map((pool) => pool.counters().outstanding)).toEqual([0, 1]);
  });

  it('stops the read in the middle of a chunk', () => {
    const one = scene();
    one.lend('a', () => one.pipeline.destroy(new LinkError('LINK_DESTROYED', 'h:1')));
    one.lend('b');
    one.tick();
    one.link.deliver(dataReply(1, 'x'), notification('/w'), pong(), dataReply(2, 'y'));
    one.link.deliver(notification('/w'));
    expect(one.log).toEqual(['a=x', 'b=CONNECTION_LOSS/unknown', 'end LINK_DESTROYED']);
  });
});
