import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ByteSink } from '../../../bench/servers/accept-reading.ts';
import { cannedReply, OP, payloadOf } from '../../../bench/servers/canned-replies.ts';
import {
  createConnection,
  type NullResponder,
  type ReplySocket,
  startNullResponder,
} from '../../../bench/servers/null-responder.ts';

function frame(...ints: number[]): Buffer {
  const bytes = Buffer.alloc(4 + ints.length * 4);
  bytes.writeInt32BE(ints.length * 4);
  ints.forEach((value, index) => {
    bytes.writeInt32BE(value, 4 + index * 4);
  });
  return bytes;
}

function connectRequest(withReadOnly = true): Buffer {
  const body = Buffer.alloc(withReadOnly ? 45 : 44);
  body.writeInt32BE(12_345, 12);
  body.writeInt32BE(16, 24);
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(body.length);
  return Buffer.concat([prefix, body]);
}

/** What the responder wrote, cut into frames. */
function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at);
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return frames;
}

function withXid(reply: Buffer, xid: number): Buffer {
  const copy = Buffer.from(reply);
  copy.writeInt32BE(xid, 4);
  return copy;
}

interface Recorded {
  writes: Buffer[];
  ended: boolean;
  destroyed: boolean;
}

/** Feeds a connection without a socket, `sliceBytes` at a time. */
function converse(input: Buffer, sliceBytes: number, silent = false, mixed = false): Recorded {
  const recorded: Recorded = { writes: [], ended: false, destroyed: false };
  const socket: ReplySocket = {
    write(bytes, written) {
      recorded.writes.push(Buffer.from(bytes));
      written();
    },
    end() {
      recorded.ended = true;
    },
    destroy() {
      recorded.destroyed = true;
    },
  };
  const connection = createConnection(socket, { payloadBytes: 100, silent, mixed }, new Map());
  for (let at = 0; at < input.length; at += sliceBytes) {
    const slice = input.subarray(at, at + sliceBytes);
    connection.room().set(slice);
    connection.received(slice.length);
  }
  return recorded;
}

const REQUESTS = Buffer.concat([
  connectRequest(),
  frame(1, OP.getData),
  frame(2, OP.getData),
  frame(-2, OP.ping),
  frame(3, OP.setData),
  frame(4, OP.closeSession),
]);

const ANSWERS = [
  withXid(cannedReply(OP.getData, 100), 1),
  withXid(cannedReply(OP.getData, 100), 2),
  withXid(cannedReply(OP.ping, 100), -2),
  withXid(cannedReply(OP.setData, 100), 3),
  withXid(cannedReply(OP.closeSession, 100), 4),
];

describe('createConnection', () => {
  it.each([1, 2, 3, 5, 7, 64, 10_000])('answers requests that come %i bytes at a time', (slice) => {
    const { writes, ended } = converse(REQUESTS, slice);
    const [greeting, ...answers] = framesOf(Buffer.concat(writes));
    expect(greeting?.readInt32BE(8)).toBe(12_345);
    expect(answers).toEqual(ANSWERS);
    expect(ended).toBe(true);
  });

  it.each([1, 3, 64, 10_000])('answers a mix in kind, %i bytes at a time', (slice) => {
    const { writes, ended } = converse(REQUESTS, slice, false, true);
    const [, ...answers] = framesOf(Buffer.concat(writes));
    expect(answers).toEqual(ANSWERS);
    expect(ended).toBe(true);
  });

  it('answers a mix in one write a read, and in as many as it takes when it is long', () => {
    const run = Array.from({ length: 9_000 }, (_, nth) =>
      frame(nth + 1, nth % 5 === 4 ? OP.setData : OP.getData),
    );
    const bytes = Buffer.concat([connectRequest(), ...run.slice(0, 500)]);
    expect(converse(bytes, 1_000_000, false, true).writes).toHaveLength(2);
    const { writes } = converse(Buffer.concat([connectRequest(), ...run]), 60_000, false, true);
    const [, ...answers] = framesOf(Buffer.concat(writes));
    expect(answers.map((answer) => answer.readInt32BE(4))).toEqual(run.map((_, nth) => nth + 1));
    expect(answers[4]).toEqual(withXid(cannedReply(OP.setData, 100), 5));
  });

  it('answers a run of one operation in one write', () => {
    const run = Array.from({ length: 500 }, (_, nth) => frame(nth + 1, OP.getData));
    const { writes } = converse(Buffer.concat([connectRequest(), ...run]), 1_000_000);
    expect(writes).toHaveLength(2);
    expect(framesOf(writes[1] ?? Buffer.alloc(0))).toHaveLength(500);
  });

  it('writes for all connections from the same memory, and from no memory that a write still uses', () => {
    const slabs = new Map();
    const writes: { bytes: Buffer; written: () => void }[] = [];
    const connect = (): ByteSink => {
      const write = (bytes: Buffer, written: () => void): void => {
        writes.push({ bytes, written });
      };
      const socket: ReplySocket = { write, end: () => {}, destroy: () => {} };
      return createConnection(socket, { payloadBytes: 100 }, slabs);
    };
    const send = (connection: ByteSink, bytes: Buffer): void => {
      connection.room().set(bytes);
      connection.received(bytes.length);
    };
    const [one, other] = [connect(), connect()];
    for (const each of [one, other]) send(each, connectRequest());
    send(one, frame(1, OP.getData));
    writes[2]?.written();
    send(other, frame(2, OP.getData));
    send(one, frame(3, OP.getData));
    const [first, second, third] = writes.slice(2).map(({ bytes }) => bytes);
    expect(second?.buffer).toBe(first?.buffer);
    expect(third?.buffer).not.toBe(second?.buffer);
    expect([second, third]).toEqual(
      [2, 3].map((xid) => withXid(cannedReply(OP.getData, 100), xid)),
    );
  });

  it('answers more requests than a slab has replies', () => {
    const run = Array.from({ length: 5_000 }, (_, nth) => frame(nth + 1, OP.getData));
    const { writes } = converse(Buffer.concat([connectRequest(), ...run]), 60_000);
    const [, ...answers] = framesOf(Buffer.concat(writes));
    expect(answers.map((answer) => answer.readInt32BE(4))).toEqual(run.map((_, nth) => nth + 1));
  });

  it('answers a handshake without the read-only byte in kind', () => {
    expect(framesOf(converse(connectRequest(true), 99).writes[0] ?? Buffer.of())[0]).toHaveLength(
      41,
    );
    expect(framesOf(converse(connectRequest(false), 99).writes[0] ?? Buffer.of())[0]).toHaveLength(
      40,
    );
  });

  it('answers an operation it does not know with -6, and closes', () => {
    const { writes, ended } = converse(Buffer.concat([connectRequest(), frame(9, 10)]), 1_000);
    expect(writes[1]?.readInt32BE(4)).toBe(9);
    expect(writes[1]?.readInt32BE(16)).toBe(-6);
    expect(ended).toBe(true);
  });

  it('drops a peer that does not speak the protocol', () => {
    expect(converse(Buffer.from('GET / HTTP/1.1\r\n\r\n'), 100).destroyed).toBe(true);
    expect(converse(Buffer.concat([connectRequest(), frame(1)]), 100).destroyed).toBe(true);
  });

  it('answers nothing but ping and close when it is silent', () => {
    const { writes, ended } = converse(REQUESTS, 1_000, true);
    const [, ...answers] = framesOf(Buffer.concat(writes));
    expect(answers.map((answer) => answer.readInt32BE(4))).toEqual([-2, 4]);
    expect(ended).toBe(true);
  });
});

describe('startNullResponder', () => {
  let responder: NullResponder | null = null;
  afterEach(async () => {
    await responder?.close();
    responder = null;
  });

  it('serves a socket', async () => {
    responder = await startNullResponder({ payloadBytes: 100 });
    const socket = net.connect(responder.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(REQUESTS);
    await once(socket, 'close');
    const [, ...answers] = framesOf(Buffer.concat(chunks));
    expect(answers).toEqual(ANSWERS);
    expect(answers[0]?.subarray(24, 124)).toEqual(payloadOf(100));
  });

  it('closes also with a client connected', async () => {
    responder = await startNullResponder({ payloadBytes: 1 });
    const socket = net.connect(responder.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(connectRequest());
    await once(socket, 'data');
    const closed = once(socket, 'close');
    await responder.close();
    await closed;
    expect(socket.destroyed).toBe(true);
  });
});
