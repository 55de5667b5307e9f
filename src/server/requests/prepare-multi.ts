import {
  CREATE_MODES,
  type DecodedMultiOperation,
  type Id,
  isTtlFlag,
  OP,
  SERVER_CODE,
} from '../../codec/index.ts';
import { javaReread } from '../java-string.ts';
import type { ServerRelease } from '../server-release.ts';
import type { ErrorTxn, MultiTxn, PlainTxn } from '../tree/txn.ts';
import { PendingNodes } from './pending-nodes.ts';
import { prepareStep } from './prepare-step.ts';
import { refusal } from './refusals.ts';
import type { AnyCreateRequest, Requester, StepRequest, WriteContext } from './write-request.ts';

const CONTAINER_FLAG = 4;

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
  if (!operations.every((operation) => isReadable(operation, options.release))) {
    return refusal(MARSHALLINGERROR);
  }
  const pending = new PendingNodes(tree, requester.sessionId);
  const txns: PlainTxn[] = [];
  for (const operation of operations) {
    const step = stepOf(operation as StepRequest, options.release);
    if (step === null) return refusal(MARSHALLINGERROR);
    const txn = prepareStep(context, pending, requester, step);
    if (txn.type === OP.error) {
      if (txn.code === MARSHALLINGERROR) return txn;
      return { type: OP.multi, txns: failedSteps(operations.length, txns.length, txn) };
    }
    pending.add(txn);
    txns.push(reread(txn));
  }
  return { type: OP.multi, txns };
}

/** A real server writes the steps of a multi into bytes and executes what it reads from them; paths survive that. */
function reread(txn: PlainTxn): PlainTxn {
  if (!('acl' in txn) || txn.acl.every(({ id }) => rereadId(id) === id)) return txn;
  return { ...txn, acl: txn.acl.map(({ perms, id }) => ({ perms, id: rereadId(id) })) };
}

function rereadId(whole: Id): Id {
  const { scheme, id } = whole;
  const reread = id === null ? null : javaReread(id);
  return reread === id ? whole : { scheme, id: reread };
}

/**
 * Whether a real 3.8 trips over a multi before it becomes a transaction: over a path that is null, in one that
 * does not mix reads and writes (those it refuses as a whole). It has then taken a zxid that nothing uses.
 */
export function tripsBeforehand(operations: readonly DecodedMultiOperation[]): boolean {
  const reads = operations.filter(({ op }) => op === OP.getData || op === OP.getChildren).length;
  if (reads > 0 && reads < operations.length) return false;
  return operations.some(({ path }) => path === null);
}

/**
 * Whether a real 3.9 cannot read a multi and gives it no zxid: for a create without an ACL, if that is the first
 * thing that is wrong with it. What else is wrong with one takes a zxid.
 */
export function isLostOn39(operations: readonly DecodedMultiOperation[]): boolean {
  const wrong = operations.find((operation) => !isReadable(operation, '3.9'));
  if (wrong === undefined || !('acl' in wrong) || wrong.op === OP.createTTL) return false;
  return wrong.acl === null && CREATE_MODES[wrong.flags] !== undefined;
}

function failedSteps(count: number, failedIndex: number, failure: ErrorTxn): ErrorTxn[] {
  const txns = new Array<ErrorTxn>(count).fill(refusal(RUNTIMEINCONSISTENCY));
  return txns.fill(refusal(OK), 0, failedIndex).fill(failure, failedIndex, failedIndex + 1);
}

/** Whether a real server gets as far as the first step. */
function isReadable(operation: DecodedMultiOperation, release: ServerRelease): boolean {
  switch (operation.op) {
    case OP.getData:
    case OP.getChildren:
      return false;
    case OP.create:
    case OP.create2:
    case OP.createContainer:
      return operation.path !== null && (release === '3.8' || isCreate39(operation));
    default:
      return operation.path !== null;
  }
}

/** 3.9 knows what it reads. */
function isCreate39({ flags, acl }: CreateOperation): boolean {
  return CREATE_MODES[flags] !== undefined && !isTtlFlag(flags) && acl !== null;
}

type CreateOperation = Exclude<AnyCreateRequest, { op: typeof OP.createTTL }>;

/**
 * What a step is taken for: within a multi the create mode decides, and in 3.8 the operation says
 * nothing at all (ZOOKEEPER-4026). Null: 3.8 stumbles over it, should it get there.
 */
function stepOf(operation: StepRequest, release: ServerRelease): StepRequest | null {
  switch (operation.op) {
    case OP.create:
    case OP.create2:
    case OP.createContainer: {
      const { op, flags } = operation;
      if (isTtlFlag(flags)) return null;
      const plain = release === '3.8' ? OP.create : op;
      const taken = flags === CONTAINER_FLAG ? OP.createContainer : plain;
      return taken === op ? operation : { ...operation, op: taken };
    }
    default:
      return operation;
  }
}
