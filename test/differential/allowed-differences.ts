import { OP } from '../../src/codec/index.ts';
import type { Difference } from './observation.ts';
import type { Step } from './step.ts';

/** A difference between the embedded server and Apache's that is meant to be. */
export interface AllowedDifference {
  readonly name: string;
  /** Why it stays. */
  readonly reason: string;
  /** `step` is what was just played; undefined at the end of a list. */
  allows(difference: Difference, step: Step | undefined): boolean;
}

/** Every difference that is allowed. What is not in this list fails the run. */
export const ALLOWED_DIFFERENCES: readonly AllowedDifference[] = [
  {
    name: 'deleteContainer from a client',
    reason:
      '3.9 lets any client delete any node without children with it, whatever the ACL says. Here it is refused with -8, as 3.8 refuses it.',
    allows: (_, step) => step !== undefined && asksFor(step, OP.deleteContainer),
  },
];

function asksFor(step: Step, op: number): boolean {
  if (step.kind !== 'send' && step.kind !== 'open') return false;
  return (step.requests ?? []).some((request) => request.op === op);
}
