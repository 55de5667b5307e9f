const IPV6_GROUPS = 8;
/** Java's smallest int is one below the negative of its largest. */
const INT_MIN_SIZE = 0x8000_0000;
const LATIN_LETTER = /^[A-Za-zＡ-Ｚａ-ｚ]$/;
const DECIMAL_DIGIT = /^\p{Nd}$/u;
const NOT_A_DIGIT = 36;

/**
 * An address as Java writes it: IPv4 addresses that came over IPv6 as IPv4, IPv6 in eight groups
 * without `::` (`0:0:0:0:0:0:0:1`). A zone (`%eth0`) stays.
 */
export function javaAddress(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped !== null) return mapped[1]!;
  const [plain, ...zone] = address.split('%');
  const groups = groupsOf(withoutDots(plain!)).map((group) => Number.parseInt(group, 16));
  return [groups.map((group) => group.toString(16)).join(':'), ...zone].join('%');
}

/** `::1.2.3.4` as `::102:304`. */
function withoutDots(address: string): string {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  if (dotted === null) return address;
  const [, head, a, b, c, d] = dotted;
  const pair = (high: string, low: string): string =>
    (Number(high) * 256 + Number(low)).toString(16);
  return `${head}${pair(a!, b!)}:${pair(c!, d!)}`;
}

function groupsOf(address: string): string[] {
  const [head, tail] = address.split('::') as [string, string?];
  const first = head === '' ? [] : head.split(':');
  if (tail === undefined) return first;
  const last = tail === '' ? [] : tail.split(':');
  const zeros = new Array<string>(IPV6_GROUPS - first.length - last.length).fill('0');
  return [...first, ...zeros, ...last];
}

/** The four bytes of `1.2.3.4`, or null. */
export function ipv4Bytes(text: string): Uint8Array | null {
  const parts = text.split('.', 5);
  if (parts.length !== 4) return null;
  const bytes = new Uint8Array(4);
  for (let index = 0; index < 4; index++) {
    const value = javaInt(parts[index]!, 10);
    if (value === null || value < 0 || value > 255) return null;
    bytes[index] = value;
  }
  return bytes;
}

/** The sixteen bytes of an IPv6 address in an ACL, as 3.9 reads it, or null. No dots, no zone. */
export function ipv6Bytes(text: string): Uint8Array | null {
  const halves = text.split('::', 3);
  if (halves.length > 2) return null;
  const first = segmentsOf(halves[0]!);
  const last = halves.length === 2 ? segmentsOf(halves[1]!) : [];
  const count = first.length + last.length;
  if (halves.length === 1 ? count !== IPV6_GROUPS : count >= IPV6_GROUPS) return null;
  const bytes = new Uint8Array(2 * IPV6_GROUPS);
  const isGood =
    setSegments(bytes, 0, first) && setSegments(bytes, bytes.length - 2 * last.length, last);
  return isGood ? bytes : null;
}

function segmentsOf(half: string): string[] {
  return half === '' ? [] : half.split(':', IPV6_GROUPS + 1);
}

function setSegments(bytes: Uint8Array, at: number, segments: readonly string[]): boolean {
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index]!;
    const value = segment.length > 4 ? null : javaInt(segment, 16);
    if (value === null) return false;
    bytes[at + 2 * index] = value >> 8;
    bytes[at + 2 * index + 1] = value;
  }
  return true;
}

/** What Java's Integer.parseInt gives, signs and the digits of other scripts included; null where it throws. */
export function javaInt(text: string, radix: 10 | 16): number | null {
  const isNegative = text.startsWith('-');
  const first = isNegative || text.startsWith('+') ? 1 : 0;
  let size = 0;
  // By UTF-16 units, as Java: digits above U+FFFF are none.
  for (let at = first; at < text.length; at++) {
    const digit = javaDigit(text.charCodeAt(at));
    size = size * radix + digit;
    if (digit >= radix || size > INT_MIN_SIZE) return null;
  }
  if (text.length === first || (size === INT_MIN_SIZE && !isNegative)) return null;
  return isNegative ? -size | 0 : size;
}

/** What Java's Character.digit gives; NOT_A_DIGIT for none. */
function javaDigit(unit: number): number {
  const text = String.fromCharCode(unit);
  // Both alphabets of each kind begin one behind a multiple of 32.
  if (LATIN_LETTER.test(text)) return (unit & 0x1f) + 9;
  if (!DECIMAL_DIGIT.test(text)) return NOT_A_DIGIT;
  // The ten digits of a script stand together, from U+xxx0 or from U+xxx6 on.
  const row = unit & ~0xf;
  return DECIMAL_DIGIT.test(String.fromCharCode(row)) ? unit - row : unit - row - 6;
}
