import type { DriverName } from './driver-names.ts';

/**
 * Java's JIT compiler needs longer than the others until the client is at full speed, and is given it:
 * so many times the warm-up of the others.
 */
const WARMUP_FACTOR: Record<DriverName, number> = { java: 4, c: 1, go: 1 };

/** How long the warm-up of a client is planned to take, where others have `warmupMs`. */
export function driverWarmupMs(name: DriverName, warmupMs: number): number {
  return warmupMs * WARMUP_FACTOR[name];
}
