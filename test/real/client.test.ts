import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type CreateKind,
  connect,
  RequestError,
  TransactionError,
  ZooKeeperClient,
} from '../../src/client/index.ts';
import { startServer, type ZooKeeperServer } from '../../tools/zookeeper/index.ts';
import { describeReal } from './support/real-zookeeper.ts';

/** Largest frame body that a server of default settings takes. */
const FRAME_BODY_BYTES_MAX = 0xfffff;

async function failureOf(answer: Promise<unknown>): Promise<RequestError> {
  const error: unknown = await answer.then(
    () => expect.unreachable('it succeeded'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RequestError);
  return error as RequestError;
}

describeReal('the client and a real server', () => {
  let server: ZooKeeperServer;
  let zk: ZooKeeperClient;
  let nodes = 0;

  /** A path that no other test uses. */
  const fresh = (): string => `/n${++nodes}`;

  beforeAll(async () => {
    server = await startServer({
      fastStart: true,
      extendedTypesEnabled: true,
      configLines: ['forceSync=no'],
    });
    zk = await connect(server.connectString);
  }, 60_000);

  afterAll(async () => {
    await zk?.close();
    await server?.stop();
  });

  it('has a session', () => {
    expect(zk).toBeInstanceOf(ZooKeeperClient);
    expect([zk.host, zk.connected, zk.sessionTimeoutMs]).toEqual([
      server.connectString,
      true,
      30_000,
    ]);
    expect(zk.sessionId).not.toBe(0n);
  });

  it('is granted what the server allows', async () => {
    for (const [asked, granted] of [
      [1, 4000],
      [1_000_000, 40_000],
    ] as const) {
      const other = await connect(server.connectString, { sessionTimeoutMs: asked });
      expect(other.sessionTimeoutMs).toBe(granted);
      await other.close();
    }
  });

  it('writes, reads and deletes, with versions', async () => {
    const path = fresh();
    expect(await zk.create(path, 'one')).toBe(path);
    const first = await zk.get(path);
    expect(first.data).toEqual(Buffer.from('one'));
    expect(first.stat).toMatchObject({
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: 0n,
      dataLength: 3,
      numChildren: 0,
      mzxid: first.stat.czxid,
      pzxid: first.stat.czxid,
    });
    expect(Math.abs(Number(first.stat.ctime) - Date.now())).toBeLessThan(60_000);
    const stat = await zk.set(path, Buffer.from('two!'), { version: 0 });
    expect([stat.version, stat.dataLength, stat.mzxid > stat.czxid]).toEqual([1, 4, true]);
    expect(await zk.exists(path)).toEqual(stat);
    expect(await failureOf(zk.set(path, 'three', { version: 0 }))).toMatchObject({
      code: 'BADVERSION',
      serverCode: -103,
      outcome: 'rejected',
      operation: 'setData',
      path,
      host: server.connectString,
    });
    expect((await failureOf(zk.delete(path, { version: 0 }))).code).toBe('BADVERSION');
    expect(await zk.delete(path, { version: 1 })).toBeUndefined();
    expect(await zk.exists(path)).toBeNull();
    expect((await failureOf(zk.get(path))).code).toBe('NONODE');
  });

  it('tells null from empty', async () => {
    const path = fresh();
    await zk.create(path);
    expect((await zk.get(path)).data).toBeNull();
    await zk.set(path, '');
    expect((await zk.get(path)).data).toEqual(Buffer.alloc(0));
    await zk.set(path, null);
    expect((await zk.get(path)).data).toBeNull();
  });

  // Servers do not show clients that a node is a container or has a time to live: its owner is 0.
  it.each([
    [{ mode: 'persistent' }, false, false],
    [{ mode: 'ephemeral' }, false, true],
    [{ mode: 'persistent-sequential' }, true, false],
    [{ mode: 'ephemeral-sequential' }, true, true],
    [{ mode: 'container' }, false, false],
    [{ mode: 'persistent-ttl', ttlMs: 100_000 }, false, false],
    [{ mode: 'persistent-sequential-ttl', ttlMs: 2 ** 40 - 1 }, true, false],
  ] as [CreateKind, boolean, boolean][])(
    'creates %o, with its Stat or without',
    async (kind, sequential, ephemeral) => {
      const base = fresh();
      await zk.create(base);
      const name = sequential ? /^\/n\d+\/x\d{10}$/ : /^\/n\d+\/x$/;
      const path = await zk.create(`${base}/x`, 'data', kind);
      expect(path).toMatch(name);
      const { stat } = await zk.get(path);
      expect(stat.ephemeralOwner).toBe(ephemeral ? zk.sessionId : 0n);
      await zk.delete(path);
      const made = await zk.create(`${base}/x`, 'data', { ...kind, withStat: true });
      expect(made.path).toMatch(name);
      expect(await zk.exists(made.path)).toEqual(made.stat);
      expect(made.stat.dataLength).toBe(4);
    },
  );

  it('numbers sequential nodes, below a slash and behind a dot too', async () => {
    const base = fresh();
    await zk.create(base);
    const mode = 'persistent-sequential';
    expect(await zk.create(`${base}/`, null, { mode })).toBe(`${base}/0000000000`);
    expect(await zk.create(`${base}/.`, null, { mode })).toBe(`${base}/.0000000001`);
    expect(await zk.create(`${base}/a-`, null, { mode })).toBe(`${base}/a-0000000002`);
  });

  it('keeps ACLs, and the server judges them', async () => {
    const path = fresh();
    const readOnly = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }];
    await zk.create(path, 'x', { acl: readOnly });
    expect((await zk.get(path)).data).toEqual(Buffer.from('x'));
    expect((await failureOf(zk.set(path, 'y'))).code).toBe('NOAUTH');
    expect((await failureOf(zk.create(fresh(), 'x', { acl: [] }))).code).toBe('INVALIDACL');
  });

  it('lists children', async () => {
    const base = fresh();
    await zk.create(base);
    expect(await zk.getChildren(base)).toEqual([]);
    await Promise.all(['b', 'a', 'ü'].map((name) => zk.create(`${base}/${name}`)));
    expect((await zk.getChildren(base)).sort()).toEqual(['a', 'b', 'ü']);
    const { children, stat } = await zk.getChildren(base, { withStat: true });
    expect(children.sort()).toEqual(['a', 'b', 'ü']);
    expect(stat).toMatchObject({ numChildren: 3, cversion: 3 });
    expect((await failureOf(zk.delete(base))).code).toBe('NOTEMPTY');
    expect(await zk.getChildren('/')).toContain('zookeeper');
  });

  it('writes text of all sorts, in data and in names', async () => {
    const base = fresh();
    for (const name of [
      'ä',
      '漢字',
      'with space',
      'a..b',
      '\u00a0',
      '\ud7ff',
      '\uf900',
      '\uffef',
    ]) {
      const path = `${base}-${name}`;
      expect(await zk.create(path, `${name} 😀`)).toBe(path);
      expect((await zk.get(path)).data?.toString()).toBe(`${name} 😀`);
      expect(await zk.getChildren('/')).toContain(path.slice(1));
    }
  });

  it('refuses the paths that the server would refuse, and no others', async () => {
    for (const unit of [0x01, 0x1f, 0x7f, 0x9f, 0xd800, 0xdfff, 0xe000, 0xf8ff, 0xfff0, 0xffff]) {
      const refused = await failureOf(zk.create(`/c${String.fromCharCode(unit)}`));
      expect([refused.code, refused.outcome]).toEqual(['BAD_ARGUMENT', 'not-sent']);
    }
  });

  it('waits for the leader', async () => {
    expect(await zk.sync('/')).toBeUndefined();
  });

  it('runs a transaction, all of it', async () => {
    const base = fresh();
    await zk.create(base, 'one');
    const results = await zk.multi([
      { op: 'check', path: base, version: 0 },
      { op: 'create', path: `${base}/a`, data: 'x' },
      { op: 'create', path: `${base}/s`, mode: 'ephemeral-sequential' },
      { op: 'create', path: `${base}/c`, mode: 'container' },
      { op: 'create', path: `${base}/t`, mode: 'persistent-ttl', ttlMs: 60_000 },
      { op: 'set', path: base, data: 'two', version: 0 },
      { op: 'delete', path: `${base}/a` },
    ]);
    expect(results.map(({ op }) => op)).toEqual([
      'check',
      'create',
      'create',
      'create',
      'create',
      'set',
      'delete',
    ]);
    expect(results.map((result) => ('path' in result ? result.path : null))).toEqual([
      null,
      `${base}/a`,
      `${base}/s0000000001`,
      `${base}/c`,
      `${base}/t`,
      null,
      null,
    ]);
    expect(results[5]).toMatchObject({ stat: { version: 1, dataLength: 3 } });
    expect((await zk.getChildren(base)).sort()).toEqual(['c', 's0000000001', 't']);
    expect(await zk.multi([])).toEqual([]);
  });

  it('runs a transaction, none of it, and names the step', async () => {
    const base = fresh();
    await zk.create(base);
    const error = await failureOf(
      zk.multi([
        { op: 'create', path: `${base}/a` },
        { op: 'check', path: base, version: 7 },
        { op: 'delete', path: `${base}/b` },
      ]),
    );
    expect(error).toBeInstanceOf(TransactionError);
    expect(error).toMatchObject({
      code: 'BADVERSION',
      serverCode: -103,
      outcome: 'rejected',
      failedStep: 1,
      stepCodes: [0, -103, -2],
      path: base,
      host: server.connectString,
    });
    expect(error.xid).toBeGreaterThan(0);
    expect(await zk.getChildren(base)).toEqual([]);
    expect(await zk.exists(base)).not.toBeNull();
  });

  it('reads back what was written at the limit: the reply is longer than any request may be', async () => {
    const path = fresh();
    await zk.create(path, null);
    const setRequestBytes = 8 + 4 + path.length + 4 + 4;
    const data = Buffer.alloc(FRAME_BODY_BYTES_MAX - setRequestBytes, 0x6c);
    expect((await zk.set(path, data)).dataLength).toBe(data.length);
    expect((await zk.get(path)).data?.equals(data)).toBe(true);
  });

  it('takes data up to the limit of a frame, and keeps the connection beyond it', async () => {
    const path = fresh();
    await zk.create(path);
    const overhead = 8 + 4 + path.length + 4 + 4;
    const most = Buffer.alloc(FRAME_BODY_BYTES_MAX - overhead, 0x7a);
    expect((await zk.set(path, most)).dataLength).toBe(most.length);
    expect(await failureOf(zk.set(path, Buffer.alloc(most.length + 1)))).toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      outcome: 'not-sent',
    });
    expect(zk.connected).toBe(true);
    await zk.delete(path);
  });

  it('answers 50,000 pipelined gets in order', async () => {
    const paths = [fresh(), fresh(), fresh()];
    await Promise.all(paths.map((path) => zk.create(path, path)));
    let next = 0;
    let wrong = 0;
    const answers = Array.from({ length: 50_000 }, (_, index) =>
      zk.get(paths[index % 3]!).then(({ data }) => {
        if (index !== next++ || data?.toString() !== paths[index % 3]) wrong++;
      }),
    );
    await Promise.all(answers);
    expect([next, wrong]).toEqual([50_000, 0]);
    expect(zk.counters()).toMatchObject({ inflight: 0, inflightBytes: 0, trailingReplies: 0 });
  });

  it('lends bytes that are right while the callback runs', async () => {
    const path = fresh();
    await zk.create(path, 'lent');
    const text = await new Promise((resolve) => {
      zk.lending.get(path, (error, reply) => resolve(error ?? reply?.data?.toString()));
    });
    expect(text).toBe('lent');
  });

  it('refuses above its bound and lets wait for room', async () => {
    const path = fresh();
    await zk.create(path, 'x');
    const bounded = await connect(server.connectString, { inflightMax: 10 });
    const first = Array.from({ length: 10 }, () => bounded.get(path));
    expect(await failureOf(bounded.get(path))).toMatchObject({
      code: 'PIPELINE_FULL',
      outcome: 'not-sent',
    });
    let answered = 0;
    const worker = async (): Promise<void> => {
      for (let round = 0; round < 20; round++) {
        while (!bounded.hasRoom) await bounded.room();
        await bounded.get(path);
        answered++;
      }
    };
    await Promise.all([...first, ...Array.from({ length: 10 }, worker)]);
    expect(answered).toBe(200);
    await bounded.close();
  });

  it('ends its session with close: ephemeral nodes go, what was asked before is answered', async () => {
    const path = fresh();
    const states: string[] = [];
    const other = await connect(server.connectString, {
      onState: ({ state }) => states.push(state),
    });
    await other.create(path, null, { mode: 'ephemeral' });
    const before = Array.from({ length: 1000 }, () => other.exists(path));
    const closing = other.close();
    expect(other.close()).toBe(closing);
    const after = await failureOf(other.get(path));
    expect([after.code, after.outcome]).toEqual(['CONNECTION_CLOSED', 'not-sent']);
    await closing;
    const stats = await Promise.all(before);
    expect(stats.every((stat) => stat?.ephemeralOwner === other.sessionId)).toBe(true);
    expect(await zk.exists(path)).toBeNull();
    expect(states.slice(-2)).toEqual(['disconnected', 'closed']);
  });

  it('keeps a session alive while nothing is asked', async () => {
    const quick = await connect(server.connectString, { sessionTimeoutMs: 4000 });
    const path = fresh();
    await quick.create(path, null, { mode: 'ephemeral' });
    await new Promise((resolve) => setTimeout(resolve, 7000));
    expect(await quick.exists(path)).not.toBeNull();
    expect(quick.connected).toBe(true);
    await quick.close();
  });
});

describeReal('a real server that fails', () => {
  it('in mid-flight: every pending request settles once, with its outcome', async () => {
    await using server = await startServer({ fastStart: true, configLines: ['forceSync=no'] });
    const zk = await connect(server.connectString);
    const settlements: string[] = [];
    const writes = Array.from({ length: 20_000 }, (_, index) =>
      zk.create(`/w${index}`).then(
        () => settlements.push('done'),
        (error: RequestError) => settlements.push(`${error.code}/${error.outcome}`),
      ),
    );
    await zk
      .exists('/')
      .catch(() => null)
      .then(() => null);
    const last = Array.from({ length: 5000 }, (_, index) =>
      zk.create(`/v${index}`).then(
        () => settlements.push('done'),
        (error: RequestError) => settlements.push(`${error.code}/${error.outcome}`),
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    await server.kill();
    await zk.close();
    await Promise.all([...writes, ...last]);
    expect(settlements).toHaveLength(25_000);
    const kinds = new Set(settlements);
    expect(
      [...kinds].every((kind) =>
        ['done', 'CONNECTION_LOSS/unknown', 'CONNECTION_CLOSED/not-sent'].includes(kind),
      ),
    ).toBe(true);
    expect(kinds).toContain('CONNECTION_LOSS/unknown');
    expect(zk.connected).toBe(false);
    expect((await failureOf(zk.get('/'))).code).toBe('CONNECTION_CLOSED');
  });

  it('by falling silent: noticed after two thirds of the time-out; close does not wait for it', async () => {
    await using server = await startServer({ fastStart: true });
    const reasons: string[] = [];
    const open = (): Promise<ZooKeeperClient> =>
      connect(server.connectString, {
        sessionTimeoutMs: 4000,
        onState: (event) => {
          if (event.state === 'disconnected') reasons.push(event.reason.code);
        },
      });
    const [idle, closed] = [await open(), await open()];
    server.pause();
    const pausedMs = performance.now();
    const pending = failureOf(idle.get('/'));
    const closing = closed.close();
    await closing;
    expect(performance.now() - pausedMs).toBeLessThan(2500);
    expect(await pending).toMatchObject({ code: 'CONNECTION_LOSS', outcome: 'unknown' });
    expect(performance.now() - pausedMs).toBeGreaterThan(2000);
    expect(performance.now() - pausedMs).toBeLessThan(4000);
    expect(reasons).toEqual(['LINK_DESTROYED', 'PEER_SILENT']);
    await expect(connect(server.connectString, { connectTimeoutMs: 300 })).rejects.toMatchObject({
      code: 'CONNECT_TIMEOUT',
    });
    server.resume();
    await idle.close();
  });
});

describeReal('TLS', () => {
  it('connects with a client certificate, and with nothing less', async () => {
    await using server = await startServer({ fastStart: true, tls: true });
    const files = server.tls!;
    const address = server.secureConnectString!;
    const tls = {
      ca: readFileSync(files.ca),
      cert: readFileSync(files.cert),
      key: readFileSync(files.key),
    };
    const zk = await connect(address, { tls });
    const data = Buffer.alloc(300_000, 'tls');
    await zk.create('/secure', data);
    expect((await zk.get('/secure')).data?.equals(data)).toBe(true);
    const many = await Promise.all(Array.from({ length: 2000 }, () => zk.exists('/secure')));
    expect(many.every((stat) => stat?.dataLength === data.length)).toBe(true);
    await zk.close();

    const { ca } = tls;
    await expect(connect(address, { tls: { cert: tls.cert, key: tls.key } })).rejects.toMatchObject(
      {
        code: 'TLS_FAILED',
        message: expect.stringMatching(/certificate/),
      },
    );
    const noCertificate = await connect(address, { tls: { ca } }).catch((error: unknown) => error);
    expect(noCertificate).toMatchObject({
      code: expect.stringMatching(/^(TLS_FAILED|CONNECT_FAILED|HANDSHAKE_CLOSED)$/),
    });
    await expect(connect(address, { connectTimeoutMs: 3000 })).rejects.toMatchObject({
      code: expect.stringMatching(/^(HANDSHAKE_CLOSED|BAD_HANDSHAKE)$/),
    });
  });
});
