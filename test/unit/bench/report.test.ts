import { describe, expect, it } from 'vitest';
import { computeFigures } from '../../../bench/figures.ts';
import { rate, significant, times } from '../../../bench/format.ts';
import { END_MARKER, injectSection, START_MARKER } from '../../../bench/readme.ts';
import { renderReport } from '../../../bench/report-text.ts';
import { type BenchResults, type CaseResult, RESULTS_SCHEMA } from '../../../bench/results.ts';
import { renderTable } from '../../../bench/table.ts';
import { caseResult } from './case-result.ts';
import { ENVIRONMENT_EXAMPLE } from './environment-example.ts';

function load(client: string, opsPerSecond: number[]): CaseResult {
  return caseResult(
    `load/null/get/100B/depth-1024/${client}`,
    client,
    opsPerSecond.map((value) => ({ opsPerSecond: value, p50Us: 12.345, cpuUsPerOp: 0.5 })),
  );
}

const failed: CaseResult = {
  ...load('zookeeper', []),
  subject: '',
  failures: [{ turn: 0, reason: 'it went away' }],
};

const cases: CaseResult[] = [
  load('raw-socket', [1_000_000, 2_000_000, 4_000_000]),
  load('zkwire-promise', [500_000, 900_000, 1_000_000]),
  load('node-zookeeper-client', [10_000, 10_000, 10_000]),
  failed,
  caseResult('codec/decode-stat/zkwire', 'zkwire', [{ nsPerRecord: 50 }]),
  caseResult('codec/decode-stat/node-zookeeper-client', 'x', [{ nsPerRecord: 2_000 }]),
  caseResult('memory/rss-growth', 'zkwire', [{ rssGrowthBytes: 6e6 }, { rssGrowthBytes: 30e6 }]),
  caseResult('memory/bytes-copied', 'zkwire', [
    { bytesCopiedAsView: 0, bytesCopiedAsOwned: 65_536 },
  ]),
];

const results: BenchResults = {
  schema: RESULTS_SCHEMA,
  startedAt: '2026-11-21T10:00:00.000Z',
  elapsedSeconds: 1,
  command: 'npm run bench',
  quick: false,
  measureSeconds: 0.4,
  warmupSeconds: 0.3,
  environment: ENVIRONMENT_EXAMPLE,
  cases,
  skipped: [{ name: 'cases on a real server', reason: 'there is no ZooKeeper' }],
  figures: computeFigures(cases),
  notMeasured: ['the moon'],
};

describe('computeFigures', () => {
  const byId = new Map(results.figures.map((figure) => [figure.id, figure]));

  it('takes ratios turn by turn and then their median', () => {
    expect(byId.get('share-of-raw-socket-depth-1024')).toMatchObject({
      value: 0.45,
      min: 0.25,
      max: 0.5,
      turns: 3,
      verdict: 'must',
    });
    expect(byId.get('against-node-zookeeper-client')).toMatchObject({ value: 90, verdict: 'aim' });
  });

  it('says what was missed and what was not measured', () => {
    expect(byId.get('rss-growth')).toMatchObject({ value: 18, verdict: 'must' });
    expect(byId.get('bytes-copied')).toMatchObject({ value: 0, verdict: 'aim' });
    expect(byId.get('against-zookeeper')).toMatchObject({ value: null, verdict: 'not measured' });
    const slow = computeFigures([load('raw-socket', [100]), load('zkwire-promise', [10])]);
    const share = slow.find(({ id }) => id === 'share-of-raw-socket-depth-1024');
    expect(share).toMatchObject({ value: 0.1, verdict: 'missed' });
  });

  it('has every figure of the table, measured or not', () => {
    const none = computeFigures([]);
    expect(none.map(({ id }) => id)).toEqual(results.figures.map(({ id }) => id));
    expect(none.filter(({ verdict }) => verdict !== 'not measured')).toEqual([]);
  });

  it('sets the embedded server beside the real one, turn by turn, as the bare socket sees them', () => {
    const of = (target: string, rates: number[]): CaseResult => {
      const values = rates.map((opsPerSecond) => ({ opsPerSecond }));
      return caseResult(`load/${target}/get/100B/depth-1024/raw-socket`, 'raw socket', values);
    };
    const measured = [of('embedded', [900, 2_000, 500]), of('real', [30, 40, 50])];
    const figure = computeFigures(measured).find(({ id }) => id === 'embedded-against-real');
    expect(figure).toMatchObject({ value: 30, min: 10, max: 50, turns: 3, verdict: 'aim' });
  });
});

describe('renderTable', () => {
  it('pads cells and aligns numbers', () => {
    const columns = [{ title: 'a' }, { title: 'n', align: 'right' as const }];
    expect(renderTable(columns, [['x', '1'], ['long', '1,000'], ['short row']])).toBe(
      [
        '| a         |     n |',
        '| --------- | ----: |',
        '| x         |     1 |',
        '| long      | 1,000 |',
        '| short row |       |',
      ].join('\n'),
    );
  });
});

describe('numbers', () => {
  it('keeps three digits that count', () => {
    expect([0, 0.01234, 1.5, 12.34, 123.4, 12_345].map((value) => significant(value))).toEqual([
      '0',
      '0.0123',
      '1.50',
      '12.3',
      '123',
      '12,345',
    ]);
    expect(significant(Number.NaN)).toBe('–');
    expect(rate(1_234_567)).toBe('1,230,000');
    expect(rate(987)).toBe('987');
    expect(times(1234.5)).toBe('1,235 x');
  });
});

describe('renderReport', () => {
  const report = renderReport(results);

  it('has a line for every client, the failed one too', () => {
    expect(report).toMatch(/\| get 100B, depth 1024 \| zkwire-promise 1\.2\.3 +\| +900,000 /);
    expect(report).toMatch(/\| zookeeper +\| failed: it went away/);
  });

  it('leaves out tables of what did not run and says what did not', () => {
    expect(report).not.toContain('### Load on ZooKeeper');
    expect(report).toContain('- cases on a real server: there is no ZooKeeper');
    expect(report).toContain('- the moon');
  });

  it('lists the figures that were measured, and counts the others', () => {
    const left = 'Not measured, since cases that they are made of did not run:';
    expect(report).toMatch(/share of the raw socket's ops\/s, in bulk .* must reached \|/);
    expect(report).not.toMatch(/\| not measured \|/);
    const { length } = results.figures.filter(({ value }) => value === null);
    expect(report).toContain(`${left} ${length} of ${results.figures.length} figures.`);
    const nothing = renderReport({ ...results, figures: computeFigures([]) });
    expect(nothing).toContain(`### What it must show\n\n${left} 17 of 17 figures.`);
    const whole = results.figures.filter(({ value }) => value !== null);
    expect(renderReport({ ...results, figures: whole })).not.toContain(left);
  });

  it('compares codecs', () => {
    expect(report).toMatch(/\| decode stat +\| +50\.0 ns \| +2,000 ns \| +40\.0 x \| +one turn/);
  });

  it('says where, when and how it was measured', () => {
    expect(report).toContain('Some CPU, 2 cores, 8 GiB, Linux 6 x64; Node 20.20.2');
    expect(report).toContain('To repeat: `npm run bench`.');
    expect(report).not.toContain('not to be quoted');
    expect(renderReport({ ...results, quick: true })).toContain('not to be quoted');
  });
});

describe('injectSection', () => {
  const document = `# Title\n\n${START_MARKER}\nold\n${END_MARKER}\n\nafter\n`;

  it('replaces what is between the markers and nothing else', () => {
    const once = injectSection(document, 'new\n');
    expect(once).toBe(`# Title\n\n${START_MARKER}\n\nnew\n\n${END_MARKER}\n\nafter\n`);
    expect(injectSection(once, 'new')).toBe(once);
  });

  it.each([
    ['no markers', 'text', /<!-- bench:start --> is missing/],
    ['no end', START_MARKER, /<!-- bench:end --> is missing/],
    ['twice', `${document}${START_MARKER}`, /is there twice/],
    ['reversed', `${END_MARKER} ${START_MARKER}`, /comes before/],
  ])('refuses a document with %s', (_name, text, message) => {
    expect(() => injectSection(text, 'new')).toThrow(message);
  });
});
