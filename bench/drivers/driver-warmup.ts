import type { DriverName } from './driver-names.ts';

/** How a client is warmed up, in the terms of the drivers' command line. */
export interface DriverWarmup {
  ms: number;
  /** Until so many operations are done ... */
  operations: number;
  /** ... but no longer than so many times as planned. */
  stretch: number;
}

/** As the Node clients are. */
const SAME = { factor: 1, operations: 10_000, stretch: 1.5 };

/**
 * Java's JIT compiler needs longer than the others until the client is at full speed, and is given it: an operation
 * takes a third more CPU time after 30,000 operations than after 100,000.
 */
const WARMUP: Record<DriverName, typeof SAME> = {
  java: { factor: 4, operations: 100_000, stretch: 3 },
  c: SAME,
  go: SAME,
};

/** The warm-up of a client where others have `warmupMs`. */
export function driverWarmup(name: DriverName, warmupMs: number): DriverWarmup {
  const { factor, operations, stretch } = WARMUP[name];
  return { ms: warmupMs * factor, operations, stretch };
}
