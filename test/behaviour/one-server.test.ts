import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, RequestError, type ZooKeeperClient } from '../../src/client/index.ts';
import { framed, RawSocket, text } from './support/raw-socket.ts';
import { CREATE, createBody, GET_DATA, getBody } from './support/request-bodies.ts';
import { describeServed, type Served } from './support/served.ts';

/** What one server shows of znodes and watches. */
describeServed((start) => {
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

  it('F7 what a client need not ask a server it knows itself', async () => {
    await expect(zk.create('/a/')).rejects.toBeInstanceOf(RequestError);
    await expect(zk.create('/a/')).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      outcome: 'not-sent',
    });
  });
});
