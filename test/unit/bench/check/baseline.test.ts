import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { differencesOf, readBaseline, writeBaseline } from '../../../../bench/check/baseline.ts';
import { checkGroups } from '../../../../bench/check/check-groups.ts';
import { baselineRow, TOLERANCE_MAX, TOLERANCE_MIN } from '../../../../bench/check/compare.ts';
import { parseCheckOptions } from '../../../../bench/check/options.ts';
import { UsageError } from '../../../../bench/options.ts';
import { LOAD } from '../report/published-example.ts';

const folder = mkdtempSync(join(tmpdir(), 'zkwire-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { environment } = LOAD;

describe('a baseline', () => {
  it('is read as it was written', () => {
    const path = join(folder, 'baseline.json');
    const baseline = {
      updatedAt: '2026-11-21T10:00:00.000Z',
      reason: 'a better flush',
      environment,
      rows: [baselineRow('a', [1, 2, 3])],
    };
    expect(readBaseline(path)).toBeNull();
    writeBaseline(baseline, path);
    expect(readBaseline(path)).toEqual({ schema: 1, ...baseline });
    writeFileSync(path, '{"schema": 2}');
    expect(() => readBaseline(path)).toThrow(/schema 2, this program reads 1/);
  });

  it('says when the machine is another, or Node', () => {
    expect(differencesOf(environment, { ...environment, node: '20.1.0' })).toEqual([]);
    const other = { ...environment, node: '24.0.0', cpuCount: 64 };
    expect(differencesOf(environment, other)).toEqual([
      'cores 2 then, 64 now',
      'Node 20 then, 24 now',
    ]);
  });
});

const rows = checkGroups().flatMap((group) => group.rows);
const baseline = readBaseline();

describe('the rows that are checked', () => {
  it('have names of their own', () => {
    expect(rows.length).toBeGreaterThan(12);
    expect(new Set(rows).size).toBe(rows.length);
  });
});

describe('the baseline of this repository', () => {
  it('has every row that is checked, and no other', () => {
    expect(baseline?.rows.map(({ id }) => id)).toEqual(rows);
  });

  it('has thresholds within the limits', () => {
    const tolerances = baseline?.rows.map(({ median, threshold }) => 1 - threshold / median) ?? [];
    expect(Math.min(...tolerances)).toBeGreaterThanOrEqual(TOLERANCE_MIN - 1e-9);
    expect(Math.max(...tolerances)).toBeLessThanOrEqual(TOLERANCE_MAX + 1e-9);
  });
});

describe('options of npm run bench:check', () => {
  it('are few', () => {
    expect(parseCheckOptions(['--filter', 'codec', '--turns', '2'])).toMatchObject({ turns: 2 });
    expect(parseCheckOptions(['--update', '--reason', ' new codec '])).toMatchObject({
      update: true,
      reason: 'new codec',
      turns: null,
    });
  });

  it.each([
    [['--update'], /--update wants --reason/],
    [['--update', '--reason', ' '], /--update wants --reason/],
    [['--reason', 'x'], /--reason is for --update/],
    [['--update', '--reason', 'x', '--filter', 'a'], /a baseline is whole/],
    [['--update', '--reason', 'x', '--turns', '2'], /5 turns or more/],
    [['--turns', '0'], /--turns wants/],
    [['--filter', '('], /--filter/],
    [['--fast'], /Unknown option '--fast'/],
  ])('refuses %j', (args, message) => {
    expect(() => parseCheckOptions(args)).toThrow(UsageError);
    expect(() => parseCheckOptions(args)).toThrow(message);
  });
});
