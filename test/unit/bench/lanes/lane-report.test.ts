import { describe, expect, it } from 'vitest';
import { renderLaneReport } from '../../../../bench/lanes/lane-report.ts';
import type { Chart, LaneResults } from '../../../../bench/lanes/lane-results.ts';
import { ENVIRONMENT_EXAMPLE } from '../environment-example.ts';

const CHART: Chart = {
  name: 'growth/payload/get',
  title: 'get by payload',
  kind: 'curve',
  xName: 'payload',
  xUnit: 'B',
  xScale: 'log',
  yName: 'CPU per operation',
  yUnit: 'us',
  yScale: 'log',
  note: 'The client is the limit.',
  series: [
    {
      name: 'zkwire-promise',
      subject: 'zkwire (promises)',
      version: '0.1.0',
      points: [
        { x: 1024, values: [3, null, 1, 2] },
        { x: 100, values: [1.5] },
      ],
    },
    {
      name: 'zookeeper',
      subject: '',
      version: '',
      points: [{ x: 100, values: [null, null] }],
    },
  ],
};

const RESULTS: LaneResults = {
  kind: 'growth',
  schema: 1,
  startedAt: '2026-01-02T03:04:05.000Z',
  elapsedSeconds: 12.5,
  command: 'npm run bench:growth -- --quick',
  quick: true,
  environment: ENVIRONMENT_EXAMPLE,
  charts: [CHART],
  figures: [],
  skipped: [{ name: 'a case', reason: 'a reason' }],
  notMeasured: ['a network'],
};

describe('renderLaneReport', () => {
  it('shows medians with their spread, a row for each x in order', () => {
    expect(renderLaneReport(RESULTS)).toContain(
      [
        '### get by payload',
        '',
        'CPU per operation, us: median (min – max)',
        '',
        '| payload |  zkwire (promises) | zookeeper |',
        '| ------: | -----------------: | --------: |',
        '|    100B |               1.50 |         – |',
        '|    1KiB | 2.00 (1.00 – 3.00) |         – |',
        '',
        'The client is the limit.',
      ].join('\n'),
    );
  });

  it('has a row for each client where a chart of bars has one place', () => {
    const series = CHART.series.map((each) => {
      return { ...each, points: [{ x: 0, values: each.points[1]?.values ?? [null] }] };
    });
    const bars: Chart = { ...CHART, kind: 'bars', series };
    expect(renderLaneReport({ ...RESULTS, charts: [bars] })).toContain(
      [
        '| client            | CPU per operation, us: median (min – max) |',
        '| ----------------- | ----------------------------------------: |',
        '| zkwire (promises) |                                      1.50 |',
        '| zookeeper         |                                         – |',
      ].join('\n'),
    );
  });

  it('puts a mark before a point', () => {
    const text = renderLaneReport(RESULTS, (_chart, { name }, { x }) => `${name} at ${x}: `);
    expect(text).toContain(' zkwire-promise at 100: 1.50 |');
  });

  it('says what was left out, how it was measured, and not to quote a quick run', () => {
    const text = renderLaneReport(RESULTS);
    expect(text).toContain('Not run:\n- a case: a reason');
    expect(text).toContain('Not measured:\n- a network');
    expect(text).toContain('Some CPU, 2 cores, 8 GiB');
    expect(text).toContain(
      'A quick run: not to be quoted. To repeat: `npm run bench:growth -- --quick`.',
    );
    expect(renderLaneReport({ ...RESULTS, quick: false })).not.toContain('quick run');
    expect(renderLaneReport({ ...RESULTS, settings: { arrivals: 'poisson' } })).toContain(
      'in turns. arrivals: poisson. A quick run',
    );
  });

  it('has no section of figures when there are none', () => {
    expect(renderLaneReport(RESULTS)).not.toContain('What it must show');
    const figure = {
      id: 'a',
      label: 'a figure',
      must: 2,
      aim: 1,
      better: 'lower',
      unit: 'times',
      value: 1.5,
      min: 1,
      max: 2,
      turns: 10,
      verdict: 'must',
    } as const;
    const text = renderLaneReport({ ...RESULTS, figures: [figure] });
    expect(text).toMatch(/### What it must show\n\n.*\n.*\n\| a figure .* must reached \|/);
  });
});
