import * as Plot from '@observablehq/plot';
import { placeText, valueText } from './axis-number.ts';
import type { Axis, ReportChart, ReportPoint, ReportSeries } from './report-chart.ts';
import { dashed, type SeriesStyle, seriesStyles } from './series-style.ts';

const SYMBOLS_MAX = 20;

/** A point that has a value. */
type Drawn = ReportPoint & { readonly value: number; readonly min: number; readonly max: number };

/** Lines over x, a thin rule from the least to the greatest turn of each point; zkwire on top. */
export function curveMarks(chart: ReportChart): Plot.Markish[] {
  const styles = seriesStyles(chart.series);
  const drawn = chart.series.map((series, index) => ({
    ours: series.ours,
    marks: marksOf(chart, series, styles[index] as SeriesStyle),
  }));
  return drawn.sort((a, b) => Number(a.ours) - Number(b.ours)).flatMap(({ marks }) => marks);
}

function marksOf(chart: ReportChart, series: ReportSeries, style: SeriesStyle): Plot.Markish[] {
  const isVisible = ({ x, value }: ReportPoint): boolean =>
    value !== null && hasPlace(value, chart.y) && hasPlace(x, chart.x);
  const points = series.points.filter((point): point is Drawn => isVisible(point));
  const { color, dashes, symbol, filled } = style;
  const at = { x: 'x', y: 'value' };
  const paint = filled ? { fill: color, stroke: color } : { fill: 'var(--paper)', stroke: color };
  return [
    Plot.ruleX(
      points.filter(({ turns, min }) => turns > 1 && hasPlace(min, chart.y)),
      { x: 'x', y1: 'min', y2: 'max', stroke: color, strokeWidth: 4, strokeOpacity: 0.25 },
    ),
    Plot.line(points, { ...at, stroke: color, strokeWidth: 1.75, ...dashed(dashes) }),
    Plot.dot(marked(points), {
      ...at,
      ...paint,
      symbol,
      r: 3.5,
      strokeWidth: 1.5,
      title: (point: Drawn) => titleOf(chart, series, point),
    }),
  ];
}

/** A logarithmic axis has no zero. */
function hasPlace(value: number, { scale }: Axis): boolean {
  return scale === 'linear' || value > 0;
}

/** Symbols of a long line would hide it: some of them tell whose it is. */
function marked(points: readonly Drawn[]): Drawn[] {
  const every = Math.ceil(points.length / SYMBOLS_MAX);
  return points.filter((_, index) => index % every === 0);
}

function titleOf({ x, y }: ReportChart, { name }: ReportSeries, point: Drawn): string {
  return `${name}, ${placeText(point.x, x.unit)}: ${valueText(point.value)} ${y.unit}`.trim();
}
