import { describe, expect, it } from 'vitest';
import { FRAME_INCOMPLETE, FRAME_OVERSIZED, FrameCutter } from '../../../src/codec/frame-cutter.ts';
import type { WireError } from '../../../src/errors.ts';
import { FRAME_BODY_BYTES_CEILING, FRAME_BODY_BYTES_MAX } from '../../../src/limits.ts';
import { wireFailure } from './wire-failure.ts';

const viewOfHex = (hex: string): DataView => {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
};

function refusal(cutter: FrameCutter, lengthHex: string): WireError {
  return wireFailure(() => cutter.cut(viewOfHex(lengthHex), 0, 4));
}

describe('FrameCutter', () => {
  it('finds whole frames one after the other, empty ones too', () => {
    const view = viewOfHex('00000002 0102 00000000 00000001 03');
    const cutter = new FrameCutter();
    expect(cutter.cut(view, 0, 15)).toBe(6);
    expect(cutter.cut(view, 6, 15)).toBe(10);
    expect(cutter.cut(view, 10, 15)).toBe(15);
    expect(cutter.cut(view, 15, 15)).toBe(FRAME_INCOMPLETE);
  });

  it('says how much an unfinished frame needs as soon as its length is there', () => {
    const view = viewOfHex('00000006 010203040506');
    const cutter = new FrameCutter();
    for (let end = 0; end < 4; end++) {
      expect([cutter.cut(view, 0, end), cutter.wantedBytes]).toEqual([FRAME_INCOMPLETE, 0]);
    }
    for (let end = 4; end < 10; end++) {
      expect([cutter.cut(view, 0, end), cutter.wantedBytes]).toEqual([FRAME_INCOMPLETE, 10]);
    }
    expect(cutter.cut(view, 0, 10)).toBe(10);
    expect([cutter.cut(view, 10, 10), cutter.wantedBytes]).toEqual([FRAME_INCOMPLETE, 0]);
  });

  it('takes bodies up to and with the limit, 0xfffff by default', () => {
    const cutter = new FrameCutter();
    expect(cutter.bodyBytesMax).toBe(FRAME_BODY_BYTES_MAX);
    expect(cutter.cut(viewOfHex('000fffff'), 0, 4)).toBe(FRAME_INCOMPLETE);
    expect(cutter.wantedBytes).toBe(0xfffff + 4);
    expect(refusal(cutter, '00100000')).toMatchObject({ code: 'FRAME_TOO_LARGE', offset: 0 });
  });

  it('refuses a length below the smallest body', () => {
    const cutter = new FrameCutter(16);
    expect(cutter.cut(viewOfHex('00000010'), 0, 4)).toBe(FRAME_INCOMPLETE);
    for (const hex of ['0000000f', '00000000', 'ffffffff', 'fffffffe', '80000000']) {
      expect(refusal(cutter, hex)).toMatchObject({ code: 'BAD_FRAME_LENGTH', offset: 0 });
    }
    expect(refusal(cutter, 'ffffffff').message).toContain('a frame length of -1 is below 16');
    expect(refusal(new FrameCutter(), 'ffffffff').code).toBe('BAD_FRAME_LENGTH');
  });

  it('says what the bytes look like when they are no ZooKeeper at all', () => {
    const cutter = new FrameCutter();
    expect(refusal(cutter, Buffer.from('HTTP').toString('hex')).message).toContain('web server');
    expect(refusal(cutter, '16030100').message).toContain('TLS');
    expect(refusal(cutter, '15030300').message).toContain('TLS');
    expect(refusal(cutter, '7fffffff').message).toBe(
      'a frame of 2147483647 bytes is over the limit of 1048575 (at byte 0 of the frame)',
    );
  });

  it('answers that a frame is over the limit when it is one that can be skipped', () => {
    const cutter = new FrameCutter(16, 1000, 5000);
    const cut = (hex: string): number => cutter.cut(viewOfHex(hex), 0, 4);
    expect(cut('000003e8')).toBe(FRAME_INCOMPLETE);
    for (const hex of ['000003e9', '00001388']) expect(cut(hex)).toBe(FRAME_OVERSIZED);
    for (const hex of ['00001389', '7fffffff', '48545450']) {
      expect(refusal(cutter, hex).code).toBe('FRAME_TOO_LARGE');
    }
    for (const hex of ['0000000f', '80000000']) {
      expect(refusal(cutter, hex).code).toBe('BAD_FRAME_LENGTH');
    }
    expect(cutter.cut(viewOfHex('000003'), 0, 3)).toBe(FRAME_INCOMPLETE);
    expect(() => cutter.refuse(1001)).toThrow('a frame of 1001 bytes is over the limit of 1000');
  });

  it('has a limit from 1 byte to 2^31-1', () => {
    expect(new FrameCutter(0, 1).bodyBytesMax).toBe(1);
    expect(new FrameCutter(0, FRAME_BODY_BYTES_CEILING).cut(viewOfHex('7fffffff'), 0, 4)).toBe(-1);
    for (const limit of [0, -1, Number.NaN, FRAME_BODY_BYTES_CEILING + 1]) {
      expect(() => new FrameCutter(0, limit)).toThrow(`not ${limit}`);
    }
  });
});
