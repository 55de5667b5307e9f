import { constants } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { Collections } from '../../../../bench/sustained/collections.ts';
import { StallMeter } from '../../../../bench/sustained/stall-meter.ts';

describe('StallMeter', () => {
  it('tells by how much a timer of 1 ms came late', () => {
    let nowMs = 500;
    const meter = new StallMeter(() => nowMs);
    meter.begin();
    for (const afterMs of [1, 1.5, 9, 1]) {
      nowMs += afterMs;
      meter.tick();
    }
    expect(meter.takeLongestMs()).toBe(8);
    // A second without a stall, and then one that is shorter than the first.
    nowMs += 1;
    meter.tick();
    expect(meter.takeLongestMs()).toBe(0);
    nowMs += 4;
    meter.tick();
    expect(meter.takeLongestMs()).toBe(3);
    expect(meter.longestMs).toBe(8);
  });

  it('counts a stall that is not over yet', () => {
    let nowMs = 0;
    const meter = new StallMeter(() => nowMs);
    meter.begin();
    nowMs = 42;
    meter.stop();
    expect(meter.longestMs).toBe(41);
  });

  it('sees that the loop was blocked', async () => {
    const meter = new StallMeter();
    meter.start();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const until = performance.now() + 30;
    while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 5));
    meter.stop();
    expect(meter.longestMs).toBeGreaterThanOrEqual(28);
  });
});

describe('Collections', () => {
  it('are counted by kind', () => {
    const collections = new Collections();
    collections.add(constants.NODE_PERFORMANCE_GC_MINOR, 2);
    collections.add(constants.NODE_PERFORMANCE_GC_MINOR, 5);
    collections.add(constants.NODE_PERFORMANCE_GC_MAJOR, 4);
    collections.add(12_345, 1_000);
    expect(collections.values()).toEqual({
      'gc.minor.count': 2,
      'gc.minor.totalMs': 7,
      'gc.minor.longestMs': 5,
      'gc.major.count': 1,
      'gc.major.totalMs': 4,
      'gc.major.longestMs': 4,
      'gc.incremental.count': 0,
      'gc.incremental.totalMs': 0,
      'gc.incremental.longestMs': 0,
      'gc.weak.count': 0,
      'gc.weak.totalMs': 0,
      'gc.weak.longestMs': 0,
      'gc.longestMs': 5,
    });
  });
});
