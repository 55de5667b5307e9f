import { describe, expect, it } from 'vitest';
import { Conversation } from '../../../src/codec/conversation.ts';
import { describe as describePacket } from '../../../src/codec/describe.ts';
import { packetToJson } from '../../../src/codec/packet.ts';
import {
  CONNECT,
  c2s,
  decode,
  decodeAfterConnect,
  frame,
  type Read,
  reply,
  request,
  s2c,
} from './conversation-reads.ts';
import { RECORDED_EXCHANGES } from './recorded-exchanges.ts';

describe('frames that cannot be decoded', () => {
  it.each([
    ['a length of -2', '00000004 fffffffe 00', 'BAD_LENGTH', 12],
    ['a length beyond the frame', '00000004 00000003 2f61', 'BAD_LENGTH', 12],
    ['a missing field', '00000004 00000002 2f61', 'TRUNCATED', 18],
    ['an impossible count', '00000065 0000000000000000 7fffffff', 'BAD_COUNT', 20],
    ['a multi without terminator', '0000000e', 'BAD_MULTI', 12],
    ['an unknown operation', '000003e7 00', 'UNKNOWN_OPCODE', 12],
  ])('reports %s by code and offset', (_name, body, code, offset) => {
    const bad = frame('00000001', body);
    const packets = decodeAfterConnect([c2s(bad), request('fffffffe', '0000000b')]);
    expect(packets[0]).toEqual({
      conn: 0,
      dir: 'c2s',
      kind: 'req',
      bytes: bad.length / 2 - 4,
      error: { code, offset },
    });
    expect(packets[1]).toMatchObject({ kind: 'req', op: 11 });
  });

  it('shows an unknown operation without a body, and its answer', () => {
    const packets = decodeAfterConnect([
      request('00000005', '000003e7'),
      reply('00000005', 'fffffffa', '', 'ffffffffffffffff'),
    ]);
    expect(packets).toMatchObject([
      { op: 999, bytes: 8, header: { xid: 5, type: 999 } },
      { op: 999, bytes: 16, header: { xid: 5, zxid: '-1', err: -6 } },
    ]);
  });

  it('reports a frame that is too short for its header, and goes on', () => {
    const packets = decodeAfterConnect([
      c2s('00000000'),
      c2s('0000000400000001'),
      s2c('0000000800000001ffffffff'),
      request('fffffffe', '0000000b'),
    ]);
    const error = { code: 'BAD_FRAME_LENGTH', offset: 0 };
    expect(packets).toMatchObject([
      { kind: 'req', bytes: 0, error },
      { kind: 'req', bytes: 4, error },
      { kind: 'resp', bytes: 8, error },
      { kind: 'req', op: 11 },
    ]);
  });

  it('counts bytes after the record', () => {
    const packets = decodeAfterConnect([
      request('00000001', '00000009', '00000001 2f abcdef'),
      reply('00000001', '00000000', '00000001 2f ff'),
      request('00000002', '0000000b', 'ff'),
      request('00000003', '00000009', '00000001 2f'),
      reply('00000003', 'ffffff9b', '00000000'),
    ]);
    expect(packets).toMatchObject([
      { record: { path: '/' }, trailing: 3 },
      { record: { path: '/' }, trailing: 1 },
      { op: 11, trailing: 1 },
      { op: 9 },
      { header: { err: -101 }, trailing: 4 },
    ]);
    expect(Object.keys(packets[0] as object).at(-1)).toBe('trailing');
  });

  it.each([
    ['negative', 'ffffffff', -1, 'BAD_FRAME_LENGTH'],
    ['the smallest', '80000000', -(2 ** 31), 'BAD_FRAME_LENGTH'],
    ['the largest', '7fffffff', 2 ** 31 - 1, 'FRAME_TOO_LARGE'],
    ['over jute.maxbuffer', '00100000', 0x100000, 'FRAME_TOO_LARGE'],
  ])('ends a direction at a length that is %s', (_name, length, bytes, code) => {
    const ping = request('fffffffe', '0000000b');
    const packets = decodeAfterConnect([ping, c2s(`${length}0102`), ping, reply('fffffffe')]);
    expect(packets).toEqual([
      expect.objectContaining({ kind: 'req', op: 11 }),
      { conn: 0, dir: 'c2s', kind: 'req', bytes, error: { code, offset: 0 } },
      expect.objectContaining({ kind: 'resp', op: 11 }),
      { conn: 0, dir: 'c2s', kind: 'incomplete', rest: `${length}0102${ping.hex}` },
    ]);
  });

  it('takes larger frames when told so, and keeps a bounded rest', () => {
    const options = { frameBodyBytesMax: 64 };
    const long = `7fffffff${'ab'.repeat(100)}`;
    const packets = decode([...CONNECT, c2s(long), c2s('cd'.repeat(50))], options);
    expect(packets.at(-1)).toEqual({
      conn: 0,
      dir: 'c2s',
      kind: 'incomplete',
      rest: long,
      omitted: 50,
    });
    const data = `00000000 00100000 ${'00'.repeat(0x100000)} ffffffff`;
    const big = [...CONNECT, request('00000001', '00000005', data)];
    expect(decode(big)[2]).toMatchObject({ error: { code: 'FRAME_TOO_LARGE' } });
    expect(decode(big, { frameBodyBytesMax: 0x200000 })[2]).toMatchObject({ op: 5 });
  });
});

describe('damaged frames', () => {
  const ping = request('fffffffe', '0000000b');

  /** Text and JSON lines of the handshake, the reads with one byte changed in one of them, and a ping. */
  function linesWithDamage(reads: readonly Read[], index: number, at: number, byte: number) {
    const lines: string[] = [];
    const conversation = new Conversation((packet) => {
      lines.push(describePacket(packet), JSON.stringify(packetToJson(packet)));
    });
    for (const read of [...CONNECT, ...reads, ping]) {
      const bytes = Buffer.from(read.hex, 'hex');
      if (read === reads[index]) bytes[at] = byte;
      conversation.push(0, read.dir, bytes);
    }
    conversation.end();
    return lines;
  }

  it.each(RECORDED_EXCHANGES.slice(1))('$name: never stop the rest', ({ frames }) => {
    for (const [index, { hex }] of frames.entries()) {
      for (let at = 4; at < hex.length / 2; at++) {
        for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
          const lines = linesWithDamage(frames, index, at, byte);
          expect(lines).toHaveLength(2 * (frames.length + 3));
          expect(lines.at(-2)).toBe('c0 > #-2 ping');
        }
      }
    }
  });
});
