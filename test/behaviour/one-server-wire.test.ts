import { afterAll, beforeAll, expect, it } from 'vitest';
import { framed, RawSocket, text } from './support/raw-socket.ts';
import { CREATE, createBody, GET_DATA, getBody } from './support/request-bodies.ts';
import { describeServed, type Served } from './support/served.ts';

/** What one server shows of sessions and frames, byte by byte. */
describeServed((start) => {
  let server: Served;

  beforeAll(async () => {
    server = await start();
  });

  afterAll(() => server?.[Symbol.asyncDispose]());

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

  it('F2 a handshake without the last byte has an answer without it', async () => {
    using old = await RawSocket.open(server.port);
    expect((await old.greet({ withoutReadOnly: true }))?.length).toBe(36);
    using now = await RawSocket.open(server.port);
    expect((await now.greet())?.length).toBe(37);
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
    ['/zookeeper/', -8],
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
});
