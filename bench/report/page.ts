import type { Row } from '../table.ts';
import { chartFigure } from './chart-figure.ts';
import { environmentTable } from './environment-table.ts';
import { figureTable, verdictCounts } from './figure-table.ts';
import { Html, html, htmlTable, inlineCode } from './html.ts';
import { METHOD, SCOPE } from './page-prose.ts';
import { type PageSection, pageSections } from './page-sections.ts';
import { PAGE_STYLE } from './page-style.ts';
import { type Published, type PublishedFile, publishedFiles } from './published.ts';
import { SLOWER } from './tables.ts';

/** The whole report as one page: no script, nothing that is fetched, the same text for the same results. */
export function renderPage(published: Published): string {
  const files = publishedFiles(published);
  const sections = pageSections(published);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>zkwire: benchmark report</title>
<link rel="icon" href="data:,">
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<a class="skip" href="#figures">Skip to the figures</a>
<div class="page">
<header>
<h1>zkwire: benchmark report</h1>
<p class="lead">${SCOPE.lead}</p>
${tiles(files)}
${contents(sections)}
</header>
<main>
<section id="scope" aria-labelledby="scope-title">
<h2 id="scope-title">What this is, and what it is not</h2>
${prose(SCOPE.points)}
</section>
${figuresSection(files)}
${sections.map(renderSection)}
<section id="method" aria-labelledby="method-title">
<h2 id="method-title">Method</h2>
${prose(METHOD)}
</section>
${environmentSection(files)}
${notMeasuredSection(files)}
</main>
<footer class="fine"><p>Generated from the files of <code>bench/results</code> by <code>npm run bench:report</code>. No value on this page was typed by hand.</p></footer>
</div>
</body>
</html>
`;
  return page.toString();
}

function prose(points: readonly string[]): Html {
  return html`<ul class="prose">${points.map((point) => html`<li>${inlineCode(point)}</li>\n`)}</ul>`;
}

function tiles(files: readonly PublishedFile[]): Html {
  const figures = files
    .flatMap(({ results }) => results?.figures ?? [])
    .filter(({ verdict }) => verdict !== 'measured');
  const counts = verdictCounts(figures);
  const tile = (count: number, text: string, name = ''): Html =>
    html`<li class="${name}"><strong>${count}</strong>${text}</li>\n`;
  return html`<ul class="tiles">
${tile(counts.aim, `of ${figures.length} figures reach their aim`)}
${tile(counts.must, 'reach what they must')}
${tile(counts.missed, 'miss what they must', counts.missed === 0 ? '' : 'missed')}
${tile(counts['not measured'], 'were not measured')}
</ul>`;
}

function contents(sections: readonly PageSection[]): Html {
  const links = [
    ['scope', 'What this is'],
    ['figures', 'Figures'],
    ...sections.map(({ id, title }) => [id, title]),
    ['method', 'Method'],
    ['environment', 'Environment'],
    ['not-measured', 'Not measured'],
  ];
  return html`<nav aria-label="Contents"><ul>${links.map(
    ([id = '', title = '']) => html`<li><a href="#${id}">${title}</a></li>\n`,
  )}</ul></nav>`;
}

function figuresSection(files: readonly PublishedFile[]): Html {
  const groups = files.flatMap(({ about, results }) =>
    results === null || results.figures.length === 0 ? [] : [{ about, results }],
  );
  return html`<section id="figures" aria-labelledby="figures-title" class="figures">
<h2 id="figures-title">Figures</h2>
<p>What zkwire was to show, set before it was measured: what it must reach, and what it aims at. Measured values are medians over the turns; ratios are taken within a turn. What is missed stays, and is marked.</p>
${groups.map(
  ({ about, results }) =>
    html`<h3>${capital(about)}</h3>\n${figureTable(`Figures: ${about}`, results.figures)}\n`,
)}
</section>`;
}

function renderSection({
  id,
  title,
  intro,
  charts,
  further = [],
  tables,
  absent,
}: PageSection): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
<p>${intro}</p>
${absent === null ? null : html`<p class="absent">Not measured: there is no <code>${absent.file}</code>. <code>npm run ${absent.command} -- --publish</code> makes it.</p>`}
<div class="charts">${charts.map(chartFigure)}</div>
${
  further.length === 0
    ? null
    : html`<details><summary>More operations and sizes: ${further.length} charts</summary>
<div class="charts">${further.map(chartFigure)}</div>
</details>`
}
${tables.map(
  (each) => html`<details><summary>${each.title}: all values</summary>
${htmlTable(each.title, each.table, (at) => (isLosing(each.table.rows[at]) ? 'missed' : ''))}
</details>
`,
)}
</section>
`;
}

function isLosing(row: Row | undefined): boolean {
  return row?.some((cell) => cell.endsWith(SLOWER)) ?? false;
}

function environmentSection(files: readonly PublishedFile[]): Html {
  return html`<section id="environment" aria-labelledby="environment-title">
<h2 id="environment-title">Environment, and how to repeat it</h2>
<p>Each file is one run. The first run of any installs the other clients. <code>npm run bench:everything</code> runs all of them, one after the other.</p>
${htmlTable('Environment of each run', environmentTable(files))}
</section>`;
}

function notMeasuredSection(files: readonly PublishedFile[]): Html {
  const lists = files.flatMap(({ about, command, results }): [string, string[]][] => {
    if (results === null) return [[about, [`all of it: \`npm run ${command}\` was not run`]]];
    const skipped = results.skipped.map(({ name, reason }) => `${name}: ${reason}`);
    const items = [...skipped, ...(results.notMeasured ?? [])];
    return items.length === 0 ? [] : [[about, items]];
  });
  return html`<section id="not-measured" aria-labelledby="not-measured-title">
<h2 id="not-measured-title">What was not measured</h2>
${lists.map(([about, items]) => html`<h3>${capital(about)}</h3>\n${prose(items)}\n`)}
</section>`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
