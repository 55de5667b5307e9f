import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ConnectError, connect } from '../../src/client/index.ts';
import {
  type EnsembleOptions,
  startEnsemble,
  startServer,
  type ZooKeeperEnsemble,
  type ZooKeeperServer,
} from '../../tools/zookeeper/index.ts';
import {
  acceptance,
  FIRST_SESSION_ID,
  ScriptedServer,
} from '../hostile/support/scripted-server.ts';
import { endingOf } from './support/failures.ts';
import { ObservedClient } from './support/observed-client.ts';
import { describeApache } from './support/real-zookeeper.ts';

const OPTIONS: EnsembleOptions = {
  fastStart: true,
  heapMiB: 128,
  tickTimeMs: 500,
  maxSessionTimeoutMs: 60_000,
  readOnlyMode: true,
  configLines: ['forceSync=no'],
};

/** A server looks for others for two seconds before it settles for read-only; more is for slow machines. */
const READ_ONLY_MS_MAX = 120_000;

/** Kills all servers but the first, and waits until that one serves reads only. */
async function leaveOne(ensemble: ZooKeeperEnsemble): Promise<ZooKeeperServer> {
  const [survivor, ...others] = ensemble.servers as [ZooKeeperServer, ...ZooKeeperServer[]];
  await Promise.all(others.map((server) => server.kill()));
  await expect.poll(() => survivor.mode(), { timeout: READ_ONLY_MS_MAX }).toBe('read-only');
  return survivor;
}

async function restart(ensemble: ZooKeeperEnsemble): Promise<void> {
  const dead = ensemble.servers.filter(({ running }) => !running);
  await Promise.all(dead.map((server) => server.restart({ waitUntilServing: false })));
  await ensemble.waitForLeader();
}

async function codeOf(connecting: Promise<unknown>): Promise<string> {
  return await connecting.then(
    () => 'connected',
    (error: unknown) => (error as ConnectError).code,
  );
}

describeApache('the last of three servers, with local sessions', () => {
  let ensemble: ZooKeeperEnsemble;
  beforeAll(async () => {
    ensemble = await startEnsemble({ ...OPTIONS, localSessions: true });
  });
  afterAll(() => ensemble?.stop());

  it('serves reads to who takes them, and is left when there is a writable server again', async () => {
    const options = { readOnly: true, sessionTimeoutMs: 40_000 };
    await using old = await ObservedClient.connect(ensemble.connectString, options);
    const id = old.zk.sessionId;
    expect(old.states.at(-1)).toMatchObject({ state: 'session', readOnly: false });
    await old.zk.create('/data', 'before');
    const told = old.told;
    const survivor = await leaveOne(ensemble);
    await using fresh = await ObservedClient.connect(ensemble.connectString, options);
    expect(fresh.states.at(-1)).toMatchObject({
      state: 'session',
      host: survivor.connectString,
      resumed: false,
      readOnly: true,
    });
    expect((await fresh.zk.get('/data')).data).toEqual(Buffer.from('before'));
    expect(await endingOf(fresh.zk.create('/refused'))).toBe('NOTREADONLY/rejected');
    expect(await endingOf(fresh.zk.set('/data', 'x'))).toBe('NOTREADONLY/rejected');
    expect(await codeOf(connect(survivor.connectString))).toBe('HANDSHAKE_CLOSED');
    // A local session is known to its server only, and that one has begun anew.
    expect((await old.next('expired', told)).sessionId).toBe(id);
    const reading = await old.next('session', told);
    expect([reading.readOnly, reading.host]).toEqual([true, survivor.connectString]);
    const fakeIds = [fresh.zk.sessionId, old.zk.sessionId];
    const [freshTold, oldTold] = [fresh.told, old.told];

    await restart(ensemble);
    for (const [client, from] of [
      [fresh, freshTold],
      [old, oldTold],
    ] as const) {
      const writable = await client.next('session', from);
      expect([writable.readOnly, writable.resumed]).toEqual([false, false]);
      // What a read-only server called the session was never shown to another one.
      expect(fakeIds).not.toContain(writable.sessionId);
      expect(client.story(from).filter((line) => line.startsWith('expired'))).toEqual([]);
    }
    expect(await endingOf(fresh.zk.create('/accepted'))).toBe('ok');
    expect(await endingOf(old.zk.set('/data', 'after'))).toBe('ok');
  });
});

// Row F9 of docs/behaviour.md.
describeApache('the last of three servers, without local sessions', () => {
  let ensemble: ZooKeeperEnsemble;
  beforeAll(async () => {
    ensemble = await startEnsemble(OPTIONS);
  });
  afterAll(() => ensemble?.stop());

  it('refuses every session, a new one with a number; one from before comes back with the others', async () => {
    await using old = await ObservedClient.connect(ensemble.connectString, {
      readOnly: true,
      sessionTimeoutMs: 40_000,
    });
    const id = old.zk.sessionId;
    await old.zk.create('/mine', null, { mode: 'ephemeral' });
    const told = old.told;
    const survivor = await leaveOne(ensemble);
    // Sixteen bytes instead of a handshake, and silence behind them.
    expect(await codeOf(connect(survivor.connectString, { readOnly: true }))).toBe(
      'HANDSHAKE_REFUSED',
    );
    expect(await codeOf(connect(survivor.connectString))).toBe('HANDSHAKE_CLOSED');
    const refused = await old.next('refused', told);
    expect(refused.failures.map(({ host }) => host).sort()).toEqual(
      ensemble.servers.map(({ connectString }) => connectString).sort(),
    );
    await restart(ensemble);
    const back = await old.next('session', told);
    expect([back.sessionId, back.resumed, back.readOnly]).toEqual([id, true, false]);
    expect((await old.zk.exists('/mine'))?.ephemeralOwner).toBe(id);
  });
});

describeApache('a read-only server while there is a writable one', () => {
  it('is left for it, and every request is answered by one of them', async () => {
    await using writable = await startServer({ fastStart: true, configLines: ['forceSync=no'] });
    // A server without any history would be behind the replies of the other one.
    await using direct = await connect(writable.connectString);
    await direct.create('/history');
    await using readOnly = await ScriptedServer.listen({
      handshake: (socket) => void socket.write(acceptance(FIRST_SESSION_ID, { readOnly: true })),
    });
    await using client = await ObservedClient.connect(
      `${readOnly.connectString},${writable.connectString}`,
      { readOnly: true },
    );
    expect(client.story()).toEqual([
      `connecting ${readOnly.connectString}`,
      `connected ${readOnly.connectString}`,
      `session ${readOnly.connectString} new read-only`,
    ]);
    const told = client.told;
    const answers: string[] = [];
    while (answers.at(-1) !== 'history,zookeeper') {
      answers.push((await client.zk.getChildren('/')).sort().join());
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(new Set(answers)).toEqual(new Set(['good', 'history,zookeeper']));
    await client.next('session', told);
    expect(client.story(told)).toEqual([
      `disconnected ${readOnly.connectString}`,
      `connecting ${writable.connectString}`,
      `connected ${writable.connectString}`,
      `session ${writable.connectString} new`,
    ]);
    expect(client.zk.sessionId).not.toBe(FIRST_SESSION_ID);
    expect(await endingOf(client.zk.create('/written'))).toBe('ok');
  });
});
