import { describe, expect, it } from 'vitest';
import { renderCheckTable } from '../../../../bench/check/check-table.ts';
import {
  baselineRow,
  compare,
  isSuspect,
  toleranceOf,
  verdictOf,
} from '../../../../bench/check/compare.ts';

describe('the tolerance of a row', () => {
  it('is twice as far as the worst turn lay below the median', () => {
    expect(toleranceOf([0.8, 1, 1, 1.5])).toBeCloseTo(0.4);
    expect(toleranceOf([85, 100, 100])).toBeCloseTo(0.3);
  });

  it('has limits: quiet rows get 10 %, noisy ones 40 %', () => {
    expect(toleranceOf([1, 1, 1])).toBe(0.1);
    expect(toleranceOf([0.99, 1, 1.01])).toBe(0.1);
    expect(toleranceOf([0.2, 1, 1])).toBe(0.4);
  });
});

describe('the verdict of a row', () => {
  const baseline = baselineRow('row', [0.9, 1, 1.1]);

  it('comes from a threshold that the baseline says', () => {
    expect(baseline).toEqual({
      id: 'row',
      median: 1,
      min: 0.9,
      max: 1.1,
      turns: 3,
      threshold: expect.closeTo(0.8),
    });
  });

  it.each([
    ['all turns are below the threshold', [0.5, 0.7, 0.79], 'REGRESSION'],
    ['one turn reaches it: the machine was busy', [0.5, 0.7, 0.81], 'slower'],
    ['the median reaches it', [0.3, 0.9, 0.95], 'ok'],
    ['as it was', [1], 'ok'],
    ['every turn is as far above the median as the threshold is below', [1.21, 1.3], 'faster'],
    ['one turn is not', [1.19, 1.3], 'ok'],
    ['no turn had a value', [], 'FAILED'],
  ])('when %s', (_, values, verdict) => {
    expect(verdictOf(values, baseline)).toBe(verdict);
  });

  it('is none for a row that the baseline does not have', () => {
    expect(verdictOf([1], null)).toBe('new');
  });
});

describe('a comparison', () => {
  const rows = compare(
    new Map([
      ['same', [1, 1.02]],
      ['worse', [0.5, 0.6]],
      ['failed', []],
      ['added', [3]],
    ]),
    ['same', 'worse', 'failed', 'removed'].map((id) => baselineRow(id, [1, 1])),
  );

  it('has the rows of both sides', () => {
    expect(rows.map(({ id, verdict }) => `${id}: ${verdict}`)).toEqual([
      'same: ok',
      'worse: REGRESSION',
      'failed: FAILED',
      'added: new',
      'removed: gone',
    ]);
  });

  it('looks again at what is worse or failed, and at nothing else', () => {
    expect(rows.filter(isSuspect).map(({ id }) => id)).toEqual(['worse', 'failed']);
  });

  it('is a table with threshold, change and verdict', () => {
    const cells = renderCheckTable(rows)
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .map((cell) => cell.trim())
          .slice(1, -1),
      );
    expect(cells[3]).toEqual([
      'worse',
      '1.00',
      '0.900',
      '0.550',
      '0.500 – 0.600',
      '-45 %',
      '2',
      'REGRESSION',
    ]);
    expect(cells[4]).toEqual(['failed', '1.00', '0.900', '–', '–', '–', '0', 'FAILED']);
    expect(cells[5]).toEqual(['added', '–', '–', '3.00', '3.00 – 3.00', '–', '1', 'new']);
  });
});
