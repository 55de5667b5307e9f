import type { Parameters } from 'fast-check';

/** Environment variable that chooses another seed, for a longer search or to see a failure again. */
const SEED_VARIABLE = 'ZKWIRE_TEST_SEED';

/** What every random choice in the property tests comes from; the same in each run unless asked for otherwise. */
const SEED: number = Number(process.env[SEED_VARIABLE] ?? 20_260_101);

if (!Number.isSafeInteger(SEED)) throw new Error(`${SEED_VARIABLE} must be a whole number`);

/** Says how to run a property test again. */
export function seedNote(): string {
  return `seed ${SEED} (set ${SEED_VARIABLE} for another)`;
}

export function fastCheckOptions<T>(numRuns: number): Parameters<T> {
  return { seed: SEED, numRuns, endOnFailure: false };
}
