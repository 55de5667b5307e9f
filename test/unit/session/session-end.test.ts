import { describe, expect, it } from 'vitest';
import type { Session } from '../../../src/session/session.ts';
import type { WatchEvent } from '../../../src/session/watch-event.ts';
import { dataReply, reply } from '../pipeline/frames.ts';
import { ScriptedNetwork, TIMEOUT_MS, turn } from './scripted-network.ts';

const { connected } = ScriptedNetwork;

describe('close', () => {
  it('answers what was asked, says closeSession, and is told last', async () => {
    const { network, session, first } = await connected();
    const events: WatchEvent[] = [];
    session.watches.add('data', '/w', (event) => void events.push(event));
    network.get('a');
    const closing = session.close();
    expect(session.close()).toBe(closing);
    network.get('later');
    await turn();
    expect(first.sentXids).toEqual(['1 4', '2 -11']);
    await first.deliver(dataReply(1, 'x'), reply(2));
    await closing;
    expect(network.log).toEqual(['later=CONNECTION_CLOSED/not-sent', 'a=x']);
    expect(network.told()).toEqual(['disconnected server.test:2181', 'closed']);
    expect(events).toEqual([{ type: 'Ended', path: '/w', reason: 'closed', error: null }]);
    expect([network.attempts.length, network.clock.timers, session.host]).toEqual([1, 0, null]);
    await expect(session.addAuth({ scheme: 'digest', auth: 'a:b' })).rejects.toThrowError(/closed/);
    await expect(session.detach()).rejects.toThrowError(/closed/);
    session.updateServers([{ host: 'z', port: 1 }]);
    expect(network.attempts).toHaveLength(1);
  });

  it('before the start leaves nothing that could be started', async () => {
    const resume = await (await connected()).session.detach();
    const network = new ScriptedNetwork('a:1', { resume }, false);
    await network.session.close();
    network.session.start();
    await turn();
    expect([network.told(), network.attempts.length, network.clock.timers]).toEqual([
      ['closed'],
      0,
      0,
    ]);
  });

  it('does not come back when the connection is lost meanwhile', async () => {
    const { network, session, first } = await connected();
    network.get('a');
    const closing = session.close();
    await turn();
    await first.over();
    await closing;
    network.get('later');
    await turn();
    expect(network.log).toEqual(['a=CONNECTION_LOSS/unknown', 'later=CONNECTION_CLOSED/not-sent']);
    expect([network.attempts.length, network.clock.timers]).toEqual([1, 0]);
  });

  it.each([
    ['dials', async () => {}, ['closed']],
    [
      'shakes hands',
      async (network: ScriptedNetwork) => network.attempt.up(),
      ['disconnected b:1', 'closed'],
    ],
    [
      'pauses',
      async (network: ScriptedNetwork) => {
        await network.attempt.refuse();
        await network.attempt.refuse();
      },
      ['closed'],
    ],
  ] as const)('while it %s resolves at once, and nothing comes after', async (_phase, go, told) => {
    const { network, session, first } = await connected('a:1,b:1');
    await first.over();
    network.get('waits');
    await go(network);
    const { attempts } = network;
    const count = attempts.length;
    network.told();
    await session.close();
    expect(network.told()).toEqual(told);
    expect(network.log).toEqual(['waits=CONNECTION_CLOSED/not-sent']);
    await turn();
    expect([network.clock.timers, network.attempt.signal.aborted]).toEqual([0, count === 2]);
    await network.attempt.up();
    await network.advance(60_000);
    expect([attempts.length, network.told()]).toEqual([count, []]);
  });

  it('between two steps of an attempt ends it, at any moment', async () => {
    for (let moment = 0; moment < 12; moment++) {
      const network = new ScriptedNetwork('a:1');
      const { attempt } = network;
      void attempt.up();
      for (let task = 0; task < moment; task++) await Promise.resolve();
      await network.session.close();
      expect(network.told().at(-1)).toBe('closed');
      await turn();
      // A link that still has something to say once it was dropped is not heard.
      if (attempt.link.writes.length > 0) await attempt.grant();
      expect([attempt.link.destroyed?.code, network.told()]).toEqual(['LINK_DESTROYED', []]);
      expect([network.session.sessionId, network.clock.timers]).toEqual([0n, 0]);
    }
  });

  it('is told last, after the end of every watch', async () => {
    const { network, session, first } = await connected();
    const last: unknown[] = [];
    session.watches.add('data', '/w', () => void last.push(network.told().at(-1)));
    await first.over();
    await session.close();
    expect([last, network.told()]).toEqual([['connecting b:1'], ['closed']]);
  });

  it('is the end, though a credential is refused meanwhile', async () => {
    const { network, session, first } = await connected();
    const added = expect(session.addAuth({ scheme: 'digest', auth: 'a:b' })).rejects.toMatchObject({
      code: 'AUTH_REFUSED',
    });
    const closing = session.close();
    await first.deliver(reply(-4, { err: -115 }));
    await first.over();
    await Promise.all([closing, added]);
    expect(network.events.map(({ state }) => state)).toEqual(['disconnected', 'closed']);
    expect(network.events.at(-1)).toMatchObject({ reason: null });
  });

  it('in a callback that hears of the loss is the end', async () => {
    const network: ScriptedNetwork = new ScriptedNetwork('a:1,b:1', {
      onState: ({ state }) => {
        if (state === 'disconnected') void network.session.close();
      },
    });
    await network.attempt.accept();
    network.get('a');
    await network.attempt.over();
    expect(network.log).toEqual(['a=CONNECTION_CLOSED/not-sent']);
    expect([network.attempts.length, network.clock.timers]).toEqual([1, 0]);
  });
});

describe.each(['close', 'detach'] as const)('time-outs while %s waits for answers', (end) => {
  it('are kept, and no timer is left behind', async () => {
    const { network, session, first } = await connected();
    network.get('a', session.waitLimits(300, undefined));
    network.get('b');
    const ending = session[end]();
    await network.advance(400);
    expect(network.log).toEqual(['a=REQUEST_TIMEOUT/unknown']);
    await first.deliver(dataReply(1, 'late'), dataReply(2, 'x'));
    if (end === 'close') await first.deliver(reply(3));
    await ending;
    expect(network.log).toEqual(['a=REQUEST_TIMEOUT/unknown', 'b=x']);
    expect(network.clock.timers).toBe(0);
  });
});

describe.each<[how: string, leave: (session: Session) => void, after: string[]]>([
  ['moves', (session) => session.updateServers([{ host: 'z', port: 1 }]), []],
  ['detaches', (session) => void session.detach(), ['Ended']],
])('a listener that %s as it hears of its session', (_what, leave, after) => {
  it('leaves lasting watches the mark of the gap, before anything else', async () => {
    let left = 2;
    const network: ScriptedNetwork = new ScriptedNetwork('a:1,b:1', {
      onState: ({ state }) => {
        if (state === 'session' && --left === 0) leave(network.session);
      },
    });
    await network.attempt.accept();
    const types: string[] = [];
    network.session.watches.add('persistent', '/w', ({ type }) => void types.push(type));
    await network.attempt.over();
    await network.attempt.accept();
    await turn();
    expect(types).toEqual(['Resync', ...after]);
  });
});

describe('detach', () => {
  it('is what a close meanwhile waits for', async () => {
    const { network, session, first } = await connected();
    network.get('a');
    const detaching = session.detach();
    const closing = session.close().then(() => network.log.push('closed'));
    await turn();
    expect(network.log).toEqual([]);
    await first.deliver(dataReply(1, 'x'));
    await Promise.all([detaching, closing]);
    expect(network.log).toEqual(['a=x', 'closed']);
    expect(network.told()).toEqual(['disconnected server.test:2181', 'detached', 'closed']);
    expect(first.sentXids).toEqual(['1 4']);
  });

  it('answers what was asked and keeps the session for who resumes it', async () => {
    const { network, session, first } = await connected();
    network.get('a');
    const detaching = session.detach();
    network.get('later');
    await turn();
    expect(first.sentXids).toEqual(['1 4']);
    await first.deliver(dataReply(1, 'x', 0x500n));
    const ticket = await detaching;
    expect(ticket).toMatchObject({
      sessionId: 0x77n,
      lastZxidSeen: 0x500n,
      lastXid: 1,
      sessionTimeoutMs: TIMEOUT_MS,
    });
    expect(network.log).toEqual(['later=CONNECTION_CLOSED/not-sent', 'a=x']);
    expect(network.told()).toEqual(['disconnected server.test:2181', 'detached', 'closed']);
    expect(network.clock.timers).toBe(0);
    await session.close();

    const other = new ScriptedNetwork('a:1', { resume: ticket });
    await other.attempt.up();
    expect(other.attempt.wish).toMatchObject({ sessionId: 0x77n, lastZxidSeen: 0x500n });
    await other.attempt.grant();
    expect(other.events.at(-1)).toMatchObject({ state: 'session', resumed: true });
    other.get('b');
    await turn();
    expect(other.attempt.sentXids).toEqual(['2 4']);
  });

  it('hands over a session that runs out where nobody answers: who resumed it is told', async () => {
    const { network, session } = await connected();
    const ticket = await session.detach();
    network.told();
    const other = new ScriptedNetwork('a:1', { resume: ticket });
    await other.advance(TIMEOUT_MS - 1);
    expect(other.events.some(({ state }) => state === 'lost')).toBe(false);
    await other.advance(1);
    expect(other.events.find(({ state }) => state === 'lost')).toMatchObject({
      sessionId: 0x77n,
      silentMs: TIMEOUT_MS,
    });
  });

  it('waits two seconds for an answer, not longer', async () => {
    const { network, session } = await connected();
    network.get('a');
    const detaching = session.detach();
    await turn();
    await network.advance(2000);
    expect((await detaching).sessionId).toBe(0x77n);
    expect(network.log).toEqual(['a=CONNECTION_LOSS/unknown']);
  });

  it('settles what had not left when the link ends inside its last write', async () => {
    const { network, session, first } = await connected();
    // Two that do not fit into one write.
    network.get('a'.repeat(40_000));
    network.get('b'.repeat(40_000));
    first.link.onWrite = () => first.link.over();
    await session.detach();
    const told = network.log.map((line) => line.replace(/(.)\1+/, '$1'));
    expect(told).toEqual(['a=CONNECTION_LOSS/unknown', 'b=CONNECTION_LOSS/not-sent']);
    expect(network.clock.timers).toBe(0);
  });

  it('works without a connection, and not without a session', async () => {
    const { network, session, first } = await connected();
    await first.over();
    expect((await session.detach()).sessionId).toBe(0x77n);
    expect(network.attempt.signal.aborted).toBe(true);
    const fresh = new ScriptedNetwork();
    await expect(fresh.session.detach()).rejects.toThrowError(/no session yet/);
  });
});

describe('a session that moves', () => {
  it('to a new list of servers: what was sent is answered, what comes meanwhile waits', async () => {
    const { network, session, first } = await connected('a:1');
    network.get('before');
    await turn();
    session.updateServers([{ host: 'z', port: 1 }]);
    network.get('after');
    await turn();
    expect(first.sentXids).toEqual(['1 4']);
    await first.deliver(dataReply(1, 'x'));
    expect(network.told()).toEqual(['disconnected server.test:2181', 'connecting z:1']);
    await network.attempt.accept();
    expect(network.attempt.wish).toMatchObject({ sessionId: 0x77n });
    await network.attempt.deliver(dataReply(network.attempt.sent[0]!.xid, 'y'));
    expect(network.log).toEqual(['before=x', 'after=y']);
  });

  it('does not wait for a server that is silent', async () => {
    const { network, session } = await connected('a:1');
    network.get('before');
    await turn();
    session.updateServers([{ host: 'z', port: 1 }]);
    await network.advance(2000);
    expect(network.log).toEqual(['before=CONNECTION_LOSS/unknown']);
    expect(network.told()).toContain('connecting z:1');
  });

  it('leaves an attempt at a server that is not in the new list', async () => {
    const { network, session, first } = await connected('a:1,b:1');
    await first.over();
    const old = network.attempt;
    await old.up();
    network.told();
    session.updateServers([{ host: 'z', port: 1 }]);
    expect(network.told()).toEqual(['disconnected b:1', 'connecting z:1']);
    await turn();
    expect([old.signal.aborted, old.link.destroyed?.code]).toEqual([true, 'LINK_DESTROYED']);
    await network.attempt.accept();
    expect(network.told()).toEqual(['connected z:1', 'session server.test:2181']);
  });

  it('stays when its server is still there', async () => {
    const { network, session } = await connected('a:1,b:1');
    session.updateServers([{ host: 'a', port: 1 }]);
    await turn();
    expect(network.attempts).toHaveLength(1);
  });

  it('from a read-only server to a writable one, with a session that the others know', async () => {
    const network = new ScriptedNetwork('a:1,b:1', { readOnly: true });
    await network.attempt.up();
    expect(network.attempt.wish.readOnly).toBe(true);
    await network.attempt.grant({ sessionId: 0x1n, readOnly: true });
    expect(network.events.at(-1)).toMatchObject({ readOnly: true, resumed: false });
    network.session.watches.add('data', '/w', () => {});
    await network.advance(100);
    const probe = network.attempt;
    expect(probe.host).toBe('b:1');
    await probe.up();
    expect(probe.link.writes.map(String)).toEqual(['isro']);
    await probe.deliver(Buffer.from('rw'));
    await probe.over();
    network.get('moved');
    await turn();
    expect(network.attempt.host).toBe('b:1');
    await network.attempt.up();
    expect(network.attempt.wish.sessionId).toBe(0n);
    await network.attempt.grant({ sessionId: 0x2n });
    expect(network.events.at(-1)).toMatchObject({ readOnly: false, resumed: false });
    expect(network.attempt.sentXids).toEqual(['-8 101', '1 4']);
    await network.advance(0);
    expect(network.session.sessionId).toBe(0x2n);
  });
});
