import type { FigureResult } from '../figures.ts';
import { type FigureSpec, figureOf } from '../lanes/lane-figures.ts';
import type { Chart, Point, Series } from '../lanes/lane-results.ts';
import { costOfChart } from './charts.ts';
import { CLIFF, type CostOf, type Jump, jumpsOf, ratiosByTurn } from './cliffs.ts';

/**
 * No worse than linear: N times as many cost N times as much, so one costs the same wherever it is
 * measured and the ratio is 1. `must` leaves a tenth to the caches and to the noise of a turn.
 */
const LINEAR = { must: 1.1, aim: 1, better: 'lower', unit: 'times' } as const;

const DEPTH: FigureSpec = {
  id: 'growth-depth',
  label: 'CPU of one promise get of 100 B: at depth 65,536 against depth 128',
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
  return [
    figureOf(DEPTH, between(charts, 'growth/depth/cpu', 128, 65_536)),
    figureOf(CHILDREN, between(charts, 'growth/children/child', 10, 100_000)),
    figureOf(MANY_CHILDREN, between(charts, 'growth/children/child', 1_000, 100_000)),
    largestJump(charts),
  ];
}

/** Cost at one point over that at the other, turn by turn. */
function between(charts: readonly Chart[], name: string, fromX: number, toX: number): number[] {
  const series = charts.find((chart) => chart.name === name)?.series;
  const points = series?.find((each) => each.name === 'zkwire-promise')?.points ?? [];
  const at = (x: number): Point | undefined => points.find((point) => point.x === x);
  const [from, to] = [at(fromX), at(toX)];
  return from === undefined || to === undefined ? [] : ratiosByTurn({ from, to }, 'each');
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
  return figureOf({ ...LARGEST_JUMP, label }, ratiosByTurn(jump, costOf));
}

function isOurs({ subject }: Series): boolean {
  return subject.startsWith('zkwire');
}
