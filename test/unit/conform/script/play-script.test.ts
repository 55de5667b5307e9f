import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Conversation, describe as describePacket } from '../../../../src/codec/index.ts';
import {
  ConformanceFailure,
  playScript,
  type Script,
  type ScriptedServer,
  type ScriptOptions,
  statWith,
} from '../../../../src/conform/index.ts';

const HANDSHAKE = `0000002d 00000000 0000000000000000 00002710 0000000000000000 00000010 ${'00'.repeat(16)} 00`;
const GET_A = '0000000f 00000001 00000004 00000002 2f61 00';
const PING = '00000008 fffffffe 0000000b';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** A client that sends what it is told to, and keeps what comes. */
class RawClient {
  readonly socket: Socket;
  readonly chunks: Buffer[] = [];

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (bytes) => this.chunks.push(bytes));
    this.socket.on('error', () => {});
  }

  send(...frames: string[]): void {
    this.socket.write(hex(frames.join('')));
  }

  /** Bytes so far, once there are as many. */
  async heard(bytes: number): Promise<Buffer> {
    await expect.poll(() => Buffer.concat(this.chunks).length).toBeGreaterThanOrEqual(bytes);
    return Buffer.concat(this.chunks);
  }
}

const clients: RawClient[] = [];
let server: ScriptedServer;

async function play(script: Script, options: ScriptOptions = {}): Promise<RawClient> {
  server = await playScript(script, { timeoutMs: 60_000, ...options });
  return another();
}

function another(index = 0): RawClient {
  const port = Number(server.connectString.split(',')[index]?.split(':')[1]);
  const client = new RawClient(port);
  clients.push(client);
  return client;
}

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  await server.close();
});

/** What the script failed with. */
async function failure(): Promise<string> {
  const error: unknown = await server.finished.then(
    () => expect.unreachable('the script came to its end'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConformanceFailure);
  return (error as Error).message;
}

describe('a scripted server', () => {
  it('grants a session, answers by record, by bytes and by code, and sees the end', async () => {
    const client = await play(async (script) => {
      const connection = await script.accept();
      const handshake = await connection.expectHandshake({ sessionId: 0n, timeOutMs: 10_000 });
      connection.grant(handshake, { sessionId: 7n, timeOutMs: 4_000 });
      const read = await connection.expect(['getData', 'exists']);
      expect(read).toMatchObject({ xid: 1, op: 4, record: { path: '/a', watch: false } });
      connection.reply(read, { data: Buffer.from('v'), stat: statWith() }, { zxid: 9n });
      connection.reply(read, hex('cafe'), { zxid: 10n });
      connection.refuse(read, 'NONODE', { zxid: 11n });
      connection.refuse(read, -4711, { zxid: 12n });
      connection.notify(3, '/a');
      await connection.expectEnd();
    });
    client.send(HANDSHAKE, GET_A);
    const start = `00000025 00000000 00000fa0 0000000000000007 00000010 ${'..'.repeat(16)} 00`;
    const rest = [
      `00000059 00000001 0000000000000009 00000000 00000001 76 ${'..'.repeat(68)}`,
      '00000012 00000001 000000000000000a 00000000 cafe',
      '00000010 00000001 000000000000000b ffffff9b',
      '00000010 00000001 000000000000000c ffffed99',
      '0000001e ffffffff ffffffffffffffff 00000000 00000003 00000003 00000002 2f61',
    ];
    const wanted = [start, ...rest].join('').replaceAll(' ', '');
    const heard = (await client.heard(wanted.length / 2)).toString('hex');
    expect(heard).toMatch(new RegExp(`^${wanted}$`));
    client.socket.end();
    await server.finished;
    expect(server.connectionCount).toBe(1);
  });

  it.each<[string, Script, string[], RegExp]>([
    [
      'another request',
      async (s) => void (await greeted(s).then((c) => c.expect('setData'))),
      [HANDSHAKE, GET_A],
      /^expected setData, got c0 > #1 getData path="\/a" watch=false$/,
    ],
    [
      'other bytes',
      async (s) => void (await greeted(s).then((c) => c.expectBytes('........ 00000004 ..'))),
      [HANDSHAKE, GET_A],
      /^expected .*, got 0000000100000004000000022f6100: 15 bytes instead of 9$/,
    ],
    [
      'a byte that is another',
      async (s) =>
        void (await greeted(s).then((c) => c.expectBytes('........00000004000000022f6200'))),
      [HANDSHAKE, GET_A],
      /: byte 13 is 61 instead of 62$/,
    ],
    [
      'nothing',
      async (s) => void (await greeted(s).then((c) => c.expect('getData', { withinMs: 50 }))),
      [HANDSHAKE],
      /^expected getData, got nothing within 50 ms$/,
    ],
    [
      'something too early',
      async (s) => void (await greeted(s).then((c) => c.expect('getData', { afterMs: 1_500 }))),
      [HANDSHAKE, GET_A],
      /^expected getData after 1500 ms at the earliest, got c0 > #1 getData .* after \d+ ms$/,
    ],
    [
      'something where nothing should be',
      async (s) => void (await greeted(s).then((c) => c.expectSilence(1_500))),
      [HANDSHAKE, GET_A],
      /^expected nothing for 1500 ms, got c0 > #1 getData/,
    ],
    [
      'no handshake',
      async (s) => void (await (await s.accept()).expectHandshake()),
      ['00000003 000000'],
      /^expected a connect request, got c0 > creq 3B undecodable: BAD_HANDSHAKE at byte 0$/,
    ],
    [
      'another handshake',
      async (s) => void (await (await s.accept()).expectHandshake({ timeOutMs: 5 })),
      [HANDSHAKE],
      /^expected timeOutMs 5 in the connect request, got 10000$/,
    ],
    [
      'bytes that are no frame',
      async (s) => void (await greeted(s).then((c) => c.next())),
      [HANDSHAKE, 'ffffffff'],
      /^expected a frame, got bytes that are no frame: a frame length of -1 is below 0/,
    ],
    [
      'a request that a predicate refuses',
      async (s) =>
        void (await greeted(s).then((c) =>
          c.expectWhere(({ record }) => record.path === '/b', 'a read of /b'),
        )),
      [HANDSHAKE, GET_A],
      /^expected a read of \/b, got c0 > #1 getData/,
    ],
  ])('tells of %s', async (_, script, frames, message) => {
    const client = await play(script);
    client.send(...frames);
    expect(await failure()).toMatch(message);
    // Nobody waits for a script that has failed.
    await expect.poll(() => client.socket.destroyed).toBe(true);
  });

  it('tells of a connection that does not come, or comes too early, or comes at all', async () => {
    await play(async (script) => {
      await script.accept();
      await script.accept({ withinMs: 50 });
    });
    expect(await failure()).toBe('expected a connection, got none within 50 ms');
    await server.close();
    await play(async (script) => void (await script.accept({ afterMs: 1_900 })));
    expect(await failure()).toMatch(
      /^expected no connection before 1900 ms, got one after \d+ ms$/,
    );
    await server.close();
    await play((script) => script.expectNoConnection(1_500));
    expect(await failure()).toBe('expected no connection for 1500 ms, got one');
  });

  it('answers pings by itself, and behind pieces that are under way', async () => {
    const client = await play(async (script) => {
      const connection = await greeted(script);
      connection.pongZxid = 5n;
      const read = await connection.expect('getData');
      const frame = connection.replyTo(read, hex('0102'), { zxid: 3n });
      await connection.sendSplit(frame, [4, 10], 150);
      connection.answersPings = false;
      await connection.expect('ping');
      expect(connection.pings).toHaveLength(2);
    });
    client.send(HANDSHAKE, GET_A);
    await client.heard(41 + 4);
    client.send(PING);
    const frames = (await client.heard(41 + 22 + 20)).subarray(41).toString('hex');
    expect(frames).toBe(
      '0000001200000001000000000000000300000000' +
        '0102' +
        '00000010fffffffe000000000000000500000000',
    );
    client.send(PING);
    await server.finished;
    expect(await client.heard(83)).toHaveLength(83);
  });

  it('deals bytes out one by one', async () => {
    const client = await play(async (script) => {
      const connection = await greeted(script);
      await connection.drip(hex('0102030405'), { pauseMs: 20 });
      await connection.expectEnd();
    });
    client.send(HANDSHAKE);
    expect((await client.heard(46)).subarray(41)).toEqual(hex('0102030405'));
    expect(client.chunks.length).toBeGreaterThan(3);
    client.socket.end();
    await server.finished;
  });

  it('has several ports, in the order in which connections come', async () => {
    await play(
      async (script) => {
        const [one, two] = [await script.accept(), await script.accept()];
        expect(one.port).not.toBe(two.port);
        expect([one.number, two.number]).toEqual([0, 1]);
        two.reset();
        one.end();
      },
      { ports: 2 },
    );
    await delay(50);
    another(1);
    await server.finished;
    for (const { socket } of clients) await expect.poll(() => socket.destroyed).toBe(true);
  });

  it('records what went over the wire', async () => {
    const client = await play(async (script) => {
      const connection = await greeted(script);
      connection.refuse(await connection.expect('getData'), 'NONODE', { zxid: 2n });
    });
    client.send(HANDSHAKE + GET_A);
    await server.finished;
    const lines: string[] = [];
    const conversation = new Conversation((packet) => lines.push(describePacket(packet)));
    for (const { conn, dir, hex: bytes } of server.capture().records) {
      conversation.push(conn, dir, Buffer.from(bytes, 'hex'));
    }
    expect(lines.map((line) => line.split(' ').slice(0, 4).join(' '))).toEqual([
      'c0 > connect protocolVersion=0',
      'c0 > #1 getData',
      'c0 < connect ok',
      'c0 < #1 getData',
    ]);
    expect(server.transcript.lines()).toEqual(lines);
    expect(lines.join()).not.toContain('c0ffee');
  });

  it('shows every frame as it comes', async () => {
    const seen: string[] = [];
    const client = await play(
      async (script) => (await greeted(script)).expectEnd({ dropFrames: true }),
      {
        onFrame: ({ packet }, { number }) => seen.push(`${number} ${packet.kind} ${packet.op}`),
      },
    );
    client.send(HANDSHAKE, PING, GET_A);
    await expect.poll(() => seen).toEqual(['0 creq undefined', '0 req 11', '0 req 4']);
  });

  it('refuses masks that are none, and too many ports', async () => {
    const client = await play(async (script) => {
      await (await greeted(script)).expectBytes('0g');
    });
    client.send(HANDSHAKE);
    await expect(server.finished).rejects.toThrow(
      "a mask is hex digits and '..' in pairs, not '0g'",
    );
    await expect(playScript(async () => {}, { ports: 17 })).rejects.toThrow('1 to 16 ports');
  });
});

async function greeted(script: ScriptedServer): ReturnType<ScriptedServer['accept']> {
  const connection = await script.accept();
  connection.grant(await connection.expectHandshake(), { readOnly: false });
  return connection;
}
