import { describe, expect, it } from 'vitest';
import { Conversation } from '../../../src/codec/conversation.ts';
import { encodePacket } from '../../../src/codec/encode-packet.ts';
import { OP } from '../../../src/codec/operations.ts';
import type { Packet } from '../../../src/codec/packet.ts';
import { CONNECT, c2s, frame, RECORDED, type Read, reply, request } from './conversation-reads.ts';

function packetsOf(reads: readonly Read[]): Packet[] {
  const packets: Packet[] = [];
  const conversation = new Conversation((packet) => packets.push(packet));
  for (const { dir, hex } of reads) conversation.push(0, dir, Buffer.from(hex, 'hex'));
  conversation.end();
  return packets;
}

/** The last packet of a conversation that goes on behind the handshake. */
const lastOf = (...reads: Read[]): Packet => packetsOf([...CONNECT, ...reads]).at(-1) as Packet;

const hexOf = (packet: Packet): string => encodePacket(packet).toString('hex');

describe('a packet as a frame', () => {
  it('is what came, for everything that was recorded', () => {
    for (const [index, packet] of packetsOf(RECORDED).entries()) {
      expect(hexOf(packet)).toBe(RECORDED[index]!.hex);
      expect(packet.frame?.toString('hex')).toBe(RECORDED[index]!.hex);
    }
  });

  it.each([
    ['a handshake without the last byte', [c2s(CONNECT[0]!.hex.slice(8, -2))], 0],
    ['a null vector and a null path', [request('00000007', '00000069', `${'ff'.repeat(28)}`)], -1],
    [
      'a multi with nulls',
      [
        request(
          '00000007',
          '0000000e',
          `00000001 00 ffffffff ffffffff ffffffff ffffffff 00000000 ffffffff 01 ffffffff`,
        ),
      ],
      -1,
    ],
    ['a request that only servers send', [request('00000007', '00000014', '00000001 2f')], -1],
    ['an operation that is not known, without a body', [request('00000007', '000003e7')], -1],
    [
      'the refusal of a SASL token, with its body',
      [request('00000007', '00000066', '00000000'), reply('00000007', 'ffffff8d', 'ffffffff')],
      -1,
    ],
  ])('keeps %s', (_, reads, at) => {
    const given = at === 0 ? [c2s(frame(reads[0]!.hex))] : [...CONNECT, ...reads];
    const packet = packetsOf(given).at(at) as Packet;
    expect(packet).not.toHaveProperty('error');
    expect(hexOf(packet)).toBe(given.at(at)!.hex);
  });

  it('is the refusal of a read-only server', () => {
    const refusal = frame('00000000', '0000000100000002', 'ffffff89');
    const [, packet] = packetsOf([CONNECT[0]!, { dir: 's2c', hex: refusal }]);
    expect(hexOf(packet as Packet)).toBe(refusal);
  });

  it('has what was changed, and the length of that', () => {
    const packet = lastOf(request('00000007', '00000003', '00000002 2f61 01'));
    const changed = { ...packet, record: { path: '/longer', watch: false } };
    expect(hexOf(changed)).toBe(frame('00000007', '00000003', '00000007 2f6c6f6e676572 00'));
  });

  it('leaves out what belongs to nothing', () => {
    const packet = lastOf(request('00000007', '00000003', '00000002 2f61 01 abcd'));
    expect(packet.trailing).toBe(2);
    expect(hexOf(packet)).toBe(frame('00000007', '00000003', '00000002 2f61 01'));
  });

  it('is none for what was not decoded, whose bytes are there', () => {
    const broken = request('00000007', '00000003', '00000009 2f61');
    const packet = lastOf(broken);
    expect(packet.frame?.toString('hex')).toBe(broken.hex);
    const why = 'the frame was not decoded (BAD_LENGTH): pass on its bytes';
    expect(() => encodePacket(packet)).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: why }),
    );
  });

  it.each([
    ['a four-letter word', packetsOf([c2s('72756f6b')])[0]],
    ['an unfinished frame', packetsOf([c2s('0000')])[0]],
    [
      'a record that there is not',
      {
        conn: 0,
        dir: 'c2s',
        kind: 'req',
        header: { xid: 1, type: 3 },
        type: 'toString',
        record: {},
      },
    ],
    [
      'a check of its own',
      { conn: 0, dir: 'c2s', kind: 'req', header: { xid: 1, type: OP.check } },
    ],
  ] as [string, Packet][])('is none for %s', (_, packet) => {
    expect(packet).not.toHaveProperty('frame');
    expect(() => encodePacket(packet)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });
});
