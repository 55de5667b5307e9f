import type { FigureResult } from '../figures.ts';
import { numbersOf } from '../lanes/lane.ts';
import { figureOf } from '../lanes/lane-figures.ts';
import type { Chart } from '../lanes/lane-results.ts';
import { FIGURE_PAYLOAD_BYTES, type SustainedClient } from './cases.ts';
import { stallChartName } from './charts.ts';

const APIS = { 'zkwire-promise': 'promises', 'zkwire-callback': 'callbacks' } as const;

/** Of charts that a run has made; a figure that it did not measure says so. */
export function sustainedFigures(charts: readonly Chart[]): FigureResult[] {
  return (['zkwire-promise', 'zkwire-callback'] as const).map((client) =>
    figureOf(
      {
        id: `longest-stall-${client}`,
        label: `longest stall of the event loop in 60 s of get of 100 B at depth 1024, ${APIS[client]}`,
        must: 20,
        aim: 10,
        better: 'lower',
        unit: 'ms',
      },
      longestStalls(charts, client),
    ),
  );
}

function longestStalls(charts: readonly Chart[], client: SustainedClient): number[] {
  const chart = charts.find(({ name }) => name === stallChartName(FIGURE_PAYLOAD_BYTES));
  const [point] = chart?.series.find(({ name }) => name === client)?.points ?? [];
  return point === undefined ? [] : numbersOf(point);
}
