import { OP } from '../../src/codec/index.ts';
import type { Difference } from './observation.ts';
import { type RequestPlan, requestsOf, type Step } from './step.ts';

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
    allows: (_, step) => requestsIn(step).some(({ op }) => op === OP.deleteContainer),
  },
  {
    name: 'zxid of a transaction that 3.9 cannot read',
    reason:
      'When a create without an ACL comes before what cannot be read, 3.9 trips over the create and takes no zxid. Here the whole is read first, and takes one.',
    allows: ({ signature }, step) =>
      signature.endsWith(': zxid') && requestsIn(step).some(hasCreateWithoutAcl),
  },
];

function requestsIn(step: Step | undefined): readonly RequestPlan[] {
  return step === undefined ? [] : requestsOf(step);
}

/** In a multi of at least two parts. */
function hasCreateWithoutAcl({ op, parts }: RequestPlan): boolean {
  if (op !== OP.multi || parts.length < 2) return false;
  return parts.some((part) => part.some(([kind, value]) => kind === 'n' && value === -1));
}
