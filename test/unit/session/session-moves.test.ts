import { describe, expect, it } from 'vitest';
import { readGetDataResponse } from '../../../src/codec/records.gen.ts';
import { beginGet, dataReply, reply, sentPaths } from '../pipeline/frames.ts';
import { type ScriptedAttempt, ScriptedNetwork, turn } from './scripted-network.ts';

const { connected } = ScriptedNetwork;

const Y = [{ host: 'y', port: 1 }];
const Z = [{ host: 'z', port: 1 }];

/** Answers every request that this server got, in order, with `data`. */
async function answerAll(attempt: ScriptedAttempt, data: string): Promise<void> {
  const requests = attempt.sent.filter(({ xid }) => xid > 0);
  await attempt.deliver(...requests.map(({ xid }) => dataReply(xid, data)));
}

/** One request sent, one that its link does not take, a move, and one that is made since. */
async function leaving(
  whileDisconnected: 'wait' | 'fail',
): Promise<Awaited<ReturnType<typeof connected>>> {
  const scene = await connected('a:1', { whileDisconnected });
  const { network, session, first } = scene;
  first.link.accepts = false;
  network.get('sent');
  await turn();
  network.get('unsent');
  await turn();
  session.updateServers(Z);
  network.get('since');
  await turn();
  expect(sentPaths(first.sent)).toEqual(['/sent']);
  return scene;
}

describe('a session whose link ends while it moves', () => {
  it('keeps what had not left for the next server, ahead of what was asked for since', async () => {
    const { network, first } = await leaving('wait');
    await first.over();
    expect(network.log).toEqual(['sent=CONNECTION_LOSS/unknown']);
    network.get('last');
    await network.attempt.accept();
    expect(network.attempt.host).toBe('z:1');
    expect(sentPaths(network.attempt.sent)).toEqual(['/unsent', '/since', '/last']);
    await answerAll(network.attempt, 'x');
    expect(network.log.slice(1)).toEqual(['unsent=x', 'since=x', 'last=x']);
    expect(network.session.pipeline.counters()).toMatchObject({ inflight: 0, inflightBytes: 0 });
  });

  it('inside its last write, too', async () => {
    const { network, session, first } = await connected('a:1');
    network.get('sent');
    await turn();
    // Two that do not fit into one write.
    network.get('a'.repeat(40_000));
    network.get('b'.repeat(40_000));
    first.link.onWrite = () => first.link.over();
    session.updateServers(Z);
    network.get('since');
    await turn();
    const told = network.log.map((line) => line.replace(/^a+/, 'a'));
    expect(told).toEqual(['sent=CONNECTION_LOSS/unknown', 'a=CONNECTION_LOSS/unknown']);
    await network.attempt.accept();
    const paths = sentPaths(network.attempt.sent).map((path) => path.slice(0, 6));
    expect(paths).toEqual(['/bbbbb', '/since']);
  });

  it('because the server was silent, too; and what has a time-out still has it', async () => {
    const { network, session, first } = await connected('a:1');
    first.link.accepts = false;
    network.get('sent');
    await turn();
    network.get('short', session.waitLimits(2500, undefined));
    network.get('long', session.waitLimits(60_000, undefined));
    session.updateServers(Z);
    await network.advance(2000);
    expect(network.log).toEqual(['sent=CONNECTION_LOSS/unknown']);
    await network.advance(600);
    expect(network.log.slice(1)).toEqual(['short=REQUEST_TIMEOUT/not-sent']);
    await network.attempt.accept();
    expect(sentPaths(network.attempt.sent)).toEqual(['/long']);
  });

  it('with `fail` tells that it was not sent; what was asked for since goes to the next server', async () => {
    const { network, first } = await leaving('fail');
    await first.over();
    expect(network.log.splice(0)).toEqual([
      'sent=CONNECTION_LOSS/unknown',
      'unsent=CONNECTION_LOSS/not-sent',
    ]);
    await network.attempt.accept();
    expect(sentPaths(network.attempt.sent)).toEqual(['/since']);
    await answerAll(network.attempt, 'x');
    expect(network.log).toEqual(['since=x']);
  });
});

describe('a session that moves and finds no server', () => {
  it.each(['wait', 'fail'] as const)('has what waits wait on, or not: %s', async (mode) => {
    const { network, session } = await connected('a:1', { whileDisconnected: mode });
    session.updateServers(Z);
    network.get('since');
    await turn();
    network.told();
    await network.attempt.refuse();
    network.get('later');
    await turn();
    expect(network.events.map(({ state }) => state)).toEqual(['refused']);
    const failed = ['since=NOT_CONNECTED/not-sent', 'later=NOT_CONNECTED/not-sent'];
    expect(network.log.splice(0)).toEqual(mode === 'wait' ? [] : failed);
    await network.advance(100);
    await network.attempt.accept();
    network.get('again');
    await turn();
    const waited = mode === 'wait' ? ['/since', '/later'] : [];
    expect(sentPaths(network.attempt.sent)).toEqual([...waited, '/again']);
    await answerAll(network.attempt, 'x');
    expect(network.log.at(-1)).toBe('again=x');
  });

  it('tells so before it tells those who do not wait', async () => {
    const { network, session } = await connected('a:1', { whileDisconnected: 'fail' });
    session.updateServers(Z);
    await turn();
    beginGet(session.pipeline, '/a');
    const heard: string[] = [];
    session.pipeline.callback(readGetDataResponse, (error) => {
      heard.push(`${error?.code} after ${network.told().at(-1)}`);
    });
    await network.attempt.refuse();
    expect(heard).toEqual(['NOT_CONNECTED after refused']);
  });

  it('does not count the server that it left among those that failed', async () => {
    const { network, session } = await connected('a:1');
    session.updateServers(Z);
    await turn();
    network.told();
    await network.attempt.refuse();
    expect(network.events).toMatchObject([
      { state: 'refused', rounds: 1, failures: [{ code: 'CONNECT_FAILED', host: 'z:1' }] },
    ]);
  });
});

describe('a session with one list of servers after the other', () => {
  it('still waits for its answers, and goes where the last list says', async () => {
    const { network, session, first } = await connected('a:1');
    network.get('before');
    await turn();
    session.updateServers(Z);
    session.updateServers(Y);
    expect(first.link.destroyed).toBeNull();
    await first.deliver(dataReply(1, 'x'));
    expect(network.log).toEqual(['before=x']);
    expect(network.attempts.map(({ host }) => host)).toEqual(['a:1', 'y:1']);
  });

  it('moves each time', async () => {
    const { network, session } = await connected('a:1');
    session.updateServers(Z);
    await turn();
    await network.attempt.accept();
    session.updateServers(Y);
    await turn();
    expect(network.attempts.map(({ host }) => host)).toEqual(['a:1', 'z:1', 'y:1']);
  });
});

describe('a session that is being closed', () => {
  it('does not leave its server for another one of a new list', async () => {
    const { network, session, first } = await connected('a:1');
    network.get('before');
    const closing = session.close();
    session.updateServers(Z);
    network.get('later');
    await turn();
    expect(network.log.splice(0)).toEqual(['later=CONNECTION_CLOSED/not-sent']);
    await first.deliver(dataReply(1, 'x'), reply(2));
    await closing;
    expect(network.log).toEqual(['before=x']);
    expect([network.attempts.length, network.clock.timers]).toEqual([1, 0]);
  });

  it('nor for one that takes writes', async () => {
    const network = new ScriptedNetwork('a:1,b:1', { readOnly: true });
    const first = network.attempt;
    await first.accept({ readOnly: true });
    await network.advance(100);
    const probe = network.attempt;
    await probe.up();
    const closing = network.session.close();
    await probe.deliver(Buffer.from('rw'));
    await probe.over();
    network.get('later');
    await turn();
    expect(network.log).toEqual(['later=CONNECTION_CLOSED/not-sent']);
    await first.deliver(reply(1));
    await closing;
    expect([network.attempts.length, network.clock.timers]).toEqual([2, 0]);
  });
});

describe('a session on a read-only server', () => {
  const hosts = (network: ScriptedNetwork): string[] => network.attempts.map(({ host }) => host);

  it('moves to the server that takes writes, wherever that is in the list', async () => {
    const network = new ScriptedNetwork('a:1,b:1,c:1', { readOnly: true });
    await network.attempt.accept({ readOnly: true });
    await network.advance(100);
    await network.attempt.up();
    await network.attempt.deliver(Buffer.from('ro'));
    await network.advance(200);
    await network.attempt.up();
    await network.attempt.deliver(Buffer.from('rw'));
    await network.attempt.over();
    expect(hosts(network)).toEqual(['a:1', 'b:1', 'c:1', 'c:1']);
  });

  it('looks among the servers of a new list, and no longer among those of the old one', async () => {
    const network = new ScriptedNetwork('a:1,b:1', { readOnly: true });
    await network.attempt.accept({ readOnly: true });
    network.session.updateServers([
      { host: 'a', port: 1 },
      { host: 'c', port: 1 },
    ]);
    await network.advance(100);
    expect(hosts(network)).toEqual(['a:1', 'c:1']);
  });

  it('looks no more once it is lost, nor on the next server, which takes writes', async () => {
    const network = new ScriptedNetwork('a:1,b:1', { readOnly: true });
    await network.attempt.accept({ readOnly: true });
    await network.attempt.over();
    await network.advance(100);
    expect(hosts(network)).toEqual(['a:1', 'b:1']);
    await network.attempt.accept({ sessionId: 0x2n });
    network.session.updateServers(['a', 'b'].map((host) => ({ host, port: 1 })));
    await network.advance(1000);
    expect(hosts(network)).toEqual(['a:1', 'b:1']);
  });

  it('that it had not begun on shows the session to the next one, which knows it', async () => {
    const { network, first } = await connected('a:1,b:1', { readOnly: true });
    await first.over();
    await network.attempt.accept({ readOnly: true });
    expect(network.events.at(-1)).toMatchObject({ resumed: true, readOnly: true });
    await network.attempt.over();
    await network.attempt.up();
    expect(network.attempt.wish.sessionId).toBe(0x77n);
    await network.attempt.grant();
    expect(network.events.at(-1)).toMatchObject({ resumed: true, readOnly: false });
  });
});
