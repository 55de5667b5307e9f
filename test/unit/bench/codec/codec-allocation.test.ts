import { describe, expect, it } from 'vitest';
import {
  allocationOf,
  allocationPerRecord,
  type Window,
} from '../../../../bench/codec/codec-allocation.ts';
import { RECORDS } from '../../../../bench/codec/records.ts';

/** From a moment to one millisecond later. */
function window(atMs: number, heapBytes: number, externalBytes: number, records = 10): Window {
  return {
    from: { atMs, heapBytes: 1_000, externalBytes: 500 },
    to: { atMs: atMs + 1, heapBytes: 1_000 + heapBytes, externalBytes: 500 + externalBytes },
    records,
  };
}

describe('allocationOf', () => {
  it('is the growth of heap and Buffers for a record, less what looking costs', () => {
    const windows = [window(0, 2_040, 100), window(2, 2_040, 100)];
    expect(allocationOf(windows, [window(0, 40, 0, 1)], [])).toEqual({
      heapBytesPerRecord: 200,
      externalBytesPerRecord: 10,
    });
  });

  it('leaves out windows with a collection, and bears one that was swept', () => {
    const windows = [
      window(0, 900, 0),
      window(2, 5, 0),
      window(4, 900, 0),
      window(6, 100, 0),
      window(8, 900, 0),
    ];
    // Of the second is told; of the fourth is not.
    const { heapBytesPerRecord } = allocationOf(windows, [window(0, 0, 0)], [2.5]);
    expect(heapBytesPerRecord).toBe(90);
  });

  it('is null where the collector was in every window, and never below nothing', () => {
    const nothing = [window(0, 0, 0)];
    expect(allocationOf([window(5, 9, 9)], nothing, [5.5])).toEqual({
      heapBytesPerRecord: null,
      externalBytesPerRecord: null,
    });
    const cheaper = allocationOf([window(5, 8, 0)], [window(0, 40, 0)], []);
    expect(cheaper.heapBytesPerRecord).toBe(0);
  });
});

describe('allocationPerRecord', () => {
  it('sees what is allocated on the heap and outside of it', async () => {
    const kept: unknown[] = [];
    const { heapBytesPerRecord, externalBytesPerRecord } = await allocationPerRecord(() => {
      kept.length = 0;
      for (let nth = 0; nth < RECORDS; nth++) kept.push(new ArrayBuffer(1_000), [1, 2, 3]);
      return 0;
    });
    expect(externalBytesPerRecord).toBeGreaterThanOrEqual(1_000);
    expect(externalBytesPerRecord).toBeLessThan(1_200);
    // An array of three, the ArrayBuffer's own object, and the place for both.
    expect(heapBytesPerRecord).toBeGreaterThan(64);
  });
});
