import { rate } from '../format.ts';
import { type LaneCaseResult, numbersOf, valuesOfTurns } from '../lanes/lane.ts';
import type { Chart, Point, Series } from '../lanes/lane-results.ts';
import { median } from '../statistics.ts';
import {
  groupName,
  LATENCY_TARGETS,
  type LatencyCase,
  type LatencyTarget,
  type Load,
  loadName,
} from './cases.ts';
import { PERCENTILES } from './percentiles.ts';
import { ARRIVALS, type Arrivals } from './schedule.ts';

export type LatencyResult = LaneCaseResult<LatencyCase>;

/** A client that completes less than this share of what is asked cannot keep up: its latency grows with the time that is measured. */
export const KEEPS_UP_SHARE = 0.99;

const FROM_DUE = 'Latency counts from the time when a request was due.';
const TARGET_TEXTS = { null: 'null responder', real: 'real ZooKeeper' } as const;
const ARRIVAL_TEXTS = { constant: 'evenly spaced', poisson: 'Poisson arrivals' } as const;

/** Of the chart of percentiles. */
export function percentilesName(target: LatencyTarget, load: Load, arrivals: Arrivals): string {
  return `${groupName(target)}/${loadName(load)}-${arrivals}`;
}

export function latencyCharts(results: readonly LatencyResult[]): Chart[] {
  return LATENCY_TARGETS.flatMap((target) => {
    const ofTarget = results.filter(({ case: each }) => each.target === target);
    return ofTarget.length === 0 ? [] : chartsOf(target, ofTarget);
  });
}

function chartsOf(target: LatencyTarget, results: readonly LatencyResult[]): Chart[] {
  const loads = [...new Set(results.map(({ case: each }) => each.load))];
  const at = (load: Load): LatencyResult[] =>
    results.filter(({ case: each }) => each.load === load);
  const rates = loads.filter((load) => load !== 'half-rate');
  const half = at('half-rate');
  const kinds = ARRIVALS.filter((kind) =>
    results.some(({ case: { arrivals } }) => arrivals.includes(kind)),
  );
  return [
    ...(half.length === 0 ? [] : [maxRateChart(target, half)]),
    ...kinds.flatMap((kind) => (half.length === 0 ? [] : halfRateCharts(target, kind, half))),
    ...rates.flatMap((load) => kinds.map((kind) => percentilesChart(target, load, kind, at(load)))),
    ...kinds.flatMap((kind) =>
      rates.length === 0 ? [] : [completedChart(target, kind, rates, results)],
    ),
  ];
}

function maxRateChart(target: LatencyTarget, results: readonly LatencyResult[]): Chart {
  return barsChart(`${groupName(target)}/max-rate`, results, 'maxPerSecond', {
    title: `get of 100 B, ${TARGET_TEXTS[target]}: what each client does at most`,
    yName: 'requests a second',
    yUnit: 'ops/s',
    note: 'Closed loops, 1,024 of them, in the same turn. Half of it is what is asked for at half rate.',
  });
}

function halfRateCharts(
  target: LatencyTarget,
  arrivals: Arrivals,
  results: readonly LatencyResult[],
): Chart[] {
  const name = percentilesName(target, 'half-rate', arrivals);
  const title = `get of 100 B, ${TARGET_TEXTS[target]}, half rate, ${ARRIVAL_TEXTS[arrivals]}`;
  return [
    percentilesChart(target, 'half-rate', arrivals, results),
    barsChart(`${name}-longest`, results, `${arrivals}.maxUs`, {
      title: `${title}: longest latency`,
      yName: 'longest latency',
      yUnit: 'us',
      note: `One request of all in a turn. ${FROM_DUE}`,
    }),
    barsChart(`${name}-lag`, results, `${arrivals}.lagP99Us`, {
      title: `${title}: how late requests are made, p99`,
      yName: 'time from due to made',
      yUnit: 'us',
      note: 'Part of the latency: a loop that is busy with replies makes requests late.',
    }),
  ];
}

type BarText = Pick<Chart, 'title' | 'yName' | 'yUnit' | 'note'>;

function barsChart(
  name: string,
  results: readonly LatencyResult[],
  value: string,
  text: BarText,
): Chart {
  return {
    ...text,
    name,
    kind: 'bars',
    xName: 'client',
    xUnit: '',
    xScale: 'linear',
    yScale: 'linear',
    series: results.map((result) =>
      seriesOf(result, [{ x: 0, values: valuesOfTurns(result, value) }]),
    ),
  };
}

function percentilesChart(
  target: LatencyTarget,
  load: Load,
  arrivals: Arrivals,
  results: readonly LatencyResult[],
): Chart {
  const half = load === 'half-rate';
  const asked = half ? "half of the client's own maximum" : `${rate(load)} requests a second`;
  return {
    name: percentilesName(target, load, arrivals),
    title: `Open loop, get of 100 B, ${TARGET_TEXTS[target]}: ${asked}, ${ARRIVAL_TEXTS[arrivals]}`,
    kind: 'curve',
    xName: 'one request in ... takes longer',
    xUnit: '',
    xScale: 'log',
    yName: 'latency',
    yUnit: 'us',
    yScale: 'log',
    note: [`2 is p50, 1,000 is p99.9. ${FROM_DUE}`, ...laggards(results, arrivals)].join(' '),
    series: results.map((result) => percentilesOf(result, arrivals)),
  };
}

/** Only of turns in which the client kept up: else they tell how long was measured. */
function percentilesOf(result: LatencyResult, arrivals: Arrivals): Series {
  const shares = completedShares(result, arrivals);
  const points = PERCENTILES.map(({ name, oneIn }): Point => {
    const values = valuesOfTurns(result, `${arrivals}.${name}`);
    return {
      x: oneIn,
      values: values.map((value, turn) => (keepsUp(shares[turn]) ? value : null)),
    };
  });
  return seriesOf(result, points);
}

function completedShares(result: LatencyResult, arrivals: Arrivals): (number | null)[] {
  const offered = valuesOfTurns(result, `${arrivals}.offeredPerSecond`);
  return valuesOfTurns(result, `${arrivals}.completedPerSecond`).map((completed, turn) => {
    const asked = offered[turn];
    return completed === null || !asked ? null : completed / asked;
  });
}

function keepsUp(share: number | null | undefined): boolean {
  return typeof share === 'number' && share >= KEEPS_UP_SHARE;
}

/** Who cannot keep up in every turn that ran, and what they complete. */
function laggards(results: readonly LatencyResult[], arrivals: Arrivals): string[] {
  const sentences = results.flatMap((result) => {
    const shares = completedShares(result, arrivals);
    const behind = shares.filter((share) => share !== null && !keepsUp(share)).length;
    if (behind === 0) return [];
    const values = valuesOfTurns(result, `${arrivals}.completedPerSecond`);
    const completed = median(numbersOf({ x: 0, values }));
    const turns = behind === shares.length ? '' : ` in ${behind} of ${shares.length} turns`;
    return [`${result.subject} cannot keep up${turns} (it completes ${rate(completed)}/s).`];
  });
  return sentences;
}

function completedChart(
  target: LatencyTarget,
  arrivals: Arrivals,
  rates: readonly number[],
  results: readonly LatencyResult[],
): Chart {
  const clients = [...new Set(results.map(({ case: each }) => each.client))];
  const series = clients.flatMap((client): Series[] => {
    const own = results.filter(({ case: each }) => each.client === client);
    const points = rates.flatMap((load): Point[] => {
      const result = own.find(({ case: each }) => each.load === load);
      if (result === undefined) return [];
      return [{ x: load, values: valuesOfTurns(result, `${arrivals}.completedPerSecond`) }];
    });
    const measured = own.find(({ subject }) => subject !== '') ?? own[0];
    return measured === undefined || points.length === 0 ? [] : [seriesOf(measured, points)];
  });
  return {
    name: `${groupName(target)}/completed-by-rate-${arrivals}`,
    title: `Open loop, get of 100 B, ${TARGET_TEXTS[target]}: completed at fixed rates, ${ARRIVAL_TEXTS[arrivals]}`,
    kind: 'curve',
    xName: 'asked',
    xUnit: 'ops/s',
    xScale: 'log',
    yName: 'completed',
    yUnit: 'ops/s',
    yScale: 'log',
    note: 'Below the diagonal a client cannot keep up.',
    series,
  };
}

function seriesOf({ case: each, subject, version }: LatencyResult, points: Point[]): Series {
  return { name: each.client, subject, version, points };
}
