import { describe, expect, it } from 'vitest';
import type { Timer } from '../../../src/session/clock.ts';
import { dataReply, reply } from '../pipeline/frames.ts';
import { ManualClock } from './manual-clock.ts';
import { PASSWORD, ScriptedNetwork, TIMEOUT_MS, turn } from './scripted-network.ts';

const { connected } = ScriptedNetwork;

describe('a session that loses its connection', () => {
  it('tells its states in order, and is resumed at once on the next server', async () => {
    const network = new ScriptedNetwork();
    await network.attempt.up();
    expect(network.told()).toEqual(['connecting a:1', 'connected a:1']);
    expect(network.attempt.wish).toMatchObject({
      lastZxidSeen: 0n,
      timeOut: TIMEOUT_MS,
      sessionId: 0n,
      passwd: Buffer.alloc(16),
      readOnly: false,
    });
    await network.attempt.grant({ sessionId: 0x99n, timeoutMs: 6000 });
    expect(network.events).toEqual([
      {
        state: 'session',
        host: 'server.test:2181',
        sessionId: 0x99n,
        sessionTimeoutMs: 6000,
        resumed: false,
        readOnly: false,
      },
    ]);
    network.told();
    network.get('seen');
    await turn();
    await network.attempt.deliver(dataReply(1, 'x', 0x1_0000_0005n));
    await network.attempt.over();
    expect(network.told()).toEqual(['disconnected server.test:2181', 'connecting b:1']);
    const second = network.attempt;
    await second.up();
    expect(second.wish).toMatchObject({
      lastZxidSeen: 0x1_0000_0005n,
      sessionId: 0x99n,
      passwd: PASSWORD,
    });
    await second.grant({ sessionId: 0x99n, timeoutMs: 6000 });
    expect(network.events.at(-1)).toMatchObject({ state: 'session', resumed: true });
    expect(network.session.sessionId).toBe(0x99n);
    expect(network.log).toEqual(['seen=x']);
  });

  it('fails what may have left, sends the rest on the next connection, and counts xids on', async () => {
    const { network, session, first } = await connected();
    network.get('sent');
    await turn();
    network.get('unsent1');
    network.get('unsent2');
    first.link.over();
    network.get('parked');
    await turn();
    expect(network.log).toEqual(['sent=CONNECTION_LOSS/unknown']);
    await network.attempt.accept();
    expect(network.attempt.sentXids).toEqual(['4 4', '5 4', '6 4']);
    await network.attempt.deliver(dataReply(4, '1'), dataReply(5, '2'), dataReply(6, '3'));
    expect(network.log.slice(1)).toEqual(['unsent1=1', 'unsent2=2', 'parked=3']);
    expect(session.pipeline.counters()).toMatchObject({ inflight: 0, inflightBytes: 0 });
  });

  it('leaves out what nobody waits for any more, and says that it was not sent', async () => {
    const { network, session, first } = await connected();
    await first.over();
    const stop = new AbortController();
    network.get('aborted', session.waitLimits(undefined, stop.signal));
    network.get('late', session.waitLimits(100, undefined));
    network.get('kept', session.waitLimits(60_000, new AbortController().signal));
    stop.abort();
    await network.advance(200);
    expect(network.log).toEqual(['aborted=ABORTED/not-sent', 'late=REQUEST_TIMEOUT/not-sent']);
    await network.attempt.accept();
    expect(network.attempt.sent.map(({ body }) => body.toString('latin1', 4, 9))).toEqual([
      '/kept',
    ]);
    await network.attempt.over();
    expect(network.log.at(-1)).toBe('kept=CONNECTION_LOSS/unknown');
  });

  it('times a request out that was parked and then sent', async () => {
    const { network, session, first } = await connected();
    await first.over();
    network.get('slow', session.waitLimits(300, undefined));
    await network.attempt.accept();
    await network.advance(350);
    expect(network.log).toEqual(['slow=REQUEST_TIMEOUT/unknown']);
    const xid = network.attempt.sent[0]!.xid;
    await network.attempt.deliver(dataReply(xid, 'late'));
    expect(session.pipeline.counters().lateReplies).toBe(1);
  });

  it('is bounded while it waits', async () => {
    const { network, first } = await connected('a:1', { inflightMax: 2 });
    await first.over();
    for (const name of ['one', 'two', 'three']) network.get(name);
    await turn();
    expect(network.log).toEqual(['three=PIPELINE_FULL/not-sent']);
    let room = false;
    void network.session.pipeline.room().then(() => {
      room = true;
    });
    await network.attempt.accept();
    expect([room, network.attempt.sent.length]).toEqual([true, 2]);
  });

  it('fails calls at once without a connection when it is told so', async () => {
    const { network, first } = await connected('a:1,b:1', { whileDisconnected: 'fail' });
    network.get('unsent');
    first.link.over();
    network.get('later');
    await turn();
    expect(network.log).toEqual([
      'later=NOT_CONNECTED/not-sent',
      'unsent=CONNECTION_LOSS/not-sent',
    ]);
    await network.attempt.accept();
    network.get('again');
    await turn();
    expect(network.attempt.sentXids).toEqual(['2 4']);
  });

  it('ignores what an old connection still says', async () => {
    const { network, first } = await connected();
    await first.over();
    await network.attempt.accept();
    network.get('a');
    await turn();
    first.link.deliver(dataReply(1, 'stale'));
    await turn();
    expect(network.log).toEqual([]);
    await network.attempt.deliver(dataReply(1, 'fresh'));
    expect(network.log).toEqual(['a=fresh']);
  });

  it('drops a connection whose replies are out of order, and goes on with the next', async () => {
    const { network, first } = await connected();
    network.get('a');
    await turn();
    await first.deliver(reply(7));
    expect(network.log).toEqual(['a=CONNECTION_LOSS/unknown']);
    expect(network.events[0]).toMatchObject({
      state: 'disconnected',
      reason: { code: 'PROTOCOL_VIOLATION' },
    });
    await network.attempt.accept();
    network.get('b');
    await turn();
    await network.attempt.deliver(dataReply(2, 'y'));
    expect(network.log.at(-1)).toBe('b=y');
  });
});

describe('a session without a server', () => {
  it('tries all in turn, tells of each round, and pauses only behind one', async () => {
    const { network, first } = await connected();
    await first.over();
    network.told();
    await network.attempt.refuse();
    await network.attempt.up();
    await network.attempt.over();
    expect(network.told()).toEqual([
      'connecting c:1',
      'connected c:1',
      'disconnected c:1',
      'connecting a:1',
    ]);
    await network.attempt.refuse();
    expect(network.events).toMatchObject([
      {
        state: 'refused',
        rounds: 1,
        failures: [
          { code: 'CONNECT_FAILED', host: 'b:1' },
          { code: 'HANDSHAKE_CLOSED' },
          { code: 'CONNECT_FAILED', host: 'a:1' },
        ],
      },
    ]);
    expect(network.attempts).toHaveLength(4);
    await network.advance(100);
    expect(network.attempts).toHaveLength(5);
  });

  it('bounds dial and handshake together', async () => {
    const { network, first } = await connected();
    await first.over();
    const silent = network.attempt;
    await network.advance(1000);
    await silent.up();
    await network.advance(400);
    expect(silent.link.destroyed).not.toBeNull();
    expect(silent.signal.aborted).toBe(true);
    expect(network.told().slice(-3)).toEqual([
      'connected b:1',
      'disconnected b:1',
      'connecting c:1',
    ]);
  });

  it('tells when the session may be gone, fails what waits, and may still come back', async () => {
    const { network, first } = await connected('a:1');
    await network.advance(500);
    network.get('waits');
    await first.over();
    network.told();
    await network.advance(TIMEOUT_MS - 501);
    expect(network.told()).not.toContain('lost');
    await network.advance(1);
    expect(network.events.find(({ state }) => state === 'lost')).toEqual({
      state: 'lost',
      sessionId: 0x77n,
      silentMs: TIMEOUT_MS,
    });
    network.get('refused');
    await turn();
    expect(network.log).toEqual(['waits=SESSION_LOST/not-sent', 'refused=SESSION_LOST/not-sent']);
    await network.advance(1000);
    await network.attempt.accept();
    network.get('again');
    await turn();
    await network.attempt.deliver(dataReply(network.attempt.sent[0]!.xid, 'back'));
    expect(network.log.at(-1)).toBe('again=back');
    expect(network.events.at(-1)).toMatchObject({ state: 'session', resumed: true });
  });
});

describe('a session that may be gone', () => {
  /** Timers of Node may come a part of a millisecond early. */
  class HastyClock extends ManualClock {
    override setTimer(run: () => void, delayMs: number): Timer {
      return super.setTimer(run, Math.max(0, delayMs - 0.5));
    }
  }

  it('is not told so early', async () => {
    const clock = new HastyClock();
    const { network, first } = await connected('a:1', { clock });
    await first.over();
    network.told();
    clock.advance(TIMEOUT_MS - 1);
    await turn();
    clock.advance(1);
    const lost = network.events.filter((event) => event.state === 'lost');
    expect(lost).toMatchObject([{ silentMs: TIMEOUT_MS }]);
  });

  it('is told of no more once a server has said that it expired, the event loop having been blocked', async () => {
    const { network, first } = await connected('a:1');
    const { clock } = network;
    await first.over();
    for (let second = 1; second < TIMEOUT_MS / 1000; second++) await network.advance(1000);
    await network.attempt.up();
    network.told();
    // The timer runs first, then the server's answer is read, then the loss is judged.
    clock.block(1000);
    await network.attempt.grant({ sessionId: 0n, timeoutMs: 0 });
    network.get('for the next');
    clock.poll();
    await turn();
    expect(network.told().slice(0, 2)).toEqual(['expired a:1', 'disconnected a:1']);
    expect(network.events.some((event) => event.state === 'lost')).toBe(false);
    expect(network.log).toEqual([]);
  });

  it.each(['wait', 'fail'] as const)(
    'tells later requests why they fail now: %s',
    async (whileDisconnected) => {
      const { network, session, first } = await connected('a:1', {
        whileDisconnected,
        afterExpiry: 'end',
      });
      await first.over();
      network.get('away');
      await network.advance(TIMEOUT_MS);
      network.get('lost');
      while (network.attempt.signal.aborted) await network.advance(100);
      await network.attempt.expire();
      network.get('expired');
      await turn();
      const away = whileDisconnected === 'wait' ? 'SESSION_LOST' : 'NOT_CONNECTED';
      expect(network.log).toEqual([
        `away=${away}/not-sent`,
        'lost=SESSION_LOST/not-sent',
        'expired=SESSION_EXPIRED/not-sent',
      ]);
      await session.close();
    },
  );

  it.each(['close', 'detach'] as const)('tells so after %s()', async (end) => {
    const { network, session, first } = await connected('a:1');
    await first.over();
    await network.advance(TIMEOUT_MS);
    await session[end]();
    network.get('ended');
    await turn();
    expect(network.log).toEqual(['ended=CONNECTION_CLOSED/not-sent']);
  });
});

describe('an expired session', () => {
  it('is told in order, fails what waits, and a new one follows', async () => {
    const { network, session, first } = await connected();
    await first.over();
    network.get('waits');
    network.told();
    await network.attempt.expire();
    expect(network.told()).toEqual([
      'connected b:1',
      'expired b:1',
      'disconnected b:1',
      'connecting c:1',
    ]);
    expect(network.log).toEqual(['waits=SESSION_EXPIRED/not-sent']);
    network.get('new');
    await network.attempt.up();
    expect(network.attempt.wish).toMatchObject({ sessionId: 0n, lastZxidSeen: 0n });
    await network.attempt.grant({ sessionId: 0x88n });
    expect(network.events.at(-1)).toMatchObject({ sessionId: 0x88n, resumed: false });
    expect(session.sessionId).toBe(0x88n);
    await network.attempt.deliver(dataReply(network.attempt.sent[0]!.xid, 'x'));
    expect(network.log.at(-1)).toBe('new=x');
  });

  it('was refused by a server that is there: the new one is asked for at once, in a new round', async () => {
    const { network, first } = await connected('a:1');
    await first.over();
    await network.attempt.refuse();
    expect(network.told().at(-1)).toBe('refused');
    await network.advance(1_000);
    await network.attempt.expire();
    expect(network.told()).toEqual([
      'connecting a:1',
      'connected a:1',
      'expired a:1',
      'disconnected a:1',
      'connecting a:1',
    ]);
    await network.attempt.refuse();
    expect(network.events).toMatchObject([{ state: 'refused', rounds: 1, failures: [{}] }]);
  });

  it.each(['wait', 'fail'] as const)(
    'fails what waits for the new one when no server gives it for a session time-out: %s',
    async (whileDisconnected) => {
      const { network, session, first } = await connected('a:1', { whileDisconnected });
      await first.over();
      await network.advance(100);
      await network.attempt.expire();
      network.get('waits');
      const limitMs = session.sessionTimeoutMs;
      await network.advance(limitMs - 1);
      const before = whileDisconnected === 'wait' ? [] : ['waits=NOT_CONNECTED/not-sent'];
      expect(network.log.splice(0)).toEqual(before);
      await network.advance(1);
      network.get('refused');
      await turn();
      const lost = ['refused=SESSION_LOST/not-sent'];
      if (whileDisconnected === 'wait') lost.unshift('waits=SESSION_LOST/not-sent');
      expect(network.log.splice(0)).toEqual(lost);
      expect(network.events.some(({ state }) => state === 'lost')).toBe(false);
      while (network.attempt.signal.aborted) await network.advance(100);
      await network.attempt.accept({ sessionId: 0x88n });
      network.get('new');
      await turn();
      await network.attempt.deliver(dataReply(network.attempt.sent[0]!.xid, 'x'));
      expect(network.log).toEqual(['new=x']);
    },
  );

  it('ends the client when it is told so', async () => {
    const { network, first } = await connected('a:1,b:1', { afterExpiry: 'end' });
    await first.over();
    network.told();
    await network.attempt.expire();
    expect(network.told()).toEqual(['connected b:1', 'expired b:1', 'disconnected b:1', 'closed']);
    network.get('later');
    await turn();
    expect(network.log).toEqual(['later=SESSION_EXPIRED/not-sent']);
    expect([network.attempts.length, network.clock.timers]).toEqual([2, 0]);
    await network.session.close();
  });

  it('is gone as well when a server answers with another one', async () => {
    const { network, first } = await connected();
    await first.over();
    await network.attempt.accept({ sessionId: 0x1234n });
    expect(network.told()).toContain('expired b:1');
    expect(network.session.sessionId).toBe(0n);
  });
});
