/**
 * The only place that knows how strings become bytes and back.
 *
 * Short strings by hand, longer ones natively: on V8 11.3 reading by hand still wins at 16 bytes
 * and writing at 24 characters.
 */

const DECODE_BY_HAND_BYTES_MAX = 16;
const ENCODE_BY_HAND_CHARS_MAX = 24;

/** Node's native UTF-8 methods: on every Buffer, but not in its typings. */
interface NativeUtf8 {
  utf8Slice?(start: number, end: number): string;
  utf8Write?(text: string, offset: number, length?: number): number;
}

const native = Buffer.prototype as Buffer & NativeUtf8;
const HAS_NATIVE = typeof native.utf8Slice === 'function' && typeof native.utf8Write === 'function';

/** Worst case of bytes for a string of `chars` UTF-16 units. */
export function utf8BytesMax(chars: number): number {
  return chars * 3;
}

/**
 * Text of `length` bytes at `start`; null when they are not UTF-8. They are never replaced by U+FFFD:
 * two nodes whose paths differ would look the same. Surrogates that were encoded one by one, as
 * Java's jute encoder does above U+FFFF, are joined; one that stands alone is let through.
 */
export function readText(bytes: Buffer, start: number, length: number): string | null {
  const end = start + length;
  if (length <= DECODE_BY_HAND_BYTES_MAX) {
    const text = length === 2 ? readPair(bytes, start) : readAscii(bytes, start, end);
    if (text !== null) return text;
  }
  return readAny(bytes, start, end);
}

function readAny(bytes: Buffer, start: number, end: number): string | null {
  // Looking first is cheap for a short text, and spares a second string for a text that has one.
  if (end - start <= DECODE_BY_HAND_BYTES_MAX && hasEncodedSurrogate(bytes, start, end)) {
    return readByHand(bytes, start, end);
  }
  const text = HAS_NATIVE
    ? (bytes as Buffer & Required<NativeUtf8>).utf8Slice(start, end)
    : bytes.toString('utf8', start, end);
  if (!text.includes('\ufffd')) return text;
  // It was sent, or the platform put it there for what it does not take.
  if (hasEncodedSurrogate(bytes, start, end)) return readByHand(bytes, start, end);
  return isText(bytes, start, end) ? text : null;
}

function isText(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const length = characterBytes(bytes, at, end);
    if (length === 0) return false;
    at += length;
  }
  return true;
}

/** Texts of two bytes by their bytes as a number, made when the first is read: half a megabyte once a process. */
let pairs: (string | null | undefined)[] | null = null;

/**
 * Text of two bytes. Each is made only once: a frame can hold two for every sixteen bytes (an ACL
 * with a two-byte scheme and id), and six times the size of a text comes on top of what is around it.
 */
function readPair(bytes: Buffer, start: number): string | null {
  pairs ??= new Array<string | null | undefined>(0x10000);
  const key = (bytes[start]! << 8) | bytes[start + 1]!;
  let text = pairs[key];
  if (text === undefined) {
    text = readAny(bytes, start, start + 2);
    pairs[key] = text;
  }
  return text;
}

/**
 * ASCII of up to 16 bytes (two excepted); null when it is something else. One call makes the string: joined
 * character by character, each step would be a string of its own, up to 19 bytes of garbage for a
 * byte of the frame.
 */
function readAscii(b: Buffer, s: number, end: number): string | null {
  let bits = 0;
  for (let at = s; at < end; at++) bits |= b[at]!;
  if (bits > 0x7f) return null;
  const of = String.fromCharCode;
  // biome-ignore format: a case a length; the last is 16
  switch (end - s) {
    case 0: return '';
    case 1: return of(b[s]!);
    case 3: return of(b[s]!, b[s + 1]!, b[s + 2]!);
    case 4: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!);
    case 5: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!);
    case 6: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!);
    case 7: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!);
    case 8: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!,
      b[s + 7]!);
    case 9: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!,
      b[s + 7]!, b[s + 8]!);
    case 10: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!,
      b[s + 7]!, b[s + 8]!, b[s + 9]!);
    case 11: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!,
      b[s + 7]!, b[s + 8]!, b[s + 9]!, b[s + 10]!);
    case 12: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!,
      b[s + 7]!, b[s + 8]!, b[s + 9]!, b[s + 10]!, b[s + 11]!);
    case 13: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!,
      b[s + 7]!, b[s + 8]!, b[s + 9]!, b[s + 10]!, b[s + 11]!, b[s + 12]!);
    case 14: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!,
      b[s + 7]!, b[s + 8]!, b[s + 9]!, b[s + 10]!, b[s + 11]!, b[s + 12]!, b[s + 13]!);
    case 15: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!,
      b[s + 7]!, b[s + 8]!, b[s + 9]!, b[s + 10]!, b[s + 11]!, b[s + 12]!, b[s + 13]!,
      b[s + 14]!);
    default: return of(b[s]!, b[s + 1]!, b[s + 2]!, b[s + 3]!, b[s + 4]!, b[s + 5]!, b[s + 6]!,
      b[s + 7]!, b[s + 8]!, b[s + 9]!, b[s + 10]!, b[s + 11]!, b[s + 12]!, b[s + 13]!,
      b[s + 14]!, b[s + 15]!);
  }
}

/** A surrogate as a UTF-8 sequence of its own: ED, then A0..BF, then a continuation byte. */
function isEncodedSurrogate(bytes: Buffer, at: number, end: number): boolean {
  return (
    at + 2 < end &&
    bytes[at] === 0xed &&
    (bytes[at + 1]! & 0xe0) === 0xa0 &&
    (bytes[at + 2]! & 0xc0) === 0x80
  );
}

export function hasEncodedSurrogate(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at + 2 < end; at++) {
    if (isEncodedSurrogate(bytes, at, end)) return true;
  }
  return false;
}

/** UTF-16 on its way to a string, low byte first. */
const unitBytes = Buffer.alloc(4096);

/**
 * UTF-8 in which surrogates may stand alone; null when it is something else. Units are gathered
 * before they become a string: a damaged frame can have a surrogate every three bytes, and a string
 * for each costs many times that.
 */
function readByHand(bytes: Buffer, start: number, end: number): string | null {
  let text = '';
  let used = 0;
  for (let at = start; at < end; ) {
    const length = characterBytes(bytes, at, end);
    if (length === 0) return null;
    if (used > unitBytes.length - 4) {
      text += unitBytes.toString('utf16le', 0, used);
      used = 0;
    }
    used = addUnits(unitBytes, codePoint(bytes, at, length), used);
    at += length;
  }
  return text + unitBytes.toString('utf16le', 0, used);
}

/** Puts the units of a character behind the `used` bytes of UTF-16 that are there, low byte first. */
export function addUnits(units: Buffer, code: number, used: number): number {
  if (code > 0xffff) {
    units.writeUInt16LE(0xd7c0 + (code >> 10), used);
    units.writeUInt16LE(0xdc00 | (code & 0x3ff), used + 2);
    return used + 4;
  }
  units.writeUInt16LE(code, used);
  return used + 2;
}

/** Bytes of the sequence that starts with `first`; 0 when none does. */
function sequenceBytes(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** Bytes of the character at `at`, 0 when there is none: no overlong forms, nothing above U+10FFFF. */
function characterBytes(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at]!;
  const length = sequenceBytes(first);
  if (length < 2) return length;
  if (at + length > end) return 0;
  for (let next = at + 1; next < at + length; next++) {
    if ((bytes[next]! & 0xc0) !== 0x80) return 0;
  }
  const second = bytes[at + 1]!;
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  return length;
}

/** Of the character of `length` bytes at `at`. */
export function codePoint(bytes: Buffer, at: number, length: number): number {
  const first = bytes[at]!;
  if (length === 1) return first;
  let code = first & (0x7f >> length);
  for (let next = at + 1; next < at + length; next++) code = (code << 6) | (bytes[next]! & 0x3f);
  return code;
}

/**
 * Writes `text` as UTF-8 at `start` and gives the number of bytes written.
 * The caller has made sure of `utf8BytesMax(text.length)` bytes of room.
 */
export function writeText(bytes: Buffer, start: number, text: string): number {
  const chars = text.length;
  if (chars <= ENCODE_BY_HAND_CHARS_MAX && writeAscii(bytes, start, text, chars)) return chars;
  return HAS_NATIVE
    ? (bytes as Buffer & Required<NativeUtf8>).utf8Write(text, start, utf8BytesMax(chars))
    : bytes.write(text, start, 'utf8');
}

function writeAscii(bytes: Buffer, start: number, text: string, chars: number): boolean {
  for (let index = 0; index < chars; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return false;
    bytes[start + index] = unit;
  }
  return true;
}
