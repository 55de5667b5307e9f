import { describe, expect, it } from 'vitest';
import {
  axisNumber,
  bytesText,
  placeText,
  valueText,
} from '../../../../bench/report/axis-number.ts';
import { chartFigure } from '../../../../bench/report/chart-figure.ts';
import { chartSvg } from '../../../../bench/report/chart-svg.ts';
import { chartTable } from '../../../../bench/report/chart-tables.ts';
import { codecCharts } from '../../../../bench/report/codec-charts.ts';
import { laneCharts } from '../../../../bench/report/lane-charts.ts';
import {
  closedLoopLatencyCharts,
  costCharts,
  furtherThroughputCharts,
  shareCharts,
  throughputCharts,
} from '../../../../bench/report/load-charts.ts';
import type { ReportChart, ReportSeries } from '../../../../bench/report/report-chart.ts';
import { logScale, valueScale } from '../../../../bench/report/scale.ts';
import { seriesStyles } from '../../../../bench/report/series-style.ts';
import { tableOfCodec, tableOfLoad } from '../../../../bench/report/tables.ts';
import { GROWTH, LOAD, loadResult } from './published-example.ts';

function byId(charts: readonly ReportChart[], id: string): ReportChart {
  const found = charts.find((chart) => chart.id === id);
  if (found === undefined) throw new Error(`${id} is none of ${charts.map((each) => each.id)}`);
  return found;
}

describe('charts of load', () => {
  const charts = throughputCharts(LOAD);

  it('are a curve where there are depths, with medians and the spread of turns', () => {
    const chart = byId(charts, 'throughput-null-get-100B');
    expect([chart.kind, chart.x.scale, chart.y.scale]).toEqual(['curve', 'log', 'log']);
    const [raw, ours, peer] = chart.series;
    expect(raw?.points[0]).toMatchObject({ x: 1, value: 20_000, min: 10_000, max: 30_000 });
    expect([ours?.ours, peer?.ours]).toEqual([true, false]);
    expect(peer?.points[1]).toMatchObject({ x: 1024, value: null, text: 'failed' });
  });

  it('have no axes where no point has a value, but say so, and keep the note', () => {
    const full = byId(charts, 'throughput-null-get-100B');
    const points = [{ x: 1, value: null, min: null, max: null, turns: 0 }];
    const empty = { ...full, series: full.series.map((each) => ({ ...each, points })) };
    expect(chartFigure(full).toString()).toMatch(/class="legend".*class="plot/s);
    const figure = chartFigure(empty).toString();
    expect(figure).not.toMatch(/<svg|class="legend"|medians/);
    expect(figure).toContain('There is no value to draw.</p>\n<p class="note">Higher is better.');
  });

  it('have a number at every tick, of a logarithmic axis too', () => {
    const full = byId(charts, 'throughput-null-get-100B');
    const points = [1, 1_000, 65_536].map((x) => ({ x, value: x, min: x, max: x, turns: 1 }));
    const chart = { ...full, series: full.series.map((each) => ({ ...each, points })) };
    const labels = chartSvg(chart).match(/(?<=<text[^>]*>)[^<]+(?=<\/text>)/g) ?? [];
    expect(labels).toEqual(expect.arrayContaining(['1', '1,000', '65,536', '100k']));
    expect(chartSvg(chart)).not.toMatch(/<text[^>]*\/>|<text[^>]*><\/text>/);
  });

  it('have no tick where nobody has a value: it would stand outside of the chart', () => {
    const full = byId(charts, 'throughput-null-get-100B');
    const points = [1, 10, 1_000, 1_000_000].map((x) => {
      const value = x < 1_000 ? null : x;
      return { x, value, min: value, max: value, turns: 1 };
    });
    const chart = { ...full, series: [{ ...(full.series[0] as ReportSeries), points }] };
    const axis = /aria-label="x-axis tick label"[^>]*>(.*?)<\/g>/s.exec(chartSvg(chart))?.[1] ?? '';
    // Written alike, since the greatest is too long in full.
    expect(axis.match(/(?<=<text[^>]*>)[^<]+/g)).toEqual(['1k', '1M']);
  });

  it('say what their values are, and who has none', () => {
    const full = byId(charts, 'throughput-null-get-100B');
    const [first, second] = full.series as [ReportSeries, ReportSeries];
    const of = (turns: number, value: number | null) => ({
      x: 1,
      value,
      min: value,
      max: value,
      turns,
    });
    const drawn = (turns: number) => ({
      ...full,
      series: [
        { ...first, points: [of(turns, 5)] },
        { ...second, points: [of(0, null)] },
      ],
    });
    const several = chartFigure(drawn(2)).toString();
    expect(several).toContain(
      'Values are medians; pale bars run from the least to the greatest turn.',
    );
    expect(several).toContain(` Without a value: ${second.name}.`);
    expect(several.match(/<li[ >]/g)).toHaveLength(1);
    const single = chartFigure(drawn(1)).toString();
    expect(single).toContain(' Values are of a single turn.');
    expect(single).not.toContain('medians');
  });

  it('are bars from zero where there is one depth', () => {
    const chart = byId(charts, 'throughput-real-set-100B');
    expect([chart.kind, chart.groups, chart.y.scale]).toEqual(['bars', ['depth 128'], 'linear']);
    expect(valueScale(chart)).toMatchObject({ type: 'linear', domain: [0, 2_500] });
  });

  it('take shares of the raw socket turn by turn', () => {
    const chart = byId(shareCharts(LOAD), 'share-of-raw-socket-null-get-100B');
    expect(chart.series.map(({ name }) => name)).toEqual(['zkwire (promises)', 'zookeeper']);
    expect(chart.series[0]?.points[0]).toMatchObject({ x: 1, value: 0.9, min: 0.75, max: 1 });
    expect(chart.series[1]?.points[0]?.value).toBe(0.8);
    expect(chart.series[0]?.points[1]?.value).toBe(0.25);
  });

  it('leave a percentile out that a turn had too few samples for', () => {
    const [chart] = closedLoopLatencyCharts(LOAD);
    expect(chart?.series[0]?.points[0]).toMatchObject({ value: 10, further: [20, 40, null] });
    const rows = chartTable(chart as ReportChart).rows;
    expect(rows[0]).toEqual(['depth 1', 'raw socket 1.2.3', '10.0', '20.0', '40.0', '–', '']);
  });

  it('show a cost where it was measured', () => {
    const charts = costCharts(LOAD);
    expect(charts.map(({ id }) => id)).toEqual(['cpu-null-get-100B', 'cpu-real-set-100B']);
    expect(charts[0]?.series[0]?.points[0]?.value).toBe(0.5);
  });

  it('fold what is more than reads and writes of 100 B', () => {
    const more = loadResult('null/get/1KiB/depth-16', 'zkwire-promise', 'zkwire', [1]);
    const results = { ...LOAD, cases: [...LOAD.cases, more] };
    expect(throughputCharts(results)).toHaveLength(charts.length);
    expect(furtherThroughputCharts(results).map(({ title }) => title)).toEqual([
      'Throughput: get, 1 KiB, null responder',
    ]);
  });
});

describe('charts of other results', () => {
  it('compare codecs record by record', () => {
    const [chart] = codecCharts(LOAD);
    expect(chart?.groups).toEqual(['decode stat']);
    expect(chart?.series.map(({ points }) => points[0]?.value)).toEqual([50, 2_000]);
    expect(codecCharts({ ...LOAD, cases: [] })).toEqual([]);
  });

  it('say what a record allocates, on the heap and outside of it, where that was counted', () => {
    expect(codecCharts(LOAD).map(({ id }) => id)).toEqual(['codec']);
    expect(tableOfCodec(LOAD)?.columns).toHaveLength(6);
    const cases = LOAD.cases.map((result) => {
      if (result.case.name !== 'codec/decode-stat/zkwire') return result;
      const counted = { nsPerRecord: 50, heapBytesPerRecord: 200, externalBytesPerRecord: 72 };
      const failed = { nsPerRecord: 50, heapBytesPerRecord: null, externalBytesPerRecord: null };
      const turns = [counted, failed].map((values, turn) => ({ turn, values }));
      return { ...result, turns };
    });
    const results = { ...LOAD, cases };
    const [, chart] = codecCharts(results);
    expect(chart?.id).toBe('codec-allocation');
    expect(chart?.series.map(({ points }) => points[0]?.value)).toEqual([272, null]);
    expect(tableOfCodec(results)?.rows[0]?.slice(6)).toEqual(['272 B', '–']);
  });

  it('are what lanes say, null where a turn has no value', () => {
    const [curve, bars] = laneCharts(GROWTH);
    expect(curve?.note).toBe('Cliffs (twice as much): none.');
    expect(curve?.series[0]).toMatchObject({ name: 'zkwire (promises)', ours: true });
    expect(curve?.series[0]?.points).toMatchObject([
      { x: 0, value: 0.5, turns: 1 },
      { x: 1, value: 2, min: 1, max: 3, turns: 3 },
      { x: 2 ** 20, value: 800, turns: 1 },
    ]);
    expect(curve?.series[1]?.points[0]).toMatchObject({ value: null, turns: 0 });
    expect(bars?.groups).toEqual(['']);
    expect(bars?.series.map(({ name }) => name)).toEqual(['idle', 'busy']);
  });
});

describe('the table of load', () => {
  it('says where zkwire is slower than the best other client', () => {
    const rows = tableOfLoad(LOAD, 'real')?.rows ?? [];
    const [ours, peer] = rows.map((row) => [row[1], row[5]]);
    expect(ours).toEqual(['zkwire (promises) 1.2.3', '0.800 x, slower']);
    expect(peer).toEqual(['zookeeper 1.2.3', '–']);
    const first = tableOfLoad(LOAD, 'null')?.rows.find((row) => row[1]?.startsWith('zkwire'));
    expect(first?.[5]).toBe('1.13 x');
  });
});

describe('tables of charts', () => {
  it('have a row for each place and a column for each series', () => {
    const [curve] = laneCharts(GROWTH);
    const { columns, rows } = chartTable(curve as ReportChart);
    expect(columns.map(({ title }) => title)).toEqual([
      'payload, B',
      'zkwire (promises) 0.1.0',
      'peer 2',
    ]);
    expect(rows).toEqual([
      ['0 B', '0.500', '–'],
      ['1 B', '2.00 (1.00 – 3.00)', '–'],
      ['1 MiB', '800', '–'],
    ]);
  });
});

describe('a drawing', () => {
  const [curve, bars] = laneCharts(GROWTH).map(chartSvg);

  it('has a symbol for every value that its axis has a place for', () => {
    const dots = /aria-label="dot"[^>]*>(.*?)<\/g>/.exec(curve ?? '')?.[1] ?? '';
    expect(dots.match(/<title>[^<]*/g)).toEqual([
      '<title>zkwire (promises), 1 B: 2.00 us',
      '<title>zkwire (promises), 1 MiB: 800 us',
    ]);
  });

  it('has names and numbers of bars, and takes its size from the page', () => {
    for (const text of ['idle', 'busy', '512', '640', 'RSS (B)'])
      expect(bars).toContain(`>${text}<`);
    expect(bars).toMatch(/^<svg [^>]*viewBox="0 0 420 [\d.]+"/);
    expect(bars).not.toMatch(/^<svg [^>]*(?:width|height)=/);
    expect(bars).toContain('role="img"');
    expect(bars).not.toContain('<style');
  });
});

describe('axes', () => {
  it('end at whole steps of a logarithm that hold every value', () => {
    expect(logScale(3, 4_000)).toEqual({
      type: 'log',
      domain: [1, 10_000],
      ticks: [1, 10, 100, 1000, 10_000],
    });
    expect(logScale(0.03, 0.4)).toMatchObject({ ticks: [0.02, 0.05, 0.1, 0.2, 0.5] });
    expect(logScale(10, 10)).toMatchObject({ domain: [10, 20] });
  });

  it('have short numbers', () => {
    expect([0, 0.25, 950, 1_500, 2e6, 3e9].map(axisNumber)).toEqual([
      '0',
      '0.25',
      '950',
      '1.5k',
      '2M',
      '3G',
    ]);
    const bytes = [100, 2048, 1023 * 1024, 3 * 2 ** 20].map(bytesText);
    expect(bytes).toEqual(['100 B', '2 KiB', '1,023 KiB', '3 MiB']);
    expect([placeText(1024, ''), placeText(1e6, ''), placeText(1024, 'B')]).toEqual([
      '1,024',
      '1M',
      '1 KiB',
    ]);
    expect([0.01234, 999.9, 98_123].map(valueText)).toEqual(['0.0123', '1,000', '98,100']);
  });
});

describe('looks of series', () => {
  it('keep the colour for zkwire, and differ by more than colour', () => {
    const of = (name: string, ours: boolean) => ({ name, ours, version: '', points: [] });
    const series = ['zkwire (promises)', 'zkwire (callbacks)'].map((name) => of(name, true));
    const names = ['raw socket', 'raw socket + promises', 'zookeeper', 'node-zookeeper-client'];
    const others = [...names, 'ZooKeeper Java client', 'C client', 'go-zookeeper'].map((name) =>
      of(name, false),
    );
    const styles = seriesStyles([...series, ...others]);
    const colored = styles.map(({ color }) => color === 'var(--zkwire)');
    expect(colored).toEqual([true, true, ...others.map(() => false)]);
    const marks = styles.map(({ symbol, filled, dashes }) => `${symbol} ${filled} ${dashes}`);
    expect(new Set(marks).size).toBe(marks.length);
  });
});
