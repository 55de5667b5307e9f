import { describe, expect, it } from 'vitest';
import { writeSetSASLResponse } from '../../../src/codec/records.gen.ts';
import { AuthError } from '../../../src/errors.ts';
import { parseConnectString } from '../../../src/session/connect-string.ts';
import type { SaslExchange, SaslMechanism } from '../../../src/session/sasl.ts';
import type { SessionOptions } from '../../../src/session/session-options.ts';
import { notification, reply } from '../pipeline/frames.ts';
import { ScriptedNetwork, TIMEOUT_MS, turn } from './scripted-network.ts';

/** Sends one token and is satisfied with any answer. */
function mechanismOf(
  step: SaslExchange['step'] = () => null,
  signals: (AbortSignal | undefined)[] = [],
): SaslMechanism {
  return {
    name: 'TEST',
    begin: ({ signal }) => {
      signals.push(signal);
      return { start: () => Buffer.from('token'), step };
    },
  };
}

/** A session whose first server is waiting for the token's answer to be given by the test. */
async function asked(
  sasl: SaslMechanism,
  options: Partial<SessionOptions> = {},
): Promise<ScriptedNetwork> {
  const network = new ScriptedNetwork('a:1,b:1', { sasl, ...options });
  await network.attempt.accept();
  network.told();
  return network;
}

function answer(xid = 1, err = 0): Buffer {
  return reply(xid, { err, body: (writer) => writeSetSASLResponse(writer, null) });
}

describe('an exchange of SASL whose connection has ended meanwhile', () => {
  it('and that has succeeded begins nothing', async () => {
    const network = await asked(mechanismOf(async () => null));
    network.get('waits');
    network.attempt.link.deliver(answer());
    network.attempt.link.over();
    await turn();
    expect(network.told()).toEqual(['disconnected server.test:2181', 'connecting b:1']);
    expect([network.session.ended, network.session.host, network.log]).toEqual([null, null, []]);
  });

  it.each<[string, SaslExchange['step'], number]>([
    ['was refused', () => null, -115],
    [
      'has failed',
      () => Promise.reject(new AuthError({ code: 'SASL_REFUSED', scheme: 'TEST', host: 'a:1' })),
      0,
    ],
  ])('and that %s is the end all the same', async (_, step, err) => {
    const network = await asked(mechanismOf(step));
    network.attempt.link.deliver(answer(1, err));
    network.attempt.link.over();
    await turn();
    expect(network.session.ended).toMatchObject({ code: 'SASL_REFUSED' });
    expect(network.events.map(({ state }) => state)).toEqual([
      'disconnected',
      'connecting',
      'auth-failed',
      'closed',
    ]);
    network.clock.poll();
    await turn();
    expect(network.clock.timers).toBe(0);
  });

  it('by a close has what it still says left out, and the end of the session answered', async () => {
    const network = await asked(mechanismOf(() => Buffer.from('another')));
    const { attempt } = network;
    const closing = network.session.close();
    await attempt.deliver(answer());
    expect([attempt.sentXids, attempt.link.destroyed]).toEqual([['1 102', '2 -11'], null]);
    await attempt.deliver(reply(2));
    await closing;
    expect(network.told()).toEqual(['disconnected server.test:2181', 'closed']);
  });

  it('by a detach leaves nobody a session that was not told', async () => {
    const network = await asked(mechanismOf());
    await expect(network.session.detach()).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await network.attempt.deliver(answer());
    expect(network.told()).toEqual(['session server.test:2181']);
  });

  it('by a close begins no session, however well it ends', async () => {
    const network = await asked(mechanismOf());
    const closing = network.session.close();
    await network.attempt.deliver(answer());
    await network.attempt.deliver(reply(2));
    await closing;
    expect(network.told()).toEqual(['disconnected server.test:2181', 'closed']);
    expect(network.clock.timers).toBe(0);
  });
});

describe('an exchange of SASL', () => {
  it.each([-115, -124])('that the server refuses with %i is a refusal of it', async (err) => {
    const network = await asked(mechanismOf());
    await network.attempt.deliver(answer(1, err));
    expect(network.events[0]).toMatchObject({
      state: 'auth-failed',
      error: { code: 'SASL_REFUSED', serverCode: err },
    });
  });

  it('that is over leaves no timer, and its mechanism alone', async () => {
    const signals: AbortSignal[] = [];
    const network = await asked(mechanismOf(undefined, signals as (AbortSignal | undefined)[]));
    expect(network.session.host).toBeNull();
    await network.attempt.deliver(answer());
    expect(network.told()).toEqual(['session server.test:2181']);
    expect(network.clock.timers).toBe(1);
    await network.attempt.over();
    network.clock.poll();
    await turn();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});

it('servers that hang up between the tokens of SASL are tried in rounds, with pauses', async () => {
  const network = await asked(mechanismOf(), parseConnectString('a:1'));
  await network.attempt.deliver(answer());
  await network.attempt.over();
  expect(network.attempts).toHaveLength(2);
  for (const pauseMs of [100, 200, 400, 800]) {
    await network.attempt.accept();
    await network.attempt.over();
    const { length } = network.attempts;
    await network.advance(pauseMs - 1);
    expect(network.attempts).toHaveLength(length);
    await network.advance(1);
    expect(network.attempts).toHaveLength(length + 1);
  }
  const refused = network.events.filter(({ state }) => state === 'refused');
  expect(refused).toMatchObject([1, 2, 3, 4].map((rounds) => ({ rounds, failures: [{}] })));
});

it('servers that hang up right behind SASL are tried with pauses, from the second time on', async () => {
  const network = new ScriptedNetwork('a:1', { sasl: mechanismOf() });
  for (const [index, pauseMs] of [0, 100, 200, 400].entries()) {
    await network.attempt.accept();
    await network.attempt.deliver(answer(index + 1));
    await network.attempt.over();
    if (pauseMs > 0) {
      await network.advance(pauseMs - 1);
      expect(network.attempts).toHaveLength(index + 1);
      await network.advance(1);
    }
    expect(network.attempts).toHaveLength(index + 2);
  }
});

it('a session whose link ends inside its first write goes on with the next one', async () => {
  const network = await asked(mechanismOf());
  network.get('parked');
  const { link } = network.attempt;
  link.onWrite = () => link.over();
  await network.attempt.deliver(answer());
  expect(network.log).toEqual(['parked=CONNECTION_LOSS/unknown']);
  expect(network.told()).toEqual([
    'session server.test:2181',
    'disconnected server.test:2181',
    'connecting b:1',
  ]);
  // The limit of the attempt, and the end of the session.
  expect(network.clock.timers).toBe(2);
});

it('a session is not lost between the tokens of SASL, where a server is heard', async () => {
  const network = await asked(mechanismOf(), { connectTimeoutMs: 60_000 });
  await network.attempt.deliver(answer());
  await network.attempt.over();
  await network.attempt.accept();
  await network.advance(TIMEOUT_MS / 2);
  await network.attempt.deliver(notification('/w'));
  network.told();
  await network.advance(TIMEOUT_MS / 2 + 1);
  expect(network.told()).toEqual([]);
});

it('a server that is left between the tokens of SASL is none that failed', async () => {
  const network = await asked(mechanismOf());
  network.session.updateServers([{ host: 'z', port: 1 }]);
  await turn();
  await network.attempt.refuse();
  const refused = network.events.filter(({ state }) => state === 'refused');
  expect(refused).toMatchObject([{ rounds: 1, failures: [{ host: 'z:1' }] }]);
});

it('a link that ends as its session is told has lasting watches told of the gap on the next one', async () => {
  let left = 2;
  const network: ScriptedNetwork = await asked(mechanismOf(), {
    onState: ({ state }) => {
      if (state === 'session' && --left === 0) network.attempt.link.over();
    },
  });
  await network.attempt.deliver(answer());
  const types: string[] = [];
  network.session.watches.add('persistent', '/w', ({ type }) => void types.push(type));
  await network.attempt.over();
  await network.attempt.accept();
  await network.attempt.deliver(answer(2));
  expect([network.attempts.length, types]).toEqual([3, []]);
  await network.attempt.accept();
  await network.attempt.deliver(answer(3));
  expect(types).toEqual(['Resync']);
});

describe('a login that falls short', () => {
  it('leaves no session behind: the next one is asked for anew, and told as a new one', async () => {
    const network = await asked(mechanismOf());
    await network.attempt.over();
    await network.advance(1_000);
    network.told();
    await network.attempt.accept();
    expect(network.attempt.wish.sessionId).toBe(0n);
    await network.attempt.deliver(answer(2));
    const told = network.events.find(({ state }) => state === 'session');
    expect(told).toMatchObject({ state: 'session', resumed: false });
  });

  it('costs no session that was there before, whose loss is told once', async () => {
    const network = await asked(mechanismOf());
    await network.attempt.deliver(answer());
    await network.attempt.over();
    await network.advance(TIMEOUT_MS);
    await network.attempt.accept();
    await network.attempt.over();
    await network.advance(TIMEOUT_MS);
    expect(network.told().filter((state) => state === 'lost')).toHaveLength(1);
    await network.attempt.accept();
    await network.attempt.deliver(answer(3));
    const told = network.events.filter(({ state }) => state === 'session');
    expect(told).toMatchObject([{ resumed: true }]);
  });

  it('is followed by another loss that is told, once the session was back', async () => {
    const network = await asked(mechanismOf());
    await network.attempt.deliver(answer());
    await network.attempt.over();
    await network.advance(TIMEOUT_MS);
    await network.attempt.accept();
    await network.attempt.deliver(answer(2));
    await network.attempt.over();
    await network.advance(TIMEOUT_MS);
    expect(network.told().filter((state) => state === 'lost')).toHaveLength(2);
  });
});
