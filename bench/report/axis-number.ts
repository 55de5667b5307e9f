import { grouped, significant } from '../format.ts';

const SUFFIXES = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** For ticks of an axis: short, with a letter for thousands. */
export function axisNumber(value: number): string {
  for (const [unit, suffix] of SUFFIXES) {
    if (Math.abs(value) >= unit) return `${shortest(value / unit)}${suffix}`;
  }
  return shortest(value);
}

function shortest(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** For tables and labels: three digits that count, thousands apart. */
export function valueText(value: number): string {
  return Math.abs(value) < 1000
    ? significant(value)
    : grouped(String(Number(value.toPrecision(3))));
}

/** An amount of bytes: 100 B, 64 KiB, 1 MiB. */
export function bytesText(bytes: number): string {
  if (bytes >= 2 ** 20 && bytes % 2 ** 20 === 0) return `${grouped(String(bytes / 2 ** 20))} MiB`;
  if (bytes >= 1024 && bytes % 1024 === 0) return `${grouped(String(bytes / 1024))} KiB`;
  return `${grouped(String(bytes))} B`;
}

/** More than this is not written in full below an axis. */
const FULL_MAX = 99_999;

/**
 * Where a curve has a point, in full where that fits: 1,024 is a depth, 1.02k is none.
 * `greatest`: of those on the same axis, which are written alike.
 */
export function placeText(x: number, unit: string, greatest = x): string {
  if (unit === 'B') return bytesText(x);
  return greatest <= FULL_MAX ? grouped(String(x)) : axisNumber(x);
}
