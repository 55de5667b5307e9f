import { ShellFailure } from './shell-failure.ts';

const INT_MAX = 2n ** 31n - 1n;
const LONG_MAX = 2n ** 63n - 1n;

/** A decimal long, or null when the text is none. */
export function parseLong(text: string): bigint | null {
  if (!/^[+-]?\d{1,19}$/.test(text)) return null;
  const value = BigInt(text.replace('+', ''));
  return value >= -LONG_MAX - 1n && value <= LONG_MAX ? value : null;
}

/** A decimal int, or null when the text is none. */
export function parseInt32(text: string): number | null {
  const value = parseLong(text);
  return value === null || value > INT_MAX || value < -INT_MAX - 1n ? null : Number(value);
}

/** The version that an option asks for; -1, any, when it is absent. Throws a ShellFailure. */
export function versionOf(options: ReadonlyMap<string, string>): number {
  const text = options.get('v');
  if (text === undefined) return -1;
  const version = parseInt32(text);
  if (version === null || version < -1) {
    throw new ShellFailure('USAGE', '-v argument must be an int value, -1 (any) or more');
  }
  return version;
}
