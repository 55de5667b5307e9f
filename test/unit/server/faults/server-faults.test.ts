import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, type StateEvent, type ZooKeeperClient } from '../../../../src/client/index.ts';
import { createServer, type EmbeddedServer } from '../../../../src/server/index.ts';

let server: EmbeddedServer;
const clients: ZooKeeperClient[] = [];

/** States of the last client, in order. */
let states: string[] = [];

async function client(): Promise<ZooKeeperClient> {
  states = [];
  const zk = await connect(server.connectString, {
    sessionTimeoutMs: 10_000,
    onState: (event: StateEvent) => states.push(event.state),
  });
  clients.push(zk);
  return zk;
}

async function endingOf(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => 'ok',
    (error) => `${error.code}/${error.outcome}`,
  );
}

beforeEach(async () => {
  server = await createServer();
});

afterEach(async () => {
  server.faults.clear();
  server.faults.thaw();
  await Promise.all(clients.splice(0).map((zk) => zk.close()));
  await server.close();
});

describe('faults on purpose', () => {
  it('answer with a code and do nothing', async () => {
    const zk = await client();
    const fault = server.faults.inject({ op: 'create', path: '/a' }, { answer: 'THROTTLEDOP' });
    expect(await endingOf(zk.create('/a', null))).toBe('THROTTLEDOP/rejected');
    expect(await zk.exists('/a')).toBeNull();
    await fault.hit;
    expect(fault.hits).toBe(1);
    expect(await endingOf(zk.create('/a', null))).toBe('ok');
  });

  it('cut the connection before the request is executed', async () => {
    const zk = await client();
    server.faults.inject({ op: ['create', 'create2'] }, { cut: 'before' });
    expect(await endingOf(zk.create('/a', null))).toBe('CONNECTION_LOSS/unknown');
    expect(await zk.exists('/a')).toBeNull();
    expect(states).toContain('disconnected');
  });

  it('cut the connection after it: the client cannot know', async () => {
    const zk = await client();
    server.faults.inject({ op: 'create' }, { cut: 'after' });
    expect(await endingOf(zk.create('/a', null))).toBe('CONNECTION_LOSS/unknown');
    expect(await zk.exists('/a')).not.toBeNull();
  });

  it('hit the requests that match, as many as asked for, after as many as asked for', async () => {
    const zk = await client();
    const fault = server.faults.inject(
      { op: 'setData', path: /^\/a/, after: 1, times: 2 },
      { answer: -103 },
    );
    await zk.create('/a', null);
    await zk.create('/b', null);
    const endings: string[] = [];
    for (const path of ['/b', '/a', '/a', '/a', '/a']) {
      endings.push(await endingOf(zk.set(path, null)));
    }
    expect(endings).toEqual(['ok', 'ok', 'BADVERSION/rejected', 'BADVERSION/rejected', 'ok']);
    expect(fault.hits).toBe(2);
  });

  it('hit each time with an expression that remembers where it was', async () => {
    const zk = await client();
    await zk.create('/a', null);
    server.faults.inject({ op: 'getData', path: /^\/a$/gy, times: 3 }, { answer: 'THROTTLEDOP' });
    const endings: string[] = [];
    for (let round = 0; round < 4; round++) endings.push(await endingOf(zk.get('/a')));
    const hit = 'THROTTLEDOP/rejected';
    expect(endings).toEqual([hit, hit, hit, 'ok']);
  });

  it.each<[match: object, fault: object, told: string]>([
    [{ op: 'getdata' }, { expire: true }, "no operation 'getdata'. Did you mean 'getData'?"],
    [{ op: ['exists', 'get'] }, { expire: true }, "no operation 'get'. Did you mean 'getData'?"],
    [{ paths: '/a' }, { expire: true }, "a match has no 'paths'. Did you mean 'path'?"],
    [{ path: 7 }, { expire: true }, 'path must be'],
    [{ sessionId: 7 }, { expire: true }, 'sessionId must be'],
    [{ after: -1 }, { expire: true }, 'after must be'],
    [{ times: 0 }, { expire: true }, 'times must be'],
    [{}, { expire: false }, 'expire must be true'],
    [{}, {}, 'exactly one of'],
    [{}, { cut: 'after', mute: 'after' }, 'exactly one of'],
    [{}, { cut: 'now' }, 'cut must be one of before, after'],
    [{}, { mute: true }, 'mute must be one of before, after'],
    [{}, { delay: 5 }, "a fault has no 'delay'. Did you mean 'delayMs'?"],
    [{}, { delayMs: 2 ** 31 }, 'delayMs must be'],
    [{}, { answer: 'THROTTLED' }, "no error 'THROTTLED' of servers. Did you mean 'THROTTLEDOP'?"],
    [{}, { answer: 'OK' }, "no error 'OK'"],
    [{}, { answer: 0 }, 'answer must be'],
    [{}, { answer: 0.5 }, 'answer must be'],
  ])('are refused where they make no sense: %j, %j', (match, fault, told) => {
    const inject = (): unknown => server.faults.inject(match, fault as { expire: true });
    expect(inject).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining(told) }),
    );
  });

  it('leave other sessions alone', async () => {
    const one = await client();
    const other = await client();
    server.faults.inject({ sessionId: one.sessionId as bigint }, { answer: -2 });
    expect(await endingOf(other.get('/'))).toBe('ok');
    expect(await endingOf(one.get('/'))).toBe('RUNTIMEINCONSISTENCY/rejected');
  });

  it('delay a request and what is behind it, in order', async () => {
    const zk = await client();
    server.faults.inject({ op: 'getData' }, { delayMs: 5 });
    const order: string[] = [];
    await Promise.all([
      zk.exists('/').then(() => order.push('before')),
      zk.get('/').then(() => order.push('delayed')),
      zk.exists('/').then(() => order.push('behind')),
    ]);
    expect(order).toEqual(['before', 'delayed', 'behind']);
  });

  it('make a connection silent: the client finds out by its pings', async () => {
    const zk = await client();
    const fault = server.faults.inject({ op: 'create' }, { mute: 'after' });
    const answer = endingOf(zk.create('/a', null));
    await fault.hit;
    const other = await client();
    expect(await other.exists('/a')).not.toBeNull();
    expect(server.faults.cut(zk.sessionId as bigint)).toBe(1);
    expect(await answer).toBe('CONNECTION_LOSS/unknown');
  });

  it('expire a session, with its ephemeral znodes', async () => {
    const zk = await client();
    const expired = zk.sessionId as bigint;
    await zk.create('/e', null, { mode: 'ephemeral' });
    server.faults.inject({ op: 'getData' }, { expire: true });
    expect(await endingOf(zk.get('/'))).toBe('CONNECTION_LOSS/unknown');
    // What is asked before the client has heard of it is not carried over to its next session.
    expect(await endingOf(zk.exists('/e'))).toBe('SESSION_EXPIRED/not-sent');
    expect(await zk.exists('/e')).toBeNull();
    expect(zk.sessionId).not.toBe(expired);
    expect(states).toContain('expired');
    expect(server.faults.expireSession(expired)).toBe(false);
  });

  it('freeze the whole server', async () => {
    const zk = await client();
    server.faults.freeze();
    let answered = false;
    const answer = zk.get('/').then(() => {
      answered = true;
    });
    const late = connect(server.connectString);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    server.faults.thaw();
    await answer;
    clients.push(await late);
  });

  it('are over when they are removed', async () => {
    const zk = await client();
    const fault = server.faults.inject({ times: Number.POSITIVE_INFINITY }, { answer: -2 });
    expect(await endingOf(zk.get('/'))).toBe('RUNTIMEINCONSISTENCY/rejected');
    fault.remove();
    expect(await endingOf(zk.get('/'))).toBe('ok');
  });
});
