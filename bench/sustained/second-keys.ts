/** Name of a value of the nth second, counted from 1, among the values of a turn. */
export function secondKey(second: number, name: string): string {
  return `second-${second}.${name}`;
}
