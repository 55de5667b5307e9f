import { rate } from '../format.ts';
import type { BenchResults } from '../results.ts';
import { bareBars } from './chart-svg.ts';
import { html } from './html.ts';
import { throughputCharts } from './load-charts.ts';
import type { ReportChart, ReportPoint } from './report-chart.ts';

/** One picture, and what it says for those who do not see it. */
export interface ReadmeChart {
  readonly svg: string;
  readonly alt: string;
}

const WIDTH = 760;
const HEAD_HEIGHT = 58;
const FOOT_HEIGHT = 16;
const SIDE = 20;
/** A picture on a code host cannot have its page's colours: it brings its own paper, light or dark. */
const COLORS = {
  paper: ['#ffffff', '#12161c'],
  line: ['#d5dae1', '#343d49'],
  ink: ['#1b2430', '#e8ebf0'],
  muted: ['#55606e', '#a6b0bd'],
  axis: ['#7d8795', '#6f7a88'],
  zkwire: ['#1257d0', '#74a9ff'],
  'grey-dark': ['#39424e', '#cbd2da'],
  grey: ['#69737f', '#9aa4b1'],
  'grey-light': ['#868f9b', '#79838f'],
} as const;

const TITLE = 'get of 100 B from the null responder, operations per second';
const SUBTITLE = 'Medians. Every depth has a scale of its own, from zero.';

/** Operations per second of every client at every depth; null when that was not measured. */
export function readmeChart(results: BenchResults): ReadmeChart | null {
  const headline = throughputCharts(results).find(({ id }) => id === 'throughput-null-get-100B');
  if (headline === undefined) return null;
  const chart = eachDepthOnItsOwn(headline);
  const { height, content } = bareBars(chart, WIDTH - 2 * SIDE);
  return { svg: pictureOf(content, height), alt: altOf(chart) };
}

/** A group for each depth, bars as shares of the longest in it. */
function eachDepthOnItsOwn(curve: ReportChart): ReportChart {
  const series = curve.series.filter(({ points }) => points.length > 1);
  const depths = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))].sort(
    (a, b) => a - b,
  );
  const longest = new Map(
    depths.map((depth) => {
      const ofDepth = series.flatMap(({ points }) => points.filter(({ x }) => x === depth));
      return [depth, Math.max(...ofDepth.map(({ value }) => value ?? 0))];
    }),
  );
  const share = (point: ReportPoint): ReportPoint => {
    const { x, value } = point;
    const group = depths.indexOf(x);
    if (value === null) return { ...point, x: group };
    const drawn = value / (longest.get(x) ?? value);
    return { x: group, value: drawn, min: drawn, max: drawn, turns: 1, label: rate(value) };
  };
  return {
    ...curve,
    kind: 'bars',
    y: { ...curve.y, scale: 'linear' },
    groups: depths.map((depth) => `depth ${depth.toLocaleString('en')}`),
    series: series.map((each) => ({ ...each, points: each.points.map(share) })),
  };
}

function altOf({ groups, series }: ReportChart): string {
  const parts = groups.map((group, at) => {
    const values = series.flatMap(({ name, points }) => {
      const point = points.find(({ x }) => x === at);
      return point === undefined ? [] : [`${name} ${point.label ?? point.text ?? 'no value'}`];
    });
    return `${group}: ${values.join(', ')}`;
  });
  return `Bar chart, ${TITLE}. ${parts.join('; ')}.`;
}

function pictureOf(content: string, contentHeight: number): string {
  const height = HEAD_HEIGHT + contentHeight + FOOT_HEIGHT;
  const names = Object.keys(COLORS).join('|');
  const painted = content.replace(
    new RegExp(`(fill|stroke)="var\\(--(${names})\\)"`, 'g'),
    (_, what: string, name: string) => `class="${what}-${name}"`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, -apple-system, Segoe UI, Roboto, Arial, sans-serif" font-size="13">
${html`<title>${TITLE}</title>`}
<style>
${styleOf(0)}
@media (prefers-color-scheme: dark) {
${styleOf(1)}
}
</style>
<rect x=".5" y=".5" width="${WIDTH - 1}" height="${height - 1}" rx="8" class="fill-paper stroke-line"/>
${html`<text x="${SIDE}" y="28" class="fill-ink" font-size="15" font-weight="600">${TITLE}</text>
<text x="${SIDE}" y="47" class="fill-muted" font-size="12">${SUBTITLE}</text>`}
<g class="fill-ink" text-anchor="middle" transform="translate(${SIDE},${HEAD_HEIGHT})">${painted}</g>
</svg>
`;
}

function styleOf(scheme: 0 | 1): string {
  return Object.entries(COLORS)
    .flatMap(([name, colors]) => [
      `.fill-${name} { fill: ${colors[scheme]}; }`,
      `.stroke-${name} { stroke: ${colors[scheme]}; }`,
    ])
    .join('\n');
}
