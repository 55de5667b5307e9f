/** Clients of other languages, each with a small program that drives it. */
export const DRIVER_NAMES = ['java', 'c', 'go'] as const;
export type DriverName = (typeof DRIVER_NAMES)[number];

export function isDriverName(name: string): name is DriverName {
  return (DRIVER_NAMES as readonly string[]).includes(name);
}
