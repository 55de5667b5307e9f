import { describe, expect, it } from 'vitest';
import { JuteWriter } from '../../../src/codec/jute-writer.ts';
import { Slab } from '../../../src/codec/slab-pool.ts';

const hexOf = (write: (writer: JuteWriter) => void): string => {
  const writer = JuteWriter.standalone();
  write(writer);
  return writer.finished().toString('hex');
};

describe('values', () => {
  it.each<[string, (writer: JuteWriter) => void, string]>([
    ['an int', (writer) => writer.int(-2), 'fffffffe'],
    ['a long', (writer) => writer.long(-(2n ** 63n)), '8000000000000000'],
    ['true', (writer) => writer.bool(true), '01'],
    ['false', (writer) => writer.bool(false), '00'],
    ['a null string', (writer) => writer.ustring(null), 'ffffffff'],
    ['an empty string', (writer) => writer.ustring(''), '00000000'],
    ['ASCII', (writer) => writer.ustring('/a'), '000000022f61'],
    ['more than ASCII', (writer) => writer.ustring('é€\u{1f600}'), '00000009c3a9e282acf09f9880'],
    ['a lone surrogate', (writer) => writer.ustring('\ud83d'), '00000003efbfbd'],
    ['a null buffer', (writer) => writer.buffer(null), 'ffffffff'],
    ['an empty buffer', (writer) => writer.buffer(new Uint8Array(0)), '00000000'],
    ['bytes', (writer) => writer.buffer(new Uint8Array([1, 255])), '0000000201ff'],
    ['a null vector', (writer) => writer.count(-1), 'ffffffff'],
    ['a vector of three', (writer) => writer.count(3), '00000003'],
  ])('writes %s', (_name, write, hex) => {
    expect(hexOf(write)).toBe(hex);
  });

  it('steps back to the end of a string after reserving three bytes a character', () => {
    expect(
      hexOf((writer) => {
        writer.ustring('ab');
        writer.int(1);
      }),
    ).toBe('00000002616200000001');
  });

  it('copies a buffer: it may change at once', () => {
    const value = Buffer.from('abc');
    const writer = JuteWriter.standalone();
    writer.buffer(value);
    value.fill(0);
    expect(writer.finished().toString('latin1', 4)).toBe('abc');
  });
});

describe('frames', () => {
  it('patches the length, which does not count itself', () => {
    const writer = JuteWriter.standalone();
    writer.int(7);
    writer.beginFrame();
    writer.long(1n);
    expect(writer.endFrame()).toBe(8);
    expect(writer.frameStart).toBe(4);
    expect(writer.finished().toString('hex')).toBe('00000007000000080000000000000001');
  });

  it('takes back a frame that was begun', () => {
    const writer = JuteWriter.standalone();
    writer.beginFrame();
    writer.int(1);
    writer.endFrame();
    writer.beginFrame();
    writer.ustring('never mind');
    writer.abandonFrame();
    expect(writer.finished().toString('hex')).toBe('0000000400000001');
  });
});

describe('room', () => {
  it('grows a standalone writer, twofold or as far as one value needs', () => {
    const writer = JuteWriter.standalone(8);
    for (let round = 0; round < 5; round++) writer.int(round);
    expect(writer.capacity).toBe(32);
    writer.buffer(Buffer.alloc(1000, 1));
    expect(writer.capacity).toBe(1024);
    const bytes = writer.finished();
    expect(bytes.length).toBe(1024);
    expect(bytes.readInt32BE(16)).toBe(4);
    expect(bytes.subarray(24).equals(Buffer.alloc(1000, 1))).toBe(true);
  });

  it('asks for room only when there is not enough, and says how much', () => {
    const asked: number[] = [];
    const slab = new Slab(16);
    const writer = new JuteWriter(slab.bytes, slab.view, (_writer, needed) => {
      asked.push(needed);
      throw new Error('no room');
    });
    writer.long(1n);
    writer.long(2n);
    expect(writer.offset).toBe(writer.capacity);
    expect(() => writer.bool(true)).toThrow('no room');
    expect(asked).toEqual([1]);
    expect(writer.offset).toBe(16);
  });

  it.each<[string, (writer: JuteWriter) => void]>([
    ['an int', (writer) => writer.int(0x01020304)],
    ['a long', (writer) => writer.long(0x0102030405060708n)],
    ['a bool', (writer) => writer.bool(true)],
    ['a string', (writer) => writer.ustring('abcdefghijklmnopqrstuvwxyz é')],
    ['a buffer', (writer) => writer.buffer(Buffer.from('abc'))],
  ])('goes on where the unfinished frame was moved to, in the middle of %s', (_name, write) => {
    const expected = hexOf((writer) => {
      writer.beginFrame();
      writer.ustring('begun');
      write(writer);
    });

    const full = new Slab(40);
    const roomy = new Slab(200);
    const writer = new JuteWriter(full.bytes, full.view, (moving, needed) => {
      // As a pipeline does: the unfinished frame to the front of another slab.
      const unfinished = moving.offset - moving.frameStart;
      full.bytes.copy(roomy.bytes, 0, moving.frameStart, moving.offset);
      moving.bytes = roomy.bytes;
      moving.view = roomy.view;
      moving.capacity = roomy.capacityBytes;
      moving.frameStart = 0;
      moving.offset = unfinished;
      expect(moving.capacity - moving.offset).toBeGreaterThanOrEqual(needed);
    });
    writer.offset = 17;
    writer.beginFrame();
    writer.ustring('begun');
    writer.capacity = writer.offset;
    const before = Buffer.from(full.bytes);
    write(writer);
    expect(writer.bytes).toBe(roomy.bytes);
    expect(writer.finished().toString('hex').slice(8)).toBe(expected.slice(8));
    expect(full.bytes.equals(before)).toBe(true);
  });
});
