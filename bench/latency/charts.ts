import { isDriverName } from '../drivers/driver-names.ts';
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
import type { Arrivals } from './schedule.ts';

export type LatencyResult = LaneCaseResult<LatencyCase>;

/** A client that completes less than this share of what is asked cannot keep up: its latency grows with the time that is measured. */
export const KEEPS_UP_SHARE = 0.99;

const FROM_DUE = 'Latency counts from the time when a request was due.';
const TARGET_TEXTS = { null: 'null responder', real: 'real ZooKeeper' } as const;

export function halfRateChartName(target: LatencyTarget, arrivals: Arrivals): string {
  const suffix = arrivals === 'constant' ? '' : `-${arrivals}`;
  return `${groupName(target)}/half-rate${suffix}`;
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
  return [
    ...(half.length === 0 ? [] : halfRateCharts(target, half)),
    ...rates.map((load) => percentilesChart(target, load, 'constant', at(load))),
    ...(rates.length === 0 ? [] : [completedChart(target, rates, results)]),
  ];
}

function halfRateCharts(target: LatencyTarget, results: readonly LatencyResult[]): Chart[] {
  const poisson = results.filter(knowsPoisson);
  const bars = (suffix: string, name: string, text: BarText): Chart =>
    barsChart(`${groupName(target)}/${suffix}`, results, name, {
      ...text,
      title: `get of 100 B, ${TARGET_TEXTS[target]}: ${text.title}`,
    });
  return [
    bars('max-rate', 'maxPerSecond', {
      title: 'what each client does at most',
      yName: 'requests a second',
      yUnit: 'ops/s',
      note: 'Closed loops, 1,024 of them, in the same turn. Half of it is what is asked for at half rate.',
    }),
    percentilesChart(target, 'half-rate', 'constant', results),
    ...(poisson.length === 0 ? [] : [percentilesChart(target, 'half-rate', 'poisson', poisson)]),
    bars('half-rate-longest', 'constant.maxUs', {
      title: 'longest latency at half rate',
      yName: 'longest latency',
      yUnit: 'us',
      note: `One request of all in a turn. ${FROM_DUE}`,
    }),
    bars('half-rate-lag', 'constant.lagP99Us', {
      title: 'how late requests are made at half rate, p99',
      yName: 'time from due to made',
      yUnit: 'us',
      note: 'Part of the latency: a loop that is busy with replies makes requests late.',
    }),
  ];
}

/** The drivers of other languages have evenly spaced arrivals only. */
function knowsPoisson({ case: { client } }: LatencyResult): boolean {
  return !isDriverName(client);
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
  const how = arrivals === 'constant' ? 'evenly spaced' : 'Poisson arrivals';
  return {
    name: half ? halfRateChartName(target, arrivals) : `${groupName(target)}/${loadName(load)}`,
    title: `Open loop, get of 100 B, ${TARGET_TEXTS[target]}: ${asked}, ${how}`,
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
  rates: readonly number[],
  results: readonly LatencyResult[],
): Chart {
  const clients = [...new Set(results.map(({ case: each }) => each.client))];
  const series = clients.flatMap((client): Series[] => {
    const own = results.filter(({ case: each }) => each.client === client);
    const points = rates.flatMap((load): Point[] => {
      const result = own.find(({ case: each }) => each.load === load);
      if (result === undefined) return [];
      return [{ x: load, values: valuesOfTurns(result, 'constant.completedPerSecond') }];
    });
    const measured = own.find(({ subject }) => subject !== '') ?? own[0];
    return measured === undefined || points.length === 0 ? [] : [seriesOf(measured, points)];
  });
  return {
    name: `${groupName(target)}/completed-by-rate`,
    title: `Open loop, get of 100 B, ${TARGET_TEXTS[target]}: completed at fixed rates`,
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
