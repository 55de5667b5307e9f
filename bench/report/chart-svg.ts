import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { axisNumber, placeText } from './axis-number.ts';
import { curveMarks } from './curve-marks.ts';
import { type Axis, placesOf, type ReportChart } from './report-chart.ts';
import { layOut, NAMES_WIDTH, ROW_HEIGHT, rowMarks } from './row-marks.ts';
import { valueScale } from './scale.ts';

/** Of every chart, in its own units: readable as it is on a phone, and two side by side on a desk. */
export const CHART_WIDTH = 420;
const CURVE_HEIGHT = 300;
/** More labels of places do not fit side by side; of those with a unit, such as 1,023 KiB, fewer. */
const PLACES_MAX = 7;
const UNIT_PLACES_MAX = 5;
/** On the axis of bars and ranges; of more ticks every second one has its number. */
const ROW_NUMBERS_MAX = 5;
const GRID = { stroke: 'var(--grid)', strokeOpacity: 1 };
const MARGIN_TOP = 4;
const AXIS_HEIGHT = 44;
/** For the numbers behind bars, and for the two of a range. */
const BAR_NUMBER_WIDTH = 64;
/** The same in a picture of its own, where nothing else is right of it. */
const BARE_NUMBER_WIDTH = 84;
const RANGE_NUMBERS_WIDTH = 98;

/** What is used of an element: there are no types of a browser here. */
interface SvgElement {
  readonly innerHTML: string;
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  querySelector(selector: string): { remove(): void } | null;
}

/** The chart as SVG without a size of its own. Its colours are custom properties of the page. */
export function chartSvg(chart: ReportChart): string {
  const svg = plotted({
    width: CHART_WIDTH,
    ariaLabel: `${chart.title}. The values are in the table below.`,
    ...(chart.kind === 'curve' ? curveOptions(chart) : rowOptions(chart)),
  });
  svg.setAttribute('role', 'img');
  for (const name of ['width', 'height', 'font-size', 'font-family']) svg.removeAttribute(name);
  return rounded(svg.outerHTML);
}

/** Bars without an axis, for a picture of its own, and how high it is. */
export function bareBars(chart: ReportChart, width: number): { height: number; content: string } {
  const { marks = [], ...options } = rowOptions(chart);
  const height = layOut(chart).height * ROW_HEIGHT + MARGIN_TOP;
  // The grid and the axis are the first two.
  const svg = plotted({
    ...options,
    x: { ...options.x, axis: null },
    width,
    height,
    marginRight: BARE_NUMBER_WIDTH,
    marginBottom: 0,
    marks: marks.slice(2),
  });
  return { height, content: rounded(svg.innerHTML) };
}

function plotted(options: Plot.PlotOptions): SvgElement {
  const { document } = parseHTML('<html><body></body></html>');
  const svg = Plot.plot({ document, className: 'plot', ...options }) as unknown as SvgElement;
  svg.querySelector('style')?.remove();
  return svg;
}

/** Places to a hundredth of a unit: more is not seen, and only makes the page large. */
function rounded(svg: string): string {
  const places = /\s(?:[xy][12]?|c[xy]|width|height|d|transform)="[^"]*"/g;
  return svg.replace(places, (place) =>
    place.replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2)))),
  );
}

/**
 * Axes are given `text`, not `tickFormat`: on a logarithmic axis Plot asks a format for powers of ten and a little
 * above only, and leaves the other ticks without a number.
 */
function curveOptions(chart: ReportChart): Plot.PlotOptions {
  const { ticks, ...scale } = valueScale(chart);
  const { unit } = chart.x;
  const greatest = placesOf(chart).at(-1) ?? 0;
  return {
    height: CURVE_HEIGHT,
    marginLeft: 46,
    marginRight: 22,
    marginTop: 30,
    marginBottom: 44,
    x: { type: chart.x.scale },
    y: { ...scale, nice: scale.type === 'linear' },
    marks: [
      Plot.gridY({ ...GRID, ticks }),
      Plot.axisY({
        text: axisNumber,
        tickSize: 0,
        ticks,
        ...named(chart.y),
        labelAnchor: 'top',
      }),
      Plot.axisX({
        text: (x: number) => placeText(x, unit, greatest),
        tickSize: 4,
        ticks: placeTicks(chart),
        // Amounts of bytes have their unit at each tick.
        ...named(unit === 'B' ? { ...chart.x, unit: '' } : chart.x),
      }),
      ...curveMarks(chart),
    ],
  };
}

/**
 * Where points are drawn, less those that would write over each other. A place at which nobody has a value is not on the
 * axis: a tick for it would stand somewhere outside of the chart.
 */
function placeTicks(chart: ReportChart): number | number[] {
  const isLog = chart.x.scale === 'log';
  const drawn = chart.series.map((each) => ({
    ...each,
    points: each.points.filter(({ x, value }) => value !== null && (!isLog || x > 0)),
  }));
  const places = placesOf({ series: drawn });
  if (!isLog && places.length > PLACES_MAX) return PLACES_MAX;
  const most = chart.x.unit === 'B' ? UNIT_PLACES_MAX : PLACES_MAX;
  return thinned(places, isLog ? Math.log : (x) => x, most);
}

/** The first and the last, and between them what is a label's width away from its neighbours. */
function thinned(places: readonly number[], scaled: (x: number) => number, most: number): number[] {
  const [first, last] = [places[0] ?? 0, places.at(-1) ?? 0];
  const width = scaled(last) - scaled(first) || 1;
  const apart = (a: number, b: number): boolean => (scaled(b) - scaled(a)) / width >= 1 / most;
  const ticks: number[] = [];
  for (const place of places) {
    const before = ticks.at(-1);
    if (place === last || ((before === undefined || apart(before, place)) && apart(place, last))) {
      ticks.push(place);
    }
  }
  return ticks;
}

function rowOptions(chart: ReportChart): Plot.PlotOptions {
  const { ticks, ...scale } = valueScale(chart);
  const layout = layOut(chart);
  const isCrowded = Array.isArray(ticks) && ticks.length > ROW_NUMBERS_MAX;
  const numbered = isCrowded ? ticks.filter((_, index) => index % 2 === 0) : ticks;
  return {
    height: layout.height * ROW_HEIGHT + MARGIN_TOP + AXIS_HEIGHT,
    marginLeft: NAMES_WIDTH,
    marginRight: chart.kind === 'bars' ? BAR_NUMBER_WIDTH : RANGE_NUMBERS_WIDTH,
    marginTop: MARGIN_TOP,
    marginBottom: AXIS_HEIGHT,
    x: scale,
    y: { type: 'linear', domain: [layout.height, 0], axis: null },
    marks: [
      Plot.gridX({ ...GRID, ticks }),
      Plot.axisX({ text: axisNumber, tickSize: 0, ticks: numbered, ...named(chart.y) }),
      ...rowMarks(chart, layout),
    ],
  };
}

function named({ name, unit }: Axis): Plot.AxisXOptions & Plot.AxisYOptions {
  const label = unit === '' ? name : `${name} (${unit})`;
  return { label, labelAnchor: 'center', labelArrow: 'none' };
}
