import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../bench/options.ts';
import { figureTable } from '../../../../bench/report/figure-table.ts';
import { html, inlineCode } from '../../../../bench/report/html.ts';
import { parseReportOptions } from '../../../../bench/report/options.ts';
import { renderPage } from '../../../../bench/report/page.ts';
import { NOTHING, PUBLISHED } from './published-example.ts';

describe('html', () => {
  it('escapes what is not HTML, and joins lists', () => {
    const list = ['a&b', html`<i>${'"'}</i>`, null, 3];
    expect(html`<p>${'<x>'}${list}</p>`.toString()).toBe('<p>&lt;x&gt;a&amp;b<i>&quot;</i>3</p>');
    expect(inlineCode('a `b<` c').toString()).toBe('a <code>b&lt;</code> c');
  });
});

describe('the page', () => {
  const page = renderPage(PUBLISHED);
  const text = page.replace(/<style>.*?<\/style>/s, '').replace(/<[^>]+>/g, '\n');

  it('fetches nothing and runs nothing', () => {
    expect(page).not.toMatch(/<script|<link[^>]*href="(?!data:,)|src=|@import|url\(|http-equiv/);
    expect(page.match(/https?:\/\/[^"\s<]+/g) ?? []).toEqual([]);
  });

  it('is the same for the same results', () => {
    expect(renderPage(PUBLISHED)).toBe(page);
  });

  it('has every figure, what is missed marked', () => {
    for (const { label } of PUBLISHED.load?.figures ?? []) {
      expect(text).toContain(label.replaceAll("'", '&#39;'));
    }
    const missed = PUBLISHED.load?.figures.filter(({ verdict }) => verdict === 'missed') ?? [];
    expect(missed.length).toBeGreaterThan(0);
    // And the set against the real server, in which the peer is faster.
    expect(page.match(/<tr class="missed">/g)).toHaveLength(missed.length + 1);
  });

  it('has the unit once in a spread, and no spread of a single turn', () => {
    const [figure] = PUBLISHED.load?.figures ?? [];
    if (figure === undefined) throw new Error('no figure');
    const of = (turns: number) =>
      figureTable('x', [{ ...figure, unit: 'ms', value: 2, min: 1, max: 3, turns }]).toString();
    expect(of(5)).toContain('>1.00 – 3.00 ms<');
    expect(of(1)).toContain('>–<');
    expect(of(1)).not.toContain('3.00');
  });

  it('has where and how it was measured, and what was not', () => {
    expect(text).toContain('Some &lt;CPU&gt;, 2 cores, 8 GiB');
    expect(text).toContain('zookeeper 7.3.0');
    expect(text).toContain('cases of npm x: no compiler');
    expect(text).toContain('load/null/get/100B/depth-1024/zookeeper, turn 1: FAILED: it went away');
    expect(page).toContain('the <code>moon</code>');
    expect(text).toContain('2026-11-21 11:00, quick: not to be quoted');
    expect(page).toContain('there is no <code>watches.json</code>');
    expect(page).not.toContain('there is no <code>growth.json</code>');
  });

  it('can be made of nothing', () => {
    const empty = renderPage(NOTHING);
    expect(empty.match(/Not measured: there is no/g)).toHaveLength(7);
    expect(empty).not.toContain('<figure');
  });
});

describe('options of npm run bench:report', () => {
  it('are few', () => {
    expect(parseReportOptions(['--readme', '--out', 'x.html'])).toMatchObject({
      out: 'x.html',
      readme: true,
      check: false,
    });
    expect(parseReportOptions(['--text', 'a.json']).files).toEqual(['a.json']);
  });

  it.each([
    [['a.json'], /for --text/],
    [['--text', '--check'], /--text writes nothing/],
    [['--check', '--readme'], /--check writes nothing/],
    [['--open'], /Unknown option '--open'/],
  ])('refuses %j', (args, message) => {
    expect(() => parseReportOptions(args)).toThrow(UsageError);
    expect(() => parseReportOptions(args)).toThrow(message);
  });
});
