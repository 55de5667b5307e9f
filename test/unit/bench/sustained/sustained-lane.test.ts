import { describe, expect, it } from 'vitest';
import type { Chart } from '../../../../bench/lanes/lane-results.ts';
import { startNullResponder } from '../../../../bench/servers/null-responder.ts';
import {
  SUSTAINED_CLIENTS,
  type SustainedCase,
  sustainedCases,
} from '../../../../bench/sustained/cases.ts';
import { type SustainedResult, sustainedCharts } from '../../../../bench/sustained/charts.ts';
import { sustainedFigures } from '../../../../bench/sustained/figures.ts';
import { runSustainedTurn } from '../../../../bench/sustained/sustained-turn.ts';

function caseNamed(name: string, turns: number): SustainedCase {
  const found = sustainedCases(true).find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  return { ...found, turns };
}

function result(client: string, ...turns: Record<string, number>[]): SustainedResult {
  return {
    case: caseNamed(`sustained/get/100B/${client}`, turns.length),
    subject: `subject of ${client}`,
    version: '1.2.3',
    turns: turns.map((values, turn) => ({ turn, values })),
    failures: [],
  };
}

function chart(charts: readonly Chart[], name: string): Chart {
  const found = charts.find((each) => each.name === `sustained/get/100B/${name}`);
  if (found === undefined) throw new Error(`${name} is none of ${charts.map((c) => c.name)}`);
  return found;
}

describe('cases of the sustained lane', () => {
  it('are a minute of every client, for two payloads', () => {
    const cases = sustainedCases(false);
    expect(cases).toHaveLength(2 * SUSTAINED_CLIENTS.length);
    expect(new Set(cases.map(({ seconds }) => seconds))).toEqual(new Set([60]));
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    const figure = cases.find(({ name }) => name === 'sustained/get/100B/zkwire-promise');
    expect(figure?.turns).toBe(10);
    // What the stall is set beside has as many turns.
    const floor = cases.find(({ name }) => name === 'sustained/get/100B/raw-promise');
    expect(floor?.turns).toBe(10);
  });

  it('take two seconds when there is little time', () => {
    const cases = sustainedCases(true);
    expect(new Set(cases.map(({ seconds }) => seconds))).toEqual(new Set([2]));
    expect(new Set(cases.map(({ turns }) => turns))).toEqual(new Set([1]));
  });
});

describe('charts and figures of the sustained lane', () => {
  const charts = sustainedCharts([
    result(
      'zkwire-promise',
      {
        longestStallMs: 12,
        'second-1.opsPerSecond': 1_000,
        'second-2.opsPerSecond': 1_100,
        'second-1.rss': 2 ** 20,
        'gc.minor.count': 7,
        'gc.minor.totalMs': 9,
        'gc.minor.longestMs': 3,
        'gc.major.count': 0,
      },
      { longestStallMs: 9, 'second-1.opsPerSecond': 1_200, 'gc.minor.count': 5 },
      { longestStallMs: 30 },
    ),
  ]);

  it('have a point for every second, and null where a turn has none', () => {
    expect(chart(charts, 'operations').series[0]?.points).toEqual([
      { x: 1, values: [1_000, 1_200, null] },
      { x: 2, values: [1_100, null, null] },
    ]);
    expect(chart(charts, 'rss').series[0]?.points[0]?.values).toEqual([1, null, null]);
  });

  it('have the kinds of collections that there were', () => {
    const counts = chart(charts, 'collections-count');
    expect(counts.series[0]?.points).toEqual([{ x: 1, values: [7, 5, null] }]);
    expect(counts.note).toBe('1 is of young objects. The main thread stands still in them.');
    expect(chart(charts, 'collections-longestMs').series[0]?.points[0]?.values[0]).toBe(3);
  });

  it('set the longest stall beside that of the bare socket in the same turn', () => {
    const stalls = (client: string, ...ms: number[]): SustainedResult =>
      result(client, ...ms.map((longestStallMs) => ({ longestStallMs })));
    const both = sustainedCharts([
      stalls('raw-promise', 5, 7, 4),
      stalls('zkwire-callback', 6, 6),
      stalls('zookeeper', 1),
    ]);
    const over = chart(both, 'longest-stall-over-raw-promise');
    expect(over.series.map(({ name, points }) => [name, points[0]?.values])).toEqual([
      ['zkwire-callback', [1, -1]],
      ['zookeeper', [-4]],
    ]);
    expect(charts.map(({ name }) => name).join()).not.toContain('over-raw-promise');
  });

  it('are short in a terminal: a line for what went by seconds, one table for stalls', () => {
    const summaries = charts.map(({ kind, summary }) => `${kind}: ${summary}`);
    expect(new Set(summaries)).toEqual(
      new Set([
        'curve: Full load, get of 100 B, depth 1,024: by second',
        'bars: Full load, get of 100 B, depth 1,024: stalls and collections',
      ]),
    );
  });

  it('judge the median of the longest stalls', () => {
    const [promises, callbacks] = sustainedFigures(charts);
    expect(promises).toMatchObject({ value: 12, min: 9, max: 30, turns: 3, verdict: 'must' });
    expect(callbacks).toMatchObject({ value: null, verdict: 'not measured' });
  });
});

describe('runSustainedTurn', () => {
  it('keeps a client under load and looks at it every second', async () => {
    const responder = await startNullResponder({ payloadBytes: 100 });
    try {
      const { values, subject } = await runSustainedTurn({
        client: 'raw-promise',
        payloadBytes: 100,
        seconds: 1,
        warmupMs: 20,
        connectString: `127.0.0.1:${responder.port}`,
      });
      expect(subject).toBe('raw socket + promises');
      expect(values.operations).toBeGreaterThan(0);
      expect(values['second-1.opsPerSecond']).toBeGreaterThan(0);
      expect(values['second-1.rss']).toBeGreaterThan(2 ** 20);
      expect(values['second-1.heapUsed']).toBeGreaterThan(2 ** 20);
      expect(values.longestStallMs).toBeGreaterThan(0);
      // Both tell of the same stalls; Node's has the millisecond that it sleeps in it.
      expect(values.loopDelayMaxMs).toBeGreaterThan(0);
      expect(values.involuntarySwitches).toBeGreaterThanOrEqual(0);
      expect(values['gc.minor.count']).toBeGreaterThan(0);
      expect(values['gc.longestMs']).toBeGreaterThan(0);
    } finally {
      await responder.close();
    }
  });
});
