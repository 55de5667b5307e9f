import * as Plot from '@observablehq/plot';
import { valueText } from './axis-number.ts';
import type { ReportChart, ReportPoint } from './report-chart.ts';
import { type SeriesStyle, seriesStyles } from './series-style.ts';

/** Heights in rows: a group's head needs more air above it than a bar. */
const HEAD_ROWS = 1.5;
export const ROW_HEIGHT = 19;
/** Room for the names of subjects, left of the axis. */
export const NAMES_WIDTH = 160;

/** In widths of an em: what is longer is cut. */
const NAME_EMS = 12.5;
const NAME = {
  frameAnchor: 'left',
  y: 'y',
  text: 'name',
  dx: -6,
  textAnchor: 'end',
  lineWidth: NAME_EMS,
  textOverflow: 'ellipsis',
} as const;

/** One horizontal line of a chart of bars or ranges. */
interface ChartRow {
  /** Of its middle, in rows from the top. */
  readonly y: number;
  readonly name: string;
  readonly style: SeriesStyle;
  readonly ours: boolean;
  readonly point: ReportPoint;
}

interface Head {
  readonly y: number;
  readonly text: string;
}

export interface RowLayout {
  readonly rows: readonly ChartRow[];
  readonly heads: readonly Head[];
  /** In rows. */
  readonly height: number;
}

/** Where everything is: group by group, in each the series in their order. */
export function layOut(chart: ReportChart): RowLayout {
  const styles = seriesStyles(chart.series);
  const rows: ChartRow[] = [];
  const heads: Head[] = [];
  let y = 0;
  for (const [x, text] of chart.groups.entries()) {
    const ofGroup = chart.series.flatMap(({ name, ours, points }, index) => {
      const point = points.find((each) => each.x === x);
      return point === undefined
        ? []
        : [{ name, ours, point, style: styles[index] as SeriesStyle }];
    });
    if (ofGroup.length === 0) continue;
    if (text !== '') {
      y += HEAD_ROWS;
      heads.push({ y: y - 0.5, text });
    }
    for (const row of ofGroup) rows.push({ ...row, y: y++ + 0.5 });
  }
  return { rows, heads, height: y };
}

/** Names, heads, and bars from zero or ranges on the axis. */
export function rowMarks(chart: ReportChart, { rows, heads }: RowLayout): Plot.Markish[] {
  return [
    ...[true, false].map((ours) =>
      Plot.text(
        rows.filter((row) => row.ours === ours),
        { ...NAME, ...(ours ? { fontWeight: 600 } : {}) },
      ),
    ),
    ...(chart.kind === 'bars' ? barMarks(chart, rows) : rangeMarks(chart, rows)),
    Plot.text(
      rows.filter(({ point }) => point.value === null),
      {
        frameAnchor: 'left',
        y: 'y',
        text: ({ point }: ChartRow) => point.text ?? 'no value',
        dx: 4,
        textAnchor: 'start',
        fontStyle: 'italic',
      },
    ),
    Plot.text(heads, {
      frameAnchor: 'left',
      y: 'y',
      text: 'text',
      dx: -NAMES_WIDTH,
      textAnchor: 'start',
      fontWeight: 600,
      // No line crosses a head out.
      stroke: 'var(--paper)',
      strokeWidth: 5,
      fill: 'currentColor',
    }),
  ];
}

const measured = (rows: readonly ChartRow[]): ChartRow[] =>
  rows.filter(({ point }) => point.value !== null);

function barMarks({ y: { unit } }: ReportChart, rows: readonly ChartRow[]): Plot.Markish[] {
  const bars = measured(rows);
  const spread = bars.filter(({ point }) => point.turns > 1);
  return [
    Plot.rect(bars, {
      x1: 0,
      x2: ({ point }: ChartRow) => point.value,
      y1: ({ y }: ChartRow) => y - 0.34,
      y2: ({ y }: ChartRow) => y + 0.34,
      fill: ({ style }: ChartRow) => style.color,
      title: (row: ChartRow) => titleOf(row, unit),
    }),
    // With an edge of paper, or half of it would be lost in a dark bar.
    ...[
      { stroke: 'var(--paper)', strokeWidth: 3 },
      { stroke: 'var(--ink)', strokeWidth: 1 },
    ].map((line) =>
      Plot.ruleY(spread, {
        y: 'y',
        x1: ({ point }: ChartRow) => point.min,
        x2: ({ point }: ChartRow) => point.max,
        ...line,
      }),
    ),
    Plot.ruleX(rows, {
      x: () => 0,
      y1: ({ y }: ChartRow) => y - 0.5,
      y2: ({ y }: ChartRow) => y + 0.5,
      stroke: 'var(--axis)',
    }),
    Plot.text(bars, {
      x: ({ point }: ChartRow) => Math.max(point.max ?? 0, point.value ?? 0),
      y: 'y',
      dx: 5,
      textAnchor: 'start',
      text: ({ point }: ChartRow) => point.label ?? valueText(point.value ?? 0),
    }),
  ];
}

function rangeMarks(chart: ReportChart, rows: readonly ChartRow[]): Plot.Markish[] {
  const { unit } = chart.y;
  const dots = measured(rows);
  const ticks = dots.flatMap((row) =>
    (row.point.further ?? []).flatMap((x) => (x === null ? [] : [{ x, row }])),
  );
  return [
    Plot.ruleY(dots, {
      y: 'y',
      x1: ({ point }: ChartRow) => point.value,
      x2: ({ point }: ChartRow) => farthest(point),
      stroke: ({ style }: ChartRow) => style.color,
      strokeWidth: 1.75,
    }),
    Plot.ruleX(ticks, {
      x: 'x',
      y1: ({ row }) => row.y - 0.3,
      y2: ({ row }) => row.y + 0.3,
      stroke: ({ row }) => row.style.color,
      strokeWidth: 2,
    }),
    Plot.dot(dots, {
      x: ({ point }: ChartRow) => point.value,
      y: 'y',
      r: 4,
      fill: ({ style }: ChartRow) => style.color,
      title: (row: ChartRow) => titleOf(row, unit),
    }),
    Plot.text(dots, {
      x: ({ point }: ChartRow) => farthest(point),
      y: 'y',
      dx: 6,
      textAnchor: 'start',
      text: ({ point }: ChartRow) => [rangeText(point), point.remark].filter(Boolean).join(', '),
    }),
  ];
}

function farthest({ value, further = [] }: ReportPoint): number {
  return Math.max(value ?? 0, ...further.map((each) => each ?? 0));
}

function rangeText(point: ReportPoint): string {
  const [near, far] = [point.value ?? 0, farthest(point)];
  const text = valueText(near);
  return far === near ? text : `${text} – ${valueText(far)}`;
}

function titleOf({ name, point }: ChartRow, unit: string): string {
  return `${name}: ${point.label ?? rangeText(point)} ${unit}`.trim();
}
