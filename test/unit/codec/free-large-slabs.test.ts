import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { FreeLargeSlabs } from '../../../src/codec/free-large-slabs.ts';
import { Slab } from '../../../src/codec/slab-pool.ts';
import { LARGE_SLABS_FREE_BYTES_MAX } from '../../../src/limits.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const THIRD = LARGE_SLABS_FREE_BYTES_MAX / 3;

describe('FreeLargeSlabs', () => {
  it('gives each slab once, the one that was kept last first', () => {
    const free = new FreeLargeSlabs();
    const [first, second] = [new Slab(100), new Slab(100)];
    free.keep(first);
    free.keep(second);
    expect(free.take(100)).toBe(second);
    expect(free.take(100)).toBe(first);
    expect(free.take(100)).toBeUndefined();
  });

  it('gives a slab of just the size that is asked for, among others', () => {
    const free = new FreeLargeSlabs();
    const slabs = [100, 200, 300].map((bytes) => new Slab(bytes));
    for (const slab of slabs) free.keep(slab);
    expect([free.take(99), free.take(101), free.take(400)]).toEqual(Array(3).fill(undefined));
    expect(free.take(200)).toBe(slabs[1]);
    expect(free.take(100)).toBe(slabs[0]);
    expect(free.take(300)).toBe(slabs[2]);
  });

  it('keeps so many bytes, and forgets the oldest for the newest', () => {
    const free = new FreeLargeSlabs();
    const slabs = [1, 2, 3, 4].map(() => new Slab(THIRD));
    for (const slab of slabs) free.keep(slab);
    expect(slabs.map(() => free.take(THIRD))).toEqual([slabs[3], slabs[2], slabs[1], undefined]);
    for (const slab of slabs) free.keep(slab);
    const most = new Slab(LARGE_SLABS_FREE_BYTES_MAX);
    free.keep(most);
    expect(free.take(THIRD)).toBeUndefined();
    expect(free.take(LARGE_SLABS_FREE_BYTES_MAX)).toBe(most);
  });

  it('does not keep one that is larger than all of them may be, and forgets none for it', () => {
    const free = new FreeLargeSlabs();
    const slab = new Slab(THIRD);
    free.keep(slab);
    free.keep(new Slab(LARGE_SLABS_FREE_BYTES_MAX + 1));
    expect(free.take(LARGE_SLABS_FREE_BYTES_MAX + 1)).toBeUndefined();
    expect(free.take(THIRD)).toBe(slab);
  });

  it('leaves them to the garbage collector', async () => {
    const free = new FreeLargeSlabs();
    const held = new Slab(100);
    free.keep(held);
    for (let count = 0; count < 10; count++) free.keep(new Slab(100));
    // A weak reference holds what it was made for until the job at hand is over.
    await setImmediate();
    collect();
    expect(free.take(100)).toBe(held);
    expect(free.take(100)).toBeUndefined();
  });
});
