import { describe, expect, it } from 'vitest';
import { POISON_BYTE, Slab, SlabPool } from '../../../src/codec/slab-pool.ts';
import { FRAME_TAIL_BYTES, SLAB_BYTES, SLABS_FREE_MAX } from '../../../src/limits.ts';

describe('Slab', () => {
  it('has one memory of its own under bytes and view, with equal offsets', () => {
    const slab = new Slab(100);
    expect([slab.capacityBytes, slab.bytes.length, slab.view.byteLength]).toEqual([100, 100, 100]);
    expect(slab.bytes.buffer.byteLength).toBe(100);
    slab.view.setInt32(40, 0x01020304);
    expect([...slab.bytes.subarray(40, 44)]).toEqual([1, 2, 3, 4]);
  });
});

describe('SlabPool', () => {
  it('has slabs of 64 KiB and keeps 32 unless told otherwise', () => {
    const pool = new SlabPool();
    expect(pool.slabBytes).toBe(65_536);
    const slabs = Array.from({ length: SLABS_FREE_MAX + 3 }, () => pool.acquire());
    for (const slab of slabs) pool.release(slab);
    expect(pool.counters()).toEqual({
      created: 35,
      createdBytes: 35 * SLAB_BYTES,
      reused: 0,
      outstanding: 0,
      free: 32,
      escaped: 0,
    });
  });

  it('gives a released slab again, with one reference', () => {
    const pool = new SlabPool();
    const slab = pool.acquire();
    expect(slab.references).toBe(1);
    pool.release(slab);
    expect(pool.acquire()).toBe(slab);
    expect(slab.references).toBe(1);
    expect(pool.counters()).toMatchObject({ created: 1, reused: 1, outstanding: 1, free: 0 });
  });

  it('keeps a slab out of reuse until the last of its references is released', () => {
    const pool = new SlabPool();
    const slab = pool.acquire();
    pool.retain(slab);
    pool.release(slab);
    expect(pool.counters()).toMatchObject({ outstanding: 1, free: 0 });
    expect(pool.acquire()).not.toBe(slab);
    pool.release(slab);
    expect(pool.counters()).toMatchObject({ outstanding: 1, free: 1 });
  });

  it('makes larger slabs when asked, exactly as large', () => {
    const pool = new SlabPool({ slabBytes: 64 });
    expect(pool.acquire(10).capacityBytes).toBe(64);
    expect(pool.acquire(65).capacityBytes).toBe(65);
    expect(pool.counters()).toMatchObject({ created: 2, createdBytes: 129, free: 0 });
  });

  it('gives a released large slab again for the same size only, with one reference', () => {
    const pool = new SlabPool({ slabBytes: 64 });
    const large = pool.acquire(100);
    pool.retain(large);
    pool.release(large);
    expect(pool.acquire(100)).not.toBe(large);
    pool.release(large);
    expect(pool.acquire(99).capacityBytes).toBe(99);
    expect(pool.acquire().capacityBytes).toBe(64);
    expect(pool.acquire(100)).toBe(large);
    expect(large.references).toBe(1);
    expect(pool.counters()).toMatchObject({ created: 4, reused: 1, outstanding: 4, free: 0 });
    expect(pool.outstandingBytes).toBe(100 + 99 + 64 + 100);
  });

  it('has whole slabs for frames that grow: twice what is there, or what is needed and some more', () => {
    const pool = new SlabPool();
    const sizes = (unfinished: number, needed: number): number =>
      pool.acquireToGrow(unfinished, needed).capacityBytes / SLAB_BYTES;
    expect(sizes(0, 10)).toBe(1);
    expect(sizes(10, SLAB_BYTES - FRAME_TAIL_BYTES - 10)).toBe(1);
    expect(sizes(10, SLAB_BYTES - FRAME_TAIL_BYTES - 9)).toBe(2);
    expect(sizes(30, 1024 * 1024)).toBe(17);
    expect(sizes(3 * SLAB_BYTES, 4)).toBe(6);
    expect(sizes(3 * SLAB_BYTES, 7 * SLAB_BYTES)).toBe(11);
  });

  it('refuses to release or retain what nobody holds', () => {
    const pool = new SlabPool();
    const slab = pool.acquire();
    pool.release(slab);
    expect(() => pool.release(slab)).toThrow('released more often');
    expect(() => pool.retain(slab)).toThrow('after its last release');
    expect(pool.counters()).toMatchObject({ outstanding: 0, free: 1 });
  });

  it('poisons on the last release, and only when asked to', () => {
    for (const poison of [true, false]) {
      const pool = new SlabPool({ slabBytes: 8, poison });
      const slab = pool.acquire();
      slab.bytes.fill(1);
      pool.retain(slab);
      pool.release(slab);
      expect([...slab.bytes]).toEqual(Array(8).fill(1));
      pool.release(slab);
      expect([...slab.bytes]).toEqual(Array(8).fill(poison ? POISON_BYTE : 1));
    }
  });

  it('rewinds for the only holder, poisoning what was used', () => {
    const pool = new SlabPool({ slabBytes: 8, poison: true });
    const slab = pool.acquire();
    slab.bytes.fill(1);
    pool.retain(slab);
    expect(pool.rewind(slab, 3)).toBe(false);
    pool.release(slab);
    expect(pool.rewind(slab, 3)).toBe(true);
    expect([...slab.bytes]).toEqual([...Array(3).fill(POISON_BYTE), 1, 1, 1, 1, 1]);
    const plain = new SlabPool({ slabBytes: 8 });
    const other = plain.acquire();
    other.bytes.fill(1);
    expect(plain.rewind(other, 3)).toBe(true);
    expect([...other.bytes]).toEqual(Array(8).fill(1));
  });

  it('never reuses, rewinds or poisons a slab that has escaped', () => {
    const pool = new SlabPool({ slabBytes: 8, poison: true });
    const slab = pool.acquire();
    slab.bytes.fill(1);
    pool.escape(slab);
    pool.escape(slab);
    expect(pool.counters()).toMatchObject({ escaped: 1, outstanding: 0 });
    expect(pool.rewind(slab, 8)).toBe(false);
    pool.release(slab);
    expect(pool.acquire()).not.toBe(slab);
    expect([...slab.bytes]).toEqual(Array(8).fill(1));
    expect(pool.counters()).toMatchObject({ escaped: 1, outstanding: 1, free: 0 });
  });

  it('never reuses a large slab that has escaped', () => {
    const pool = new SlabPool({ slabBytes: 8 });
    const large = pool.acquire(100);
    pool.escape(large);
    pool.release(large);
    expect(pool.acquire(100)).not.toBe(large);
    expect(pool.counters()).toMatchObject({ created: 2, reused: 0 });
  });
});
