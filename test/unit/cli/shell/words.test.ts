import { describe, expect, it } from 'vitest';
import type { CommandText } from '../../../../src/cli/shell/command-definition.ts';
import { parseWords } from '../../../../src/cli/shell/command-words.ts';
import { lastWord, splitWords } from '../../../../src/cli/shell/words.ts';

describe('splitWords', () => {
  it.each([
    ['', []],
    ['  ls \t /a  ', ['ls', '/a']],
    ['create /a "b  c" \'d "e" f\'', ['create', '/a', 'b  c', 'd "e" f']],
    ['set /a ""', ['set', '/a', '']],
    // A quote counts at the start of a word only.
    ['a"b c"d', ['a"b', 'c"d']],
    ['"a"b', ['a', 'b']],
    // Java's white space, not Unicode's.
    ['a\u00a0b\u2003c', ['a\u00a0b\u2003c']],
  ])('%j', (line, words) => {
    expect(splitWords(line)).toEqual({ words });
  });

  it.each([
    ['set /a "b', ['set', '/a'], '"'],
    ["'", [], "'"],
    ['a "b\'', ['a'], '"'],
  ])('tells of a quote that is not closed: %j', (line, words, unterminated) => {
    expect(splitWords(line)).toEqual({ words, unterminated });
  });
});

describe('lastWord', () => {
  it.each([
    ['', { before: [], text: '', raw: '', quote: '' }],
    ['ls', { before: [], text: 'ls', raw: 'ls', quote: '' }],
    ['ls ', { before: ['ls'], text: '', raw: '', quote: '' }],
    ['ls -s /a', { before: ['ls', '-s'], text: '/a', raw: '/a', quote: '' }],
    ['ls "/a b', { before: ['ls'], text: '/a b', raw: '"/a b', quote: '"' }],
    ["ls '/a b'", { before: ['ls'], text: '/a b', raw: "'/a b'", quote: "'" }],
  ])('%j', (line, word) => {
    expect(lastWord(line)).toEqual(word);
  });
});

const COMMAND: CommandText = {
  name: 'do',
  syntax: '[-a] [-b] [-v version] path',
  summary: 'what is needed',
  options: [
    { name: 'a', summary: 'one' },
    { name: 'b', summary: 'other' },
    { name: 'v', value: 'version', summary: 'some' },
    { name: 'file', value: 'path', summary: 'long' },
  ],
  operandsMin: 1,
  operandsMax: 2,
};

function parsed(line: string, more: Partial<CommandText> = {}): unknown {
  const { operands, options } = parseWords({ ...COMMAND, ...more }, line.split(' '));
  return [operands, Object.fromEntries(options)];
}

describe('parseWords', () => {
  it.each([
    ['do /x', [['/x'], {}]],
    ['do -ab /x -v 1', [['/x'], { a: '', b: '', v: '1' }]],
    ['do -v1 /x', [['/x'], { v: '1' }]],
    ['do -v=1=2 /x', [['/x'], { v: '1=2' }]],
    ['do -av1 /x', [['/x'], { a: '', v: '1' }]],
    // A value may be a negative number or look like an option that there is not.
    ['do -v -5 /x', [['/x'], { v: '-5' }]],
    ['do -v -x /x', [['/x'], { v: '-x' }]],
    ['do -v 1 -v 2 /x', [['/x'], { v: '1' }]],
    ['do -- -a -b', [['-a', '-b'], {}]],
    ['do - /x', [['-', '/x'], {}]],
  ])('%s', (line, expected) => {
    expect(parsed(line)).toEqual(expected);
  });

  it.each([
    ['do', 'do [-a] [-b] [-v version] path'],
    ['do 1 2 3', 'do [-a] [-b] [-v version] path'],
    ['do -q /x', 'Unrecognized option: -q'],
    ['do -aq /x', 'Unrecognized option: -aq'],
    ['do -a=1 /x', 'Unrecognized option: -a=1'],
    ['do --all /x', 'Unrecognized option: --all'],
    ['do -5 /x', 'Unrecognized option: -5'],
    ['do /x -v', 'Missing argument for option: v'],
    // `--` ends the options even where a value is due.
    ['do -file -- /x', 'Missing argument for option: file'],
    ['do -v -a /x', 'Missing argument for option: v'],
  ])('refuses %s', (line, message) => {
    expect(() => parsed(line)).toThrow(expect.objectContaining({ code: 'USAGE', message }));
  });

  it('knows options that exclude each other', () => {
    expect(parsed('do -a -a /x', { oneOption: 'exactly' })).toEqual([['/x'], { a: '' }]);
    expect(parsed('do /x', { oneOption: 'at-most' })).toEqual([['/x'], {}]);
    expect(() => parsed('do -a -b /x', { oneOption: 'at-most' })).toThrow(
      "The option 'b' was specified but an option from this group has already been selected: 'a'",
    );
    expect(() => parsed('do /x', { oneOption: 'exactly' })).toThrow(
      'Missing required option: [-a one, -b other, -v some, -file long]',
    );
  });

  it('takes any word where a command says so', () => {
    expect(parsed('do -5 -a', { takesAnyWord: true })).toEqual([['-5', '-a'], {}]);
  });
});
