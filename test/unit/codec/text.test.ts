import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { readText, utf8BytesMax, writeText } from '../../../src/codec/text.ts';

const written = (text: string): Buffer => {
  // Something stands before and behind: nothing but the text itself may be written.
  const bytes = Buffer.alloc(utf8BytesMax(text.length) + 6, 0xee);
  const length = writeText(bytes, 3, text);
  expect([...bytes.subarray(0, 3)]).toEqual([0xee, 0xee, 0xee]);
  expect(bytes.subarray(-3)).toEqual(Buffer.alloc(3, 0xee));
  return bytes.subarray(3, 3 + length);
};

const read = (...bytes: number[]): string | null => {
  const around = Buffer.from([0xff, ...bytes, 0xff]);
  return readText(around, 1, bytes.length);
};

/** UTF-16 units as Java's jute encoder writes them: each surrogate on its own. */
function cesu8(text: string): Buffer {
  return Buffer.concat(
    Array.from({ length: text.length }, (_, at) => {
      const unit = text.charCodeAt(at);
      return unit >= 0xd800 && unit <= 0xdfff
        ? Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)])
        : Buffer.from(text[at] as string);
    }),
  );
}

/** What any bytes mean: a surrogate of three bytes is itself, all else as the platform takes or refuses it. */
function expectedText(bytes: Buffer): string | null {
  let text = '';
  let from = 0;
  for (let at = 0; at + 2 < bytes.length; at++) {
    const [a, b, c] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!];
    if (a !== 0xed || b < 0xa0 || b > 0xbf || c < 0x80 || c > 0xbf) continue;
    if (!isUtf8(bytes.subarray(from, at))) return null;
    text +=
      bytes.toString('utf8', from, at) +
      String.fromCharCode(0xd000 | ((b & 0x3f) << 6) | (c & 0x3f));
    at += 2;
    from = at + 1;
  }
  return isUtf8(bytes.subarray(from)) ? text + bytes.toString('utf8', from) : null;
}

describe('text, there and back', () => {
  const lengths = Array.from({ length: 41 }, (_, length) => length);

  it.each(lengths)('of %i ASCII characters', (length) => {
    const text = Array.from({ length }, (_, at) => String.fromCharCode(at * 3)).join('');
    expect(written(text).equals(Buffer.from(text))).toBe(true);
    expect(read(...written(text))).toBe(text);
  });

  // Around the lengths up to which text is read (12 to 16 bytes) and written (24 characters) by hand,
  // with the character that is not ASCII first, in the middle and last.
  it.each(lengths.filter((length) => length > 0))(
    'of %i characters with one that is not ASCII',
    (length) => {
      for (const odd of [
        '\x7f',
        '\x80',
        '\u00e9',
        '\u0800',
        '\u20ac',
        '\uffff',
        '\u{10000}',
        '\u{1f600}',
        '\u{10ffff}',
      ]) {
        for (const at of new Set([0, length >> 1, length - 1])) {
          const text = 'a'.repeat(at) + odd + 'b'.repeat(length - 1 - at);
          expect(written(text).equals(Buffer.from(text))).toBe(true);
          expect(read(...written(text))).toBe(text);
        }
      }
    },
  );

  it('of any characters, like the platform', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(written(text).equals(Buffer.from(text))).toBe(true);
        expect(read(...written(text))).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('of 100,000 characters', () => {
    const text = 'Zür\u{1f600}ich '.repeat(10_000);
    expect(read(...written(text))).toBe(text);
  });

  it('replaces lone surrogates when writing, and does not throw', () => {
    for (const padding of ['', 'a'.repeat(30)]) {
      for (const lone of ['\ud800', '\udfff', '\udc00\ud800']) {
        const bytes = written(padding + lone);
        expect(bytes.equals(Buffer.from(padding + '\ufffd'.repeat(lone.length)))).toBe(true);
      }
    }
  });

  it('makes room for three bytes a unit, the worst case', () => {
    expect(utf8BytesMax(7)).toBe(21);
    expect(written('\uffff'.repeat(7))).toHaveLength(21);
  });
});

describe('surrogates encoded one by one, as Java does above U+FFFF', () => {
  it.each([
    '\u{1f600}',
    'a\u{1f600}b',
    '\u{10000}\u{10ffff}',
    `${'x'.repeat(20)}\u{1f600}`,
    'é\u{1f600}€',
  ])('are joined: %j', (text) => {
    expect(cesu8(text).length).toBeGreaterThan(Buffer.byteLength(text));
    expect(read(...cesu8(text))).toBe(text);
  });

  it('stay alone when they stand alone', () => {
    expect(read(0xed, 0xa0, 0x80)).toBe('\ud800');
    expect(read(0xed, 0xbf, 0xbf, 0x61)).toBe('\udfffa');
    expect(read(0xef, 0xbf, 0xbd, 0xed, 0xa0, 0x80)).toBe('\ufffd\ud800');
    expect(read(0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98, 0x80)).toBe('\ud800\u{1f600}');
  });

  it('are joined in long texts', () => {
    const text = 'ab\u{1f600}é'.repeat(3000);
    expect(read(...cesu8(text))).toBe(text);
  });
});

describe('bytes that are not UTF-8', () => {
  it.each<[string, number[]]>([
    ['a byte that never occurs', [0xff]],
    ['a continuation byte alone', [0x61, 0x80]],
    ['a sequence cut off', [0xe2, 0x82]],
    ['a sequence cut short by the next', [0xe2, 0x82, 0x41]],
    ['two bytes of four', [0xf0, 0x9f]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong slash of three bytes', [0xe0, 0x80, 0xaf]],
    ['an overlong slash of four bytes', [0xf0, 0x80, 0x80, 0xaf]],
    ['above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a surrogate cut off', [0xed, 0xa0]],
    ['a surrogate whose last byte is something else', [0xed, 0xa0, 0x41]],
    ['damage in front of a surrogate', [0xff, 0xed, 0xa0, 0x80]],
    ['damage behind a surrogate', [0xed, 0xa0, 0x80, 0xc3]],
  ])('are refused: %s', (_name, bytes) => {
    const padding = Array(30).fill(0x61) as number[];
    for (const before of [[], padding]) {
      for (const behind of [[], padding]) expect(read(...before, ...bytes, ...behind)).toBeNull();
    }
  });

  it('are told from a U+FFFD that was sent', () => {
    for (const text of ['\ufffd', 'a\ufffd', `${'long'.repeat(20)}\ufffd`, '\ufffd'.repeat(3000)]) {
      const bytes = Buffer.from(text);
      expect(read(...bytes)).toBe(text);
      expect(read(...bytes, 0x80)).toBeNull();
    }
  });

  it('are those that the platform refuses, and nothing outside is read', () => {
    // Bytes that matter come up often: leads, continuations, surrogates.
    const byte = fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0x41, 0x80, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4),
    );
    const unit = fc.oneof(
      { weight: 3, arbitrary: fc.array(byte, { minLength: 1, maxLength: 4 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom([0xed, 0xa0, 0x80], [0xed, 0xb8, 0x80], [0xe2, 0x82, 0xac]),
      },
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 12 }), (units) => {
        const bytes = Buffer.from(units.flat());
        expect(read(...bytes)).toBe(expectedText(bytes));
      }),
      { numRuns: 5000 },
    );
  });

  it('are read the same whatever stands around them', () => {
    const bytes = Buffer.from([0xed, 0xa0, 0xed, 0xa0, 0x80, 0x41]);
    expect(readText(bytes, 0, 2)).toBeNull();
    expect(readText(bytes, 2, 3)).toBe('\ud800');
    expect(readText(bytes, 2, 2)).toBeNull();
    expect(readText(bytes, 5, 1)).toBe('A');
  });
});

describe('on a runtime without the native methods of Buffer', () => {
  it('means the same', async () => {
    const prototype = Buffer.prototype as unknown as Record<string, unknown>;
    const { utf8Slice } = prototype;
    vi.resetModules();
    // Only while the module looks for it: Buffer itself needs it.
    prototype.utf8Slice = undefined;
    const plain = await import('../../../src/codec/text.ts').finally(() => {
      prototype.utf8Slice = utf8Slice;
    });
    for (const text of ['short', 'é€\u{1f600}', `${'long'.repeat(20)}é\u{1f600}`]) {
      const bytes = Buffer.alloc(utf8BytesMax(text.length));
      const length = plain.writeText(bytes, 0, text);
      expect(bytes.subarray(0, length).equals(Buffer.from(text))).toBe(true);
      expect(plain.readText(bytes, 0, length)).toBe(text);
      const apart = cesu8(text);
      expect(plain.readText(apart, 0, apart.length)).toBe(text);
      expect(
        plain.readText(Buffer.concat([bytes, Buffer.from([0xff])]), 0, bytes.length + 1),
      ).toBeNull();
    }
  });
});
