import { describe, expect, it } from 'vitest';
import type { Chart } from '../../../../bench/lanes/lane-results.ts';
import { readmeChart } from '../../../../bench/report/readme-chart.ts';
import { renderReadmeSection } from '../../../../bench/report/readme-section.ts';
import { GROWTH, LOAD, NOTHING, PUBLISHED } from './published-example.ts';

const chart = readmeChart(LOAD);
const section = renderReadmeSection(PUBLISHED, chart);

/** Cells of the row that begins with these. */
function row(...words: string[]): string[] {
  const rows = section.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  return (
    rows.find((cells) => words.every((word, at) => cells[at + 1] === word))?.slice(1, -1) ?? []
  );
}

describe('the section of README', () => {
  it('begins with what is measured and when it does not matter', () => {
    const [first = ''] = section.split('\n');
    expect(first).toContain('none of this matters to you');
  });

  it('has three small tables', () => {
    expect(row('decode stat')).toEqual([
      'decode stat',
      '50.0 ns',
      '2,000 ns',
      '40.0 x',
      'one turn',
      '1',
    ]);
    expect(row('raw socket 1.2.3')).toEqual(['raw socket 1.2.3', '20,000', '4,000,000', '0.500']);
    expect(row('zookeeper 1.2.3')).toEqual(['zookeeper 1.2.3', '8,000', 'failed', 'failed']);
    expect(row('set', 'zookeeper 1.2.3')).toEqual([
      'set',
      'zookeeper 1.2.3',
      '2,500',
      '10',
      '40',
      '–',
      '0.500',
    ]);
    expect(section).toContain('**Against ZooKeeper 3.8.0**');
  });

  it('counts the verdicts and names what was missed', () => {
    const missed = LOAD.figures.filter(({ verdict }) => verdict === 'missed');
    expect(section).toContain(`${missed.length} miss it`);
    for (const { label } of missed) expect(row(label)).toHaveLength(3);
    expect(section).toContain('(bench/results/report.html)');
  });

  it('says where it was measured, and that a quick run is none', () => {
    expect(section).toContain('zkwire 0.1.0 at abc; 2026-11-21');
    expect(section).not.toContain('A quick run');
    const quick = { ...PUBLISHED, load: { ...LOAD, quick: true } };
    expect(renderReadmeSection(quick, chart)).toContain('A quick run: not to be quoted.');
  });

  it('sets the longest stall of a minute beside that of the bare socket', () => {
    const values = (ms: readonly number[]) => [{ x: 0, values: [...ms, null] }];
    const series = [
      { name: 'raw-promise', subject: 'raw socket + promises', points: values([4, 8, 6]) },
      { name: 'zkwire-promise', subject: 'zkwire (promises)', points: values([9.5]) },
      { name: 'zookeeper', subject: '', points: values([]) },
    ].map((each) => ({ ...each, version: '1' }));
    const chart = { ...GROWTH.charts[1], name: 'sustained/get/100B/longest-stall', series };
    const sustained = { ...GROWTH, kind: 'sustained' as const, charts: [chart as Chart] };
    const lanes = { ...PUBLISHED.lanes, sustained };
    expect(renderReadmeSection({ ...PUBLISHED, lanes }, null)).toContain(
      '**A minute of full load**, get of 100 B at depth 1024: longest stall of the event loop, medians: raw socket + promises 6.00 ms, zkwire (promises) 9.50 ms.',
    );
    expect(section).not.toContain('A minute of full load');
  });

  it('is short where nothing was measured', () => {
    const nothing = renderReadmeSection(NOTHING, null);
    expect(nothing).not.toContain('![');
    expect(nothing).toContain('[the report](bench/results/report.html)');
  });
});

describe('the chart of README', () => {
  it('says its numbers to those who do not see it', () => {
    expect(section).toContain(`![${chart?.alt}](bench/results/throughput.svg)`);
    expect(chart?.alt).toContain(
      'depth 1: raw socket 20,000, zkwire (promises) 15,000, zookeeper 8,000;',
    );
    expect(chart?.alt).toContain(
      'depth 1,024: raw socket 4,000,000, zkwire (promises) 1,000,000, zookeeper failed.',
    );
  });

  it('has colours of its own for light and dark, and bars from zero', () => {
    expect(chart?.svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" viewBox="0 0 760 /);
    expect(chart?.svg).toContain('@media (prefers-color-scheme: dark)');
    expect(chart?.svg).not.toContain('var(');
    const bars = [
      ...(chart?.svg ?? '').matchAll(
        /<rect class="[^"]+" height="[\d.]+" width="([\d.]+)" y="[\d.]+" x="([\d.]+)"/g,
      ),
    ];
    const [raw = 0, ours = 0] = bars.map(([, width]) => Number(width));
    expect(ours / raw).toBeCloseTo(0.75, 2);
    expect(new Set(bars.map(([, , x]) => x)).size).toBe(1);
  });

  it('is not drawn of a run without it', () => {
    expect(readmeChart({ ...LOAD, cases: [] })).toBeNull();
  });
});
