import type { JuteWriter } from '../codec/index.ts';

const SURROGATE = /[\ud800-\udfff]/;
const ALL_SURROGATES = /[\ud800-\udfff]/g;

/**
 * Writes a string as Java's jute encoder does: above U+FFFF each of the two surrogates by itself, in three
 * bytes. Such strings are rare (no path of a znode is one), and clients of real servers know them so.
 */
export function writeJavaString(writer: JuteWriter, text: string | null): void {
  // A string and a buffer look the same on the wire.
  if (text !== null && SURROGATE.test(text)) writer.buffer(encodeApart(text));
  else writer.ustring(text);
}

function encodeApart(text: string): Buffer {
  const units = Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
  return Buffer.concat(units.map(encodeUnit));
}

function encodeUnit(unit: number): Buffer {
  if ((unit & 0xf800) !== 0xd800) return Buffer.from(String.fromCharCode(unit));
  return Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]);
}

/** What Java's jute makes of a string that it writes and reads again: what it writes above U+FFFF it cannot read. */
export function javaReread(text: string): string {
  return text.replace(ALL_SURROGATES, '\ufffd');
}

const BLANK = 0x20;

/** Java's `trim`: takes control characters at both ends too, and no spaces but the blank. */
export function javaTrim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= BLANK) start++;
  while (end > start && text.charCodeAt(end - 1) <= BLANK) end--;
  return text.slice(start, end);
}
