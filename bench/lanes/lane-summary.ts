import { significant } from '../format.ts';
import { median, spreadOf } from '../statistics.ts';
import { type Column, type Row, renderTable } from '../table.ts';
import { numbersOf } from './lane.ts';
import type { Chart, Point, Series } from './lane-results.ts';

export const NONE = '–';
export const SPREAD = 'median (min – max)';

/** Heights of a sparkline, from nothing to the most. */
const HEIGHTS = '▁▂▃▄▅▆▇█';
/** Characters of a sparkline, at most: longer times are thinned. */
const SPARKS_MAX = 60;

/** All x of a chart's points, ascending. */
export function placesOf({ series }: Chart): number[] {
  const places = series.flatMap(({ points }) => points.map(({ x }) => x));
  return [...new Set(places)].sort((a, b) => a - b);
}

export function subjectOf({ subject, name }: Series): string {
  return subject || name;
}

/** Median of the turns, with their spread where there are several. */
export function spreadText(point: Point): string {
  const numbers = numbersOf(point);
  if (numbers.length === 0) return NONE;
  const { median: middle, min, max } = spreadOf(numbers);
  const spread = numbers.length === 1 ? '' : ` (${significant(min)} – ${significant(max)})`;
  return `${significant(middle)}${spread}`;
}

/** Charts that name a summary: those over time a table each, bars of one name a table together. */
export function summaryTexts(charts: readonly Chart[]): string[] {
  const names = [...new Set(charts.flatMap(({ summary = [] }) => summary))];
  return names.flatMap((name) => {
    const members = charts.filter(({ summary }) => summary === name);
    const bars = members.filter(({ kind }) => kind === 'bars');
    return [
      ...(bars.length === 0 ? [] : [`### ${name}`, barsTable(bars), ...notesOf(bars)]),
      ...members.filter(({ kind }) => kind === 'curve').flatMap(timeTexts),
    ];
  });
}

/** One row for each chart, or for each of its places, one column for each client. */
function barsTable(charts: readonly Chart[]): string {
  const clients = new Map(
    charts.flatMap(({ series }) => series.map((each) => [each.name, subjectOf(each)])),
  );
  const columns: Column[] = [
    { title: SPREAD },
    ...[...clients.values()].map((title): Column => ({ title, align: 'right' })),
  ];
  const rows = charts.flatMap((chart) =>
    placesOf(chart).map((x): Row => {
      const cells = [...clients.keys()].map((name) => {
        const points = chart.series.find((each) => each.name === name)?.points ?? [];
        const point = points.find((each) => each.x === x);
        return point === undefined ? NONE : spreadText(point);
      });
      const place = x === 0 ? '' : `, ${chart.xName} ${x}`;
      return [`${nameOf(chart)}${place}`, ...cells];
    }),
  );
  return renderTable(columns, rows);
}

function nameOf({ yName, yUnit }: Chart): string {
  return yUnit === '' ? yName : `${yName}, ${yUnit}`;
}

function notesOf(charts: readonly Chart[]): string[] {
  const notes = charts.map(({ note }) => note).filter((note) => note !== '');
  return notes.length === 0 ? [] : [[...new Set(notes)].join(' ')];
}

/** A row for each client: what it was in the middle, least and most, and how it went. */
function timeTexts(chart: Chart): string[] {
  const columns: Column[] = [
    { title: nameOf(chart) },
    ...['median', 'least', 'greatest'].map((title): Column => ({ title, align: 'right' })),
    { title: `by ${chart.xName}, from 0 to the greatest` },
  ];
  const rows = chart.series.map((each): Row => {
    const values = each.points.map((point) => {
      const numbers = numbersOf(point);
      return numbers.length === 0 ? null : median(numbers);
    });
    const known = values.filter((value) => value !== null);
    if (known.length === 0) return [subjectOf(each), NONE, NONE, NONE, ''];
    const { median: middle, min, max } = spreadOf(known);
    return [
      subjectOf(each),
      ...[middle, min, max].map((value) => significant(value)),
      sparkline(values),
    ];
  });
  return [`### ${chart.title}`, renderTable(columns, rows), ...notesOf([chart])];
}

/** The values as heights; a place without a value is a space. Of a long row every nth one, and its least and most are in the table. */
export function sparkline(values: readonly (number | null)[]): string {
  const step = Math.max(1, Math.ceil(values.length / SPARKS_MAX));
  const most = Math.max(0, ...values.filter((value) => value !== null));
  return values
    .filter((_, at) => at % step === 0)
    .map((value) => {
      if (value === null) return ' ';
      const height = most === 0 ? 0 : Math.round((value / most) * (HEIGHTS.length - 1));
      return HEIGHTS[Math.max(0, height)];
    })
    .join('')
    .trimEnd();
}
