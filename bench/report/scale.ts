import type { ReportChart } from './report-chart.ts';

/** What Plot is told of an axis of values. */
export interface ValueScale {
  readonly type: 'linear' | 'log';
  readonly domain: [number, number];
  /** Wanted number of ticks, or where they are. */
  readonly ticks: number | number[];
}

const LINEAR_TICKS = 5;
/** Bars share their width with names and numbers. */
const BAR_TICKS = 3;
/** Over fewer decades, ticks at powers of ten alone would leave the axis bare. */
const FEW_DECADES = 2;
const STEPS = [1, 2, 5];
const WIDE_STEPS = [1];

/** The scale of a chart's values: from zero, or over whole steps of a logarithmic axis. */
export function valueScale(chart: ReportChart): ValueScale {
  const values = chart.series.flatMap(({ points }) =>
    points.flatMap(({ value, min, max, further = [] }) => [value, min, max, ...further]),
  );
  const numbers = values.filter((value): value is number => value !== null);
  if (chart.y.scale === 'log') {
    const positive = numbers.filter((value) => value > 0);
    if (positive.length > 0) return logScale(Math.min(...positive), Math.max(...positive));
  }
  const max = Math.max(0, ...numbers);
  const domain: [number, number] = [Math.min(0, ...numbers), max === 0 ? 1 : max];
  return { type: 'linear', domain, ticks: chart.kind === 'curve' ? LINEAR_TICKS : BAR_TICKS };
}

/** A logarithmic axis that holds both, with ticks at steps of its decades. */
export function logScale(min: number, max: number): ValueScale {
  const decades = Math.log10(max / min);
  const steps = decades < FEW_DECADES ? STEPS : WIDE_STEPS;
  const from = Math.floor(Math.log10(min));
  const to = Math.ceil(Math.log10(max)) + 1;
  const all = Array.from({ length: to - from + 1 }, (_, index) => from + index).flatMap((power) =>
    steps.map((step) => step * 10 ** power),
  );
  // Rounded: 10 ** -3 and its multiples are not exact.
  const exact = all.map((value) => Number(value.toPrecision(1)));
  const low = exact.findLastIndex((value) => value <= min);
  const high = exact.findIndex((value) => value >= max);
  // A single value still needs an axis with two ends.
  const ticks = exact.slice(Math.max(0, low), Math.max(high, low + 1) + 1);
  return { type: 'log', domain: [ticks[0] as number, ticks.at(-1) as number], ticks };
}
