import { describe, expect, it } from 'vitest';
import {
  growthPerOperation,
  type HeapLook,
  heapBytesPerOperation,
} from '../../../../bench/load/heap-allocation.ts';

const look = (atMs: number, usedBytes: number, operations: number): HeapLook => {
  return { atMs, usedBytes, operations };
};

describe('growthPerOperation', () => {
  it('adds up what grew, less what looking costs', () => {
    const looks = [look(0, 1_000, 0), look(1, 3_100, 10), look(2, 4_200, 20)];
    expect(growthPerOperation(looks, [], 100)).toBe((2_000 + 1_000) / 20);
  });

  it('leaves out what a collection or sweeping lies in', () => {
    const looks = [
      look(0, 1_000, 0),
      look(1, 1_500, 10),
      // A collection at 1.5 that left more than before; one that is not told of, which left less.
      look(2, 9_500, 20),
      look(3, 9_000, 30),
      look(4, 9_500, 40),
    ];
    expect(growthPerOperation(looks, [1.5], 0)).toBe((500 + 500) / 20);
  });

  it('is null when nothing is left', () => {
    expect(growthPerOperation([look(0, 5, 0)], [], 0)).toBeNull();
    expect(growthPerOperation([look(0, 5, 0), look(1, 9, 10)], [0.5], 0)).toBeNull();
  });
});

describe('heapBytesPerOperation', () => {
  it('sees what is allocated', async () => {
    const elements = 1_000;
    let operations = 0;
    let kept: number[] = [];
    const work = setInterval(() => {
      for (let nth = 0; nth < 100; nth++) {
        kept = new Array<number>(elements).fill(nth);
        operations++;
      }
    }, 1);
    const bytes = await heapBytesPerOperation(() => operations, 1_500);
    clearInterval(work);
    expect(kept).toHaveLength(elements);
    // Eight bytes an element, and the headers of array and elements.
    expect(bytes).toBeGreaterThanOrEqual(8 * elements);
    expect(bytes).toBeLessThan(8 * elements * 1.2);
  });
});
