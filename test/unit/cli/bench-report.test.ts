import { describe, expect, it } from 'vitest';
import type { LoadResult } from '../../../src/cli/bench/bench-load.ts';
import { resultTable } from '../../../src/cli/bench/bench-report.ts';

function resultOf(depth: number, opsPerSecond: number): LoadResult {
  const latencies = { minMs: 0.1, meanMs: 0.2, p50Ms: 0.25, p90Ms: 0.5, p99Ms: 1, p999Ms: 12.34 };
  const cpu = { clientCpuUsPerOp: 4.56, serverCpuUsPerOp: null };
  return { depth, opsPerSecond, count: 1, seconds: 3, ...latencies, maxMs: 123.4, ...cpu };
}

const results = [resultOf(1, 9_876.5), resultOf(1_024, 1_234_567)];

const TABLE = `\
depth      ops/s  p50 ms  p90 ms  p99 ms  p99.9 ms  max ms  client us/op  server us/op
    1      9,877   0.250   0.500   1.000      12.3   123.4           4.6             -
 1024  1,234,567   0.250   0.500   1.000      12.3   123.4           4.6             -`;

const BLOCKS = `\
depth          1
ops/s      9,877
p50 ms     0.250
p90 ms     0.500
p99 ms     1.000
p99.9 ms    12.3
max ms     123.4
client us/op 4.6
server us/op   -

depth       1024
ops/s  1,234,567
p50 ms     0.250
p90 ms     0.500
p99 ms     1.000
p99.9 ms    12.3
max ms     123.4
client us/op 4.6
server us/op   -`;

describe('resultTable', () => {
  it.each([
    ['a file or pipe', undefined],
    ['a terminal that does not tell how wide it is', 0],
    ['86 columns', 86],
    ['200 columns', 200],
  ])('is one line a depth on %s', (_, columns) => {
    expect(resultTable(results, columns)).toBe(TABLE);
  });

  it.each([20, 40, 60, 85])('is lines of names and numbers on %s columns', (columns) => {
    const blocks = resultTable(results, columns);
    expect(blocks).toBe(BLOCKS);
    expect(Math.max(...blocks.split('\n').map((line) => line.length))).toBeLessThanOrEqual(20);
  });
});
