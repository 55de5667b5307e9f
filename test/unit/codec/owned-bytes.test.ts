import { describe, expect, it } from 'vitest';
import { OwnedBytes, viewOf } from '../../../src/codec/owned-bytes.ts';
import { POISON_BYTE, SlabPool } from '../../../src/codec/slab-pool.ts';
import { OWNED_BLOCK_BYTES, OWNED_COPY_BYTES_MAX } from '../../../src/limits.ts';

describe('viewOf', () => {
  it('shares the memory, from an offset in a larger buffer', () => {
    const memory = Buffer.from('0123456789');
    const view = viewOf(memory.subarray(2), 3, 4);
    expect(view).toBeInstanceOf(Buffer);
    expect(view.toString()).toBe('5678');
    memory[5] = 0x78;
    expect(view.toString()).toBe('x678');
  });
});

describe('OwnedBytes', () => {
  const setUp = () => {
    const pool = new SlabPool({ poison: true });
    const slab = pool.acquire();
    for (let at = 0; at < slab.capacityBytes; at++) slab.bytes[at] = at % 100;
    return { pool, slab, owned: new OwnedBytes() };
  };

  it('copies up to a quarter of a slab, which is then free of it', () => {
    const { pool, slab, owned } = setUp();
    const small = owned.take(pool, slab, slab.bytes, 7, 3);
    const largest = owned.take(pool, slab, slab.bytes, 1, OWNED_COPY_BYTES_MAX);
    expect(owned.copiedBytes).toBe(3 + OWNED_COPY_BYTES_MAX);
    pool.release(slab);
    expect(slab.bytes[7]).toBe(POISON_BYTE);
    expect([...small]).toEqual([7, 8, 9]);
    expect(largest.length).toBe(OWNED_COPY_BYTES_MAX);
    expect(largest[0]).toBe(1);
    expect(pool.counters()).toMatchObject({ escaped: 0, free: 1 });
  });

  it('keeps the slab of anything larger, without a copy, and the pool never uses it again', () => {
    const { pool, slab, owned } = setUp();
    const length = OWNED_COPY_BYTES_MAX + 1;
    const large = owned.take(pool, slab, slab.bytes, 5, length);
    expect(owned.copiedBytes).toBe(0);
    expect(large.buffer).toBe(slab.bytes.buffer);
    pool.release(slab);
    expect(pool.acquire()).not.toBe(slab);
    expect([large.length, large[0], large[length - 1]]).toEqual([
      length,
      5,
      (5 + length - 1) % 100,
    ]);
    expect(pool.counters()).toMatchObject({ escaped: 1, free: 0 });
  });

  it('copies anything whose bytes are in no slab of a pool', () => {
    const { pool, slab, owned } = setUp();
    const bytes = Buffer.alloc(OWNED_COPY_BYTES_MAX + 1, 1);
    for (const copy of [
      owned.take(null, null, bytes, 0, bytes.length),
      owned.take(pool, null, bytes, 0, bytes.length),
      owned.take(null, slab, bytes, 0, bytes.length),
    ]) {
      expect(copy.equals(bytes)).toBe(true);
      expect(copy.buffer).not.toBe(bytes.buffer);
    }
    expect(pool.counters().escaped).toBe(0);
  });

  it('cuts small copies from one block after the other, never overlapping', () => {
    const { pool, slab, owned } = setUp();
    const copies = Array.from({ length: 2000 }, (_, at) =>
      owned.take(pool, slab, slab.bytes, at, 1 + (at % 13)),
    );
    const blocks = new Set(copies.map((copy) => copy.buffer));
    expect(blocks.size).toBe(Math.ceil((2000 * 7) / OWNED_BLOCK_BYTES));
    for (const [at, copy] of copies.entries()) {
      expect(copy.equals(slab.bytes.subarray(at, at + 1 + (at % 13)))).toBe(true);
    }
  });

  it('copies what follows within one read along, and never what is behind its end', () => {
    const { pool, slab, owned } = setUp();
    owned.startRead(1000);
    const first = owned.take(pool, slab, slab.bytes, 100, 10);
    expect(owned.copiedBytes).toBe(900);
    const second = owned.take(pool, slab, slab.bytes, 200, 50);
    expect(owned.copiedBytes).toBe(900);
    expect(second.buffer).toBe(first.buffer);
    expect(second.equals(slab.bytes.subarray(200, 250))).toBe(true);
    const earlier = owned.take(pool, slab, slab.bytes, 50, 20);
    expect(earlier.equals(slab.bytes.subarray(50, 70))).toBe(true);
  });

  it('copies twice as much ahead each time within one read, and starts small again with the next', () => {
    const { pool, slab, owned } = setUp();
    const copied: number[] = [];
    const takeAt = (start: number): void => {
      const before = owned.copiedBytes;
      owned.take(pool, slab, slab.bytes, start, 10);
      copied.push(owned.copiedBytes - before);
    };
    owned.startRead(slab.capacityBytes);
    for (const start of [0, 2048, 2048 + 4096]) takeAt(start);
    owned.startRead(slab.capacityBytes);
    takeAt(0);
    expect(copied).toEqual([2048, 4096, 8192, 2048]);
  });

  it('forgets what it copied when the next read begins: the same place holds other bytes then', () => {
    const { pool, slab, owned } = setUp();
    owned.startRead(100);
    const before = owned.take(pool, slab, slab.bytes, 10, 10);
    slab.bytes.fill(0xee);
    owned.startRead(100);
    const after = owned.take(pool, slab, slab.bytes, 10, 10);
    expect([...before]).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect([...after]).toEqual(new Array(10).fill(0xee));
  });

  it('copies nothing ahead and remembers nothing outside a read', () => {
    const { pool, slab, owned } = setUp();
    owned.take(pool, slab, slab.bytes, 10, 10);
    expect(owned.copiedBytes).toBe(10);
    slab.bytes.fill(0xee);
    expect(owned.take(pool, slab, slab.bytes, 10, 1)[0]).toBe(0xee);
  });

  it('gives what is larger than half a block memory of its own', () => {
    const { pool, slab, owned } = setUp();
    const half = owned.take(pool, slab, slab.bytes, 0, OWNED_BLOCK_BYTES / 2);
    const more = owned.take(pool, slab, slab.bytes, 0, OWNED_BLOCK_BYTES / 2 + 1);
    expect(half.buffer.byteLength).toBe(OWNED_BLOCK_BYTES);
    expect(more.buffer.byteLength).toBe(OWNED_BLOCK_BYTES / 2 + 1);
  });

  it('gives an empty buffer for no bytes', () => {
    const { pool, slab, owned } = setUp();
    expect(owned.take(pool, slab, slab.bytes, 9, 0).length).toBe(0);
  });
});
