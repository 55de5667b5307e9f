import type { Chart, LaneResults, Series } from '../lanes/lane-results.ts';
import { placeText } from './axis-number.ts';
import { pointOf, type ReportChart, shortName } from './report-chart.ts';

const OURS = /zkwire|embedded/;

/** Lanes say themselves how their charts look. */
export function laneCharts({ charts }: LaneResults): ReportChart[] {
  // A run of a part has charts without anybody in them.
  return charts.filter(({ series }) => series.length > 0).map(laneChart);
}

function laneChart(chart: Chart): ReportChart {
  const { xName, xUnit, xScale, yName, yUnit, yScale } = chart;
  const isCurve = chart.kind === 'curve';
  const places = placesIn(chart);
  const groups = isCurve ? [] : places.map((x) => headOf(chart, x, places.length));
  return {
    id: chart.name.replace(/[^\w-]+/g, '-'),
    title: chart.title.charAt(0).toUpperCase() + chart.title.slice(1),
    // Signs are put into tables for a terminal only.
    note: chart.note.replace(', marked with !', ''),
    kind: chart.kind,
    x: { name: xName, unit: xUnit, scale: xScale },
    y: { name: yName, unit: yUnit, scale: isCurve ? yScale : 'linear' },
    groups,
    marks: [],
    series: chart.series.map((series) => ({
      name: nameOf(series, chart),
      version: series.version.startsWith('node ') ? '' : series.version,
      ours: OURS.test(`${series.subject} ${series.name}`),
      points: series.points.map(({ x, values }) =>
        pointOf(isCurve ? x : places.indexOf(x), values),
      ),
    })),
  };
}

function placesIn({ series }: Chart): number[] {
  const places = series.flatMap(({ points }) => points.map(({ x }) => x));
  return [...new Set(places)].sort((a, b) => a - b);
}

/** One group of bars needs no head. */
function headOf({ xName, xUnit }: Chart, x: number, places: number): string {
  if (places === 1) return '';
  const unit = xUnit === 'B' ? '' : xUnit;
  return `${xName} ${placeText(x, xUnit)} ${unit}`.trim();
}

/** The subject; where series are of one subject, what tells them apart. */
function nameOf({ name, subject }: Series, { series }: Chart): string {
  const alike = series.filter((each) => each.subject === subject).length;
  return subject === '' || alike > 1 ? name : shortName(subject);
}
