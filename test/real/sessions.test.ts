import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, SessionTicket } from '../../src/client/index.ts';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { ROOT, runNode } from '../unit/package/run-node.ts';
import { endingOf } from './support/failures.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { ObservedClient } from './support/observed-client.ts';
import { describeReal, isApache } from './support/real-zookeeper.ts';

const TICK_MS = 200;

describeReal('sessions on a real server', () => {
  let server: ZooKeeperServer;
  let other: ObservedClient;

  beforeAll(async () => {
    server = await startServer({
      fastStart: true,
      tickTimeMs: TICK_MS,
      maxSessionTimeoutMs: 40_000,
      configLines: ['forceSync=no'],
    });
    other = await ObservedClient.connect(server.connectString);
  });

  afterAll(async () => {
    await other?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  /** A session with one ephemeral node, left by `detach()`. */
  async function detached(path: string): Promise<{ ticket: SessionTicket; id: bigint }> {
    const client = await ObservedClient.connect(server.connectString);
    await client.zk.create(path, 'mine', { mode: 'ephemeral' });
    const id = client.zk.sessionId;
    const ticket = await client.zk.detach();
    expect(client.story(2)).toEqual([
      `session ${server.connectString} new`,
      `disconnected ${server.connectString}`,
      'detached',
      'closed',
    ]);
    expect(await endingOf(client.zk.get(path))).toBe('CONNECTION_CLOSED/not-sent');
    return { ticket, id };
  }

  it('ends with close(), and its ephemeral nodes with it', async () => {
    const client = await ObservedClient.connect(server.connectString);
    await client.zk.create('/closed', null, { mode: 'ephemeral' });
    expect((await other.zk.exists('/closed'))?.ephemeralOwner).toBe(client.zk.sessionId);
    // Made before, answered before.
    const [last] = await Promise.all([client.zk.create('/kept', 'x'), client.zk.close()]);
    expect(last).toBe('/kept');
    expect(await other.zk.exists('/closed')).toBeNull();
    expect(client.story(3)).toEqual([`disconnected ${server.connectString}`, 'closed']);
    expect(client.states.at(-1)).toMatchObject({ state: 'closed', reason: null });
    expect(await endingOf(client.zk.get('/kept'))).toBe('CONNECTION_CLOSED/not-sent');
    await client.zk.close();
    expect(client.told).toBe(5);
  });

  it('goes on where detach() left it', async () => {
    const { ticket, id } = await detached('/detached');
    expect((await other.zk.exists('/detached'))?.ephemeralOwner).toBe(id);
    await using client = await ObservedClient.connect(server.connectString, { resume: ticket });
    expect(client.story()).toEqual([
      `connecting ${server.connectString}`,
      `connected ${server.connectString}`,
      `session ${server.connectString} resumed`,
    ]);
    expect(client.zk.sessionId).toBe(id);
    await client.zk.delete('/detached');
  });

  it('goes on in another process', async () => {
    const { ticket, id } = await detached('/handed-over');
    const program = `
      import { connect, SessionTicket } from 'zkwire';
      const [ticket, servers] = process.argv.slice(1);
      const resume = SessionTicket.parse(ticket);
      const zk = await connect(servers, { resume, onState: (event) => console.log(event.state) });
      console.log(zk.sessionId === resume.sessionId, String(await zk.get('/handed-over').then(({ data }) => data)));
      await zk.close();`;
    const args = [ticket.serialize(), server.connectString];
    const lines = await runNode(['--input-type=module', '-e', program, ...args], ROOT);
    expect(lines).toEqual([
      'connecting',
      'connected',
      'session',
      'true mine',
      'disconnected',
      'closed',
    ]);
    expect(id).toBe(ticket.sessionId);
    expect(await other.zk.exists('/handed-over')).toBeNull();
  });

  it.each([
    ['a wrong password', { password: Buffer.alloc(16, 1) }],
    ['an id that the server never gave', { sessionId: 0x1234_5678n }],
  ])('is expired for who resumes with %s', async (_what, wrong) => {
    const path = '/resumed-wrongly';
    const { ticket, id } = await detached(path);
    const resume = new SessionTicket({ ...ticket, password: ticket.password, ...wrong });
    await using client = await ObservedClient.connect(server.connectString, { resume });
    expect(client.story()).toEqual([
      `connecting ${server.connectString}`,
      `connected ${server.connectString}`,
      `expired ${server.connectString}`,
      `disconnected ${server.connectString}`,
      `connecting ${server.connectString}`,
      `connected ${server.connectString}`,
      `session ${server.connectString} new`,
    ]);
    expect(client.states[2]).toMatchObject({ sessionId: resume.sessionId });
    expect(client.zk.sessionId).not.toBe(resume.sessionId);
    await expect(
      connect(server.connectString, { resume, afterExpiry: 'end' }),
    ).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
    // Whoever has the right one is not disturbed.
    await using right = await ObservedClient.connect(server.connectString, { resume: ticket });
    expect(right.zk.sessionId).toBe(id);
    await right.zk.delete(path);
  });

  it('survives an attempt to take it with a wrong password', async () => {
    await using client = await ObservedClient.connect(server.connectString);
    await client.zk.create('/victim', null, { mode: 'ephemeral' });
    const id = client.zk.sessionId;
    const told = client.told;
    const stolen = new SessionTicket({
      sessionId: id,
      password: Buffer.alloc(16, 1),
      lastZxidSeen: 0n,
      lastXid: 0,
      sessionTimeoutMs: 10_000,
    });
    // The right owner may be back so soon that the server closes the thief's connection, unanswered.
    await using thief = await ObservedClient.connect(server.connectString, {
      resume: stolen,
      connectRounds: 10,
    });
    expect(thief.story()).toContain(`expired ${server.connectString}`);
    expect(thief.zk.sessionId).not.toBe(id);
    // A ZooKeeper closes the right owner's connection before it looks at the password (seen on
    // 3.8.0); the embedded server looks at the password first.
    if (isApache) {
      const back = await client.next('session', told);
      expect([back.resumed, back.sessionId]).toEqual([true, id]);
    } else {
      expect(client.told).toBe(told);
    }
    await expect.poll(() => client.zk.connected).toBe(true);
    expect((await client.zk.exists('/victim'))?.ephemeralOwner).toBe(id);
  });

  it('moves to whoever resumes it last, and two of them do not fight without a pause', async () => {
    const { ticket, id } = await detached('/moved');
    await using first = await ObservedClient.connect(server.connectString, { resume: ticket });
    // The first one may be so quick to take it back that the second is closed in its handshake.
    await using second = await ObservedClient.connect(server.connectString, {
      resume: ticket,
      connectRounds: 10,
    });
    const lost = await first.next('disconnected', 0);
    expect(lost.reason.code).toMatch(/^LINK_/);
    await delay(2_000);
    const sessions = [first, second].map(
      ({ states }) => states.filter(({ state }) => state === 'session').length,
    );
    // Both were in; each loss makes the next pause longer: five times each in two seconds, measured.
    expect(Math.min(...sessions)).toBeGreaterThanOrEqual(1);
    expect(sessions[0]! + sessions[1]!).toBeLessThan(30);
    expect([first.zk.sessionId, second.zk.sessionId]).toEqual([id, id]);
  });

  it('is lost by the clock, then expired by the server; a new one follows', async () => {
    await using proxy = await FaultProxy.listen(server);
    await using client = await ObservedClient.connect(proxy.connectString, {
      sessionTimeoutMs: 6_000,
    });
    const { zk } = client;
    const id = zk.sessionId;
    await zk.create('/expires', null, { mode: 'ephemeral' });
    const told = client.told;
    proxy.hang();
    const sent = endingOf(zk.set('/expires', 'sent'));
    await client.next('disconnected', told);
    const parked = endingOf(zk.set('/expires', 'parked'));
    const lost = await client.next('lost', told);
    expect(lost.sessionId).toBe(id);
    expect(lost.atMs - proxy.lastDownMs).toBeGreaterThanOrEqual(5_999);
    expect(lost.silentMs).toBeGreaterThanOrEqual(6_000);
    expect(await endingOf(zk.set('/expires', 'while lost'))).toBe('SESSION_LOST/not-sent');
    expect([await sent, await parked]).toEqual([
      'CONNECTION_LOSS/unknown',
      'SESSION_LOST/not-sent',
    ]);
    await expect.poll(() => other.zk.exists('/expires')).toBeNull();
    proxy.unhang();
    const expired = await client.next('expired', told);
    expect(expired.sessionId).toBe(id);
    const fresh = await client.next('session', told);
    expect([fresh.resumed, fresh.sessionId === id]).toEqual([false, false]);
    // The connection by which the word came may have been made before the session was lost.
    const story = client.story(told).filter((line) => line !== 'lost');
    expect(story.slice(story.findIndex((line) => line.startsWith('expired')) - 1)).toEqual(
      ['connected', 'expired', 'disconnected', 'connecting', 'connected']
        .map((name) => `${name} ${proxy.connectString}`)
        .concat(`session ${proxy.connectString} new`),
    );
    await zk.create('/expires', 'again', { mode: 'ephemeral' });
    expect((await other.zk.exists('/expires'))?.ephemeralOwner).toBe(fresh.sessionId);
  });

  it('ends the client when it was told so', async () => {
    await using proxy = await FaultProxy.listen(server);
    const client = await ObservedClient.connect(proxy.connectString, {
      sessionTimeoutMs: 6_000,
      afterExpiry: 'end',
    });
    await client.zk.create('/ends', null, { mode: 'ephemeral' });
    const told = client.told;
    proxy.hang();
    await client.next('lost', told);
    await expect.poll(() => other.zk.exists('/ends')).toBeNull();
    proxy.unhang();
    const closed = await client.next('closed', told);
    expect(closed.reason?.code).toBe('SESSION_EXPIRED');
    expect(
      client
        .story(told)
        .filter((line) => line !== 'lost')
        .slice(-4),
    ).toEqual([
      `connected ${proxy.connectString}`,
      `expired ${proxy.connectString}`,
      `disconnected ${proxy.connectString}`,
      'closed',
    ]);
    expect(await endingOf(client.zk.get('/'))).toBe('SESSION_EXPIRED/not-sent');
    await client.zk.close();
    await expect.poll(() => proxy.counters().open).toBe(0);
  });

  it('is not kept alive by a client that is not there', async () => {
    const { ticket } = await detached('/left-alone');
    const resume = new SessionTicket({ ...ticket, password: ticket.password });
    expect(resume.sessionTimeoutMs).toBe(30_000);
    const short = await ObservedClient.connect(server.connectString, { sessionTimeoutMs: 4_000 });
    await short.zk.create('/short', null, { mode: 'ephemeral' });
    const left = await short.zk.detach();
    await expect.poll(() => other.zk.exists('/short')).toBeNull();
    await expect(
      connect(server.connectString, { resume: left, afterExpiry: 'end' }),
    ).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
    expect(await other.zk.exists('/left-alone')).not.toBeNull();
  });
});

describeReal('a server that has lost its data', () => {
  it('is refused in rounds with pauses, visibly, until it is good again', async () => {
    await using server = await startServer({ fastStart: true, configLines: ['forceSync=no'] });
    await using client = await ObservedClient.connect(server.connectString, {
      sessionTimeoutMs: 4_000,
    });
    for (let index = 0; index < 20; index++) await client.zk.create(`/n${index}`, 'x');
    const told = client.told;
    await server.kill();
    rmSync(join(server.dataDir, 'version-2'), { recursive: true });
    await server.restart();
    // Rounds before it served have failed in other ways.
    let code = '';
    while (code !== 'HANDSHAKE_CLOSED') {
      code = (await client.next('refused')).failures[0]?.code ?? 'none';
    }
    const [before, start] = [client.told, performance.now()];
    await delay(3_000);
    const attempts = (): number =>
      client.states.slice(before).filter(({ state }) => state === 'connecting').length;
    // A pause is a twelfth of the session time-out at most here: 333 ms; never less than half of that.
    await expect.poll(attempts).toBeGreaterThanOrEqual(3);
    expect(attempts()).toBeLessThanOrEqual((performance.now() - start) / 166 + 1);
    expect((await client.next('lost', told)).sessionId).toBe(client.zk.sessionId);
    expect(await endingOf(client.zk.get('/'))).toBe('SESSION_LOST/not-sent');
    // Nobody but the user can decide that the data is gone for good: a client without the past gets in.
    await using fresh = await ObservedClient.connect(server.connectString);
    expect(await fresh.zk.getChildren('/')).toEqual(['zookeeper']);
  });
});
