import { UsageError } from '../options.ts';

/** When requests are due: times in ms from the start, never decreasing, without an end. */
export interface Schedule {
  next(): number;
}

export const ARRIVALS = ['constant', 'poisson'] as const;
export type Arrivals = (typeof ARRIVALS)[number];

/** The arrivals that a list names, in their own order, none twice. Throws a UsageError. */
export function arrivalsOf(list: string): Arrivals[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !ARRIVALS.some((known) => known === name));
  if (unknown !== undefined) {
    throw new UsageError(`--arrivals: '${unknown}' is none of ${ARRIVALS.join(', ')}`);
  }
  return ARRIVALS.filter((known) => names.includes(known));
}

/** Every client gets the same arrivals in every run. */
const SEED = 0x5a6b_7761;

export function scheduleOf(arrivals: Arrivals, perSecond: number): Schedule {
  return arrivals === 'constant' ? constantSchedule(perSecond) : poissonSchedule(perSecond, SEED);
}

/** One request every 1/rate s. Multiplied and not added up, so that rounding does not make it drift. */
export function constantSchedule(perSecond: number): Schedule {
  let count = 0;
  return { next: () => (count++ * 1000) / perSecond };
}

/** Independent arrivals, as of many users who know nothing of each other: exponential gaps, so requests come in bursts. */
export function poissonSchedule(perSecond: number, seed: number): Schedule {
  const random = seededRandom(seed);
  let dueMs = 0;
  return {
    next: () => {
      // 1 - x: random() may give 0, whose logarithm is no number.
      dueMs -= (Math.log(1 - random()) * 1000) / perSecond;
      return dueMs;
    },
  };
}

/** Mulberry32: numbers from 0 to below 1 that a seed repeats. Good enough for gaps, and no dependency. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
