import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ACL, ZooKeeperClient } from '../../../src/client/index.ts';
import {
  discover,
  type RegisterOptions,
  type RegistrationEvent,
  register,
} from '../../../src/recipes/index.ts';
import { addressesOf, ServiceRig, Told, typesOf } from './service-rig.ts';

const SHOP = '/services/shop';

let rig: ServiceRig;
let zk: ZooKeeperClient;
let told: Told<RegistrationEvent>;

beforeEach(async () => {
  rig = await ServiceRig.start();
  zk = await rig.client();
  told = new Told();
});

afterEach(() => rig[Symbol.asyncDispose]());

const registered = (from = 0): Promise<RegistrationEvent> =>
  told.until(({ type }) => type === 'registered', from);

function here(options: RegisterOptions = {}): ReturnType<typeof register> {
  return register(zk, SHOP, { address: '10.0.0.7:80' }, { onEvent: told.tell, ...options });
}

describe('register', () => {
  it('makes the nodes above where they are missing (row 003.2), and one of its own that says where it is', async () => {
    const registration = await register(
      zk,
      SHOP,
      { address: '10.0.0.7:80', weight: 3, tags: ['a'] },
      { onEvent: told.tell },
    );
    const { path } = registration;
    expect(path).toMatch(/^\/services\/shop\/_c_[\da-f-]{36}-instance-0000000000$/);
    const { data, stat } = await zk.get(path as string);
    expect(JSON.parse(String(data))).toEqual({ address: '10.0.0.7:80', weight: 3, tags: ['a'] });
    expect(stat.ephemeralOwner).toBe(zk.sessionId);
    expect(told.all).toEqual([{ type: 'registered', path, sessionId: zk.sessionId }]);
    const [instance] = await discover(zk, SHOP);
    expect(instance).toMatchObject({
      address: '10.0.0.7:80',
      metadata: { weight: 3, tags: ['a'] },
      sessionId: zk.sessionId,
    });
  });

  it('gives each its own session and node, by name (row 003.1)', async () => {
    const clients = await Promise.all([rig.client(), rig.client(), rig.client()]);
    const ports = [8897, 8898, 8899];
    await Promise.all(
      clients.map((client, at) => {
        const address = `127.0.0.1:${ports[at]}`;
        return register(client, '/go_servers', { address }, { name: address });
      }),
    );
    expect((await zk.getChildren('/go_servers')).sort()).toEqual([
      '127.0.0.1:8897',
      '127.0.0.1:8898',
      '127.0.0.1:8899',
    ]);
    const owners = (await discover(zk, '/go_servers')).map(({ sessionId }) => sessionId);
    expect(owners).toEqual(clients.map(({ sessionId }) => sessionId));
  });

  it('works below a chroot that is not there yet', async () => {
    const inside = await rig.client('/apps/one');
    const { path } = await register(inside, SHOP, { address: 'a:1' }, { name: 'a' });
    expect(path).toBe(`${SHOP}/a`);
    expect(await zk.getChildren(`/apps/one${SHOP}`)).toEqual(['a']);
  });

  it.each([{}, { name: 'shop-1' }])('comes back after an expiry, visibly: %j', async (options) => {
    const registration = await here(options);
    const [before, session] = [registration.path, zk.sessionId];
    expect(rig.server.faults.expireSession(session)).toBe(true);
    await told.until(({ type }) => type === 'unregistered');
    await registered(1);
    expect(told.all).toEqual([
      { type: 'registered', path: before, sessionId: session },
      { type: 'unregistered', path: before, reason: 'expired' },
      { type: 'registered', path: registration.path, sessionId: zk.sessionId },
    ]);
    expect(zk.sessionId).not.toBe(session);
    expect(registration.path === before).toBe(options.name !== undefined);
    const [only, ...others] = await discover(zk, SHOP);
    expect([only?.sessionId, others]).toEqual([zk.sessionId, []]);
  });

  it('comes back as it was asked for, whatever has become of the options since', async () => {
    const acl: ACL[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];
    const options = { name: 'a', acl, onEvent: told.tell };
    const registration = await register(zk, SHOP, { address: 'a:1' }, options);
    const other = new Told<RegistrationEvent>();
    Object.assign(acl[0]!, { perms: 1 });
    Object.assign(options, { name: 'b', acl: [], onEvent: other.tell });
    expect(rig.server.faults.expireSession(zk.sessionId)).toBe(true);
    await registered(1);
    expect(registration.path).toBe(`${SHOP}/a`);
    expect((await zk.getAcl(`${SHOP}/a`)).acl).toEqual([
      { perms: 31, id: { scheme: 'world', id: 'anyone' } },
    ]);
    expect(other.all).toEqual([]);
  });

  it('looks for its node, to take it away, when the server has caught up', async () => {
    const lines: string[] = [];
    const watched = await rig.client('', { wireTap: (line) => void lines.push(line) });
    const registration = await register(watched, SHOP, { address: 'a:1' }, { name: 'a' });
    lines.length = 0;
    await registration.deregister();
    const asked = lines.flatMap((line) => / > #\d+ (\w+)/.exec(line)?.[1] ?? []);
    expect(asked.filter((name) => !/ping|atches/i.test(name))).toEqual([
      'sync',
      'exists',
      'delete',
    ]);
  });

  it('has one node, also when the one whose answer was lost could not be looked for at once', async () => {
    const registration = await here();
    rig.server.faults.inject({ op: 'create' }, { cut: 'after' });
    rig.server.faults.inject({ op: 'sync', times: 2 }, { answer: 'NOAUTH' });
    rig.server.faults.expireSession(zk.sessionId);
    await registered(1);
    expect(await zk.getChildren(SHOP)).toEqual([registration.path?.split('/').at(-1)]);
  });

  it('leaves no node behind whose answer was lost', async () => {
    const other = await rig.client();
    await other.ensurePath(SHOP);
    rig.server.faults.inject({ op: 'create' }, { cut: 'after' });
    rig.server.faults.inject({ op: 'sync', sessionId: zk.sessionId }, { answer: 'NOAUTH' });
    await expect(here()).rejects.toMatchObject({ code: 'NOAUTH' });
    expect(await other.getChildren(SHOP)).toHaveLength(1);
    await told.until(({ type }) => type === 'deregistered');
    expect(await other.getChildren(SHOP)).toEqual([]);
  });

  it('says where it is now when it goes on with the session and the name of another', async () => {
    await register(zk, SHOP, { address: 'old:1' }, { name: 'a' });
    const resume = await zk.detach();
    const next = await rig.client('', { resume });
    const { path } = await register(next, SHOP, { address: 'new:2' }, { name: 'a' });
    expect(path).toBe(`${SHOP}/a`);
    expect(next.sessionId).toBe(resume.sessionId);
    expect(addressesOf(await discover(next, SHOP))).toEqual(['new:2']);
  });

  it('keeps its node over a lost connection', async () => {
    const { path } = await here();
    const back = new Promise((resolve) => zk.once('session', resolve));
    expect(rig.server.faults.cut(zk.sessionId)).toBe(1);
    await back;
    await zk.sync('/');
    expect(await zk.getChildren(SHOP)).toEqual([path?.split('/').at(-1)]);
    expect(typesOf(told)).toEqual(['registered']);
  });

  it('comes back when somebody deletes its node, even while the connection is lost', async () => {
    const registration = await here({ name: 'a' });
    const other = await rig.client();
    await other.delete(`${SHOP}/a`);
    await registered(1);
    expect(typesOf(told)).toEqual(['registered', 'unregistered', 'registered']);
    const gate = rig.server.faults.inject({ op: 'setWatches2' }, { delayMs: 20 });
    rig.server.faults.cut(zk.sessionId);
    await other.delete(`${SHOP}/a`);
    await gate.hit;
    await registered(3);
    expect(told.all.filter(({ type }) => type !== 'failed')[3]).toEqual({
      type: 'unregistered',
      path: `${SHOP}/a`,
      reason: 'deleted',
    });
    expect((await other.exists(`${SHOP}/a`))?.ephemeralOwner).toBe(zk.sessionId);
    expect(registration.path).toBe(`${SHOP}/a`);
  });

  it.each([
    ['before', {}],
    ['after', {}],
    ['before', { name: 'a' }],
    ['after', { name: 'a' }],
  ] as const)(
    'makes one node when the connection is cut %s the create: %j',
    async (cut, options) => {
      const fault = rig.server.faults.inject(
        { op: ['create', 'create2'], path: /a|instance/ },
        { cut },
      );
      await zk.ensurePath(SHOP);
      const registration = await here(options);
      expect(fault.hits).toBe(1);
      expect(await zk.getChildren(SHOP)).toEqual([registration.path?.split('/').at(-1)]);
    },
  );

  it('makes one node when the session expires in the create', async () => {
    await zk.ensurePath(SHOP);
    const before = zk.sessionId;
    rig.server.faults.inject({ op: ['create', 'create2'] }, { expire: true });
    await here();
    expect(zk.sessionId).not.toBe(before);
    expect((await discover(zk, SHOP)).map(({ sessionId }) => sessionId)).toEqual([zk.sessionId]);
  });

  it('waits for a name that is taken: after a crash, by its own session of before', async () => {
    const crashed = await rig.client();
    await register(crashed, SHOP, { address: 'old' }, { name: 'a' });
    const coming = here({ name: 'a' });
    const waiting = await told.until(({ type }) => type === 'waiting');
    expect(waiting).toMatchObject({ path: `${SHOP}/a`, sessionId: crashed.sessionId });
    await crashed.close();
    const registration = await coming;
    expect(addressesOf(await discover(zk, SHOP))).toEqual(['10.0.0.7:80']);
    expect(registration.path).toBe(`${SHOP}/a`);
  });

  it('gives up waiting when told to, and leaves nothing', async () => {
    const owner = await rig.client();
    await owner.ensurePath(SHOP);
    await owner.create(`${SHOP}/a`, 'theirs');
    const giveUp = new AbortController();
    const coming = here({ name: 'a', signal: giveUp.signal });
    await told.until(({ type }) => type === 'waiting');
    giveUp.abort('enough');
    await expect(coming).rejects.toMatchObject({ code: 'ABORTED', cause: 'enough' });
    await expect(here({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(String((await owner.get(`${SHOP}/a`)).data)).toBe('theirs');
    expect(await owner.getChildren(SHOP)).toEqual(['a']);
    await expect.poll(() => zk.listenerCount('state')).toBe(0);
    expect(await zk.checkWatches(`${SHOP}/a`)).toBe(false);
    expect(await owner.getChildren(SHOP)).toEqual(['a']);
  });

  it('rejects with what the server refuses', async () => {
    rig.server.faults.inject({ op: ['create', 'create2'] }, { answer: 'NOAUTH' });
    await expect(here()).rejects.toMatchObject({ code: 'NOAUTH' });
    await told.until(({ type }) => type === 'deregistered');
    expect(typesOf(told)).toEqual(['failed', 'deregistered']);
    expect(zk.listenerCount('state')).toBe(0);
  });

  it('goes on trying when a server refuses for a while to register it again', async () => {
    await here({ name: 'a' });
    const fault = rig.server.faults.inject(
      { op: ['create', 'create2'], times: 2 },
      { answer: 'NOAUTH' },
    );
    rig.server.faults.expireSession(zk.sessionId);
    await registered(1);
    expect(fault.hits).toBe(2);
    expect(typesOf(told).filter((type) => type === 'failed').length).toBeGreaterThanOrEqual(2);
  });

  it('refuses what makes no sense', async () => {
    const refused = { code: 'BAD_ARGUMENT' };
    await expect(register(zk, 'shop', { address: 'a' })).rejects.toMatchObject(refused);
    await expect(register(zk, SHOP, { address: '' })).rejects.toMatchObject(refused);
    await expect(register(zk, SHOP, {} as { address: string })).rejects.toMatchObject(refused);
    const tooLarge = { address: 'a', note: 'x'.repeat(2 ** 20) };
    await expect(register(zk, SHOP, tooLarge)).rejects.toMatchObject({ code: 'REQUEST_TOO_LARGE' });
    for (const name of ['', 'a/b', '..', '.']) {
      await expect(here({ name }), name).rejects.toMatchObject(refused);
    }
  });

  it.each(['throws', 'rejects'])('is not disturbed by a listener that %s', async (how) => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const registration = await here({
      onEvent: () => {
        if (how === 'rejects') return Promise.reject(new Error('broken')) as never;
        throw new Error('broken');
      },
    });
    expect((await warned).message).toContain('broken');
    expect(await zk.exists(registration.path as string)).not.toBeNull();
  });

  it('rejects when the client has ended', async () => {
    await zk.close();
    await expect(here()).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    const ending = await rig.client('', { afterExpiry: 'end' });
    const closed = new Promise((resolve) => ending.once('closed', resolve));
    rig.server.faults.expireSession(ending.sessionId);
    await closed;
    await expect(register(ending, SHOP, { address: 'a' })).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
    });
  });
});

describe('a registration', () => {
  it('that is deregistered is gone at once, and nothing is left behind (row 003.5)', async () => {
    const registration = await here();
    const path = registration.path as string;
    expect(await zk.checkWatches(path)).toBe(true);
    await registration.deregister();
    expect(await zk.getChildren(SHOP)).toEqual([]);
    expect([registration.path, zk.listenerCount('state')]).toEqual([null, 0]);
    expect(await zk.checkWatches(path)).toBe(false);
    expect(typesOf(told)).toEqual(['registered', 'deregistered']);
    await registration.deregister();
    const fresh = new Promise((resolve) => zk.once('session', resolve));
    rig.server.faults.expireSession(zk.sessionId);
    await fresh;
    expect(await zk.getChildren(SHOP)).toEqual([]);
    expect(told.all).toHaveLength(2);
  });

  it('that is deregistered without a connection is gone with the next one', async () => {
    const registration = await here({ name: 'a' });
    rig.server.faults.freeze();
    rig.server.faults.cut(zk.sessionId);
    const leaving = registration.deregister();
    await new Promise((resolve) => setTimeout(resolve, 20));
    rig.server.faults.thaw();
    await leaving;
    expect(await zk.getChildren(SHOP)).toEqual([]);
  });

  it('that cannot be deregistered waits no longer than it is told to, and goes as soon as it can', async () => {
    const registration = await here({ name: 'a' });
    rig.server.faults.freeze();
    const enough = new AbortController();
    const leaving = registration.deregister({ signal: enough.signal });
    enough.abort('no time');
    await expect(leaving).rejects.toMatchObject({ code: 'ABORTED', cause: 'no time' });
    const { signal } = enough;
    await expect(registration.deregister({ signal })).rejects.toMatchObject({ code: 'ABORTED' });
    rig.server.faults.thaw();
    const patient = new AbortController();
    await registration.deregister({ signal: patient.signal });
    expect(getEventListeners(patient.signal, 'abort')).toEqual([]);
    expect(await zk.getChildren(SHOP)).toEqual([]);
  });

  it('tells nobody of a refusal when those who asked wait no more', async () => {
    const registration = await here({ name: 'a' });
    rig.server.faults.inject({ op: 'delete' }, { answer: 'NOAUTH' });
    const leaving = registration.deregister({ signal: AbortSignal.abort() });
    await expect(leaving).rejects.toMatchObject({ code: 'ABORTED' });
    await told.until(({ type }) => type === 'deregistered');
    expect(typesOf(told)).toEqual(['registered', 'failed', 'deregistered']);
  });

  it('that may not be deleted says so, and goes as soon as it may', async () => {
    const registration = await here({ name: 'a' });
    rig.server.faults.inject({ op: 'delete' }, { answer: 'NOAUTH' });
    await expect(registration.deregister()).rejects.toMatchObject({ code: 'NOAUTH' });
    await expect(registration.deregister()).rejects.toMatchObject({ code: 'NOAUTH' });
    await told.until(({ type }) => type === 'deregistered');
    expect(await zk.getChildren(SHOP)).toEqual([]);
    expect(typesOf(told)).toEqual(['registered', 'failed', 'deregistered']);
  });

  it('does not come back when its session expires while it is deregistered', async () => {
    const registration = await here({ name: 'a' });
    rig.server.faults.inject({ op: 'delete' }, { expire: true });
    await registration.deregister();
    expect(await (await rig.client()).getChildren(SHOP)).toEqual([]);
    expect(typesOf(told)).toEqual(['registered', 'failed', 'unregistered', 'deregistered']);
  });

  it('ends with its client', async () => {
    const registration = await here();
    await zk.close();
    await registration.deregister();
    expect(registration.path).toBeNull();
    expect(typesOf(told)).toEqual(['registered', 'deregistered']);
    const other = await rig.client();
    expect(await other.getChildren(SHOP)).toEqual([]);
  });

  it('shares one listener of the client with all others', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => here()));
    expect(zk.listenerCount('state')).toBe(1);
    expect(await zk.getChildren(SHOP)).toHaveLength(20);
    for (const registration of all) await registration[Symbol.asyncDispose]();
    expect(await zk.getChildren(SHOP)).toEqual([]);
  });
});
