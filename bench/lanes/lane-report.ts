import { byteLabel } from '../cases.ts';
import { environmentText } from '../environment-text.ts';
import { grouped } from '../format.ts';
import { figuresText } from '../report-tables.ts';
import { type Column, type Row, renderTable } from '../table.ts';
import type { Chart, LaneResults, Point, Series } from './lane-results.ts';
import { NONE, placesOf, SPREAD, spreadText, subjectOf, summaryTexts } from './lane-summary.ts';

/** Put behind the value of a point: `''` or a sign that the chart's note explains. */
export type PointMark = (chart: Chart, series: Series, point: Point) => string;

const UNMARKED: PointMark = () => '';

/** Everything that was measured, as Markdown that also reads well in a terminal. */
export function renderLaneReport(results: LaneResults, mark: PointMark = UNMARKED): string {
  const { charts, figures } = results;
  const whole = charts.filter(({ summary }) => summary === undefined);
  const blocks = [
    ...whole.map((chart) => chartText(chart, mark)),
    ...summaryTexts(charts),
    ...(figures.length === 0 ? [] : ['### What it must show', figuresText(figures)]),
    ...skippedList(results),
    footnote(results),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function chartText(chart: Chart, mark: PointMark): string {
  const head = `### ${chart.title}`;
  const table = chartTable(chart, mark);
  return [head, table, ...(chart.note === '' ? [] : [chart.note])].join('\n\n');
}

/** One row for each x, one column for each series. */
function chartTable(chart: Chart, mark: PointMark): string {
  const { series, xName, yName, yUnit } = chart;
  const unit = yUnit === '' ? yName : `${yName}, ${yUnit}`;
  const columns: Column[] = [
    { title: xName, align: 'right' },
    ...series.map((each): Column => ({ title: subjectOf(each), align: 'right' })),
  ];
  const xs = placesOf(chart);
  if (chart.kind === 'bars' && xs.every((x) => x === 0)) {
    const rows = series.map((each): Row => [subjectOf(each), cellText(chart, each, 0, mark)]);
    return renderTable(
      [{ title: 'client' }, { title: `${unit}: ${SPREAD}`, align: 'right' }],
      rows,
    );
  }
  const rows = xs.map(
    (x): Row => [xText(x, chart), ...series.map((each) => cellText(chart, each, x, mark))],
  );
  return `${unit}: ${SPREAD}\n\n${renderTable(columns, rows)}`;
}

function xText(x: number, { xUnit }: Chart): string {
  if (xUnit === 'B') return byteLabel(x);
  return xUnit === '' ? grouped(String(x)) : `${grouped(String(x))} ${xUnit}`;
}

function cellText(chart: Chart, series: Series, x: number, mark: PointMark): string {
  const point = series.points.find((each) => each.x === x);
  const text = point === undefined ? NONE : spreadText(point);
  return point === undefined || text === NONE ? NONE : `${mark(chart, series, point)}${text}`;
}

function skippedList({ skipped }: LaneResults): string[] {
  if (skipped.length === 0) return [];
  return [['Not run:', ...skipped.map(({ name, reason }) => `- ${name}: ${reason}`)].join('\n')];
}

function footnote(results: LaneResults): string {
  const { environment, startedAt, command, quick, notMeasured, settings = {} } = results;
  const set = Object.entries(settings).map(([name, value]) => ` ${name}: ${value}.`);
  const warning = quick ? ' A quick run: not to be quoted.' : '';
  const machine = environmentText(environment, startedAt);
  const limits = ['Not measured:', ...notMeasured.map((line) => `- ${line}`)].join('\n');
  return `${limits}\n\n${machine}. One client a process, in turns.${set.join('')}${warning} To repeat: \`${command}\`.`;
}
