import {
  type JuteReader,
  type MultiOperation,
  type MultiResult,
  multiFailure,
  OP,
  readMultiResponse,
  serverCodeName,
  writeMultiRequest,
} from '../codec/index.ts';
import { RequestError } from '../errors.ts';
import type { Pipeline } from '../pipeline/index.ts';
import { createWire } from './create-kind.ts';
import { badArgument, bytesOf, checkPath, checkVersion, OPEN_ACL } from './requests.ts';
import type { TransactionResult, TransactionStep } from './types.ts';

/** Steps of one transaction at most: what a frame of the default limit can hold is below this. */
const STEPS_MAX = 65_536;

/** A transaction that the server refused as a whole. Nothing of it was applied. */
export class TransactionError extends RequestError {
  /** Index of the step that failed. */
  readonly failedStep: number;
  /** Server's number for every step: 0 before the one that failed, its own, -2 (not tried) after it. */
  readonly stepCodes: readonly number[];

  constructor(steps: readonly TransactionStep[], stepCodes: readonly number[], failedStep: number) {
    const serverCode = stepCodes[failedStep]!;
    const detail = `step ${failedStep} (${steps[failedStep]?.op}) failed`;
    super(
      {
        code: serverCodeName(serverCode),
        serverCode,
        outcome: 'rejected',
        operation: 'multi',
        path: steps[failedStep]?.path,
      },
      detail,
    );
    this.name = 'TransactionError';
    this.failedStep = failedStep;
    this.stepCodes = stepCodes;
  }
}

export function encodeMulti(pipeline: Pipeline, steps: readonly TransactionStep[]): void {
  if (steps.length > STEPS_MAX) {
    throw badArgument('multi', undefined, `${steps.length} steps, at most ${STEPS_MAX}`);
  }
  const operations = steps.map(operationOf);
  writeMultiRequest(pipeline.begin(OP.multi, null), operations);
}

/** Reads the results of `steps`; throws TransactionError (after the body is consumed) when they failed. */
export function readTransaction(reader: JuteReader): readonly MultiResult[] {
  return readMultiResponse(reader);
}

/** Results as the caller sees them. Throws TransactionError when the transaction failed. */
export function transactionResults(
  steps: readonly TransactionStep[],
  results: readonly MultiResult[],
): TransactionResult[] {
  const failure = multiFailure(results);
  if (failure.index >= 0) {
    const codes = results.map((result) => (result.op === OP.error ? result.err : 0));
    throw new TransactionError(steps, codes, failure.index);
  }
  return results.map(resultOf);
}

function operationOf(step: TransactionStep): MultiOperation {
  const { path } = step;
  checkPath(path, 'multi', step.op === 'create' && step.mode?.includes('sequential') === true);
  switch (step.op) {
    case 'create':
      return createOperation(step);
    case 'set': {
      const version = step.version ?? -1;
      checkVersion(version, 'multi', path);
      return { op: OP.setData, path, data: bytesOf(step.data, 'multi', path), version };
    }
    case 'delete': {
      const version = step.version ?? -1;
      checkVersion(version, 'multi', path);
      return { op: OP.delete, path, version };
    }
    case 'check':
      checkVersion(step.version, 'multi', path);
      return { op: OP.check, path, version: step.version };
    default:
      throw badArgument(
        'multi',
        path,
        `unknown step ${JSON.stringify((step as { op: unknown }).op)}`,
      );
  }
}

function createOperation(step: TransactionStep & { readonly op: 'create' }): MultiOperation {
  const wire = createWire(step, true);
  if (typeof wire === 'string') throw badArgument('multi', step.path, wire);
  const { path } = step;
  const data = bytesOf(step.data ?? null, 'multi', path);
  const acl = step.acl ?? OPEN_ACL;
  return wire.op === OP.createTTL
    ? { op: wire.op, path, data, acl, flags: wire.flags, ttl: wire.ttlMs }
    : { op: wire.op, path, data, acl, flags: wire.flags };
}

function resultOf(result: MultiResult): TransactionResult {
  switch (result.op) {
    case OP.create:
      return { op: 'create', path: result.path ?? '', stat: null };
    case OP.create2:
      return { op: 'create', path: result.path ?? '', stat: result.stat };
    case OP.setData:
      return { op: 'set', stat: result.stat };
    case OP.delete:
      return { op: 'delete' };
    default:
      return { op: 'check' };
  }
}
