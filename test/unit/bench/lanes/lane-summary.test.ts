import { describe, expect, it } from 'vitest';
import type { Chart } from '../../../../bench/lanes/lane-results.ts';
import { sparkline, summaryTexts } from '../../../../bench/lanes/lane-summary.ts';

const BARS: Chart = {
  name: 'stall',
  title: 'longest stall',
  kind: 'bars',
  summary: 'stalls and collections',
  xName: '',
  xUnit: '',
  xScale: 'linear',
  yName: 'longest stall',
  yUnit: 'ms',
  yScale: 'linear',
  note: 'A note.',
  series: [
    { name: 'raw', subject: 'raw socket', version: '', points: [{ x: 0, values: [3, 1, 2] }] },
    { name: 'ours', subject: '', version: '', points: [{ x: 0, values: [4, null] }] },
  ],
};

const COLLECTIONS: Chart = {
  ...BARS,
  xName: 'kind',
  yName: 'collections',
  yUnit: '',
  series: [
    {
      name: 'ours',
      subject: '',
      version: '',
      points: [
        { x: 2, values: [10] },
        { x: 1, values: [20] },
      ],
    },
  ],
};

const SECONDS: Chart = {
  ...BARS,
  title: 'operations by second',
  kind: 'curve',
  summary: 'by second',
  xName: 'second',
  yName: 'operations',
  yUnit: 'ops/s',
  note: '',
  series: [
    {
      name: 'ours',
      subject: '',
      version: '',
      points: [
        { x: 1, values: [90, 110] },
        { x: 2, values: [null, null] },
        { x: 3, values: [50, null] },
        { x: 4, values: [0, 0] },
      ],
    },
    { name: 'peer', subject: '', version: '', points: [{ x: 1, values: [null] }] },
  ],
};

describe('summaryTexts', () => {
  it('puts bars of one name into one table, a row for each place', () => {
    expect(summaryTexts([BARS, { ...BARS, summary: 'another' }, COLLECTIONS]).slice(0, 3)).toEqual([
      '### stalls and collections',
      [
        '| median (min – max)  |         raw socket | ours |',
        '| ------------------- | -----------------: | ---: |',
        '| longest stall, ms   | 2.00 (1.00 – 3.00) | 4.00 |',
        '| collections, kind 1 |                  – | 20.0 |',
        '| collections, kind 2 |                  – | 10.0 |',
      ].join('\n'),
      // Said once, though two charts say it.
      'A note.',
    ]);
  });

  it('has one line for each client of what went on for a time', () => {
    expect(summaryTexts([SECONDS])).toEqual([
      '### operations by second',
      [
        '| operations, ops/s | median | least | greatest | by second, from 0 to the greatest |',
        '| ----------------- | -----: | ----: | -------: | --------------------------------- |',
        '| ours              |   50.0 |     0 |      100 | █ ▅▁                              |',
        '| peer              |      – |     – |        – |                                   |',
      ].join('\n'),
    ]);
  });

  it('leaves charts without a summary to others', () => {
    const { summary: _, ...whole } = BARS;
    expect(summaryTexts([whole])).toEqual([]);
  });
});

describe('sparkline', () => {
  it('is thinned where there are more values than places', () => {
    const values = Array.from({ length: 120 }, (_, at) => (at % 2 === 0 ? 10 : 0));
    expect(sparkline(values)).toBe('█'.repeat(60));
  });

  it('is flat where nothing was done, and where there is less than nothing', () => {
    expect(sparkline([0, 0, 0])).toBe('▁▁▁');
    expect(sparkline([-4, 4])).toBe('▁█');
    expect(sparkline([])).toBe('');
  });
});
