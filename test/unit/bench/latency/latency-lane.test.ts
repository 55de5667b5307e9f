import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseLaneOptions, selectLaneCases } from '../../../../bench/lanes/lane-options.ts';
import { renderLaneReport } from '../../../../bench/lanes/lane-report.ts';
import {
  type Chart,
  type LaneResults,
  readLaneResults,
} from '../../../../bench/lanes/lane-results.ts';
import {
  LATENCY_CLIENTS,
  type LatencyCase,
  latencyCases,
} from '../../../../bench/latency/cases.ts';
import { type LatencyResult, latencyCharts } from '../../../../bench/latency/charts.ts';
import { latencyFigures } from '../../../../bench/latency/figures.ts';
import { LATENCY_LANE } from '../../../../bench/latency/lane.ts';
import { writeResults } from '../../../../bench/publish.ts';
import { ENVIRONMENT_EXAMPLE } from '../environment-example.ts';

function caseNamed(name: string): LatencyCase {
  const found = latencyCases(false).find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  return { ...found, turns: 2 };
}

function result(name: string, ...turns: Record<string, number | null>[]): LatencyResult {
  return {
    case: caseNamed(name),
    subject: `subject of ${name.slice(name.lastIndexOf('/') + 1)}`,
    version: '1.2.3',
    turns: turns.map((values, turn) => ({ turn, values })),
    failures: [],
  };
}

/** Of one run in constant arrivals. */
function loop(offered: number, completed: number, p999Us: number | null) {
  return {
    'constant.offeredPerSecond': offered,
    'constant.completedPerSecond': completed,
    'constant.p50Us': 10,
    'constant.p999Us': p999Us,
    'constant.maxUs': 5_000,
    'constant.lagP99Us': 2,
  };
}

const HALF = 'latency/null/get/100B/half-rate';
const CONSTANT = `${HALF}-constant`;

function halfRate(client: string, ...p999Us: (number | null)[]): LatencyResult {
  const turns = p999Us.map((us) => ({ maxPerSecond: 2_000, ...loop(1_000, 995, us) }));
  return result(`${HALF}/${client}`, ...turns);
}

function chart(charts: readonly Chart[], name: string): Chart {
  const found = charts.find((each) => each.name === name);
  if (found === undefined) throw new Error(`${name} is none of ${charts.map((c) => c.name)}`);
  return found;
}

describe('cases of the latency lane', () => {
  it('are every client at every load of every server', () => {
    const cases = latencyCases(false);
    expect(cases).toHaveLength(2 * 4 * LATENCY_CLIENTS.length);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    expect(cases.map(({ name }) => name)).toContain('latency/real/get/100B/10000-per-second/go');
    expect(caseNamed(`${HALF}/zookeeper`).peer).toBe('zookeeper');
    expect(caseNamed(`${HALF}/java`).peer).toBeNull();
  });

  it('have ten turns where the figure comes from', () => {
    const half = latencyCases(false).filter(({ name }) => name.startsWith(HALF));
    expect(half.map(({ turns }) => turns)).toEqual(half.map(() => 10));
    expect(new Set(latencyCases(true).map(({ turns }) => turns))).toEqual(new Set([1]));
  });

  it('have the same arrivals for every client and load: all, or those that were asked for', () => {
    const kinds = (cases: readonly LatencyCase[]) =>
      new Set(cases.map(({ arrivals }) => arrivals.join()));
    expect(kinds(latencyCases(false))).toEqual(new Set(['constant,poisson']));
    expect(LATENCY_LANE.own?.byDefault).toBe('constant,poisson');
    expect(kinds(LATENCY_LANE.cases(true, 'poisson'))).toEqual(new Set(['poisson']));
    expect(kinds(LATENCY_LANE.cases(true, 'poisson, constant,poisson'))).toEqual(
      new Set(['constant,poisson']),
    );
    expect(() => LATENCY_LANE.cases(true, 'waves')).toThrow(
      "--arrivals: 'waves' is none of constant, poisson",
    );
    // A loop for each of them.
    const ms = (arrivals: string): number => LATENCY_LANE.cases(true, arrivals).at(-1)?.turnMs ?? 0;
    expect(ms('constant,poisson')).toBe(2 * ms('poisson'));
  });

  it('are chosen by a filter', () => {
    const options = parseLaneOptions(['--filter', 'null.*half-rate/z', '--turns', '4']);
    const chosen = selectLaneCases(LATENCY_LANE.cases(false, 'constant'), options);
    expect(chosen.map(({ client, turns }) => [client, turns])).toEqual([
      ['zkwire-promise', 4],
      ['zkwire-callback', 4],
      ['zookeeper', 4],
    ]);
  });
});

describe('charts of the latency lane', () => {
  it('have percentiles by how rare they are', () => {
    const charts = latencyCharts([halfRate('zkwire-promise', 200, 300)]);
    const { series } = chart(charts, CONSTANT);
    expect(series).toEqual([
      {
        name: 'zkwire-promise',
        subject: 'subject of zkwire-promise',
        version: '1.2.3',
        points: [
          { x: 2, values: [10, 10] },
          { x: 10, values: [null, null] },
          { x: 100, values: [null, null] },
          { x: 1_000, values: [200, 300] },
          { x: 10_000, values: [null, null] },
        ],
      },
    ]);
    const [max] = chart(charts, 'latency/null/get/100B/max-rate').series;
    expect(max?.points).toEqual([{ x: 0, values: [2_000, 2_000] }]);
  });

  it('say who cannot keep up, and give no latency of that', () => {
    const name = 'latency/null/get/100B/10000-per-second';
    const charts = latencyCharts([
      result(`${name}/zookeeper`, loop(10_000, 4_870, 9e5), loop(10_000, 5_010, 9e5)),
      result(`${name}/go`, loop(10_000, 9_990, 40), loop(10_000, 9_000, 9e5)),
    ]);
    const { series, note } = chart(charts, `${name}-constant`);
    expect(series.map(({ points }) => points[3]?.values)).toEqual([
      [null, null],
      [40, null],
    ]);
    expect(note).toContain('subject of zookeeper cannot keep up (it completes 4,940/s).');
    expect(note).toContain('subject of go cannot keep up in 1 of 2 turns');
    const completed = chart(charts, 'latency/null/get/100B/completed-by-rate-constant');
    expect(completed.series.map(({ points }) => points)).toEqual([
      [{ x: 10_000, values: [4_870, 5_010] }],
      [{ x: 10_000, values: [9_990, 9_000] }],
    ]);
  });

  it('are those of the arrivals that were measured, with all clients in each', () => {
    const of = (arrivals: readonly ('constant' | 'poisson')[]) => {
      const results = [halfRate('zkwire-promise', 1), halfRate('java', 1)];
      const charts = latencyCharts(
        results.map((each) => ({ ...each, case: { ...each.case, arrivals } })),
      );
      return charts.map(({ name, series }) => [
        name.slice(HALF.length - 'half-rate'.length),
        series.map((each) => each.name).join(),
      ]);
    };
    const both = 'zkwire-promise,java';
    const constant = ['', '-longest', '-lag'].map((end) => [`half-rate-constant${end}`, both]);
    const poisson = ['', '-longest', '-lag'].map((end) => [`half-rate-poisson${end}`, both]);
    expect(of(['constant', 'poisson'])).toEqual([['max-rate', both], ...constant, ...poisson]);
    expect(of(['poisson'])).toEqual([['max-rate', both], ...poisson]);
  });
});

describe('figures of the latency lane', () => {
  const SLOW_PEERS = ['node-zookeeper-client', 'java', 'go'].map((client) =>
    halfRate(client, 9_000, 9_000),
  );

  it('set the best peer of each turn against zkwire', () => {
    const charts = latencyCharts([
      halfRate('zkwire-promise', 200, 300),
      halfRate('zkwire-callback', 1, 1),
      halfRate('raw-promise', 1, 1),
      halfRate('zookeeper', 900, 800),
      halfRate('c', 400, 1_500),
      ...SLOW_PEERS,
    ]);
    const [constant, poisson] = latencyFigures(charts);
    // 400/200 and 800/300.
    expect(constant).toMatchObject({ turns: 2, min: 2, verdict: 'aim' });
    expect(constant?.max).toBeCloseTo(800 / 300);
    expect(poisson).toMatchObject({ value: null, verdict: 'not measured' });
  });

  it('are lost by who cannot keep up, and missed by who is slower', () => {
    const lost = latencyCharts([
      result(`${HALF}/zkwire-promise`, loop(1_000, 900, 5)),
      halfRate('c', 400),
      halfRate('zookeeper', 900),
      ...SLOW_PEERS,
    ]);
    expect(latencyFigures(lost)[0]).toMatchObject({ value: 0, verdict: 'missed' });
    const slower = latencyCharts([
      halfRate('zkwire-promise', 500, 500),
      halfRate('c', 400, 400),
      halfRate('zookeeper', null, null),
      ...SLOW_PEERS,
    ]);
    expect(latencyFigures(slower)[0]).toMatchObject({ value: 0.8, verdict: 'missed' });
  });

  it('are not measured without all peers: the one that is not here could be the best', () => {
    const some = latencyCharts([
      halfRate('zkwire-promise', 500),
      halfRate('c', 900),
      ...SLOW_PEERS,
    ]);
    expect(latencyFigures(some)[0]?.verdict).toBe('not measured');
  });
});

describe('results of the latency lane', () => {
  it('are the same when they were read again, and say everything in tables', () => {
    const charts = latencyCharts([halfRate('zkwire-promise', 200, 300), halfRate('c', 400, 400)]);
    const results: LaneResults = {
      kind: LATENCY_LANE.kind,
      schema: 1,
      startedAt: '2026-01-02T03:04:05.000Z',
      elapsedSeconds: 1,
      command: 'npm run bench:latency',
      quick: false,
      environment: ENVIRONMENT_EXAMPLE,
      charts,
      figures: latencyFigures(charts),
      skipped: [],
      notMeasured: LATENCY_LANE.notMeasured,
    };
    const folder = mkdtempSync(join(tmpdir(), 'zkwire-latency-'));
    try {
      const path = join(folder, 'latency.json');
      writeResults(path, results);
      expect(readLaneResults(path)).toEqual(results);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const report = renderLaneReport(results);
    expect(report).toContain("half of the client's own maximum, evenly spaced");
    expect(report).toMatch(/\| +1,000 \| +250 \(200 – 300\) \| +400 \(400 – 400\) \|/);
  });
});
