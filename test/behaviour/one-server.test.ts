import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, RequestError, type ZooKeeperClient } from '../../src/client/index.ts';
import { createServer } from '../../src/server/index.ts';
import { startServer } from '../../tools/zookeeper/index.ts';
import { describeReal } from '../real/support/real-zookeeper.ts';
import { framed, RawSocket, text } from './support/raw-socket.ts';

/** Ticks of the servers here: sessions of 2 to 20 s. */
const TICK = 1_000;
const GET_DATA = 4;
const CREATE = 1;

interface Served extends AsyncDisposable {
  readonly port: number;
  readonly connectString: string;
}

async function embedded(): Promise<Served> {
  const server = await createServer({ port: 0, tickTimeMs: TICK });
  const { connectString } = server;
  const port = server.port as number;
  return { port, connectString, [Symbol.asyncDispose]: () => server.close() };
}

async function real(): Promise<Served> {
  const configLines = ['forceSync=no', 'maxClientCnxns=60'];
  return startServer({ fastStart: true, tickTimeMs: TICK, configLines });
}

/** A create of op 1: open to everybody, of no special kind. */
function createBody(path: string, data: Buffer): Buffer {
  const acl = Buffer.concat([
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 31]),
    text('world'),
    text('anyone'),
  ]);
  return Buffer.concat([text(path), framed(data), acl, Buffer.alloc(4)]);
}

const getBody = (path: string): Buffer => Buffer.concat([text(path), Buffer.from([0])]);

/** What one server shows, the embedded one and a real one alike. */
function rows(start: () => Promise<Served>): void {
  let server: Served;
  let zk: ZooKeeperClient;

  beforeAll(async () => {
    server = await start();
    zk = await connect(server.connectString, { sessionTimeoutMs: 20_000 });
  });

  afterAll(async () => {
    await zk?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it.each([
    ['a request', framed(Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 4]), getBody('/')]))],
    ['an empty frame', Buffer.alloc(4)],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: zookeeper\r\n\r\n')],
    ['a length that is too long', Buffer.from('7fffffff', 'hex')],
    ['a length below zero', Buffer.from('ffffffff', 'hex')],
  ])('001.1 F8 %s before a session is answered by nothing but the end', async (_what, bytes) => {
    using raw = await RawSocket.open(server.port);
    raw.send(bytes);
    expect(await raw.untilEnd()).toEqual(Buffer.alloc(0));
  });

  it('001.3 id and password resume a session; anything else is refused with zeros, and the end', async () => {
    using first = await RawSocket.open(server.port);
    const { sessionId, password } = (await first.greet())!;
    expect(password).toHaveLength(16);
    using second = await RawSocket.open(server.port);
    expect(await second.greet({ sessionId, password })).toMatchObject({ sessionId, password });
    const wrong = [
      { sessionId, password: Buffer.alloc(16, 1) },
      { sessionId: sessionId + 1_000_000n, password },
    ];
    for (const greeting of wrong) {
      using raw = await RawSocket.open(server.port);
      expect(await raw.greet(greeting)).toMatchObject({
        timeoutMs: 0,
        sessionId: 0n,
        password: Buffer.alloc(16),
      });
      expect(await raw.untilEnd()).toHaveLength(0);
    }
  });

  it('001.4 a session that moves on the same server leaves its old connection at once', async () => {
    using first = await RawSocket.open(server.port);
    const { sessionId, password } = (await first.greet())!;
    using second = await RawSocket.open(server.port);
    expect((await second.greet({ sessionId, password }))?.sessionId).toBe(sessionId);
    expect(await first.untilEnd()).toHaveLength(0);
    expect((await second.ask(1, GET_DATA, getBody('/')))?.code).toBe(0);
  });

  it('001.7 a client that has seen more than the server is closed without an answer', async () => {
    using now = await RawSocket.open(server.port);
    await now.greet();
    const { zxid } = (await now.ask(1, GET_DATA, getBody('/')))!;
    using ahead = await RawSocket.open(server.port);
    expect(await ahead.greet({ lastZxidSeen: zxid + 100n })).toBeNull();
    using equal = await RawSocket.open(server.port);
    expect(await equal.greet({ lastZxidSeen: zxid })).toMatchObject({ timeoutMs: 10_000 });
  });

  it('001.8 to begin and to end a session is a transaction, to read is none', async () => {
    // A server of its own: no session of another test ends meanwhile.
    await using own = await start();
    using watcher = await RawSocket.open(own.port);
    await watcher.greet();
    const zxid = async (xid: number): Promise<bigint> =>
      (await watcher.ask(xid, GET_DATA, getBody('/')))!.zxid;
    const before = await zxid(1);
    using raw = await RawSocket.open(own.port);
    await raw.greet();
    expect(await zxid(2)).toBe(before + 1n);
    await raw.ask(1, GET_DATA, getBody('/'));
    expect(await zxid(3)).toBe(before + 1n);
    await raw.ask(2, -11, Buffer.alloc(0));
    expect(await zxid(4)).toBe(before + 2n);
  });

  it('001.10 session ids: the number of the server first, then one after the other', async () => {
    const ids: bigint[] = [];
    for (let count = 0; count < 3; count++) {
      using raw = await RawSocket.open(server.port);
      ids.push((await raw.greet())!.sessionId);
    }
    expect(ids[0]! >> 56n).toBe(1n);
    expect([ids[1], ids[2]]).toEqual([ids[0]! + 1n, ids[0]! + 2n]);
  });

  it('001.16 a time-out is clamped to 2 to 20 ticks', async () => {
    const granted: number[] = [];
    for (const timeoutMs of [-5, 0, 1, 1_999, 2_000, 6_170, 20_000, 20_001, 2 ** 31 - 1]) {
      using raw = await RawSocket.open(server.port);
      granted.push((await raw.greet({ timeoutMs }))!.timeoutMs);
    }
    expect(granted).toEqual([2_000, 2_000, 2_000, 2_000, 2_000, 6_170, 20_000, 20_000, 20_000]);
  });

  it('004.5 200 pipelined sets are answered in order, with rising zxids', async () => {
    await zk.create('/sets');
    const stats = await Promise.all(
      Array.from({ length: 200 }, (_, at) => zk.set('/sets', `${at}`)),
    );
    expect(stats.map(({ version }) => version)).toEqual(
      Array.from({ length: 200 }, (_, at) => at + 1),
    );
    expect(stats.every(({ mzxid }, at) => at === 0 || mzxid > stats[at - 1]!.mzxid)).toBe(true);
    expect(String((await zk.get('/sets')).data)).toBe('199');
  });

  it('004.6 a multi that fails changes nothing; codes by step: 0 before it, its own, -2 after it', async () => {
    using raw = await RawSocket.open(server.port);
    await raw.greet();
    const step = (type: number, body: Buffer): Buffer => {
      const header = Buffer.alloc(9);
      header.writeInt32BE(type);
      header.writeInt32BE(-1, 5);
      return Buffer.concat([header, body]);
    };
    const end = Buffer.from('ffffffff01ffffffff', 'hex');
    const check = Buffer.concat([text('/sets'), Buffer.from([0, 0, 0, 99])]);
    const steps = [
      step(CREATE, createBody('/multi-a', Buffer.from('x'))),
      step(13, check),
      step(CREATE, createBody('/multi-b', Buffer.from('x'))),
    ];
    const reply = (await raw.ask(1, 14, Buffer.concat([...steps, end])))!;
    expect(reply.code).toBe(0);
    // Each result: type, done, error; then the error once more.
    const codes = [0, 1, 2].map((at) => reply.rest.readInt32BE(at * 13 + 9));
    expect(codes).toEqual([0, -103, -2]);
    expect(await zk.existsMany(['/multi-a', '/multi-b'])).toEqual([null, null]);
  });

  it('004.7 the limit is on the frame: 1,048,515 bytes of data pass, a longer frame ends the connection', async () => {
    const path = '/big';
    expect(await zk.create(path, Buffer.alloc(1_048_515, 'x'))).toBe(path);
    expect((await zk.exists(path))?.dataLength).toBe(1_048_515);
    // The client knows, and says so instead of sending it.
    const tooLarge = zk.set(path, Buffer.alloc(1_048_575));
    await expect(tooLarge).rejects.toMatchObject({
      code: 'REQUEST_TOO_LARGE',
      outcome: 'not-sent',
    });
    using raw = await RawSocket.open(server.port);
    await raw.greet();
    raw.send(
      framed(
        Buffer.concat([
          Buffer.from([0, 0, 0, 1, 0, 0, 0, 1]),
          createBody('/bigger', Buffer.alloc(1_048_575)),
        ]),
      ),
    );
    expect(await raw.untilEnd()).toHaveLength(0);
    expect(await zk.exists('/bigger')).toBeNull();
  });

  it('004.9 of one address 60 are served, and the 61st is closed at once', async () => {
    const own = await start();
    const sockets: RawSocket[] = [];
    try {
      while (sockets.length < 60) {
        const raw = await RawSocket.open(own.port);
        sockets.push(raw);
        const welcome = await raw.greet({ timeoutMs: 20_000 });
        expect(welcome, `connection ${sockets.length}`).not.toBeNull();
      }
      using late = await RawSocket.open(own.port);
      expect(await late.greet()).toBeNull();
      // Who leaves makes room.
      sockets.pop()![Symbol.dispose]();
      await expect
        .poll(async () => {
          using next = await RawSocket.open(own.port);
          return (await next.greet()) !== null;
        })
        .toBe(true);
    } finally {
      for (const raw of sockets) raw[Symbol.dispose]();
      await own[Symbol.asyncDispose]();
    }
  });

  it('004.11 four kinds of nodes; ephemeral ones have no children; the parent counts who was made, not who went', async () => {
    await zk.create('/kinds');
    const made = async (
      name: string,
      mode?: 'persistent-sequential' | 'ephemeral-sequential',
    ): Promise<string> => zk.create(`/kinds/${name}`, null, mode === undefined ? {} : { mode });
    expect(await made('s-', 'persistent-sequential')).toBe('/kinds/s-0000000000');
    expect(await made('s-', 'ephemeral-sequential')).toBe('/kinds/s-0000000001');
    expect(await made('plain')).toBe('/kinds/plain');
    expect(await made('s-', 'persistent-sequential')).toBe('/kinds/s-0000000003');
    await zk.delete('/kinds/s-0000000003');
    await expect(made('plain')).rejects.toMatchObject({ code: 'NODEEXISTS' });
    expect(await made('s-', 'persistent-sequential')).toBe('/kinds/s-0000000004');
    await zk.create('/kinds/eph', null, { mode: 'ephemeral' });
    const child = zk.create('/kinds/eph/child');
    await expect(child).rejects.toMatchObject({
      code: 'NOCHILDRENFOREPHEMERALS',
      serverCode: -108,
    });
    // What a Stat shows counts deletes too: 6 made, 1 gone.
    expect((await zk.exists('/kinds'))?.cversion).toBe(7);
  });

  it('004.12 a watch of get, of getChildren and of exists fires once', async () => {
    const heard: string[] = [];
    await zk.create('/once', 'a');
    await zk.get('/once', { watch: ({ type }) => heard.push(`get ${type}`) });
    await zk.getChildren('/once', { watch: ({ type }) => heard.push(`ls ${type}`) });
    await zk.exists('/once/none', { watch: ({ type }) => heard.push(`stat ${type}`) });
    for (let round = 0; round < 2; round++) {
      await zk.set('/once', `${round}`);
      await zk.create('/once/none');
      await zk.delete('/once/none');
    }
    expect(heard).toEqual(['get NodeDataChanged', 'stat NodeCreated', 'ls NodeChildrenChanged']);
  });

  it('004.14 the fields of a Stat: mzxid is of its own data only, pzxid and cversion of its children', async () => {
    await zk.create('/wcxst');
    const fresh = (await zk.exists('/wcxst'))!;
    expect(fresh).toMatchObject({
      mzxid: fresh.czxid,
      pzxid: fresh.czxid,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: 0n,
      dataLength: 0,
      numChildren: 0,
    });
    await zk.create('/wcxst/blog', 'this is my blog');
    const made = (await zk.exists('/wcxst/blog'))!;
    const after = (await zk.exists('/wcxst'))!;
    expect(after).toMatchObject({
      mzxid: fresh.czxid,
      pzxid: made.czxid,
      cversion: 1,
      version: 0,
      numChildren: 1,
    });
    await zk.set('/wcxst/blog', 'change blog');
    const blog = (await zk.exists('/wcxst/blog'))!;
    expect(blog).toMatchObject({
      czxid: made.czxid,
      pzxid: made.czxid,
      version: 1,
      dataLength: 11,
    });
    expect(blog.mzxid).toBeGreaterThan(made.czxid);
    // A set of a child moves nothing of the parent.
    expect(await zk.exists('/wcxst')).toEqual(after);
    await zk.delete('/wcxst/blog');
    const emptied = (await zk.exists('/wcxst'))!;
    expect(emptied).toMatchObject({ mzxid: fresh.czxid, cversion: 2, numChildren: 0 });
    expect(emptied.pzxid).toBeGreaterThan(blog.mzxid);
    await zk.set('/wcxst', 'x');
    expect((await zk.exists('/wcxst'))?.pzxid).toBe(emptied.pzxid);
  });

  it('F1 children come in the order of a HashSet', async () => {
    await zk.create('/order');
    for (const name of ['zookeeper', 'golang', 'a', 'b', 'blog', 'uid'])
      await zk.create(`/order/${name}`);
    expect(await zk.getChildren('/order')).toEqual([
      'a',
      'uid',
      'b',
      'zookeeper',
      'blog',
      'golang',
    ]);
  });

  it('F2 a handshake without the last byte has an answer without it', async () => {
    using old = await RawSocket.open(server.port);
    expect((await old.greet({ withoutReadOnly: true }))?.length).toBe(36);
    using now = await RawSocket.open(server.port);
    expect((await now.greet())?.length).toBe(37);
  });

  it('F4 an event of one’s own write comes before its reply', async () => {
    const order: string[] = [];
    await zk.exists('/own', { watch: ({ type }) => order.push(type) });
    await zk.create('/own').then(() => order.push('reply'));
    expect(order).toEqual(['NodeCreated', 'reply']);
  });

  it('F3 F4 catch-up events have xid and zxid -1, and come before the answer to setWatches', async () => {
    await zk.create('/caught', 'a');
    using raw = await RawSocket.open(server.port);
    await raw.greet();
    const { zxid } = (await raw.ask(1, GET_DATA, getBody('/caught')))!;
    await zk.set('/caught', 'b');
    const relative = Buffer.alloc(8);
    relative.writeBigInt64BE(zxid);
    const none = Buffer.alloc(4);
    const one = Buffer.concat([Buffer.from([0, 0, 0, 1]), text('/caught')]);
    raw.send(
      framed(Buffer.concat([Buffer.from('fffffff800000065', 'hex'), relative, one, none, none])),
    );
    const event = (await raw.frame())!;
    expect([event.readInt32BE(0), event.readBigInt64BE(4), event.readInt32BE(16)]).toEqual([
      -1,
      -1n,
      3,
    ]);
    expect((await raw.frame())!.readInt32BE(0)).toBe(-8);
  });

  it('F3 addWatch is answered by a code of four bytes', async () => {
    using raw = await RawSocket.open(server.port);
    await raw.greet();
    const reply = await raw.ask(1, 106, Buffer.concat([text('/later'), Buffer.alloc(4)]));
    expect([reply?.code, reply?.rest]).toEqual([0, Buffer.alloc(4)]);
  });

  it.each([-4, 7])('F5 a credential with the xid %i is answered with that xid', async (xid) => {
    using raw = await RawSocket.open(server.port);
    await raw.greet();
    const credential = Buffer.concat([Buffer.alloc(4), text('digest'), text('bob:secret')]);
    const header = Buffer.alloc(8);
    header.writeInt32BE(xid);
    header.writeInt32BE(100, 4);
    raw.send(framed(Buffer.concat([header, credential])));
    const reply = (await raw.frame())!;
    expect([reply.readInt32BE(0), reply.readInt32BE(12)]).toEqual([xid, 0]);
  });

  it('F6 an unknown operation is answered by -6 and the end, a short body by -5, and trailing bytes by nothing', async () => {
    using raw = await RawSocket.open(server.port);
    await raw.greet();
    expect((await raw.ask(1, GET_DATA, Buffer.alloc(2)))?.code).toBe(-5);
    const longer = Buffer.concat([getBody('/'), Buffer.from('more')]);
    expect((await raw.ask(2, GET_DATA, longer))?.code).toBe(0);
    expect(await raw.ask(3, 9999, Buffer.alloc(0))).toMatchObject({ code: -6, zxid: -1n });
    expect(await raw.untilEnd()).toHaveLength(0);
  });

  it.each([
    ['', -8],
    ['a', -8],
    ['/order/', -8],
    ['//', -8],
    ['/.', -8],
    ['/\u0001', -8],
    ['/a//b', -101],
    ['/zookeeper', -110],
    ['/', -110],
    ['/no/parent', -101],
  ])('F7 create %j is refused with %i', async (path, code) => {
    using raw = await RawSocket.open(server.port);
    await raw.greet();
    expect((await raw.ask(1, CREATE, createBody(path, Buffer.alloc(0))))?.code).toBe(code);
  });

  it('F7 what a client need not ask a server it knows itself', async () => {
    await expect(zk.create('/a/')).rejects.toBeInstanceOf(RequestError);
    await expect(zk.create('/a/')).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      outcome: 'not-sent',
    });
  });
}

describe('the embedded server', () => {
  rows(embedded);
});

describeReal('a real ZooKeeper', () => {
  rows(real);
});
