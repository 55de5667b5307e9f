import { describe, expect, it } from 'vitest';
import { gapsAfterFaults, percentile } from '../../tools/chaos/gaps.ts';

const kill = (atMs: number) => ({ kind: 'leader' as const, atMs, port: 1 });

describe('gaps after faults', () => {
  it('are the longest time without an acknowledgement, from the last one before the kill', () => {
    const acknowledged = [90, 99, 105, 405, 500, 1_000, 1_020, 1_500];
    expect(gapsAfterFaults(acknowledged, [kill(100), kill(1_010)], 2_000)).toEqual([500, 480]);
  });

  it('count from the kill when nothing was acknowledged before, and are infinite when nothing was after', () => {
    expect(gapsAfterFaults([150], [kill(100)], 200)).toEqual([50]);
    expect(gapsAfterFaults([50], [kill(100)], 200)).toEqual([Number.POSITIVE_INFINITY]);
  });
});

describe('percentile', () => {
  it('is of the nearest rank', () => {
    expect(percentile([], 0.5)).toBeNull();
    expect(percentile([3, 1, 2], 0.5)).toBe(2);
    expect(percentile([3, 1, 2], 0.99)).toBe(3);
    expect(percentile([3, 1, 2], 0)).toBe(1);
  });
});
