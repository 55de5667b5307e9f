import type { FigureResult } from '../figures.ts';
import { numbersOf } from '../lanes/lane.ts';
import { figureOf } from '../lanes/lane-figures.ts';
import type { Chart } from '../lanes/lane-results.ts';
import { FIGURE_WATCHES, WATCH_STYLES, type WatchStyle } from './cases.ts';
import { eventsChartName } from './charts.ts';

const WHAT = {
  'one-shot': '100,000 one-shot watches',
  persistent: '100,000 persistent watches',
  recursive: 'a recursive watch of 100,000 nodes',
} as const;

/** Of charts that a run has made; a figure that it did not measure says so. */
export function watchFigures(charts: readonly Chart[]): FigureResult[] {
  return WATCH_STYLES.map((style) =>
    figureOf(
      {
        id: `events-${style}`,
        label: `watch events told to a listener in a second, ${WHAT[style]}`,
        must: 500_000,
        aim: 1_000_000,
        better: 'higher',
        unit: 'events/s',
      },
      eventsPerSecond(charts, style),
    ),
  );
}

function eventsPerSecond(charts: readonly Chart[], style: WatchStyle): number[] {
  const chart = charts.find(({ name }) => name === eventsChartName(style));
  const series = chart?.series.find(({ name }) => name === 'zkwire-listener');
  const point = series?.points.find(({ x }) => x === FIGURE_WATCHES);
  return point === undefined ? [] : numbersOf(point);
}
