import { addUnits, codePoint, hasEncodedSurrogate, readText } from './text.ts';

const REPLACEMENT = 0xfffd;

/**
 * Text as Java's servers read it, for a server that is to be like them: what is not UTF-8 becomes
 * U+FFFD, one for as many bytes as Java takes together, and so does each surrogate that was encoded by
 * itself, though Java's own jute encoder writes them so.
 */
export function readJavaText(bytes: Buffer, start: number, length: number): string {
  const text = readText(bytes, start, length);
  const end = start + length;
  // As many characters as bytes: all ASCII.
  if (text !== null && (text.length === length || !hasEncodedSurrogate(bytes, start, end))) {
    return text;
  }
  // No character has more units than bytes. A string a character would cost a client twenty times what it sent.
  const units = Buffer.allocUnsafe(length * 2);
  let used = 0;
  for (let at = start; at < end; ) {
    const taken = sequence(bytes, at, end);
    used = addUnits(units, taken > 0 ? codePoint(bytes, at, taken) : REPLACEMENT, used);
    at += Math.abs(taken);
  }
  return units.toString('utf16le', 0, used);
}

/** Bytes of the character at `at`; negative: so many bytes that are none, and are replaced as one. */
function sequence(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return at + 1 < end ? continued(bytes, at + 1, 2) : -1;
  if (first >= 0xe0 && first < 0xf0) return three(bytes, at, end);
  return first >= 0xf0 && first < 0xf8 ? four(bytes, at, end) : -1;
}

/** A two-byte character, or its first byte alone. */
function continued(bytes: Buffer, at: number, length: number): number {
  return isContinuation(bytes, at) ? length : -1;
}

function three(bytes: Buffer, at: number, end: number): number {
  if (at + 1 >= end) return -1;
  const isSecond = isContinuation(bytes, at + 1) && !isOverlong3(bytes, at);
  if (!isSecond) return -1;
  if (at + 2 >= end || !isContinuation(bytes, at + 2)) return -2;
  return hasEncodedSurrogate(bytes, at, at + 3) ? -3 : 3;
}

function isOverlong3(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0xe0 && (bytes[at + 1] as number) < 0xa0;
}

function four(bytes: Buffer, at: number, end: number): number {
  const first = bytes[at] as number;
  // Beyond U+10FFFF whatever follows.
  if (first > 0xf4 || at + 1 >= end) return -1;
  const second = bytes[at + 1] as number;
  const isSecond = (second & 0xc0) === 0x80 && !(first === 0xf0 && second < 0x90);
  if (!isSecond || (first === 0xf4 && second > 0x8f)) return -1;
  if (at + 2 >= end || !isContinuation(bytes, at + 2)) return -2;
  return at + 3 < end && isContinuation(bytes, at + 3) ? 4 : -3;
}

function isContinuation(bytes: Buffer, at: number): boolean {
  return ((bytes[at] as number) & 0xc0) === 0x80;
}
