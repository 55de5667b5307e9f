import { describe, expect, it } from 'vitest';
import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import type { SaslMechanism } from '../../../src/session/index.ts';
import type { StateEvent, StateName } from '../../../src/session/session-events.ts';
import type { SessionOptions } from '../../../src/session/session-options.ts';
import { SessionTicket } from '../../../src/session/session-ticket.ts';
import { beginGet, dataReply, reply, sentPaths } from '../pipeline/frames.ts';
import { ScriptedNetwork, TIMEOUT_MS, turn } from './scripted-network.ts';

type Listener = (network: ScriptedNetwork) => void;

/** A session whose listener calls it back when it is told `state` for the `times`th time. */
function listened(
  state: StateName,
  listener: Listener,
  { times = 1, ...options }: Partial<SessionOptions> & { readonly times?: number } = {},
): ScriptedNetwork {
  let left = times;
  const network: ScriptedNetwork = new ScriptedNetwork('a:1,b:1', {
    ...options,
    onState: (event: StateEvent) => {
      network.events.push(event);
      if (event.state === state && --left === 0) listener(network);
    },
  });
  return network;
}

const Z = [{ host: 'z', port: 1 }];

describe('a listener of states that gives a new list of servers', () => {
  const update: Listener = ({ session }) => session.updateServers(Z);

  it('when an attempt has failed has one attempt follow, not two', async () => {
    const network = listened('disconnected', update, { times: 2 });
    await network.attempt.accept();
    await network.attempt.over();
    network.told();
    await network.attempt.up();
    await network.attempt.over();
    await network.advance(1000);
    expect(network.told()).toEqual(['connected b:1', 'disconnected b:1', 'connecting z:1']);
    expect(network.attempts.map(({ host }) => host)).toEqual(['a:1', 'b:1', 'z:1']);
  });

  it('when the session has expired too, and that asks for a new session', async () => {
    const network = listened('expired', update);
    await network.attempt.accept();
    await network.attempt.over();
    network.told();
    await network.attempt.expire();
    await network.advance(1000);
    const told = ['connected b:1', 'expired b:1', 'disconnected b:1', 'connecting z:1'];
    expect(network.told()).toEqual(told);
    expect(network.attempts).toHaveLength(3);
    await network.attempt.up();
    expect(network.attempt.wish.sessionId).toBe(0n);
  });

  it('and another one when the attempt is left for it', async () => {
    const network = listened('disconnected', ({ session }) =>
      session.updateServers([{ host: 'y', port: 1 }]),
    );
    await network.attempt.up();
    network.told();
    network.session.updateServers(Z);
    await network.advance(1000);
    expect(network.told()).toEqual(['disconnected a:1', 'connecting y:1']);
    expect(network.attempts.map(({ host }) => host)).toEqual(['a:1', 'y:1']);
  });
});

describe('a listener of states that ends the session', () => {
  it('when it begins has it closed on the server', async () => {
    const network = listened('session', ({ session }) => void session.close());
    await network.attempt.accept();
    const { link, sentXids } = network.attempt;
    expect([sentXids, link.destroyed]).toEqual([['1 -11'], null]);
    await network.attempt.deliver(reply(1));
    expect(network.told().slice(1)).toEqual([
      'session server.test:2181',
      'disconnected server.test:2181',
      'closed',
    ]);
  });

  it('or detaches from it then, has what was asked answered', async () => {
    const network = listened('session', (each) => {
      each.get('a');
      void each.session.detach();
    });
    await network.attempt.accept();
    await network.attempt.deliver(dataReply(1, 'x'));
    expect(network.log).toEqual(['a=x']);
    expect(network.told().slice(1)).toEqual([
      'session server.test:2181',
      'disconnected server.test:2181',
      'detached',
      'closed',
    ]);
  });

  it('when a credential was refused hears of one end', async () => {
    const network = listened('auth-failed', ({ session }) => void session.close(), {
      credentials: [{ scheme: 'digest', auth: 'a:b' }],
    });
    await network.attempt.accept();
    network.told();
    await network.attempt.deliver(reply(-4, { err: -115 }));
    expect(network.events).toMatchObject([
      { state: 'auth-failed' },
      { state: 'disconnected' },
      { state: 'closed', reason: { code: 'AUTH_REFUSED' } },
    ]);
    await network.advance(60_000);
    expect([network.events.length, network.clock.timers]).toEqual([3, 0]);
  });
});

describe('a listener of states that ends the session without a connection', () => {
  const end: Listener = ({ session }) => void session.close();
  const CLOSED = ['waits=CONNECTION_CLOSED/not-sent', 'later=CONNECTION_CLOSED/not-sent'];

  /** A session that has lost its connection, with a request that waits. */
  async function without(state: StateName, options: Partial<SessionOptions> = {}) {
    const network = listened(state, end, options);
    await network.attempt.accept();
    await network.attempt.over();
    network.get('waits');
    network.told();
    return network;
  }

  async function expectEnded(network: ScriptedNetwork, attempts: number): Promise<void> {
    network.get('later');
    await network.advance(60_000);
    expect(network.log).toEqual(CLOSED);
    expect(network.told().at(-1)).toBe('closed');
    expect([network.attempts.length, network.clock.timers]).toEqual([attempts, 0]);
  }

  it('when it is lost has later requests told of the end, not of the loss', async () => {
    const network = await without('lost');
    await network.advance(TIMEOUT_MS);
    expect(network.told().at(-1)).toBe('closed');
    network.get('later');
    await turn();
    expect([network.log, network.clock.timers]).toEqual([CLOSED, 0]);
  });

  it.each(['new-session', 'end'] as const)(
    'when it has expired hears of one end: %s',
    async (afterExpiry) => {
      const network = await without('expired', { afterExpiry });
      await network.attempt.expire();
      expect(network.events.map(({ state }) => state)).toEqual([
        'connected',
        'expired',
        'disconnected',
        'closed',
      ]);
      await expectEnded(network, 2);
    },
  );

  it('when every server has refused does not hear of another attempt', async () => {
    const network = await without('refused');
    await network.attempt.refuse();
    await network.attempt.refuse();
    expect(network.told()).toEqual(['connecting a:1', 'refused', 'closed']);
    network.get('later');
    await network.advance(60_000);
    expect([network.attempts.length, network.told(), network.clock.timers]).toEqual([3, [], 0]);
    expect(network.log).toEqual(CLOSED);
  });

  it('when the first attempt begins leaves no timer behind of the one that was to be resumed', async () => {
    const ticket = { sessionId: 5n, lastZxidSeen: 0n, lastXid: 0, sessionTimeoutMs: TIMEOUT_MS };
    const resume = new SessionTicket({ ...ticket, password: Buffer.alloc(16) });
    const onState = ({ state }: StateEvent): void => {
      if (state === 'connecting') void network.session.close();
    };
    const network: ScriptedNetwork = new ScriptedNetwork('a:1', { resume, onState }, false);
    network.session.start();
    await turn();
    expect([network.attempts.length, network.clock.timers]).toEqual([0, 0]);
  });

  it('when an attempt begins has nobody dialled', async () => {
    const network = listened('connecting', end);
    await network.attempt.accept();
    await network.attempt.over();
    expect(network.told().slice(-3)).toEqual([
      'disconnected server.test:2181',
      'connecting b:1',
      'closed',
    ]);
    await turn();
    expect([network.attempts.length, network.clock.timers]).toEqual([1, 0]);
  });
});

it.each(['new-session', 'end'] as const)(
  'a listener of watches that ends the session as it expires is the end: %s',
  async (afterExpiry) => {
    const { network, session, first } = await ScriptedNetwork.connected('a:1,b:1', { afterExpiry });
    session.watches.add('data', '/w', () => void session.close());
    await first.over();
    network.told();
    await network.attempt.expire();
    expect(network.events.slice(-2)).toMatchObject([
      { state: 'disconnected' },
      { state: 'closed', reason: null },
    ]);
    network.get('later');
    await turn();
    expect(network.log).toEqual(['later=CONNECTION_CLOSED/not-sent']);
    expect([network.attempts.length, network.clock.timers]).toEqual([2, 0]);
  },
);

describe('a listener of states that makes a request', () => {
  const ask: Listener = (network) => network.get('asked');

  it('when the connection is lost has it wait for the next one', async () => {
    const network = listened('disconnected', ask);
    await network.attempt.accept();
    await network.attempt.over();
    expect(network.log).toEqual([]);
    await network.attempt.accept();
    expect(sentPaths(network.attempt.sent)).toEqual(['/asked']);
  });

  it('or fail, if it is not to wait', async () => {
    const network = listened('disconnected', ask, { whileDisconnected: 'fail' });
    await network.attempt.accept();
    await network.attempt.over();
    expect(network.log).toEqual(['asked=NOT_CONNECTED/not-sent']);
  });

  it('when the session begins has it sent on it, behind what waited', async () => {
    const told: (string | null)[] = [];
    const network = listened('session', (each) => {
      told.push(each.session.host);
      each.get('asked');
    });
    network.get('waited');
    await network.attempt.accept();
    expect(told).toEqual(['server.test:2181']);
    expect(sentPaths(network.attempt.sent)).toEqual(['/waited', '/asked']);
  });
});

it('a listener that closes the session as it begins on a read-only server has no other one looked for', async () => {
  const network = listened('session', ({ session }) => void session.close(), { readOnly: true });
  const { attempt } = network;
  await attempt.accept({ readOnly: true });
  await network.advance(1000);
  expect(network.attempts).toHaveLength(1);
  await attempt.deliver(reply(1));
  expect(network.clock.timers).toBe(0);
});

it('a listener that leaves a read-only server as the session begins has no other one looked for', async () => {
  const network = listened(
    'session',
    (each) => {
      each.get('a');
      each.session.updateServers(Z);
    },
    { readOnly: true },
  );
  const { attempt } = network;
  await attempt.accept({ readOnly: true });
  await network.advance(1000);
  expect(network.attempts).toHaveLength(1);
  await attempt.deliver(dataReply(1, 'x'));
  expect(network.attempts.map(({ host }) => host)).toEqual(['a:1', 'z:1']);
});

it('a request that is aborted as the next connection begins may be followed by another one', async () => {
  const { network, session, first } = await ScriptedNetwork.connected();
  await first.over();
  const { attempt } = network;
  await attempt.up();
  const ending = new AbortController();
  const { signal } = ending;
  // The first to hear of it, so that the request has not heard yet when it is to be moved.
  signal.addEventListener('abort', () => void attempt.grant());
  beginGet(session.pipeline, '/aborted');
  const again = (): void => network.get('again');
  session.pipeline.callback(readGetDataResponse, again, session.waitLimits(undefined, signal));
  ending.abort();
  await turn();
  expect(sentPaths(attempt.sent)).toEqual(['/again']);
});

it('a callback that closes the session when it is lost hears of the loss before the end', async () => {
  const { network, session, first } = await ScriptedNetwork.connected();
  await first.over();
  network.told();
  beginGet(session.pipeline, '/a');
  const heard: string[] = [];
  session.pipeline.callback(readGetDataResponse, (error) => {
    heard.push(`${error?.code} after ${network.told().at(-1)}`);
    void session.close();
  });
  await network.advance(TIMEOUT_MS);
  expect(heard).toEqual(['SESSION_LOST after lost']);
  expect(network.told()).toEqual(['closed']);
});

it('a session that is closed when its last request before a move is answered is closed on the server', async () => {
  const { network, session, first } = await ScriptedNetwork.connected('a:1');
  beginGet(session.pipeline, '/a');
  const closing = session.pipeline.promise(readGetDataResponse).then(() => session.close());
  await turn();
  session.updateServers(Z);
  await first.deliver(dataReply(1, 'x'));
  expect([first.sentXids, first.link.destroyed]).toEqual([['1 4', '2 -11'], null]);
  await first.deliver(reply(2));
  await closing;
  expect(network.told()).toEqual(['disconnected server.test:2181', 'closed']);
  expect([network.attempts.length, network.clock.timers]).toEqual([1, 0]);
});

it('who waits for room when a session moves finds it among what waits for the next server', async () => {
  const { session } = await ScriptedNetwork.connected('a:1', { inflightMax: 1 });
  beginGet(session.pipeline, '/a');
  session.pipeline.promise(readGetDataResponse).catch(() => {});
  const room = session.pipeline.room().then(() => session.pipeline.hasRoom);
  session.updateServers(Z);
  expect(await room).toBe(true);
});

describe('SASL that waits for somebody', () => {
  const signals: AbortSignal[] = [];
  const sasl: SaslMechanism = {
    name: 'SLOW',
    begin: ({ signal }) => {
      signals.push(signal!);
      return { start: () => new Promise(() => {}), step: () => null };
    },
  };

  it('is told when its connection has ended, and leaves no timer behind', async () => {
    const network = new ScriptedNetwork('a:1,b:1', { sasl });
    await network.attempt.accept();
    const signal = signals.at(-1)!;
    const closing = network.session.close();
    await turn();
    await network.attempt.deliver(reply(1));
    await closing;
    network.clock.poll();
    await turn();
    expect([signal.aborted, network.clock.timers]).toEqual([true, 0]);
    expect(signal.reason).toMatchObject({ code: 'LINK_DESTROYED' });
  });

  it('is left for a server of a new list', async () => {
    const network = new ScriptedNetwork('a:1,b:1', { sasl });
    await network.attempt.accept();
    network.told();
    network.session.updateServers(Z);
    await turn();
    expect(network.told()).toEqual(['disconnected server.test:2181', 'connecting z:1']);
    expect(network.attempts).toHaveLength(2);
  });
});

describe('a listener of states that throws', () => {
  const fails = [
    ['now', () => explode()],
    ['later', async () => explode()],
  ] as const;

  function explode(): never {
    throw new Error('boom');
  }

  it.each(fails)('%s is reported, and the session goes on', async (_, onState) => {
    const network = new ScriptedNetwork('a:1', { onState });
    await network.attempt.accept();
    expect(network.thrown.map(([error, where]) => [String(error), where])).toEqual([
      ['Error: boom', 'connecting'],
      ['Error: boom', 'connected'],
      ['Error: boom', 'session'],
    ]);
    expect(network.session.sessionId).toBe(0x77n);
  });

  it.each(fails)('to a handler that throws %s harms nobody either', async (_, onCallbackError) => {
    const network = new ScriptedNetwork('a:1', { onState: explode, onCallbackError });
    await network.attempt.accept();
    expect(network.session.sessionId).toBe(0x77n);
  });
});
