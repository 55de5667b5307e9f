import { describe, expect, it } from 'vitest';
import { hexLong, javaDate, javaDouble } from '../../../../src/server/words/java-text.ts';

describe('hexLong', () => {
  it('is unsigned', () => {
    expect(hexLong(255n)).toBe('ff');
    expect(hexLong(-1n)).toBe('ffffffffffffffff');
    expect(hexLong(0n)).toBe('0');
  });
});

describe('javaDouble', () => {
  // As Double.toString of OpenJDK 17 prints them.
  it.each([
    [0, '0.0'],
    [1, '1.0'],
    [0.1, '0.1'],
    [1.5172, '1.5172'],
    [0.0001, '1.0E-4'],
    [0.00099, '9.9E-4'],
    [0.001, '0.001'],
    [9_999_999, '9999999.0'],
    [9_999_999.5, '9999999.5'],
    [1e7, '1.0E7'],
    [12_345_678.9, '1.23456789E7'],
    [1e21, '1.0E21'],
    [1e100, '1.0E100'],
    [1e6, '1000000.0'],
    [2 / 3, '0.6666666666666666'],
    [-3, '-3.0'],
    [-0.00012, '-1.2E-4'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'Infinity'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
  ])('prints %d as %s', (value, text) => {
    expect(javaDouble(value)).toBe(text);
  });
});

describe('javaDate', () => {
  it('has the form of a Date of Java', () => {
    expect(javaDate(Date.UTC(2026, 1, 3, 4, 5, 6))).toMatch(
      /^(Mon|Tue|Wed) Feb 0\d \d\d:\d\d:06 [A-Z][A-Z0-9+:-]+ 2026$/,
    );
  });
});
