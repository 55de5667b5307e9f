/**
 * The only place that knows how strings become bytes and back.
 *
 * Short strings by hand, longer ones natively: on V8 11.3 a hand loop wins up to about 12 bytes
 * when reading and 24 characters when writing (`npm run bench:codec -- text`).
 */

const DECODE_BY_HAND_BYTES_MAX = 12;
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
 * Text of `length` bytes at `start`. Never throws: what is not UTF-8 becomes U+FFFD, except
 * surrogates that were encoded one by one, as Java's jute encoder does above U+FFFF: those are joined.
 */
export function readText(bytes: Buffer, start: number, length: number): string {
  const end = start + length;
  if (length <= DECODE_BY_HAND_BYTES_MAX) {
    const text = readAscii(bytes, start, end);
    if (text !== null) return text;
  }
  const text = HAS_NATIVE
    ? (bytes as Buffer & Required<NativeUtf8>).utf8Slice(start, end)
    : bytes.toString('utf8', start, end);
  return text.includes('\ufffd') && hasEncodedSurrogate(bytes, start, end)
    ? readCesu8(bytes, start, end)
    : text;
}

function readAscii(bytes: Buffer, start: number, end: number): string | null {
  let text = '';
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte > 0x7f) return null;
    text += String.fromCharCode(byte);
  }
  return text;
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

function hasEncodedSurrogate(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at + 2 < end; at++) {
    if (isEncodedSurrogate(bytes, at, end)) return true;
  }
  return false;
}

function readCesu8(bytes: Buffer, start: number, end: number): string {
  let text = '';
  let plainFrom = start;
  for (let at = start; at < end; ) {
    if (isEncodedSurrogate(bytes, at, end)) {
      text += bytes.toString('utf8', plainFrom, at);
      text += String.fromCharCode(
        0xd000 | ((bytes[at + 1]! & 0x3f) << 6) | (bytes[at + 2]! & 0x3f),
      );
      at += 3;
      plainFrom = at;
    } else {
      at++;
    }
  }
  return text + bytes.toString('utf8', plainFrom, end);
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
