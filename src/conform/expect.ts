import { isDeepStrictEqual } from 'node:util';
import { type Stat, serverCodeLabel } from '../codec/index.ts';
import { fail } from './failure.ts';

/** Longest value in a message. */
const VALUE_CHARS_MAX = 400;

/** A value for people: bytes as hex, numbers of 64 bits with an n. */
export function show(value: unknown): string {
  const text = JSON.stringify(value, (_, each: unknown) => {
    if (typeof each === 'bigint') return `0x${BigInt.asUintN(64, each).toString(16)}`;
    if (isBufferJson(each)) return `hex ${Buffer.from(each.data).toString('hex')}`;
    return each;
  });
  const whole = text ?? String(value);
  return whole.length > VALUE_CHARS_MAX ? `${whole.slice(0, VALUE_CHARS_MAX)}…` : whole;
}

function isBufferJson(value: unknown): value is { data: number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
}

/** Fails unless both are the same in every part. */
export function equal<T>(actual: T, expected: T, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  fail(`${what}: expected ${show(expected)}, got ${show(actual)}`);
}

/** Fails unless it holds. */
export function that(holds: boolean, expected: string, actual: unknown): asserts holds {
  if (!holds) fail(`expected ${expected}, got ${show(actual)}`);
}

/** Fails unless the fields that are named have these values. */
export function statHas(stat: Stat, expected: Partial<Stat>, what: string): void {
  for (const name of Object.keys(expected) as (keyof Stat)[]) {
    equal<unknown>(stat[name], expected[name], `${name} of ${what}`);
  }
}

/** `NONODE(-101)`, `OK`. */
export function codeName(code: number): string {
  return serverCodeLabel(code);
}
