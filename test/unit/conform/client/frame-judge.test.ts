import { describe, expect, it } from 'vitest';
import { FrameJudge } from '../../../../src/conform/client/frame-judge.ts';
import { FrameDecoder } from '../../../../src/conform/script/heard-frame.ts';

/** What a judge makes of frames of one connection, the handshake before them. */
function judged(...bodies: string[]): { faults: string[]; xidFaults: string[] } {
  const judge = new FrameJudge();
  const decoder = new FrameDecoder();
  for (const body of [HANDSHAKE, ...bodies]) {
    const bytes = Buffer.from(body.replaceAll(' ', ''), 'hex');
    const frame = Buffer.alloc(4 + bytes.length);
    frame.writeInt32BE(bytes.length);
    bytes.copy(frame, 4);
    judge.see(decoder.decode(frame, 0), 0);
  }
  return judge;
}

const HANDSHAKE = `00000000 0000000000000000 00002710 0000000000000000 00000010 ${'00'.repeat(16)} 00`;
const OPEN_ACL = '00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65';
const xidOf = (xid: number): string => (xid >>> 0).toString(16).padStart(8, '0');
const get = (xid: number): string => `${xidOf(xid)} 00000004 00000002 2f61 00`;

describe('what is judged of every frame', () => {
  it('finds nothing in a client that does all well', () => {
    const auth = 'fffffffc 00000064 00000000 00000006 646967657374 00000003 753a70';
    const setWatches = `fffffff8 00000065 ${'00'.repeat(20)}`;
    const ttl = `00000005 00000015 00000002 2f61 ffffffff ${OPEN_ACL} 00000005 000000000000ea60`;
    const ping = 'fffffffe 0000000b';
    const frames = [auth, setWatches, get(1), ping, get(4), ttl, get(0x7fffffff), get(1)];
    expect(judged(...frames)).toMatchObject({ faults: [], xidFaults: [] });
  });

  it.each([
    ['a check outside a multi', '00000001 0000000d 00000002 2f61 00000000'],
    [
      'a createTTL without a TTL mode',
      `00000001 00000015 00000002 2f61 ffffffff ${OPEN_ACL} 00000000 000000000000ea60`,
    ],
    [
      'a createTTL without a TTL mode',
      `00000001 0000000e 00000015 00 ffffffff 00000002 2f61 ffffffff ${OPEN_ACL} 00000001 000000000000ea60 ffffffff 01 ffffffff`,
    ],
    ['1 bytes too many behind getData: 0000000100000004000000022f610000', `${get(1)}00`],
    [
      'a frame that cannot be decoded (BAD_LENGTH): 0000000100000004000000092f6100',
      '00000001 00000004 00000009 2f61 00',
    ],
    ['a frame that cannot be decoded (BAD_FRAME_LENGTH): (empty)', ''],
  ])('finds %s', (fault, body) => {
    expect(judged(body).faults).toEqual([fault]);
  });

  it('finds a request that no server takes', () => {
    const body = Buffer.alloc(1_048_576);
    body.writeInt32BE(1);
    body.writeInt32BE(5, 4);
    body.write('\0\0\0\x02/a', 8, 'latin1');
    body.writeInt32BE(1_048_576 - 22, 14);
    expect(judged(body.toString('hex')).faults).toEqual([
      expect.stringMatching(/^a request of 1048576 bytes, which no server takes: c0 > #1 setData/),
    ]);
  });

  it.each([
    ['the xid 0 for getData', [get(0)]],
    ['the xid -8 for getData', [get(-8)]],
    ['the xid 3 behind 3', [get(3), get(3)]],
    ['the xid 2 behind 3', [get(3), get(2)]],
    ['a ping with the xid 1 instead of -2', ['00000001 0000000b']],
  ])('finds %s', (fault, bodies) => {
    expect(judged(...bodies)).toMatchObject({ faults: [], xidFaults: [fault] });
  });
});
