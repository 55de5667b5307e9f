import { afterAll, beforeAll, expect, it } from 'vitest';
import { RecordingProxy } from '../../src/cli/recording-proxy.ts';
import {
  AuthError,
  type ConnectOptions,
  type Credential,
  connect,
  digestCredential,
  RequestError,
  type StateEvent,
  type ZooKeeperClient,
} from '../../src/client/index.ts';
import { digestId, startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { describeReal } from './support/real-zookeeper.ts';
import { packetsOf, requestsOf } from './support/recorded-wire.ts';

const ALL = 31;
/** Whoever made the node, by every identity that the session has. */
const CREATOR = [{ perms: ALL, id: { scheme: 'auth', id: '' } }];

const only = (scheme: string, id: string) => [{ perms: ALL, id: { scheme, id } }];

/** A digest that servers refuse: they know no such scheme. */
const REFUSED: Credential = { scheme: 'no-such-scheme', auth: 'x' };

async function failureOf(answer: Promise<unknown>): Promise<RequestError> {
  const error: unknown = await answer.then(
    () => expect.unreachable('it succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RequestError);
  return error as RequestError;
}

describeReal('credentials and a real server', () => {
  let server: ZooKeeperServer;
  let nodes = 0;

  const fresh = (): string => `/auth${++nodes}`;

  /** Who connects, and all that happens to them. */
  async function open(
    options: ConnectOptions,
    connectString: string = server.connectString,
  ): Promise<{ zk: ZooKeeperClient; states: StateEvent[] }> {
    const states: StateEvent[] = [];
    const onState = (event: StateEvent): unknown => states.push(event);
    return { zk: await connect(connectString, { ...options, onState }), states };
  }

  beforeAll(async () => {
    server = await startServer({
      fastStart: true,
      superDigest: digestId('super', 'secret'),
      configLines: ['forceSync=no'],
    });
  });

  afterAll(() => server?.stop());

  it('opens what an ACL gives to a digest, and nothing to others', async () => {
    const path = fresh();
    const { zk } = await open({ auth: [digestCredential('bob', 'p:w')] });
    await zk.create(path, 'his', { acl: only('digest', digestId('bob', 'p:w')) });
    expect((await zk.get(path)).data?.toString()).toBe('his');
    for (const auth of [[], [digestCredential('bob', 'guess')], [digestCredential('eve', 'p:w')]]) {
      const { zk: other } = await open({ auth });
      expect(await failureOf(other.get(path))).toMatchObject({
        code: 'NOAUTH',
        serverCode: -102,
        outcome: 'rejected',
        path,
      });
      expect(other.connected).toBe(true);
      await other.close();
    }
    await zk.close();
  });

  it('hashes a text beyond ASCII as the server does', async () => {
    const path = fresh();
    const { zk } = await open({ auth: [digestCredential('jürgen', '密码')] });
    await zk.create(path, null, { acl: only('digest', digestId('jürgen', '密码')) });
    await zk.set(path, 'x');
    await zk.close();
  });

  it('adds up what is added later, and the super user may do everything', async () => {
    const path = fresh();
    const { zk } = await open({ auth: [{ scheme: 'digest', auth: 'a:1' }] });
    await zk.create(path, 'x', { acl: only('digest', digestId('b', '2')) });
    expect((await failureOf(zk.get(path))).code).toBe('NOAUTH');
    await zk.addAuth(digestCredential('b', '2'));
    expect((await zk.get(path)).data?.toString()).toBe('x');
    const both = fresh();
    await zk.create(both, null, { acl: CREATOR });
    const { zk: root } = await open({});
    expect((await failureOf(root.get(both))).code).toBe('NOAUTH');
    await root.addAuth(digestCredential('super', 'secret'));
    expect((await root.get(both)).data).toBeNull();
    await Promise.all([zk.close(), root.close()]);
  });

  it('sends them in order on every connection, before the watches and every request that waits', async () => {
    const proxy = await RecordingProxy.start({ targetHost: server.host, targetPort: server.port });
    const credentials = Array.from({ length: 3 }, (_, i) => digestCredential(`u${i}`, 'p'));
    const { zk, states } = await open({ auth: credentials }, proxy.address);
    await zk.addAuth(digestCredential('last', 'p'));
    // The same once more: the server hears it once a connection.
    await zk.addAuth(digestCredential('u1', 'p'));
    const path = fresh();
    await zk.create(path, 'x', { acl: only('digest', digestId('last', 'p')) });
    await zk.watch(path);
    for (let round = 1; round <= 5; round++) {
      proxy.hold();
      await expect.poll(() => zk.connected).toBe(false);
      const reads = Array.from({ length: 10 }, () => zk.get(path));
      proxy.release();
      // Without the credential in front these would be refused.
      await Promise.all(reads);
      await expect.poll(() => proxy.acceptedConnections).toBe(1 + round);
      const requests = requestsOf(proxy, round);
      expect(requests).toEqual([
        'connect',
        ...Array(4).fill('auth'),
        'setWatches2',
        ...Array(10).fill('getData'),
      ]);
      const users = packetsOf(proxy)
        .filter(({ conn, type }) => conn === round && type === 'AuthPacket')
        .map(({ record }) => String((record as { auth: Buffer }).auth));
      expect(users).toEqual(['u0:p', 'u1:p', 'u2:p', 'last:p']);
    }
    expect(new Set(states.map(({ state }) => state))).not.toContain('auth-failed');
    const names = (await zk.whoAmI()).map(({ scheme, user }) => `${scheme} ${user}`);
    const users = ['u0', 'u1', 'u2', 'last'].map((user) => `digest ${user}`);
    expect(names.sort()).toEqual([...users, 'ip 127.0.0.1'].sort());
    expect(states.filter(({ state }) => state === 'session')).toHaveLength(6);
    await zk.close();
    await proxy.stop();
  });

  it('keeps 64 of them, each good for something', async () => {
    const auth = Array.from({ length: 64 }, (_, i) => digestCredential(`u${i}`, `p${i}`));
    const { zk } = await open({ auth });
    const paths = auth.map(fresh);
    await Promise.all(
      paths.map((path, i) =>
        zk.create(path, null, { acl: only('digest', digestId(`u${i}`, `p${i}`)) }),
      ),
    );
    await Promise.all(paths.map((path) => zk.get(path)));
    await expect(zk.addAuth(digestCredential('one', 'more'))).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
    expect(zk.connected).toBe(true);
    await zk.close();
  });

  it('ends a client whose first credential is refused, and does not try again', async () => {
    const states: StateEvent[] = [];
    const error: unknown = await connect(server.connectString, {
      auth: [digestCredential('bob', 'p'), REFUSED],
      onState: (event) => states.push(event),
    }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({
      code: 'AUTH_REFUSED',
      scheme: 'no-such-scheme',
      serverCode: -115,
      host: server.connectString,
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(states.filter(({ state }) => state === 'connecting')).toHaveLength(1);
    expect(states.filter(({ state }) => state === 'auth-failed')).toEqual([
      { state: 'auth-failed', host: server.connectString, error },
    ]);
    expect(states.at(-1)).toEqual({ state: 'closed', reason: error });
  });

  it('ends a client whose later credential is refused: all that waits and all that comes fails', async () => {
    const { zk, states } = await open({});
    const path = fresh();
    await zk.create(path);
    const adding = zk.addAuth(REFUSED).catch((reason: unknown) => reason);
    const behind = Array.from({ length: 100 }, () => failureOf(zk.get(path)));
    const error = await adding;
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: 'AUTH_REFUSED', serverCode: -115 });
    for (const failure of await Promise.all(behind)) {
      expect(['AUTH_FAILED', 'CONNECTION_LOSS']).toContain(failure.code);
      expect(failure.outcome).toBe('unknown');
    }
    expect(await failureOf(zk.get(path))).toMatchObject({
      code: 'AUTH_FAILED',
      outcome: 'not-sent',
    });
    await expect(zk.addAuth(digestCredential('a', 'b'))).rejects.toBe(error);
    expect(states.map(({ state }) => state)).toEqual([
      'connecting',
      'connected',
      'session',
      'auth-failed',
      'disconnected',
      'closed',
    ]);
    await zk.close();
  });
});

describeReal('a real server that serves only who has authenticated', () => {
  it('serves who has a credential of the scheme, and tells others why it does not', async () => {
    await using server = await startServer({ fastStart: true, enforceAuthSchemes: ['digest'] });
    await using zk = await connect(server.connectString, { auth: [digestCredential('a', 'b')] });
    await zk.create('/x');
    for (const waits of [false, true]) {
      const states: StateEvent[] = [];
      const onState = (event: StateEvent): unknown => states.push(event);
      const other = await connect(server.connectString, { sessionTimeoutMs: 4000, onState });
      // Without a request it is a ping that the server refuses.
      if (waits) await expect.poll(() => other.connected).toBe(false);
      expect(await failureOf(other.get('/x'))).toMatchObject(
        waits
          ? { code: 'AUTH_FAILED' }
          : { code: 'SESSIONCLOSEDREQUIRESASLAUTH', serverCode: -124 },
      );
      await expect.poll(() => states.at(-1)?.state).toBe('closed');
      expect(states.filter(({ state }) => state === 'connecting')).toHaveLength(1);
      expect(states.find(({ state }) => state === 'auth-failed')).toMatchObject({
        error: { code: 'AUTH_REQUIRED', serverCode: -124 },
      });
    }
  });
});
