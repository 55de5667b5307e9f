import type { Difference } from './observation.ts';

/** A difference between the embedded server and Apache's that is meant to be. */
export interface AllowedDifference {
  readonly name: string;
  /** Why it stays. */
  readonly reason: string;
  allows(difference: Difference): boolean;
}

/** Every difference that is allowed. What is not in this list fails the run. */
export const ALLOWED_DIFFERENCES: readonly AllowedDifference[] = [];
