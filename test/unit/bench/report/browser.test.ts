import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rate } from '../../../../bench/format.ts';
import { chartTable } from '../../../../bench/report/chart-tables.ts';
import { renderPage } from '../../../../bench/report/page.ts';
import { pageSections } from '../../../../bench/report/page-sections.ts';
import { type Published, readPublished } from '../../../../bench/report/published.ts';
import { type ReportSeries, shortName } from '../../../../bench/report/report-chart.ts';
import { median } from '../../../../bench/statistics.ts';
import { GROWTH } from './published-example.ts';

const CHROMIUM = '/usr/bin/chromium';
const missing = !existsSync(CHROMIUM);
if (missing) console.log(`skipped: the report in a browser: there is no ${CHROMIUM}`);

/** Over what a start and a page take, on a machine that does much else. */
const TIMEOUT_MS = 120_000;
/** Of text against what is behind it, as WCAG wants it; of lines and bars. */
const TEXT_CONTRAST = 4.5;
const GRAPHICS_CONTRAST = 3;

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

// What is published, and a lane for the kinds of charts that it may not have.
const published: Published = readPublished();
const shown: Published = { ...published, lanes: { ...published.lanes, growth: GROWTH } };
const sections = pageSections(shown);
const charts = sections.flatMap((each) => [...each.charts, ...(each.further ?? [])]);

/** Medians of a get of 100 B on the null responder, straight from the file. */
const headline = (published.load?.cases ?? []).flatMap(({ case: c, subject, version, turns }) => {
  if (!c.name.startsWith('load/null/get/100B/') || c.kind !== 'load' || turns.length === 0)
    return [];
  const rates = turns.map(({ values }) => values.opsPerSecond ?? Number.NaN);
  const name = shortName(subject);
  const title = version.startsWith('node ') ? name : `${name} ${version}`;
  return [{ title, depth: c.depth, opsPerSecond: median(rates) }];
});

describe.skipIf(missing)('the report in a browser', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zkwire-report-'));
  const file = join(folder, 'report.html');
  const url = pathToFileURL(file).href;
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(file, renderPage(shown));
    // Playwright makes a new empty folder for the user's data, and removes it.
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ARGUMENTS,
      timeout: TIMEOUT_MS,
    });
  }, TIMEOUT_MS);

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  }, TIMEOUT_MS);

  async function open(width: number, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    context.setDefaultTimeout(TIMEOUT_MS);
    return context.newPage();
  }

  it(
    'opens without a message on the console and without asking for anything',
    async () => {
      const page = await open(1280);
      const heard: string[] = [];
      page.on('console', (message) => heard.push(message.text()));
      page.on('pageerror', (error) => heard.push(error.message));
      page.on('request', (request) => heard.push(request.url()));
      await page.goto(url);
      expect(heard).toEqual([url]);
      expect(await page.title()).toBe('zkwire: benchmark report');
      await page.context().close();
    },
    TIMEOUT_MS,
  );

  it(
    'shows every chart with all its series',
    async () => {
      const page = await open(1280);
      await page.goto(url);
      await page.evaluate(
        "document.querySelectorAll('details').forEach((each) => { each.open = true; })",
      );
      const seen = await page.evaluate<
        Record<string, [number, number, number]>
      >(`Object.fromEntries(
      [...document.querySelectorAll('figure')].map((figure) => {
        const box = (figure.querySelector('svg.plot') ?? figure.querySelector('.absent')).getBoundingClientRect();
        return [figure.id, [box.width, box.height, figure.querySelectorAll('.legend li').length]];
      }))`);
      expect(Object.keys(seen)).toEqual(charts.map(({ id }) => id));
      for (const { id, kind, series } of charts) {
        const [width = 0, height = 0, entries] = seen[id] ?? [];
        const drawn = series.filter(hasValue).length;
        expect([width > 300, height > 60, entries]).toEqual([
          true,
          kind !== 'curve' || drawn > 0,
          kind === 'curve' ? drawn : 0,
        ]);
      }
      const drawn = await page.locator('#growth-payload-get svg.plot [aria-label=dot] > *').count();
      expect(drawn).toBe(2);
      await page.context().close();
    },
    TIMEOUT_MS,
  );

  it(
    'has tables with every value of the charts',
    async () => {
      const page = await open(1280);
      await page.goto(url);
      const tables = await page.evaluate<
        string[][][]
      >(`[...document.querySelectorAll('figure')].map(
      (figure) => [...figure.querySelectorAll('tbody tr')].map(
        (row) => [...row.cells].map((cell) => cell.textContent)))`);
      expect(tables).toEqual(charts.map((chart) => chartTable(chart).rows));
      await page.context().close();
    },
    TIMEOUT_MS,
  );

  it(
    'has the medians of the published results',
    async () => {
      const page = await open(1280);
      await page.goto(url);
      const [titles = [], ...rows] = await page.evaluate<string[][]>(`
      [...document.querySelectorAll('#throughput-null-get-100B tr')].map((row) =>
        [...row.cells].map((cell) => cell.textContent))`);
      const seen = headline.map(({ title, depth }) => {
        const row = rows.find(([place]) => place === depth.toLocaleString('en'));
        return row?.[titles.indexOf(title)]?.split(' (')[0];
      });
      expect(seen).toEqual(headline.map(({ opsPerSecond }) => rate(opsPerSecond)));
      expect(seen.length).toBeGreaterThan(10);
      await page.context().close();
    },
    TIMEOUT_MS,
  );

  it.each([360, 768, 1280, 1400])(
    'is not wider than a window of %i pixels',
    async (width) => {
      const page = await open(width);
      await page.goto(url);
      await page.evaluate(
        "document.querySelectorAll('details').forEach((each) => { each.open = true; })",
      );
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      await page.context().close();
    },
    TIMEOUT_MS,
  );

  it.each([360, 1000, 1400])(
    'keeps every text of a chart within its frame, and its numbers apart, %i pixels wide',
    async (width) => {
      const page = await open(width);
      await page.goto(url);
      await page.evaluate(
        "document.querySelectorAll('section > details').forEach((each) => { each.open = true; })",
      );
      expect(await page.evaluate(MISPLACED_TEXTS)).toEqual([]);
      await page.context().close();
    },
    TIMEOUT_MS,
  );

  it(
    'has room for the figures on a desk',
    async () => {
      const page = await open(1400);
      await page.goto(url);
      const cut = await page.evaluate(`[...document.querySelectorAll('.figures .scroll')]
        .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.ariaLabel)`);
      expect(cut).toEqual([]);
      await page.context().close();
    },
    TIMEOUT_MS,
  );

  it(
    'fits on paper, dark on light',
    async () => {
      // A4 less the margins.
      const page = await open(720, 'dark');
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      await page.goto(url);
      const cut =
        await page.evaluate(`[...document.querySelectorAll('.figures table, #environment table, figure')]
        .map((each) => each.getBoundingClientRect().right).filter((right) => right > innerWidth)`);
      expect(cut).toEqual([]);
      const colors =
        'getComputedStyle(document.body).color + getComputedStyle(document.body).backgroundColor';
      expect(await page.evaluate(colors)).toBe('rgb(0, 0, 0)rgb(255, 255, 255)');
      await page.context().close();
    },
    TIMEOUT_MS,
  );

  it.each(['light', 'dark'] as const)(
    'can be read in the %s',
    async (scheme) => {
      const page = await open(1280, scheme);
      await page.goto(url);
      const ratios = await page.evaluate<Record<string, number>>(CONTRASTS);
      const pale = (names: readonly string[], least: number): string[] =>
        names
          .filter((name) => (ratios[name] ?? 0) < least)
          .map((name) => `${name}: ${ratios[name]}`);
      expect(pale(['ink', 'muted', 'zkwire', 'missed'], TEXT_CONTRAST)).toEqual([]);
      expect(pale(['grey-dark', 'grey', 'grey-light', 'axis'], GRAPHICS_CONTRAST)).toEqual([]);
      await page.context().close();
    },
    TIMEOUT_MS,
  );

  it(
    'can be walked through with the keyboard',
    async () => {
      const page = await open(1280);
      await page.goto(url);
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the figures');
      const summary = page.locator('figure summary').first();
      await summary.focus();
      await page.keyboard.press('Enter');
      expect(await page.evaluate("document.querySelector('figure details').open")).toBe(true);
      await page.context().close();
    },
    TIMEOUT_MS,
  );
});

function hasValue({ points }: ReportSeries): boolean {
  return points.some(({ value }) => value !== null);
}

/** Texts that are not within the box of their figure, and numbers of an axis that touch. */
const MISPLACED_TEXTS = `[...document.querySelectorAll('figure')].flatMap((figure) => {
  const frame = figure.getBoundingClientRect();
  const boxOf = (text) => ({ text: figure.id + ': ' + text.textContent, ...text.getBoundingClientRect().toJSON() });
  const outside = [...figure.querySelectorAll('svg.plot text')].map(boxOf)
    .filter(({ left, right }) => left < frame.left || right > frame.right)
    .map(({ text }) => text + ' is outside');
  const ticks = [...figure.querySelectorAll('svg.plot [aria-label="x-axis tick label"] text')].map(boxOf);
  const touching = ticks.filter(({ left }, at) => at > 0 && left < ticks[at - 1].right + 2)
    .map(({ text }) => text + ' touches the one before');
  return [...outside, ...touching];
})`;

/** The least contrast of each colour, on the page and in a figure. */
const CONTRASTS = `(() => {
  const luminance = (color) => {
    const probe = document.createElement('i');
    probe.style.color = color;
    document.body.append(probe);
    const channels = getComputedStyle(probe).color.match(/[\\d.]+/g).slice(0, 3).map(Number);
    probe.remove();
    const [r, g, b] = channels.map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const names = ['ink', 'muted', 'zkwire', 'missed', 'grey-dark', 'grey', 'grey-light', 'axis'];
  return Object.fromEntries(names.map((name) => [name, Math.min(
    ...['paper', 'panel'].map((behind) => contrast('var(--' + name + ')', 'var(--' + behind + ')')),
    ...(name === 'missed' ? [contrast('var(--missed)', 'var(--missed-pale)')] : []),
  )]));
})()`;
