import { spreadOf } from '../statistics.ts';

/** A value of a chart: the median of its turns, and how far they lie apart. */
export interface ReportPoint {
  /** Of a curve its place, of bars and ranges the index of its group. */
  readonly x: number;
  /** Null when it could not be had. */
  readonly value: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly turns: number;
  /** Of ranges: what lies beyond the value, in the order of the chart's `marks`. */
  readonly further?: readonly (number | null)[];
  /** Said instead of the value, where what is drawn is another. */
  readonly label?: string;
  /** Shown in place of a value that could not be had. */
  readonly text?: string;
  /** Of ranges: what is to be known beside the value. */
  readonly remark?: string;
}

/** One line, or the bars of one subject. */
export interface ReportSeries {
  readonly name: string;
  readonly version: string;
  /** Is it zkwire, or a part of it? */
  readonly ours: boolean;
  readonly points: readonly ReportPoint[];
}

export interface Axis {
  readonly name: string;
  readonly unit: string;
  readonly scale: 'linear' | 'log';
}

/** What the report draws and lists, whichever file it comes from. */
export interface ReportChart {
  /** Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** How to read it, what was the limit. */
  readonly note: string;
  /** Curves over x; bars from zero; ranges from a value (a dot) to further ones (ticks). */
  readonly kind: 'curve' | 'bars' | 'ranges';
  readonly x: Axis;
  readonly y: Axis;
  /** Of bars and ranges: what stands together, by the x of its points. A single one without a name is not headed. */
  readonly groups: readonly string[];
  /** Of ranges: names of the value and of what lies beyond it. */
  readonly marks: readonly string[];
  readonly series: readonly ReportSeries[];
}

/** The point of these turns, null where a turn has no value. */
export function pointOf(x: number, values: readonly (number | null)[]): ReportPoint {
  const numbers = values.filter((value): value is number => value !== null);
  if (numbers.length === 0) return { x, value: null, min: null, max: null, turns: 0 };
  const { median, min, max } = spreadOf(numbers);
  return { x, value: median, min, max, turns: numbers.length };
}

/** All x of a chart's points, ascending. */
export function placesOf({ series }: Pick<ReportChart, 'series'>): number[] {
  const places = series.flatMap(({ points }) => points.map(({ x }) => x));
  return [...new Set(places)].sort((a, b) => a - b);
}

/** A subject's name as it fits beside a bar. */
export function shortName(subject: string): string {
  return subject
    .replace(/^Apache ZooKeeper (?=\w+ client$)/, '')
    .replace('(by host name)', '(by name)');
}
