import { ZkwireError } from '../../errors.ts';

/** An option that makes no sense: a ZkwireError with code `BAD_ARGUMENT`, before anything is started. */
export function badOption(message: string): ZkwireError {
  return new ZkwireError('BAD_ARGUMENT', message);
}

/** A value as a message shows it: on one line, and not more than fits there. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Throws unless `value` is a whole number of `min` to `max`. */
export function checkWhole(name: string, value: unknown, min: number, max: number): void {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
  throw badOption(`${name} must be a whole number of ${min} to ${max}, not ${shown(value)}`);
}

/** Throws unless `value` is true or false: text such as `'false'` would count as true. */
export function checkBoolean(name: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  throw badOption(`${name} must be true or false, not ${shown(value)}`);
}

/** Throws unless `value` is text with something in it. */
export function checkText(name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return;
  throw badOption(`${name} must be text that is not empty, not ${shown(value)}`);
}

/** Throws unless `value` is one of `known`. */
export function checkOneOf(name: string, value: unknown, known: readonly string[]): void {
  if (known.includes(value as string)) return;
  throw badOption(`${name} must be one of ${known.join(', ')}, not ${shown(value)}`);
}

/** Throws unless `value` is a function. */
export function checkFunction(name: string, value: unknown): void {
  if (typeof value === 'function') return;
  throw badOption(`${name} must be a function, not ${shown(value)}`);
}

/** Throws unless `value` is a list, which `form` says more of: text would count as one of its characters. */
export function checkList(name: string, value: unknown, form: string): void {
  if (Array.isArray(value)) return;
  throw badOption(`${name} must be ${form}, not ${shown(value)}`);
}
