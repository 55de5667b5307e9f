import { describe, expect, it } from 'vitest';
import { JuteReader } from '../../../src/codec/jute-reader.ts';
import type { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { readSetWatches2, writeSetSASLResponse } from '../../../src/codec/records.gen.ts';
import { AuthError } from '../../../src/errors.ts';
import type { SaslMechanism } from '../../../src/session/sasl.ts';
import type { WatchEvent } from '../../../src/session/watch-event.ts';
import { dataReply, notification, reply } from '../pipeline/frames.ts';
import { ScriptedNetwork, TIMEOUT_MS, turn } from './scripted-network.ts';

const { connected } = ScriptedNetwork;

const AUTH = '-4 100';
const SET_WATCHES = '-8 101';
const SET_WATCHES2 = '-8 105';

function watched(): { events: WatchEvent[]; listener: (event: WatchEvent) => void } {
  const events: WatchEvent[] = [];
  return { events, listener: (event) => void events.push(event) };
}

describe('a new connection', () => {
  it('sends credentials in order, then watches, then what was parked', async () => {
    const credentials = [
      { scheme: 'digest', auth: 'u:p' },
      { scheme: 'ip', auth: Buffer.from('x') },
    ];
    const { network, session, first } = await connected('a:1,b:1', { credentials });
    expect(first.sentXids).toEqual([AUTH, AUTH]);
    expect(first.sent.map(({ body }) => body.toString('latin1', 8, 14))).toEqual([
      'digest',
      'ip\0\0\0\x01',
    ]);
    session.watches.add('data', '/w', () => {});
    await first.over();
    network.get('parked');
    await network.attempt.accept();
    expect(network.attempt.sentXids).toEqual([AUTH, AUTH, SET_WATCHES, '1 4']);
    expect(network.attempt.link.writes).toHaveLength(2);
  });

  it('sets watches again relative to the last reply, and hears what was missed before any reply', async () => {
    const { network, session, first } = await connected();
    const { events, listener } = watched();
    session.watches.add('data', '/w', listener);
    session.watches.add('persistent', '/p', listener);
    network.get('a');
    await turn();
    await first.deliver(dataReply(1, 'x', 50n), notification('/elsewhere', 99n));
    await first.over();
    expect(events).toEqual([]);
    await network.attempt.accept();
    expect(network.attempt.sentXids).toEqual([SET_WATCHES2]);
    const sent = readSetWatches2(JuteReader.over(network.attempt.sent[0]!.body));
    expect(sent).toEqual({
      relativeZxid: 50n,
      dataWatches: ['/w'],
      existWatches: [],
      childWatches: [],
      persistentWatches: ['/p'],
      persistentRecursiveWatches: [],
    });
    expect(events).toMatchObject([{ type: 'Resync', path: '/p' }]);
    await network.attempt.deliver(notification('/w'), reply(-8));
    expect(events[1]).toEqual({ type: 'NodeDataChanged', path: '/w', zxid: null });
    await network.attempt.over();
    await network.attempt.accept();
    expect(readSetWatches2(JuteReader.over(network.attempt.sent[0]!.body)).dataWatches).toEqual([]);
  });

  it('sets no watches on a new session after an expiry, and ends each once', async () => {
    const { network, session, first } = await connected();
    const { events, listener } = watched();
    for (const kind of ['data', 'child', 'persistent'] as const) {
      session.watches.add(kind, `/${kind}`, listener);
    }
    await first.over();
    await network.attempt.expire();
    expect(events).toMatchObject(
      ['/data', '/child', '/persistent'].map((path) => ({
        type: 'Ended',
        path,
        reason: 'expired',
        error: { code: 'SESSION_EXPIRED' },
      })),
    );
    await network.attempt.accept({ sessionId: 0x88n });
    expect(network.attempt.sent).toEqual([]);
    expect(events).toHaveLength(3);
  });

  it('ends the watches that the server does not set again', async () => {
    const { network, session, first } = await connected();
    const { events, listener } = watched();
    session.watches.add('data', '/w', listener);
    await first.over();
    await network.attempt.accept();
    await network.attempt.deliver(reply(-8, { err: -5 }));
    expect(events).toMatchObject([
      { type: 'Ended', reason: 'not-restored', error: { code: 'MARSHALLINGERROR' } },
    ]);
    expect(session.watches.sizes.paths).toBe(0);
  });

  it('ends a watch that is too long for a request of this client, and sets the others again', async () => {
    const { network, session, first } = await connected('a:1', { frameBytesMax: 300 });
    const { events, listener } = watched();
    const long = `/${'x'.repeat(300)}`;
    session.watches.add('data', long, listener);
    session.watches.add('data', '/w', listener);
    await first.over();
    await network.attempt.accept();
    expect(events).toMatchObject([
      {
        type: 'Ended',
        path: long,
        reason: 'not-restored',
        error: { code: 'REQUEST_TOO_LARGE', outcome: 'not-sent' },
      },
    ]);
    expect(network.attempt.sentXids).toEqual([SET_WATCHES]);
  });

  it('loses no request when the listener of such a watch leaves for another server', async () => {
    const { network, session, first } = await connected('a:1', { frameBytesMax: 300 });
    const move = (): void => session.updateServers([{ host: 'z', port: 1 }]);
    session.watches.add('data', `/${'x'.repeat(300)}`, move);
    await first.over();
    network.get('parked');
    await network.attempt.accept();
    const left = network.attempt;
    await left.deliver(...left.sent.map(({ xid }) => dataReply(xid, 'x')));
    network.get('next');
    await network.attempt.accept();
    const { attempt } = network;
    await attempt.deliver(...attempt.sent.map(({ xid }) => dataReply(xid, 'y')));
    expect([attempt.host, network.log]).toEqual(['z:1', ['parked=x', 'next=y']]);
  });

  it('keeps going when a listener throws', async () => {
    const { network, session, first } = await connected();
    session.watches.add('persistent', '/p', () => {
      throw new Error('mine');
    });
    await first.over();
    await network.attempt.accept();
    await network.attempt.deliver(notification('/p'));
    expect(network.thrown).toHaveLength(2);
    expect(session.host).toBe('server.test:2181');
  });

  it('stands although a listener of the state ends the session', async () => {
    const network: ScriptedNetwork = new ScriptedNetwork('a:1', {
      onState: (event) => {
        if (event.state === 'session') void network.session.close();
      },
    });
    await network.attempt.accept();
    expect(network.attempt.sentXids).toEqual(['1 -11']);
    await network.attempt.deliver(reply(1));
    expect([network.session.ended?.code, network.clock.timers]).toEqual(['CONNECTION_CLOSED', 0]);
  });

  it('ends well when its link ends inside the first write', async () => {
    const { network, session, first } = await connected();
    session.watches.add('data', '/w', () => {});
    await first.over();
    network.get('parked');
    const dying = network.attempt;
    await dying.up();
    dying.link.onWrite = () => dying.link.over();
    await dying.grant();
    expect(network.log).toEqual(['parked=CONNECTION_LOSS/unknown']);
    expect(network.attempts.map(({ host }) => host)).toEqual(['a:1', 'b:1', 'c:1']);
    await network.attempt.accept();
    network.get('next');
    await turn();
    expect(network.attempt.sentXids).toEqual([SET_WATCHES, '2 4']);
  });
});

describe('credentials', () => {
  it('are told when a server has taken them, on whichever connection', async () => {
    const { network, session, first } = await connected();
    const told: string[] = [];
    void session.addAuth({ scheme: 'digest', auth: 'a:1' }).then(() => told.push('a'));
    void session.addAuth({ scheme: 'digest', auth: 'b:2' }).then(() => told.push('b'));
    await turn();
    await first.deliver(reply(-4));
    expect(told).toEqual(['a']);
    await first.over();
    void session.addAuth({ scheme: 'digest', auth: 'c:3' }).then(() => told.push('c'));
    await network.attempt.accept();
    expect(network.attempt.sentXids).toEqual([AUTH, AUTH, AUTH]);
    await network.attempt.deliver(reply(-4), reply(-4), reply(-4));
    expect(told).toEqual(['a', 'b', 'c']);
  });

  it('that are too long for a request of this client are told so', async () => {
    const { session, first } = await connected('a:1', { frameBytesMax: 100 });
    const added = session.addAuth({ scheme: 'digest', auth: `a:${'x'.repeat(100)}` });
    await expect(added).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE', outcome: 'not-sent' });
    expect(first.sent).toEqual([]);
  });

  it('end the client when a server refuses one', async () => {
    const { network, session, first } = await connected('a:1,b:1');
    const { events, listener } = watched();
    session.watches.add('data', '/w', listener);
    const added = session.addAuth({ scheme: 'nonsense', auth: 'secret' });
    network.get('sent');
    await turn();
    network.get('unsent');
    first.link.deliver(reply(-4, { err: -115 }));
    const error: unknown = await added.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: 'AUTH_REFUSED', scheme: 'nonsense', serverCode: -115 });
    expect(String((error as Error).stack)).not.toContain('secret');
    expect(network.told()).toEqual([
      'auth-failed server.test:2181',
      'disconnected server.test:2181',
      'closed',
    ]);
    network.get('later');
    await turn();
    expect(network.log).toEqual([
      'sent=AUTH_FAILED/unknown',
      'unsent=AUTH_FAILED/not-sent',
      'later=AUTH_FAILED/not-sent',
    ]);
    expect(events).toMatchObject([{ type: 'Ended', reason: 'auth-failed' }]);
    expect([network.attempts.length, network.clock.timers]).toEqual([1, 0]);
    await expect(session.addAuth({ scheme: 'digest', auth: 'x:y' })).rejects.toBe(error);
  });
});

describe('a server that serves only who has authenticated', () => {
  it.each([
    ['a request', 1, ['a=SESSIONCLOSEDREQUIRESASLAUTH/rejected']],
    ['a ping', -2, ['a=AUTH_FAILED/unknown']],
  ])('ends the client when it refuses %s', async (_, xid, log) => {
    const { network, first } = await connected('a:1,b:1');
    network.get('a');
    network.get('b');
    await turn();
    await first.deliver(reply(xid, { err: -124 }));
    expect(network.log.sort()).toEqual([...log, 'b=AUTH_FAILED/unknown']);
    expect(network.events.slice(-3)).toMatchObject([
      { state: 'auth-failed', error: { code: 'AUTH_REQUIRED', serverCode: -124 } },
      { state: 'disconnected' },
      { state: 'closed', reason: { code: 'AUTH_REQUIRED' } },
    ]);
    expect([network.attempts.length, network.clock.timers]).toEqual([1, 0]);
  });

  it('lets a client close that cannot close its session there', async () => {
    const { network, session, first } = await connected('a:1,b:1');
    const closing = session.close();
    await first.deliver(reply(1, { err: -124 }));
    await closing;
    expect(network.events.at(-1)).toEqual({ state: 'closed', reason: null });
    expect(network.told()).not.toContain('auth-failed server.test:2181');
  });
});

/** Two tokens, then satisfied. */
const mechanism: SaslMechanism = {
  name: 'TEST',
  begin: () => {
    let steps = 0;
    return {
      start: () => Buffer.from('first'),
      step: () => (++steps === 1 ? Buffer.from('second') : null),
    };
  },
};

function saslReply(xid: number, token: string | null): Buffer {
  return reply(xid, {
    body: (writer) => writeSetSASLResponse(writer, token === null ? null : Buffer.from(token)),
  });
}

describe('SASL', () => {
  it('comes before everything else, and the session after it', async () => {
    const credentials = [{ scheme: 'digest', auth: 'u:p' }];
    const network = new ScriptedNetwork('a:1,b:1', { sasl: mechanism, credentials });
    network.get('waits');
    await network.attempt.accept();
    expect(network.attempt.sentXids).toEqual(['1 102']);
    expect(network.told()).toEqual(['connecting a:1', 'connected a:1']);
    await network.attempt.deliver(saslReply(1, 'go on'));
    expect(network.attempt.sentXids).toEqual(['1 102', '2 102']);
    await network.attempt.deliver(saslReply(2, 'proof'));
    expect(network.told()).toEqual(['session server.test:2181']);
    expect(network.attempt.sentXids).toEqual(['1 102', '2 102', AUTH, '3 4']);
  });

  it('that is refused ends the client', async () => {
    const network = new ScriptedNetwork('a:1,b:1', { sasl: mechanism });
    network.get('waits');
    await network.attempt.accept();
    const body = (writer: JuteWriter): void => writeSetSASLResponse(writer, null);
    await network.attempt.deliver(reply(1, { err: -115, body }));
    expect(network.events.slice(2)).toMatchObject([
      { state: 'auth-failed', error: { code: 'SASL_REFUSED' } },
      { state: 'disconnected' },
      { state: 'closed', reason: { code: 'SASL_REFUSED' } },
    ]);
    expect(network.log).toEqual(['waits=AUTH_FAILED/not-sent']);
    expect(network.clock.timers).toBe(0);
  });

  it('bears no ping between its tokens, however long they take', async () => {
    const network = new ScriptedNetwork('a:1', { sasl: mechanism, connectTimeoutMs: 60_000 });
    await network.attempt.accept();
    for (const xid of [1, 2]) {
      await network.advance(TIMEOUT_MS / 2);
      expect(network.attempt.sentXids).toEqual(['1 102', '2 102'].slice(0, xid));
      await network.attempt.deliver(saslReply(xid, 'token'));
    }
    expect(network.told()).toContain('session server.test:2181');
    await network.advance(TIMEOUT_MS / 12);
    expect(network.attempt.sentXids).toEqual(['1 102', '2 102', '-2 11']);
  });

  it('that was cut short is among the reasons of a round without a session', async () => {
    const network = new ScriptedNetwork('a:1,b:1,c:1', { sasl: mechanism, connectTimeoutMs: 2000 });
    await network.attempt.refuse();
    await network.attempt.accept();
    await network.attempt.over();
    await network.attempt.accept();
    await network.advance(2000);
    const refused = network.events.filter(({ state }) => state === 'refused');
    expect(refused).toMatchObject([
      {
        rounds: 1,
        failures: [
          { code: 'CONNECT_FAILED' },
          { code: 'HANDSHAKE_CLOSED', message: expect.stringContaining('before SASL was over') },
          { code: 'CONNECT_TIMEOUT' },
        ],
      },
    ]);
  });

  it('that comes to no end is tried on the next server', async () => {
    const network = new ScriptedNetwork('a:1,b:1', { sasl: mechanism, connectTimeoutMs: 2000 });
    await network.attempt.accept();
    await network.advance(2000);
    expect(network.told().slice(2)).toEqual(['disconnected server.test:2181', 'connecting b:1']);
    await network.attempt.accept();
    await network.attempt.over();
    await network.advance(100);
    expect(network.told()).toContain('connecting a:1');
  });
});
