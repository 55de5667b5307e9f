import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText, utf8BytesMax, writeText } from '../../src/codec/index.ts';
import { fastCheckOptions } from './seed.ts';

/** A surrogate as a three-byte sequence of its own, in latin1. */
const ENCODED_SURROGATE = /\xed([\xa0-\xbf])([\x80-\xbf])/;

/** The slow and obvious way: surrogates one by one, everything between them by the platform's decoder; null when that throws. */
function referenceText(bytes: Buffer): string | null {
  try {
    return referenceTextOrThrow(bytes);
  } catch {
    return null;
  }
}

function referenceTextOrThrow(bytes: Buffer): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  const pieces = bytes.toString('latin1').split(ENCODED_SURROGATE);
  let text = '';
  for (let index = 0; index < pieces.length; index += 3) {
    text += decoder.decode(Buffer.from(pieces[index] as string, 'latin1'));
    if (index + 2 >= pieces.length) break;
    const [high, low] = [pieces[index + 1] as string, pieces[index + 2] as string];
    text += String.fromCharCode(
      0xd000 | ((high.charCodeAt(0) & 0x3f) << 6) | (low.charCodeAt(0) & 0x3f),
    );
  }
  return text;
}

/** Bytes that are UTF-8 more often than chance would have it, and wrong in every way. */
const NEAR_UTF8 = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
      fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
      fc
        .constantFrom('eda080', 'edb080', 'eda080edb080', 'ed', 'eda0', 'ed9fbf', 'e0a0', 'f09f98')
        .map((hex) => Buffer.from(hex, 'hex')),
      fc
        .constantFrom('f09f9880', 'f48fbfbf', 'f4908080', 'f08fbfbf', 'c080', 'e09fbf', 'efbbbf')
        .map((hex) => Buffer.from(hex, 'hex')),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => Buffer.concat(pieces));

describe('text', () => {
  it('decodes any bytes as the platform does, surrogates as Java means them', () => {
    fc.assert(
      fc.property(NEAR_UTF8, fc.nat(7), (bytes, before) => {
        const frame = Buffer.concat([
          Buffer.alloc(before, 0xed),
          bytes,
          Buffer.from('a080', 'hex'),
        ]);
        const text = readText(frame, before, bytes.length);
        expect(text).toBe(referenceText(bytes));
      }),
      fastCheckOptions(20_000),
    );
  });

  it('decodes each text of two bytes', () => {
    const bytes = Buffer.alloc(2);
    for (let pair = 0; pair < 0x10000; pair++) {
      bytes.writeUInt16BE(pair);
      const text = readText(bytes, 0, 2);
      const expected = isUtf8(bytes) ? bytes.toString() : null;
      if (text !== expected) expect(text, bytes.toString('hex')).toBe(expected);
      if (readText(bytes, 0, 2) !== text) expect.fail(`${bytes.toString('hex')} changed`);
    }
  });

  it('decodes surrogates in a text of any length', () => {
    for (const pairs of [1, 2, 3, 5, 1023, 1024, 1025, 50_000]) {
      for (const start of ['', 'a', 'ä', '\ufffd']) {
        const bytes = Buffer.from(start);
        const encoded = Buffer.concat([bytes, Buffer.from('eda0bdedb880'.repeat(pairs), 'hex')]);
        expect(readText(encoded, 0, encoded.length)).toBe(start + '\u{1f600}'.repeat(pairs));
        const lone = encoded.subarray(0, -3);
        const expected = `${start}${'\u{1f600}'.repeat(pairs - 1)}\ud83d`;
        expect(readText(lone, 0, lone.length)).toBe(expected);
      }
    }
  });

  it('writes what it reads, within the room that was asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const room = utf8BytesMax(text.length);
        const bytes = Buffer.alloc(room + 2, 0xaa);
        const written = writeText(bytes, 1, text);
        expect(written).toBe(Buffer.byteLength(text));
        expect(bytes[0]).toBe(0xaa);
        expect(bytes[room + 1]).toBe(0xaa);
        expect(readText(bytes, 1, written)).toBe(text);
      }),
      fastCheckOptions(20_000),
    );
  });
});
