import process from 'node:process';

/**
 * Milliseconds on the clock that all processes of a machine share: a fault is made in one process and
 * its end is seen in another. `performance.now()` counts from the start of each process.
 */
export function systemMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
