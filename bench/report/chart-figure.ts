import { chartSvg } from './chart-svg.ts';
import { chartTable } from './chart-tables.ts';
import { Html, html, htmlTable, inlineCode } from './html.ts';
import { placesOf, type ReportChart, type ReportSeries } from './report-chart.ts';
import { type SeriesStyle, seriesStyles } from './series-style.ts';
import { swatchSvg } from './swatch-svg.ts';

/** A chart with its title, its legend, how to read it, and its values as a table. */
export function chartFigure(chart: ReportChart): Html {
  const isEmpty = !hasValues(chart);
  return html`<figure id="${chart.id}" data-series="${chart.series.length}">
<figcaption>${chart.title}</figcaption>
${isEmpty ? html`<p class="absent">There is no value to draw.</p>` : drawing(chart)}
<p class="note">${inlineCode(chart.note)}${spread(chart)}${zero(chart)}${withoutValues(chart)}</p>
<details><summary>Values<span class="hidden"> of ${chart.title}</span></summary>
${htmlTable(chart.title, chartTable(chart))}
</details>
</figure>
`;
}

function drawing(chart: ReportChart): Html {
  return html`${chart.kind === 'curve' ? legend(chart) : null}
${new Html(chartSvg(chart))}`;
}

/** A curve without values would be axes with numbers that mean nothing. */
function hasValues({ kind, series }: ReportChart): boolean {
  return kind !== 'curve' || series.some(isDrawn);
}

function spread({ kind, series }: ReportChart): string {
  if (kind === 'ranges') return '';
  const turns = series.flatMap(({ points }) => points.map((point) => point.turns));
  const most = Math.max(0, ...turns);
  if (most === 0) return '';
  if (most === 1) return ' Values are of a single turn.';
  return ` Values are medians; ${kind === 'bars' ? 'thin lines' : 'pale bars'} run from the least to the greatest turn.`;
}

/** They have no line, and so no place in the legend of a curve. */
function withoutValues(chart: ReportChart): string {
  if (chart.kind !== 'curve' || !hasValues(chart)) return '';
  const names = chart.series.filter((each) => !isDrawn(each)).map(({ name }) => name);
  return names.length === 0 ? '' : ` Without a value: ${names.join(', ')}.`;
}

function isDrawn({ points }: ReportSeries): boolean {
  return points.some(({ value }) => value !== null);
}

function zero({ kind, x, series }: ReportChart): string {
  const isHidden = kind === 'curve' && x.scale === 'log' && placesOf({ series }).includes(0);
  return isHidden ? ` A ${x.name} of 0 has no place on this axis: it is among the values.` : '';
}

/** In the order in which the lines end, so that the eye finds them. */
function legend({ series }: ReportChart): Html {
  const styles = seriesStyles(series);
  const entries = series.map((each, index) => ({
    each,
    style: styles[index] as SeriesStyle,
    last: each.points.findLast(({ value }) => value !== null)?.value ?? 0,
  }));
  const drawn = entries.filter(({ each }) => isDrawn(each));
  drawn.sort((a, b) => b.last - a.last);
  return html`<ul class="legend">${drawn.map(
    ({ each, style }) => html`<li${ours(each)}>${new Html(swatchSvg(style))}${each.name}</li>`,
  )}</ul>`;
}

function ours({ ours }: ReportSeries): Html | null {
  return ours ? html` class="ours"` : null;
}
