import { describe, expect, it } from 'vitest';
import {
  DigestFault,
  decodedDirective,
  encodedDirective,
  onlyDirective,
  quotedDirective,
  readDirectives,
} from '../../../src/codec/digest-directives.ts';

const read = (text: string, bytesMax = 100): Record<string, string[]> =>
  Object.fromEntries(readDirectives(Buffer.from(text, 'latin1'), bytesMax));

describe('directives of DIGEST-MD5', () => {
  it('are read by name, in order', () => {
    expect(read('realm="a",nonce=b, Realm = "c"\r\n,,x="\\"\\\\,="')).toEqual({
      realm: ['a', 'c'],
      nonce: ['b'],
      x: ['"\\,='],
    });
    expect(read('')).toEqual({});
  });

  it('are one character a byte', () => {
    expect(read('a="\xe9\xff"')).toEqual({ a: ['\xe9\xff'] });
  });

  it.each([
    ['a', 0],
    ['a=', 2],
    ['a="b', 2],
    ['a="b"c', 5],
    ['a=b c=d', 3],
    ['a="\x00"', 2],
    ['a="\\\x07"', 2],
    ['a=\xe9', 2],
  ])('%j is malformed at byte %i', (text, at) => {
    expect(() => read(text)).toThrow(new DigestFault(`it is malformed at byte ${at}`));
  });

  it('have a limit', () => {
    expect(read('a=bcd', 5)).toEqual({ a: ['bcd'] });
    expect(() => read('a=bcd', 4)).toThrow(new DigestFault('it has 5 bytes, 4 is the most'));
  });

  it('may be there once', () => {
    const directives = readDirectives(Buffer.from('a=1,b=2,b=3'), 100);
    expect(onlyDirective(directives, 'a')).toBe('1');
    expect(onlyDirective(directives, 'c')).toBeUndefined();
    expect(() => onlyDirective(directives, 'b')).toThrow(new DigestFault('b is given twice'));
  });

  it('are written as they are read', () => {
    for (const text of ['', 'a', '"', '\\', '\\"\\\\"', 'größer', '漢字 "x"']) {
      const written = `a=${quotedDirective(encodedDirective(text, true))}`;
      expect(decodedDirective(read(written).a?.[0] as string, true)).toBe(text);
    }
    expect(encodedDirective('größer', false)).toBe('größer');
    expect(decodedDirective('gr\xf6\xdfer', false)).toBe('größer');
    expect(() => decodedDirective('\xff', true)).toThrow(DigestFault);
  });
});
