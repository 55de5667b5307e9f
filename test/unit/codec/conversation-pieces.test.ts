import { describe, expect, it } from 'vitest';
import { Conversation } from '../../../src/codec/conversation.ts';
import { type Direction, type Packet, packetToJson } from '../../../src/codec/packet.ts';
import {
  CONNECT,
  c2s,
  decode,
  decodeAfterConnect,
  RECORDED,
  type Read,
  s2c,
} from './conversation-reads.ts';

describe('reads that are not frames', () => {
  const whole = decode(RECORDED);

  it('decodes the same byte by byte', () => {
    const reads = RECORDED.flatMap(({ dir, hex }) =>
      hex.match(/../g)!.map((byte) => ({ dir, hex: byte })),
    );
    expect(decode(reads)).toEqual(whole);
  });

  it('decodes the same when frames are joined', () => {
    const join = (dir: Direction): Read => ({
      dir,
      hex: RECORDED.filter((read) => read.dir === dir)
        .map((read) => read.hex)
        .join(''),
    });
    const byDirection = (dir: Direction) =>
      whole.filter((packet) => (packet as Packet).dir === dir);
    expect(decode([join('c2s'), join('s2c')])).toEqual([
      ...byDirection('c2s'),
      ...byDirection('s2c'),
    ]);
  });

  it('decodes the same in pieces of any size', () => {
    for (const chars of [6, 10, 14, 62, 200]) {
      const pieces = new RegExp(`.{1,${chars}}`, 'g');
      const reads = RECORDED.flatMap(({ dir, hex }) =>
        hex.match(pieces)!.map((piece) => ({ dir, hex: piece })),
      );
      expect(decode(reads)).toEqual(whole);
    }
  });

  it('keeps the connections apart', () => {
    const packets: Packet[] = [];
    const conversation = new Conversation((packet) => packets.push(packet));
    for (const { dir, hex } of RECORDED) {
      const bytes = Buffer.from(hex, 'hex');
      for (const conn of [3, 7]) conversation.push(conn, dir, bytes.subarray(0, 5));
      for (const conn of [3, 7]) conversation.push(conn, dir, bytes.subarray(5));
    }
    conversation.end();
    for (const conn of [3, 7]) {
      const lines = packets.filter((packet) => packet.conn === conn).map(packetToJson);
      expect(lines).toEqual(whole.map((line) => ({ ...(line as object), conn })));
    }
  });

  it('goes on behind the packet that its callback threw at', () => {
    const packets: Packet[] = [];
    let calls = 0;
    const conversation = new Conversation((packet) => {
      packets.push(packet);
      if (++calls % 3 === 0) throw new Error('boom');
    });
    const of = (dir: Direction): Buffer =>
      Buffer.from(
        RECORDED.filter((read) => read.dir === dir)
          .map((read) => read.hex)
          .join(''),
        'hex',
      );
    for (const dir of ['c2s', 's2c'] as const) {
      const bytes = of(dir);
      for (let at = 0; at < bytes.length; at += 5) {
        try {
          conversation.push(0, dir, bytes.subarray(at, at + 5));
        } catch (error) {
          expect(error).toMatchObject({ message: 'boom' });
        }
      }
    }
    expect(packets.map(packetToJson)).toEqual(
      ['c2s', 's2c'].flatMap((dir) => whole.filter((packet) => (packet as Packet).dir === dir)),
    );
  });

  it('gives packets whose bytes stay what they were', () => {
    const packets: Packet[] = [];
    const conversation = new Conversation((packet) => packets.push(packet));
    for (const { dir, hex } of RECORDED) {
      const bytes = Buffer.from(hex, 'hex');
      conversation.push(0, dir, bytes.subarray(0, 7));
      conversation.push(0, dir, bytes.subarray(7));
    }
    expect(packets.map(packetToJson)).toEqual(whole);
  });

  it('gives what is left at the end, once', () => {
    const cut = RECORDED[2]!.hex.slice(0, 20);
    expect(decodeAfterConnect([c2s(cut.slice(0, 6)), s2c('0000'), c2s(cut.slice(6))])).toEqual([
      { conn: 0, dir: 'c2s', kind: 'incomplete', rest: cut },
      { conn: 0, dir: 's2c', kind: 'incomplete', rest: '0000' },
    ]);
  });

  it('ends one connection, whose number may be used again, and leaves the others', () => {
    const packets: Packet[] = [];
    const conversation = new Conversation((packet) => packets.push(packet));
    const push = (conn: number, { dir, hex }: Read): void =>
      conversation.push(conn, dir, Buffer.from(hex, 'hex'));
    for (const conn of [0, 1]) for (const read of RECORDED.slice(0, 3)) push(conn, read);
    push(0, c2s('0000'));
    conversation.end(0);
    conversation.end(0);
    conversation.end(7);
    for (const conn of [0, 1]) push(conn, conn === 0 ? CONNECT[0]! : RECORDED[3]!);
    expect(packets.slice(6).map(({ conn, kind }) => [conn, kind])).toEqual([
      [0, 'incomplete'],
      [0, 'creq'],
      [1, 'resp'],
    ]);
    expect(packets.at(-1)).toMatchObject({ op: 1, type: 'CreateResponse' });
  });
});
