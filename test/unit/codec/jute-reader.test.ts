import { describe, expect, it } from 'vitest';
import { isSame, isZero, JuteReader, longAt } from '../../../src/codec/jute-reader.ts';
import { OwnedBytes } from '../../../src/codec/owned-bytes.ts';
import { SlabPool } from '../../../src/codec/slab-pool.ts';
import { OWNED_COPY_BYTES_MAX } from '../../../src/limits.ts';
import { wireFailure } from './wire-failure.ts';

const over = (hex: string): JuteReader =>
  JuteReader.over(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

/** Code and offset of the WireError that `run` throws. */
function failure(run: () => unknown): { code: string; offset: number } {
  const { code, offset } = wireFailure(run);
  return { code, offset };
}

describe('fixed-size values', () => {
  it('reads ints, longs and bools, big-endian and signed', () => {
    const reader = over('7fffffff 80000000 ffffffff 7fffffffffffffff 8000000000000000 00 01 02');
    expect([reader.int(), reader.int(), reader.int()]).toEqual([2 ** 31 - 1, -(2 ** 31), -1]);
    expect([reader.long(), reader.long()]).toEqual([2n ** 63n - 1n, -(2n ** 63n)]);
    expect([reader.bool(), reader.bool(), reader.bool()]).toEqual([false, true, true]);
    expect(reader.remaining).toBe(0);
  });

  it.each<[string, number, (reader: JuteReader) => unknown]>([
    ['int', 4, (reader) => reader.int()],
    ['long', 8, (reader) => reader.long()],
    ['bool', 1, (reader) => reader.bool()],
    ['ustring', 4, (reader) => reader.ustring()],
    ['buffer', 4, (reader) => reader.buffer()],
    ['count', 4, (reader) => reader.count(1)],
    ['take', 5, (reader) => reader.take(5)],
  ])(
    'refuses %s when one of its %i bytes is missing, and stays where it was',
    (_name, size, read) => {
      // The byte after the range is there, but not the reader's.
      const reader = JuteReader.over(Buffer.alloc(3 + size), 0, 3 + size - 1);
      reader.take(3);
      expect(failure(() => read(reader))).toEqual({ code: 'TRUNCATED', offset: 3 });
      expect(reader.offset).toBe(3);
    },
  );
});

describe('strings and buffers', () => {
  it('tells null from empty', () => {
    const reader = over('ffffffff 00000000 ffffffff 00000000');
    expect([reader.ustring(), reader.ustring()]).toEqual([null, '']);
    expect([reader.buffer(), reader.buffer()]).toEqual([null, Buffer.alloc(0)]);
  });

  it('reads as many bytes as the length says', () => {
    const reader = over('00000003 616263 00000002 0102 000000ff');
    expect(reader.ustring()).toBe('abc');
    expect(reader.buffer()).toEqual(Buffer.from([1, 2]));
    expect(reader.int()).toBe(255);
  });

  const lengths: [number, string][] = [
    [-2, 'fffffffe'],
    [-(2 ** 31), '80000000'],
    [2 ** 31 - 1, '7fffffff'],
    [4, '00000004'],
  ];
  describe.each(lengths)('with a length of %i before three bytes', (_length, hex) => {
    it.each(['ustring', 'buffer'] as const)('are refused at the length word (%s)', (kind) => {
      const reader = over(`00000000 00000000 ${hex} 616263`);
      reader.long();
      expect(failure(() => reader[kind]())).toEqual({ code: 'BAD_LENGTH', offset: 8 });
    });
  });

  it('lends views of the slab, and gives owned bytes when asked to', () => {
    const pool = new SlabPool({ poison: true });
    const slab = pool.acquire();
    slab.bytes.write('0000000000000003616263', 'hex');
    const reader = new JuteReader();
    reader.useSlab(pool, slab);
    reader.frame(0, 11);
    const lent = reader.buffer() as Buffer;
    reader.owned = new OwnedBytes();
    reader.frame(0, 11);
    const owned = reader.buffer() as Buffer;
    expect(lent.buffer).toBe(slab.bytes.buffer);
    expect(owned.buffer).not.toBe(slab.bytes.buffer);
    pool.release(slab);
    expect([lent.toString(), owned.toString()]).not.toEqual(['abc', 'abc']);
    expect(owned.toString()).toBe('abc');
  });

  it('keeps the slab of a large owned buffer out of the pool', () => {
    const pool = new SlabPool();
    const slab = pool.acquire();
    slab.view.setInt32(4, OWNED_COPY_BYTES_MAX + 1);
    const reader = new JuteReader();
    reader.owned = new OwnedBytes();
    reader.useSlab(pool, slab);
    reader.frame(0, 8 + OWNED_COPY_BYTES_MAX + 1);
    expect(reader.buffer()?.buffer).toBe(slab.bytes.buffer);
    expect(reader.owned.copiedBytes).toBe(0);
    expect(pool.counters().escaped).toBe(1);
  });

  it('copies owned buffers of bytes that are no slab', () => {
    const bytes = Buffer.from('00000003616263', 'hex');
    const reader = JuteReader.over(bytes);
    reader.owned = new OwnedBytes();
    const owned = reader.buffer() as Buffer;
    bytes.fill(0);
    expect(owned.toString()).toBe('abc');
  });
});

describe('strings that are not UTF-8', () => {
  it.each([
    ['short', '00000003 61ff62'],
    ['long', `00000014 ${'61'.repeat(18)}c0af`],
  ])('are refused at their length word: %s', (_name, hex) => {
    const reader = over(`00000000 ${hex}`);
    reader.int();
    expect(failure(() => reader.ustring())).toEqual({ code: 'BAD_TEXT', offset: 4 });
  });

  it('but surrogates as Java writes them are joined', () => {
    expect(over('00000006 eda0bdedb880').ustring()).toBe('\u{1f600}');
  });
});

describe('vector counts', () => {
  it('tells null from empty, and takes what can fit', () => {
    const reader = over('ffffffff 00000000 00000002 0000000000000000');
    expect([reader.count(4), reader.count(4), reader.count(4)]).toEqual([-1, 0, 2]);
  });

  it.each([
    ['00000003', 4],
    ['00000009', 1],
    ['7fffffff', 1],
    ['7fffffff', 68],
    ['fffffffe', 4],
    ['80000000', 4],
  ])(
    'refuses %s elements of at least %i bytes in eight, before anything is allocated',
    (hex, min) => {
      const reader = over(`00000000 ${hex} 0000000000000000`);
      reader.int();
      expect(failure(() => reader.count(min))).toEqual({ code: 'BAD_COUNT', offset: 4 });
    },
  );
});

describe('places', () => {
  it('counts offsets of errors from the length prefix of the frame', () => {
    const pool = new SlabPool();
    const slab = pool.acquire();
    slab.bytes.fill(0xfe);
    const reader = new JuteReader();
    reader.useSlab(pool, slab);
    reader.frame(1000, 1020);
    expect([reader.offset, reader.remaining]).toEqual([1004, 16]);
    reader.long();
    expect(failure(() => reader.ustring())).toEqual({ code: 'BAD_LENGTH', offset: 12 });
  });

  it('reads a part of any Uint8Array', () => {
    const memory = new Uint8Array([9, 9, 0, 0, 0, 7, 9]);
    const reader = JuteReader.over(memory.subarray(1), 1, 5);
    expect([reader.base, reader.int(), reader.remaining]).toEqual([1, 7, 0]);
    expect(failure(() => reader.bool())).toEqual({ code: 'TRUNCATED', offset: 4 });
  });

  it('fails at the next byte, or at any', () => {
    const reader = over('0000000100000002');
    reader.int();
    expect(failure(() => reader.fail('UNEXPECTED_NULL', 'x'))).toEqual({
      code: 'UNEXPECTED_NULL',
      offset: 4,
    });
    expect(() => reader.failAt(2, 'BAD_MULTI', 'what was wrong')).toThrow(
      'what was wrong (at byte 2 of the frame)',
    );
  });

  it('has nothing to read before it is pointed at something', () => {
    expect(failure(() => new JuteReader().bool())).toEqual({ code: 'TRUNCATED', offset: 0 });
  });
});

describe('longs that are compared before they are read', () => {
  const longs = [0n, 1n, -1n, 1n << 32n, (1n << 32n) + 1n, -(1n << 63n), 2n ** 63n - 1n];
  const view = new DataView(new ArrayBuffer(8 * longs.length));
  for (const [index, long] of longs.entries()) view.setBigInt64(index * 8, long);

  it('are read whole', () => {
    expect(longs.map((_, index) => longAt(view, index * 8))).toEqual(longs);
  });

  it('are the same only when all their bytes are', () => {
    for (const [index, long] of longs.entries()) {
      expect(isZero(view, index * 8)).toBe(long === 0n);
      for (const [other, value] of longs.entries()) {
        expect(isSame(view, index * 8, other * 8)).toBe(long === value);
      }
    }
  });
});
