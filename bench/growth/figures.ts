import type { FigureResult } from '../figures.ts';
import { type FigureSpec, figureOf } from '../lanes/lane-figures.ts';
import type { Chart, Point, Series } from '../lanes/lane-results.ts';
import { pairedRatios } from '../statistics.ts';
import { costOfChart } from './charts.ts';
import { CLIFF, type CostOf, type Jump, jumpsOf, ratiosByTurn } from './cliffs.ts';

/**
 * No worse than linear: N times as many cost N times as much, so one costs the same wherever it is
 * measured and the ratio is 1. `must` leaves a tenth to the caches and to the noise of a turn.
 */
const LINEAR = { must: 1.1, aim: 1, better: 'lower', unit: 'times' } as const;

const DEPTH: FigureSpec = {
  id: 'growth-depth',
  label: 'CPU of one get of 100 B, callbacks: at depth 65,536 against depth 128',
  ...LINEAR,
};

/** With a promise a request, V8's collector has its part in it: see the next one. */
const PROMISE_DEPTH: FigureSpec = {
  id: 'growth-depth-promise',
  label: 'CPU of one get of 100 B, promises: at depth 65,536 against depth 128',
  ...LINEAR,
};

const OVER_PROMISES: FigureSpec = {
  id: 'growth-depth-over-promises',
  label: 'the same growth, over that of one bare promise a request without a client',
  ...LINEAR,
};

const CHILDREN: FigureSpec = {
  id: 'growth-children',
  label: 'CPU of one child in getChildren: of 100,000 against 10',
  ...LINEAR,
};

/** Of 10 children nearly all is the price of a request, so this one is the stricter. */
const MANY_CHILDREN: FigureSpec = {
  id: 'growth-children-1000',
  label: 'CPU of one child in getChildren: of 100,000 against 1,000',
  ...LINEAR,
};

const LARGEST_JUMP: FigureSpec = {
  id: 'growth-largest-jump',
  label: "largest step of the cost per unit between neighbours, in any of zkwire's curves",
  must: CLIFF,
  aim: 1.25,
  better: 'lower',
  unit: 'times',
};

export function growthFigures(charts: readonly Chart[]): FigureResult[] {
  const depth = (client: string): Map<number, number> =>
    between(charts, 'growth/depth/cpu', client, 128, 65_536);
  const children = (from: number): Map<number, number> =>
    between(charts, 'growth/children/child', 'zkwire-promise', from, 100_000);
  return [
    figureOf(DEPTH, numbers(depth('zkwire-callback'))),
    figureOf(PROMISE_DEPTH, numbers(depth('zkwire-promise'))),
    figureOf(OVER_PROMISES, pairedRatios(depth('zkwire-promise'), depth('raw-promise'))),
    figureOf(CHILDREN, numbers(children(10))),
    figureOf(MANY_CHILDREN, numbers(children(1_000))),
    largestJump(charts),
  ];
}

function numbers(byTurn: ReadonlyMap<number, number>): number[] {
  return [...byTurn.values()];
}

/** Cost at one point over that at the other, by turn. */
function between(
  charts: readonly Chart[],
  name: string,
  client: string,
  fromX: number,
  toX: number,
): Map<number, number> {
  const series = charts.find((chart) => chart.name === name)?.series;
  const points = series?.find((each) => each.name === client)?.points ?? [];
  const at = (x: number): Point | undefined => points.find((point) => point.x === x);
  const [from, to] = [at(fromX), at(toX)];
  return from === undefined || to === undefined ? new Map() : ratiosByTurn({ from, to }, 'each');
}

/** The jump whose medians are the furthest apart, and what it was in each turn. */
function largestJump(charts: readonly Chart[]): FigureResult {
  let largest: { jump: Jump; costOf: CostOf; where: string } | null = null;
  for (const chart of charts) {
    const costOf = costOfChart(chart);
    if (costOf === null) continue;
    for (const series of chart.series.filter(isOurs)) {
      for (const jump of jumpsOf(series, costOf)) {
        if (largest !== null && jump.ratio <= largest.jump.ratio) continue;
        const where = `${chart.name}, ${series.name}, ${jump.from.x} to ${jump.to.x}`;
        largest = { jump, costOf, where };
      }
    }
  }
  if (largest === null) return figureOf(LARGEST_JUMP, []);
  const { jump, costOf, where } = largest;
  const label = `${LARGEST_JUMP.label} (${where})`;
  return figureOf({ ...LARGEST_JUMP, label }, numbers(ratiosByTurn(jump, costOf)));
}

function isOurs({ subject }: Series): boolean {
  return subject.startsWith('zkwire');
}
