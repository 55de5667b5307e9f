/** Longest text of a mask: a frame of a megabyte is three characters a byte. */
const MASK_CHARS_MAX = 4 * 1024 * 1024;

/**
 * Bytes to compare with, as hex digits in pairs. `..` stands for any byte, spaces and line ends for nothing:
 * `'0000000f ........ 00000004 0000000261 00'`.
 */
export class FrameMask {
  /** The bytes; null is any. */
  readonly #bytes: readonly (number | null)[];

  /** Throws a RangeError for anything but hex digits, `..` and white space. */
  constructor(text: string) {
    if (text.length > MASK_CHARS_MAX) throw new RangeError('the mask is too long');
    const pairs = text.replace(/\s+/g, '').match(/../gs) ?? [];
    const isOdd = text.replace(/\s+/g, '').length % 2 === 1;
    const wrong = pairs.find((pair) => !/^([0-9a-f]{2}|\.\.)$/i.test(pair));
    if (isOdd || wrong !== undefined) {
      throw new RangeError(`a mask is hex digits and '..' in pairs, not '${wrong ?? text.at(-1)}'`);
    }
    this.#bytes = pairs.map((pair) => (pair === '..' ? null : Number.parseInt(pair, 16)));
  }

  /** How many bytes it stands for. */
  get length(): number {
    return this.#bytes.length;
  }

  /** What is different, or null. */
  difference(bytes: Uint8Array): string | null {
    if (bytes.length !== this.length) return `${bytes.length} bytes instead of ${this.length}`;
    const at = this.#bytes.findIndex((byte, index) => byte !== null && byte !== bytes[index]);
    if (at < 0) return null;
    return `byte ${at} is ${hexByte(bytes[at])} instead of ${hexByte(this.#bytes[at])}`;
  }
}

function hexByte(byte: number | null | undefined): string {
  return (byte ?? 0).toString(16).padStart(2, '0');
}
