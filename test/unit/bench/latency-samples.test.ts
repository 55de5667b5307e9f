import { describe, expect, it } from 'vitest';
import { LatencySamples } from '../../../bench/load/latency-samples.ts';

function recorded(count: number, latencyUs: (nth: number) => number): LatencySamples {
  const samples = new LatencySamples();
  for (let nth = 0; nth < count; nth++) samples.record(latencyUs(nth));
  return samples;
}

describe('LatencySamples', () => {
  it('gives percentiles of what was recorded, in any order', () => {
    const { samples, p50Us, p90Us, p99Us, p999Us } = recorded(10_000, (n) => 10_000 - n).summary();
    expect([samples, p50Us, p90Us, p99Us, p999Us]).toEqual([10_000, 5_000, 9_000, 9_900, 9_990]);
  });

  it('gives no percentile that hangs on one sample', () => {
    const summary = recorded(150, (nth) => nth).summary();
    expect(summary.p90Us).toBe(134);
    expect(summary.p99Us).toBeNull();
    expect(summary.p999Us).toBeNull();
  });

  it('forgets on clear', () => {
    const samples = recorded(500, () => 1_000);
    samples.clear();
    for (let nth = 0; nth < 10; nth++) samples.record(3);
    expect(samples.summary()).toEqual({
      samples: 10,
      p50Us: 3,
      p90Us: null,
      p99Us: null,
      p999Us: null,
    });
  });

  it('thins evenly when it is full', () => {
    const recordedSamples = 2 ** 21;
    const { samples, p50Us, p99Us } = recorded(recordedSamples, (nth) => nth).summary();
    expect(samples).toBeGreaterThan(2 ** 18);
    expect(samples).toBeLessThanOrEqual(2 ** 19);
    expect((p50Us ?? 0) / recordedSamples).toBeCloseTo(0.5, 2);
    expect((p99Us ?? 0) / recordedSamples).toBeCloseTo(0.99, 2);
  });
});
