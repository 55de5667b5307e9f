import { describe, expect, it } from 'vitest';
import { POISON_BYTE, Slab, SlabPool } from '../../../src/codec/slab-pool.ts';
import { SLAB_BYTES, SLABS_FREE_MAX } from '../../../src/limits.ts';

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

  it('makes larger slabs when asked, exactly as large, and does not keep them', () => {
    const pool = new SlabPool({ slabBytes: 64 });
    expect(pool.acquire(10).capacityBytes).toBe(64);
    const large = pool.acquire(65);
    expect(large.capacityBytes).toBe(65);
    pool.release(large);
    expect(pool.counters()).toMatchObject({ created: 2, createdBytes: 129, free: 0 });
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
});
