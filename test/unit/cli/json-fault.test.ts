import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault } from '../../../src/cli/json-fault.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('jsonFault', () => {
  it.each([
    ['', 1, 1, true],
    ['{"a": [1,\n', 2, 1, true],
    ['{"a": "b', 1, 7, true],
    ['{"a": "b\\', 1, 7, true],
    ['{"a": tru', 1, 7, true],
    ['[1, -', 1, 5, true],
    ['{"a"', 1, 5, true],
    ['[1, 2', 1, 6, true],
    ['# Title\n\ntext', 1, 1, false],
    ['{"a": 1}\n{"a": 2}', 2, 1, false],
    ['{"a": 1,}', 1, 9, false],
    ['[1,]', 1, 4, false],
    ['[1}', 1, 3, false],
    ['{]', 1, 2, false],
    ['{,', 1, 2, false],
    ['{1: 2}', 1, 2, false],
    ['{"a" 1}', 1, 6, false],
    ["{'a': 1}", 1, 2, false],
    ['[1 2]', 1, 4, false],
    ['[True]', 1, 2, false],
    ['[\n 1,\n  "a\nb"]', 3, 3, false],
    ['["\\x"]', 1, 2, false],
    ['[01]', 1, 3, false],
    [']', 1, 1, false],
    ['1 1', 1, 3, false],
  ])('%j', (text, line, column, isCutOff) => {
    expect(jsonFault(text)).toEqual({ line, column, isCutOff });
  });

  it.each([
    '{}',
    '[]',
    ' [ 1 , {"a":[]} ] \n',
    '"\\u00e9\\n"',
    '-1.5e+3',
    'null',
    '{"a":{},"b":[[]]}',
  ])('none in %j', (text) => {
    expect(jsonFault(text)).toBeNull();
  });

  it('agrees with JSON.parse of what is cut, and of what has another character in it', () => {
    const spoiled = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.constantFrom('', '}', ']', ',', ':', '"', '0', '\\', 't', ' ', '\n'),
      )
      .map(([text, at, put]) => {
        const place = at % (text.length + 1);
        return [text.slice(0, place), `${text.slice(0, place)}${put}${text.slice(place + 1)}`];
      });
    fc.assert(
      fc.property(spoiled, ([cut = '', other = '']) => {
        expect(jsonFault(cut) === null).toBe(isJson(cut));
        expect(jsonFault(other) === null).toBe(isJson(other));
        // Of one value, what is cut is cut off: nothing before it is wrong.
        const fault = jsonFault(cut);
        if (fault !== null && !/[.eE\d][-+]?$|\\u?[\da-f]*$/i.test(cut))
          expect(fault.isCutOff).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds the end of a long string', () => {
    const hex = 'ab'.repeat(4_000_000);
    expect(jsonFault(`{"records": [\n{"hex": "${hex}`)).toEqual({
      line: 2,
      column: 9,
      isCutOff: true,
    });
    expect(jsonFault(`["${hex}"]`)).toBeNull();
  });
});
