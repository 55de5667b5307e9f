import type { ReportSeries } from './report-chart.ts';

/** How a series is drawn. Colour never stands alone: the line's dashes and the symbol tell the same. */
export interface SeriesStyle {
  /** zkwire has the page's one colour, everything else is grey. */
  readonly color: string;
  /** Of the line, as in SVG; empty when it is solid. */
  readonly dashes: string;
  readonly symbol: 'circle' | 'square' | 'triangle' | 'diamond' | 'times' | 'plus' | 'asterisk';
  readonly filled: boolean;
}

const ACCENT = 'var(--zkwire)';

const OURS: readonly SeriesStyle[] = [
  { color: ACCENT, dashes: '', symbol: 'circle', filled: true },
  { color: ACCENT, dashes: '6 3', symbol: 'circle', filled: false },
  { color: ACCENT, dashes: '2 3', symbol: 'diamond', filled: true },
  { color: ACCENT, dashes: '8 3 2 3', symbol: 'square', filled: false },
  { color: ACCENT, dashes: '1 4', symbol: 'triangle', filled: true },
  { color: ACCENT, dashes: '10 4', symbol: 'times', filled: false },
];

const dark = 'var(--grey-dark)';
const middle = 'var(--grey)';
const light = 'var(--grey-light)';

const OTHERS: readonly SeriesStyle[] = [
  { color: middle, dashes: '', symbol: 'triangle', filled: false },
  { color: dark, dashes: '7 3', symbol: 'plus', filled: false },
  { color: light, dashes: '', symbol: 'square', filled: true },
  { color: middle, dashes: '2 2', symbol: 'diamond', filled: false },
  { color: dark, dashes: '1 3', symbol: 'asterisk', filled: false },
  { color: light, dashes: '5 2', symbol: 'triangle', filled: true },
];

/** What is in many charts looks the same in all of them. */
const KNOWN: readonly (readonly [RegExp, SeriesStyle])[] = [
  [/^(raw|bare) socket$/, { color: dark, dashes: '1 3', symbol: 'times', filled: false }],
  [/^raw socket \+/, { color: dark, dashes: '6 2 1 2', symbol: 'plus', filled: false }],
  [/^zookeeper$/, { color: dark, dashes: '', symbol: 'square', filled: true }],
  [/^node-zookeeper-client$/, { color: middle, dashes: '', symbol: 'triangle', filled: true }],
  [/^zookeeper \(native\)/, { color: dark, dashes: '4 2', symbol: 'square', filled: false }],
  [/^zookeeper \(by/, { color: dark, dashes: '2 2', symbol: 'diamond', filled: false }],
  [/\bjava\b/i, { color: middle, dashes: '7 3', symbol: 'diamond', filled: true }],
  [/\bC\b/, { color: light, dashes: '', symbol: 'asterisk', filled: false }],
  [/\bGo\b/i, { color: light, dashes: '7 3', symbol: 'triangle', filled: false }],
];

/** The looks of a chart's series, in their order. */
export function seriesStyles(series: readonly ReportSeries[]): SeriesStyle[] {
  let ours = 0;
  let others = 0;
  return series.map(({ name, ours: isOurs }) => {
    if (isOurs) return OURS[ours++ % OURS.length] as SeriesStyle;
    const known = KNOWN.find(([pattern]) => pattern.test(name))?.[1];
    return known ?? (OTHERS[others++ % OTHERS.length] as SeriesStyle);
  });
}

/** Options of a line with these dashes. */
export function dashed(dashes: string): { strokeDasharray?: string } {
  return dashes === '' ? {} : { strokeDasharray: dashes };
}
