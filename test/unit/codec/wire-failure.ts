import { expect } from 'vitest';
import { WireError } from '../../../src/errors.ts';

/** The WireError that `run` throws. */
export function wireFailure(run: () => unknown): WireError {
  try {
    run();
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  return expect.unreachable('nothing was thrown');
}
