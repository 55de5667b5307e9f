import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../bench/options.ts';
import { serverFigures } from '../../../../bench/server/figures.ts';
import type { Measurement } from '../../../../bench/server/measurement.ts';
import { parseServerOptions, serverCommand } from '../../../../bench/server/options.ts';
import { renderServerReport } from '../../../../bench/server/report-text.ts';
import type { ServerResults } from '../../../../bench/server/results.ts';
import { ENVIRONMENT_EXAMPLE } from '../environment-example.ts';

const measurements: Measurement[] = [
  { id: 'start-in-process', label: 'in process', unit: 'ms', values: [7, 9, 20] },
  { id: 'start-command', label: 'as a command', unit: 'ms', values: [400] },
  { id: 'znodes-rss', label: 'RSS', unit: 'MB', values: [555.4] },
  { id: 'set-fsync-1024-embedded', label: 'ours', unit: 'ops/s', values: [1_000, 123_456] },
  { id: 'set-fsync-1024-real', label: 'real', unit: 'ops/s', values: [1_000, 12_345.6] },
];

const results: ServerResults = {
  kind: 'server',
  schema: 1,
  startedAt: '2026-11-21T10:00:00.000Z',
  elapsedSeconds: 1,
  command: 'npm run bench:server',
  quick: false,
  environment: ENVIRONMENT_EXAMPLE,
  measurements,
  skipped: [{ name: 'watchers', reason: 'FAILED: nobody came' }],
  figures: serverFigures(measurements),
};

describe('figures of the embedded server', () => {
  it('are judged by their medians, and pairs turn by turn', () => {
    const verdicts = results.figures.map(({ id, value, turns, verdict }) => {
      return [id, value, turns, verdict];
    });
    expect(verdicts).toEqual([
      ['start-in-process', 9, 3, 'must'],
      ['start-command', 400, 1, 'missed'],
      ['fan-out', null, 0, 'not measured'],
      ['sets-against-real', expect.closeTo(5.5), 2, 'aim'],
    ]);
  });
});

describe('report of the embedded server', () => {
  it('has every measurement, figure, and what did not run', () => {
    const report = renderServerReport(results);
    expect(report).toMatch(/\| in process +\| +9\.00 ms \| +7\.00 ms – 20\.0 ms \| +3 \|/);
    expect(report).toMatch(/\| RSS +\| +555 MB \| +one turn \| +1 \|/);
    expect(report).toMatch(/\| ours +\| 62,200 ops\/s \|/);
    expect(report).toContain('- watchers: FAILED: nobody came');
    expect(report).toMatch(/as a command +\| +300 ms \| .* MISSED/);
    expect(report).toContain('no real server; zkwire 0.1.0 at abc; 2026-11-21');
    expect(report).not.toContain('A quick run');
  });

  it('says when it is a quick run', () => {
    const quick = renderServerReport({ ...results, quick: true });
    expect(quick).toContain('A quick run, on a smaller scale: not to be quoted.');
  });
});

describe('options of npm run bench:server', () => {
  it('are all parts, or those that are named', () => {
    const whole = parseServerOptions([]);
    expect(whole.parts).toEqual(['start', 'watchers', 'znodes', 'writes']);
    expect(serverCommand(whole)).toBe('npm run bench:server');
    const some = parseServerOptions(['--quick', '--parts', 'writes, start']);
    expect(some.parts).toEqual(['writes', 'start']);
    expect(serverCommand(some)).toBe('npm run bench:server -- --quick --parts writes,start');
  });

  it.each([
    [['--parts', 'mars'], /'mars' is none of start, watchers, znodes, writes/],
    [['--quick', '--publish'], /only a whole run is published/],
    [['--parts', 'start', '--publish'], /only a whole run is published/],
    [['--speed'], /Unknown option '--speed'/],
  ])('refuses %j', (args, message) => {
    expect(() => parseServerOptions(args)).toThrow(UsageError);
    expect(() => parseServerOptions(args)).toThrow(message);
  });
});
