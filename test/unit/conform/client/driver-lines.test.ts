import { describe, expect, it } from 'vitest';
import { dataWord, isTyped, parseDriverLine } from '../../../../src/conform/client/driver-lines.ts';

describe('lines of a driver', () => {
  it.each([
    ['3\tok', { id: 3, answer: { kind: 'ok', words: [] } }],
    ['3\tok\ta b\t', { id: 3, answer: { kind: 'ok', words: ['a b', ''] } }],
    ['4\terror\t-101', { id: 4, answer: { kind: 'error', code: '-101', text: '' } }],
    [
      '4\terror\tLOSS\tit\twent',
      { id: 4, answer: { kind: 'error', code: 'LOSS', text: 'it went' } },
    ],
    ['4\terror', { id: 4, answer: { kind: 'error', code: 'untyped', text: '' } }],
    ['5\tunsupported', { id: 5, answer: { kind: 'unsupported' } }],
    ['event\tchanged\t/a', { event: { type: 'changed', path: '/a' } }],
    ['event\tsession', { event: { type: 'session', path: '' } }],
    ['event', null],
    ['', null],
    ['connected to 127.0.0.1', null],
    ['1 ok', null],
    ['1\tfine', null],
    ['-1\tok', null],
  ])('%j', (line, parsed) => {
    expect(parseDriverLine(line)).toEqual(parsed);
  });

  it('has words for data', () => {
    expect([null, Buffer.alloc(0), Buffer.from('v')].map(dataWord)).toEqual(['null', '-', '76']);
  });

  it('tells failures from each other', () => {
    expect(['-4', 'CONNECTION_LOSS', 'untyped', ''].map(isTyped)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
