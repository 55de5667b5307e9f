import type { Table } from '../table.ts';
import { placeText, valueText } from './axis-number.ts';
import { placesOf, type ReportChart, type ReportPoint, type ReportSeries } from './report-chart.ts';

const NONE = '–';

/** All that a chart shows, as text: who cannot see it reads it here. */
export function chartTable(chart: ReportChart): Table {
  return chart.kind === 'ranges' ? rangesTable(chart) : placesTable(chart);
}

/** One row for each place or group, one column for each series: median, least and greatest turn. */
function placesTable(chart: ReportChart): Table {
  const places = placesOf(chart);
  return {
    columns: [
      { title: named(chart.x) },
      ...chart.series.map((series) => ({ title: titleOf(series), align: 'right' as const })),
    ],
    rows: places.map((x) => [
      chart.kind === 'curve' ? placeText(x, chart.x.unit) : chart.groups[x] || 'all',
      ...chart.series.map(({ points }) => cellOf(points.find((point) => point.x === x))),
    ]),
  };
}

/** One row for each subject of each group, one column for each mark. */
function rangesTable({ x, groups, marks, series, y }: ReportChart): Table {
  const columns = [{ title: x.name }, { title: 'client' }];
  const numbers = marks.map((title) => ({
    title: named({ name: title, unit: y.unit }),
    align: 'right' as const,
  }));
  const rows = groups.flatMap((group, at) =>
    series.flatMap((each) => {
      const point = each.points.find((point) => point.x === at);
      if (point === undefined) return [];
      const values = [point.value, ...(point.further ?? [])];
      const cells = values.map((value) => (value === null ? NONE : valueText(value)));
      const [first = NONE, ...others] = cells;
      return [[group, titleOf(each), point.text ?? first, ...others, point.remark ?? '']];
    }),
  );
  return { columns: [...columns, ...numbers, { title: 'remark' }], rows };
}

function titleOf({ name, version }: ReportSeries): string {
  return version === '' ? name : `${name} ${version}`;
}

function named({ name, unit }: { name: string; unit: string }): string {
  return unit === '' ? name : `${name}, ${unit}`;
}

function cellOf(point: ReportPoint | undefined): string {
  if (point === undefined) return NONE;
  const { value, min, max, turns, text } = point;
  if (value === null || min === null || max === null) return text ?? NONE;
  return turns === 1
    ? valueText(value)
    : `${valueText(value)} (${valueText(min)} – ${valueText(max)})`;
}
