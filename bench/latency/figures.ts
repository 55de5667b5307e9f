import type { FigureResult } from '../figures.ts';
import { figureOf } from '../lanes/lane-figures.ts';
import type { Chart, Series } from '../lanes/lane-results.ts';
import { type LatencyClient, PEER_CLIENTS } from './cases.ts';
import { percentilesName } from './charts.ts';
import { ARRIVALS, type Arrivals } from './schedule.ts';

/** p99.9: one request in so many takes longer. */
const ONE_IN = 1_000;
const HOW = { constant: 'evenly spaced', poisson: 'Poisson arrivals' } as const;

/** Of charts that a run has made; a figure that it did not measure says so. */
export function latencyFigures(charts: readonly Chart[]): FigureResult[] {
  return ARRIVALS.map((arrivals) =>
    figureOf(
      {
        id: `half-rate-p999-${arrivals}`,
        label: `p99.9 in an open loop at half of the client's own maximum, null responder: ${HOW[arrivals]}, the best peer's over zkwire's (promises)`,
        must: 1,
        aim: 1,
        better: 'higher',
        unit: 'times',
      },
      ratios(charts, arrivals),
    ),
  );
}

/** Turn by turn: the least p99.9 of all peers over zkwire's. Not where a peer is not here: it could be the best. */
function ratios(charts: readonly Chart[], arrivals: Arrivals): number[] {
  const chart = charts.find(({ name }) => name === percentilesName('null', 'half-rate', arrivals));
  const ours = valuesOf(chart, 'zkwire-promise');
  const theirs = PEER_CLIENTS.map((client) => valuesOf(chart, client));
  if (theirs.some((values) => values.length === 0)) return [];
  const turns = Math.max(0, ...theirs.map((values) => values.length));
  return Array.from({ length: turns }, (_, turn): number | null => {
    const measured = theirs.map((values) => values[turn] ?? null).filter((us) => us !== null);
    if (measured.length === 0 || ours.length === 0) return null;
    const own = ours[turn] ?? null;
    // Who cannot keep up at half of its own maximum, where a peer can, has lost that turn.
    return own === null ? 0 : Math.min(...measured) / own;
  }).filter((ratio) => ratio !== null);
}

function valuesOf(chart: Chart | undefined, client: LatencyClient): Series['points'][0]['values'] {
  const series = chart?.series.find(({ name }) => name === client);
  return series?.points.find(({ x }) => x === ONE_IN)?.values ?? [];
}
