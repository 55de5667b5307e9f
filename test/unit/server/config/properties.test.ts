import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseProperties } from '../../../../src/server/config/properties.ts';

const FIXTURE = new URL('../../../fixtures/server/properties.json', import.meta.url);

interface Fixture {
  cases: [text: string, pairs: [key: string, value: string][] | null][];
}

function pairs(text: string): [string, string][] | null {
  try {
    return parseProperties(text).map(({ key, value }) => [key, value]);
  } catch {
    return null;
  }
}

describe('parseProperties', () => {
  it('reads what Java reads', () => {
    const { cases } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Fixture;
    expect(cases.length).toBeGreaterThan(100);
    for (const [text, wanted] of cases) expect([text, pairs(text)]).toEqual([text, wanted]);
  });

  it('knows the line on which a setting begins', () => {
    const text = '# one\n\na=1\nb = two \\\n   # of them\r\n! no\rc:3';
    expect(parseProperties(text)).toEqual([
      { key: 'a', value: '1', line: 3 },
      { key: 'b', value: 'two # of them', line: 4 },
      { key: 'c', value: '3', line: 7 },
    ]);
  });

  it('names the line of an escape that is none', () => {
    expect(() => parseProperties('a=1\nb=\\u12')).toThrow(
      'line 2: \\u must be followed by four hex digits',
    );
  });
});
