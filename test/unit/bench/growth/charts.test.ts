import { describe, expect, it } from 'vitest';
import { type GrowthCase, growthCases } from '../../../../bench/growth/cases.ts';
import { cliffMark, growthCharts } from '../../../../bench/growth/charts.ts';
import type { LaneCaseResult } from '../../../../bench/lanes/lane.ts';
import type { Chart } from '../../../../bench/lanes/lane-results.ts';

function result(
  name: string,
  subject: string,
  ...turns: Record<string, number | null>[]
): LaneCaseResult<GrowthCase> {
  const found = growthCases(true).find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  return {
    case: { ...found, turns: turns.length },
    subject,
    version: '1.2.3',
    turns: turns.map((values, turn) => ({ turn, values })),
    failures: [],
  };
}

function chartNamed(charts: readonly Chart[], name: string): Chart {
  const found = charts.find((chart) => chart.name === name);
  if (found === undefined) throw new Error(`${name} is none of ${charts.map((c) => c.name)}`);
  return found;
}

describe('growthCharts', () => {
  const charts = growthCharts([
    result(
      'growth/children/zkwire-promise',
      'zkwire (promises)',
      { 'cpuUsPerOp at 10': 2, 'cpuUsPerOp at 100': 4 },
      { 'cpuUsPerOp at 10': 3, 'cpuUsPerOp at 100': 60, 'p50Us at 10': 7 },
      { 'cpuUsPerOp at 10': null },
    ),
    result('growth/children/zookeeper', 'zookeeper', {}),
    result('growth/connections/null', 'zkwire (promises)', { 'heapBytes at 10': 2048 }),
    result('growth/connections/embedded', 'zkwire (promises)', { 'heapBytes at 10': 1024 }),
  ]);

  it('makes a chart of each value that was measured', () => {
    expect(charts.map(({ name }) => name)).toEqual([
      'growth/children/reply',
      'growth/children/child',
      'growth/connections/heap',
    ]);
  });

  it('has the values of all turns, null where one is missing', () => {
    const { series } = chartNamed(charts, 'growth/children/reply');
    expect(series).toHaveLength(1);
    expect(series[0]).toMatchObject({
      name: 'zkwire-promise',
      subject: 'zkwire (promises)',
      version: '1.2.3',
    });
    expect(series[0]?.points.slice(0, 3)).toEqual([
      { x: 10, values: [2, 3, null] },
      { x: 100, values: [4, 60, null] },
      { x: 1_000, values: [null, null, null] },
    ]);
  });

  it('divides and scales where the chart says so', () => {
    const { series } = chartNamed(charts, 'growth/children/child');
    expect(series[0]?.points[1]).toEqual({ x: 100, values: [40, 600, null] });
    const heap = chartNamed(charts, 'growth/connections/heap');
    expect(heap.yUnit).toBe('KiB');
    expect(heap.series.map(({ subject, points }) => [subject, points[1]?.values])).toEqual([
      ['zkwire (promises), null responder', [2]],
      ['zkwire (promises), embedded server', [1]],
    ]);
  });

  it('says in the note where a cliff is, and where none is', () => {
    // 2.5 us for 10 is 250 ns a child, 32 us for 100 is 320.
    const found = chartNamed(charts, 'growth/children/reply');
    expect(found.note).toMatch(/ No cliff \(cost over 1\.5 times as much per unit as at the/);
    const steep = growthCharts([
      result('growth/depth/zkwire-promise', 'zkwire', {
        'cpuUsPerOp at 1': 10,
        'cpuUsPerOp at 4': 1,
        'cpuUsPerOp at 16': 2,
        'opsPerSecond at 1': 1,
        'opsPerSecond at 4': 9,
      }),
    ]);
    const cpu = chartNamed(steep, 'growth/depth/cpu');
    expect(cpu.note).toMatch(/ Cliffs, marked with ! \(.*\): zkwire-promise at 16 \(2\.00 x\)\.$/);
    const marks = cpu.series[0]?.points.map((point) => cliffMark(cpu, cpu.series[0]!, point));
    expect(marks?.slice(0, 4)).toEqual(['', '', '! ', '']);
    const rate = chartNamed(steep, 'growth/depth/rate');
    expect(rate.note).not.toContain('liff');
    expect(cliffMark(rate, rate.series[0]!, rate.series[0]!.points[1]!)).toBe('');
  });

  it('makes none of nothing', () => {
    expect(growthCharts([])).toEqual([]);
  });
});
