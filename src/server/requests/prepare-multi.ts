import {
  CREATE_MODES,
  type DecodedMultiOperation,
  isTtlFlag,
  OP,
  SERVER_CODE,
} from '../../codec/index.ts';
import type { ServerRelease } from '../server-release.ts';
import type { ErrorTxn, MultiTxn, PlainTxn } from '../tree/txn.ts';
import { PendingNodes } from './pending-nodes.ts';
import { prepareStep } from './prepare-step.ts';
import { refusal } from './refusals.ts';
import type { AnyCreateRequest, Requester, StepRequest, WriteContext } from './write-request.ts';

const { OK, RUNTIMEINCONSISTENCY, MARSHALLINGERROR } = SERVER_CODE;

/**
 * All steps or none. When one fails the transaction is one of errors: 0 for those before it, its
 * code, -2 for those after it. What a real server cannot make sense of fails the request instead.
 */
export function prepareMulti(
  context: WriteContext,
  requester: Requester,
  operations: readonly DecodedMultiOperation[],
): MultiTxn | ErrorTxn {
  const { tree, options } = context;
  const steps: StepRequest[] = [];
  for (const operation of operations) {
    const step = stepOf(operation, options.release);
    if (step === null) return refusal(MARSHALLINGERROR);
    steps.push(step);
  }
  const pending = new PendingNodes(tree, requester.sessionId);
  const txns: PlainTxn[] = [];
  for (const step of steps) {
    const txn = prepareStep(context, pending, requester, step);
    if (txn.type === OP.error) {
      if (txn.code === MARSHALLINGERROR) return txn;
      return { type: OP.multi, txns: failedSteps(steps.length, txns.length, txn) };
    }
    pending.add(txn);
    txns.push(txn);
  }
  return { type: OP.multi, txns };
}

function failedSteps(count: number, failedIndex: number, failure: ErrorTxn): ErrorTxn[] {
  const txns = new Array<ErrorTxn>(count).fill(refusal(RUNTIMEINCONSISTENCY));
  return txns.fill(refusal(OK), 0, failedIndex).fill(failure, failedIndex, failedIndex + 1);
}

/** Null: the whole request is refused. */
function stepOf(operation: DecodedMultiOperation, release: ServerRelease): StepRequest | null {
  const { op, path } = operation;
  if (op === OP.getData || op === OP.getChildren || path === null) return null;
  if (op === OP.delete || op === OP.setData || op === OP.check || op === OP.createTTL) {
    return operation;
  }
  return release === '3.8' ? createStep38(operation) : createStep39(operation);
}

type CreateOperation = Exclude<AnyCreateRequest, { op: typeof OP.createTTL }>;

/** Within a multi the flag decides what is made, not the operation, and the answer is that of it (ZOOKEEPER-4026). */
function createStep38(operation: CreateOperation): StepRequest | null {
  if (isTtlFlag(operation.flags)) return null;
  const op = isContainerFlag(operation.flags) ? OP.createContainer : OP.create;
  return operation.op === op ? operation : { ...operation, op };
}

/** The flag decides where it says more than the operation. An unknown one makes the request undecodable. */
function createStep39(operation: CreateOperation): StepRequest | null {
  const { flags, acl } = operation;
  if (CREATE_MODES[flags] === undefined || isTtlFlag(flags) || acl === null) return null;
  return isContainerFlag(flags) ? { ...operation, op: OP.createContainer } : operation;
}

function isContainerFlag(flags: number): boolean {
  return CREATE_MODES[flags]?.name === 'CONTAINER';
}
