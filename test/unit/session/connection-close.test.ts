import { describe, expect, it } from 'vitest';
import { beginGet, dataReply, pong, reply } from '../pipeline/frames.ts';
import { settled, shown, thrownBy } from '../pipeline/pipelines.ts';
import { open } from './opened-connection.ts';

describe('close', () => {
  it('sends closeSession last, waits for everything before it, and ends from this side', async () => {
    const { connection, link, clock, sent } = await open();
    const log: string[] = [];
    beginGet(connection.pipeline);
    connection.pipeline.callback(
      () => null,
      (error) => void log.push(`get ${error}`),
    );
    const closing = connection.close().then(() => log.push('closed'));
    expect(shown(thrownBy(() => beginGet(connection.pipeline)))).toBe('CONNECTION_CLOSED/not-sent');
    await settled();
    expect(sent()).toEqual(['1 4', '2 -11']);
    link.deliver(dataReply(1, 'x'));
    await settled();
    expect(log).toEqual(['get null']);
    link.deliver(reply(2));
    await closing;
    expect(log).toEqual(['get null', 'closed']);
    expect((await connection.ended).code).toBe('LINK_DESTROYED');
    expect([clock.timers, link.pool.counters().outstanding]).toEqual([0, 0]);
  });

  it('is one close however often it is asked for, and nothing after the end', async () => {
    const { connection, link, sent } = await open();
    const closing = connection.close();
    expect(connection.close()).toBe(closing);
    await settled();
    link.deliver(reply(1));
    await closing;
    await connection.close();
    expect(sent()).toEqual(['1 -11']);
    const other = await open();
    other.link.over();
    await other.connection.close();
    expect([other.sent(), other.clock.timers]).toEqual([[], 0]);
  });

  it('gives up on a silent server after two seconds', async () => {
    const { connection, link, clock } = await open();
    const log: string[] = [];
    beginGet(connection.pipeline);
    connection.pipeline.callback(
      () => null,
      (error) => void log.push(shown(error)),
    );
    const closing = connection.close();
    await settled();
    clock.advance(1999);
    expect([log, connection.pipeline.ended]).toEqual([[], false]);
    clock.advance(1);
    await closing;
    expect(log).toEqual(['CONNECTION_LOSS/unknown']);
    expect(link.destroyed).toMatchObject({ code: 'LINK_DESTROYED' });
    expect(clock.timers).toBe(0);
  });

  it('waits longer as long as answers come', async () => {
    const { connection, link, clock } = await open();
    const log: string[] = [];
    for (let count = 0; count < 5; count++) {
      beginGet(connection.pipeline);
      connection.pipeline.callback(
        () => null,
        (error) => void log.push(`${error}`),
      );
    }
    const closing = connection.close();
    await settled();
    for (let xid = 1; xid <= 5; xid++) {
      clock.advance(1500);
      link.deliver(pong(), dataReply(xid, 'x'));
    }
    link.deliver(reply(6));
    await closing;
    expect(log).toEqual(['null', 'null', 'null', 'null', 'null']);
    expect(clock.timers).toBe(0);
  });

  it('gives up when answers have come and come no more', async () => {
    const { connection, link, clock } = await open();
    for (let count = 0; count < 2; count++) {
      beginGet(connection.pipeline);
      connection.pipeline.callback(
        () => null,
        () => {},
      );
    }
    const closing = connection.close();
    await settled();
    clock.advance(1500);
    link.deliver(dataReply(1, 'x'));
    clock.advance(2499);
    expect(connection.pipeline.ended).toBe(false);
    clock.advance(1);
    await closing;
    expect([connection.pipeline.ended, clock.timers]).toEqual([true, 0]);
  });

  it('closes the session of a full pipeline too', async () => {
    const { connection, link, sent } = await open({ requestsMax: 2 });
    for (let count = 0; count < 2; count++) {
      beginGet(connection.pipeline);
      connection.pipeline.callback(
        () => null,
        () => {},
      );
    }
    const closing = connection.close();
    await settled();
    expect(sent()).toEqual(['1 4', '2 4', '3 -11']);
    link.deliver(dataReply(1, 'x'), dataReply(2, 'y'), reply(3));
    await closing;
  });

  it('drops the connection when somebody else has closed the session already', async () => {
    const { connection, link } = await open();
    connection.pipeline.closeSession(() => {});
    await connection.close();
    expect(link.destroyed).toMatchObject({ code: 'LINK_DESTROYED' });
  });

  it('resolves when the connection is lost meanwhile', async () => {
    const { connection, link, clock } = await open();
    const closing = connection.close();
    link.over();
    await closing;
    expect(clock.timers).toBe(0);
  });

  it('works inside a callback of the connection', async () => {
    const { connection, link, sent } = await open();
    let closing: Promise<void> | null = null;
    beginGet(connection.pipeline);
    connection.pipeline.callback(
      () => null,
      () => {
        closing = connection.close();
      },
    );
    await settled();
    link.deliver(dataReply(1, 'x'));
    await settled();
    expect(sent()).toEqual(['1 4', '2 -11']);
    link.deliver(reply(2));
    await closing;
    expect(connection.pipeline.ended).toBe(true);
  });
});
