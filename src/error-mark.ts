/**
 * Marks a class, and what extends it, for all copies of the package in a process: `instanceof` knows the class
 * of its own copy only. Gives the `is` of the class, which looks for the mark.
 */
export function marked<T>(
  type: { readonly prototype: T },
  className: string,
): (value: unknown) => value is T {
  const mark = Symbol.for(`zkwire.${className}`);
  Object.defineProperty(type.prototype, mark, { value: true });
  return (value): value is T => typeof value === 'object' && value !== null && mark in value;
}
