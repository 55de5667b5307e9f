import { describe, expect, it } from 'vitest';
import { dataReply, notification, reply } from '../pipeline/frames.ts';
import { ScriptedNetwork, TIMEOUT_MS, turn } from './scripted-network.ts';

const { connected } = ScriptedNetwork;

const hosts = (network: ScriptedNetwork): string[] => network.attempts.map(({ host }) => host);

describe('a server that grants sessions and hangs up', () => {
  it.each([
    [999, 100],
    [1000, 0],
  ])('after %i ms, time and again, is tried again after %i ms', async (livedMs, pauseMs) => {
    const { network, first } = await connected('a:1');
    await network.advance(livedMs);
    await first.over();
    await network.attempt.accept();
    await network.advance(livedMs);
    await network.attempt.over();
    expect(network.attempts).toHaveLength(pauseMs === 0 ? 3 : 2);
    await network.advance(pauseMs);
    expect(network.attempts).toHaveLength(3);
  });

  it('and has only taken credentials, set watches and told of changes, is no better', async () => {
    const credentials = [{ scheme: 'digest', auth: 'a:b' }];
    const { network, session } = await connected('a:1', { credentials });
    session.watches.add('persistent', '/w', () => {});
    for (const pauseMs of [0, 100, 200, 400]) {
      await network.attempt.deliver(reply(-4), notification('/w'));
      if (pauseMs > 0) await network.attempt.deliver(reply(-8));
      network.get('unanswered');
      await turn();
      await network.attempt.over();
      const { length } = network.attempts;
      if (pauseMs > 0) {
        await network.advance(pauseMs - 1);
        expect(network.attempts).toHaveLength(length);
        await network.advance(1);
        expect(network.attempts).toHaveLength(length + 1);
      }
      await network.attempt.accept();
    }
  });

  it('but has answered a request is tried again at once', async () => {
    const { network } = await connected('a:1');
    for (let xid = 1; xid < 5; xid++) {
      network.get('a');
      await turn();
      await network.attempt.deliver(dataReply(xid, 'x'));
      await network.attempt.over();
      expect(network.attempts).toHaveLength(xid + 1);
      await network.attempt.accept();
    }
  });
});

describe('a round of servers', () => {
  it('begins anew with a connection: what failed before is not told again', async () => {
    const { network, first } = await connected('a:1,b:1');
    await first.over();
    await network.attempt.refuse();
    await network.attempt.accept();
    network.told();
    await network.advance(1000);
    await network.attempt.over();
    await network.attempt.refuse();
    await network.attempt.refuse();
    const refused = network.events.filter(({ state }) => state === 'refused');
    expect(refused).toMatchObject([{ rounds: 1, failures: [{ host: 'b:1' }, { host: 'a:1' }] }]);
  });

  it('begins anew with a list: what failed of the old one is not told with it', async () => {
    const network = new ScriptedNetwork('a:1,b:1');
    await network.attempt.refuse();
    network.session.updateServers([{ host: 'z', port: 1 }]);
    await turn();
    await network.attempt.refuse();
    const refused = network.events.filter(({ state }) => state === 'refused');
    expect(refused).toMatchObject([{ rounds: 1, failures: [{ host: 'z:1' }] }]);
  });

  it('begins anew with an expiry', async () => {
    const { network, first } = await connected();
    await first.over();
    await network.attempt.refuse();
    await network.attempt.expire();
    for (let server = 0; server < 3; server++) await network.attempt.refuse();
    const refused = network.events.filter(({ state }) => state === 'refused');
    const failures = ['a:1', 'b:1', 'c:1'].map((host) => ({ host }));
    expect(refused).toMatchObject([{ rounds: 1, failures }]);
  });

  it('goes on with a list that has the server which is being tried', async () => {
    const { network, session, first } = await connected();
    await first.over();
    session.updateServers(['b', 'x', 'y'].map((host) => ({ host, port: 1 })));
    await turn();
    expect(hosts(network)).toEqual(['a:1', 'b:1']);
  });

  it('is followed by a shorter pause in a short session', async () => {
    const network = new ScriptedNetwork('a:1');
    await network.attempt.accept({ timeoutMs: 2400 });
    await network.attempt.over();
    for (const pauseMs of [100, 200, 200, 200]) {
      await network.attempt.refuse();
      const { length } = network.attempts;
      await network.advance(pauseMs - 1);
      expect(network.attempts).toHaveLength(length);
      await network.advance(1);
      expect(network.attempts).toHaveLength(length + 1);
    }
  });

  it('gives silent servers twice the time that they had in the one before', async () => {
    const { network, first } = await connected('a:1,b:1,c:1');
    await first.over();
    const limitMs = 1333;
    for (let server = 0; server < 3; server++) await network.advance(limitMs);
    await network.advance(100);
    expect(hosts(network)).toEqual(['a:1', 'b:1', 'c:1', 'a:1', 'b:1']);
    const { signal } = network.attempt;
    await network.advance(2 * limitMs - 1);
    expect(signal.aborted).toBe(false);
    await network.advance(1);
    expect(signal.aborted).toBe(true);
  });

  it('has a server in it that grants a new session no time: nothing has expired', async () => {
    const network = new ScriptedNetwork('a:1,b:1');
    await network.attempt.expire();
    expect(network.told()).toEqual([
      'connecting a:1',
      'connected a:1',
      'disconnected a:1',
      'connecting b:1',
    ]);
    await network.attempt.refuse();
    expect(network.events[0]).toMatchObject({
      state: 'refused',
      failures: [{ code: 'SESSION_EXPIRED', host: 'server.test:2181' }, { code: 'CONNECT_FAILED' }],
    });
  });
});

describe('a session that expires', () => {
  it('is told in order by a server that answers with another one, too', async () => {
    const { network, first } = await connected();
    await first.over();
    network.told();
    await network.attempt.accept({ sessionId: 0x1234n });
    expect(network.told()).toEqual([
      'connected b:1',
      'expired b:1',
      'disconnected b:1',
      'connecting c:1',
    ]);
  });

  it('by another one is not on the server that said so', async () => {
    const { network, session, first } = await connected();
    await first.over();
    await network.attempt.accept({ sessionId: 0x1234n });
    session.updateServers(['c', 'x', 'y'].map((host) => ({ host, port: 1 })));
    await turn();
    // Still at the one that it was trying.
    expect(hosts(network)).toEqual(['a:1', 'b:1', 'c:1']);
  });

  it('and is closed before that is told is closed, and nothing comes after', async () => {
    const { network, session, first } = await connected();
    await first.over();
    await network.attempt.up();
    network.told();
    void network.attempt.grant({ sessionId: 0x1234n });
    const closing = session.close();
    await turn();
    await closing;
    expect(network.told()).toEqual(['disconnected b:1', 'closed']);
  });

  it('takes its zxid along, and leaves its xids to the next one', async () => {
    const { network, first } = await connected();
    network.get('a');
    await turn();
    await first.deliver(dataReply(1, 'x', 0x50n));
    await first.over();
    await network.attempt.up();
    expect(network.attempt.wish.lastZxidSeen).toBe(0x50n);
    await network.attempt.grant({ sessionId: 0n, timeoutMs: 0 });
    await network.attempt.up();
    expect(network.attempt.wish.lastZxidSeen).toBe(0n);
    await network.attempt.grant({ sessionId: 0x88n });
    network.get('b');
    await turn();
    expect(network.attempt.sentXids).toEqual(['2 4']);
  });

  it('when it was lost already has what waits for a new one wait as long as any', async () => {
    const { network, first } = await connected('a:1');
    await first.over();
    await network.advance(TIMEOUT_MS);
    while (network.attempt.signal.aborted) await network.advance(100);
    await network.attempt.expire();
    network.get('waits');
    await network.advance(TIMEOUT_MS - 1);
    expect(network.log).toEqual([]);
    await network.advance(1);
    expect(network.log).toEqual(['waits=SESSION_LOST/not-sent']);
  });
});

it('a session lives as long as was granted, not as was asked for', async () => {
  const network = new ScriptedNetwork('a:1');
  await network.attempt.accept({ timeoutMs: TIMEOUT_MS / 2 });
  expect(network.session.sessionTimeoutMs).toBe(TIMEOUT_MS / 2);
  await network.attempt.over();
  await network.advance(TIMEOUT_MS / 2 - 1);
  expect(network.told()).not.toContain('lost');
  await network.advance(1);
  expect(network.told()).toContain('lost');
});

it('a session that was heard too long ago is lost at once, when its connection is', async () => {
  const { network, first } = await connected('a:1');
  network.clock.block(2 * TIMEOUT_MS);
  await first.over();
  network.told();
  await network.advance(0);
  expect(network.events).toMatchObject([{ state: 'lost', silentMs: 2 * TIMEOUT_MS }]);
});

it('a session that is closed before its loss is judged is not lost', async () => {
  const { network, session, first } = await connected('a:1');
  await first.over();
  network.clock.block(TIMEOUT_MS);
  network.told();
  await session.close();
  network.clock.poll();
  expect(network.told()).toEqual(['closed']);
});

it('a wait that is not for one request ends at its deadline, with or without a connection', async () => {
  const { network, session, first } = await connected('a:1');
  const over: string[] = [];
  const wait = (): unknown =>
    session.wait(session.waitLimits(120, undefined) ?? {}, (code) => void over.push(code));
  wait();
  await network.advance(119);
  expect(over).toEqual([]);
  await network.advance(1);
  expect(over).toEqual(['REQUEST_TIMEOUT']);
  await first.over();
  wait();
  await network.advance(120);
  expect(over).toEqual(['REQUEST_TIMEOUT', 'REQUEST_TIMEOUT']);
});

describe('the timers of a session', () => {
  it('are two without a connection, and one with it', async () => {
    const { network, first } = await connected('a:1');
    const { clock } = network;
    expect(clock.timers).toBe(1);
    await first.over();
    // The limit of the attempt, and the end of the session.
    expect(clock.timers).toBe(2);
    await network.attempt.expire();
    expect(clock.timers).toBe(2);
    await network.attempt.accept({ sessionId: 0x88n });
    expect(clock.timers).toBe(1);
  });

  it('do not outlive it, those for time-outs neither', async () => {
    const { network, session, first } = await connected('a:1');
    await first.over();
    network.get('a', session.waitLimits(60_000, undefined));
    session.wait({ deadlineMs: 70_000 }, () => {});
    const added = expect(session.addAuth({ scheme: 'digest', auth: 'a:b' })).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
    });
    await session.close();
    await turn();
    expect(network.log).toEqual(['a=CONNECTION_CLOSED/not-sent']);
    expect(network.clock.timers).toBe(0);
    await added;
  });
});
