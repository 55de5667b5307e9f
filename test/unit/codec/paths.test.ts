import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlainPath, pathFault } from '../../../src/codec/paths.ts';

const unit = (code: number): string => `/a${String.fromCharCode(code)}b`;

describe('pathFault', () => {
  it.each([
    '/',
    '/a',
    '/a/b/c',
    '/a..b',
    '/...',
    '/.a/..b',
    '/a./b..',
    '/with space',
    '/zookeeper/config',
    '/ä/漢',
  ])('accepts %j', (path) => {
    expect(pathFault(path)).toBeNull();
    expect(pathFault(path, true)).toBeNull();
  });

  it.each([
    ['', 'a path must not be empty'],
    ['a', 'a path must start with /'],
    ['a/b', 'a path must start with /'],
    ['/a/', 'a path must not end with /'],
    ['//', 'a path must not end with /'],
    ['//a', 'an empty node name at character 1'],
    ['/a//b', 'an empty node name at character 3'],
    ['/.', 'a relative node name (. or ..) before character 2'],
    ['/..', 'a relative node name (. or ..) before character 3'],
    ['/./a', 'a relative node name (. or ..) before character 2'],
    ['/a/../b', 'a relative node name (. or ..) before character 5'],
    ['/a/..', 'a relative node name (. or ..) before character 5'],
  ])('refuses %j', (path, fault) => {
    expect(pathFault(path)).toBe(fault);
  });

  it.each([undefined, null, 7, {}, ['/a'], new String('/a')])('refuses %s, no string', (path) => {
    expect(pathFault(path)).toBe(`a path must be a string, not ${typeof path}`);
  });

  it.each([
    0x00, 0x01, 0x1f, 0x7f, 0x9f, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000, 0xf8ff, 0xfff0, 0xfffd,
    0xffff,
  ])('refuses the border character %i and names it', (code) => {
    const name = code.toString(16).toUpperCase().padStart(4, '0');
    expect(pathFault(unit(code))).toBe(`character U+${name} at 2 is not allowed`);
  });

  it.each([0x20, 0x7e, 0xa0, 0xd7ff, 0xf900, 0xffef])('accepts the border character %i', (code) => {
    expect(pathFault(unit(code))).toBeNull();
  });

  it('refuses what is beyond U+FFFF: it is made of surrogates', () => {
    expect(pathFault('/😀')).toBe('character U+D83D at 1 is not allowed');
  });

  describe('of a sequential node, to which the server adds a counter,', () => {
    it.each(['/a/', '/', '/.', '/a/..', '/a/.'])('accepts %j', (path) => {
      expect(pathFault(path, true)).toBeNull();
    });

    it.each(['//', '/a//', '/./', '/../a', 'a/', ''])('refuses %j', (path) => {
      expect(pathFault(path, true)).not.toBeNull();
    });
  });
});

describe('isPlainPath', () => {
  const isPlain = (path: string): boolean => {
    const bytes = Buffer.from(`##${path}##`);
    return isPlainPath(bytes, 2, bytes.length - 2);
  };

  it.each(['/', '/a', '/a/b/c', '/a..b', '/a./b..', '/with space', '/~!-', '/zookeeper/config'])(
    'takes %j',
    (path) => expect(isPlain(path)).toBe(true),
  );

  // The last four are good paths: `pathFault` says so.
  it.each(['//', '/a/', '/a//b', '/.', '/a/..', '/\u001f', '/\u007f', '/...', '/.a', '/ä', '/漢'])(
    'leaves %j to a closer look',
    (path) => expect(isPlain(path)).toBe(false),
  );

  it('takes nothing that has a fault, and everything plain that has none', () => {
    const names = fc.array(
      fc.string({ unit: fc.constantFrom(...'/.a~ \u0000\u007fä'), maxLength: 4 }),
    );
    fc.assert(
      fc.property(names, (parts) => {
        const path = `/${parts.join('/')}`;
        const plain = /^[ -~]+$/.test(path) && !/\/\./.test(path);
        expect(isPlain(path)).toBe(plain && pathFault(path) === null);
      }),
      { numRuns: 2_000 },
    );
  });
});
