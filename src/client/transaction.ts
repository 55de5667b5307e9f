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
import { badArgument, bytesOf, checkAcl, checkPath, checkVersion, OPEN_ACL } from './requests.ts';
import type { TransactionResult, TransactionStep } from './types.ts';

/** Steps of one transaction at most: what a frame of the default limit can hold is below this. */
const STEPS_MAX = 65_536;

/** A transaction that the server refused as a whole. Nothing of it was applied. */
export class TransactionError extends RequestError {
  /** Index of the step that failed. */
  readonly failedStep: number;
  /** Server's number for every step: 0 before the one that failed, its own, -2 (not tried) after it. */
  readonly stepCodes: readonly number[];

  constructor(
    steps: readonly TransactionStep[],
    stepCodes: readonly number[],
    failedStep: number,
    xid: number,
    host: string,
  ) {
    const serverCode = stepCodes[failedStep]!;
    const detail = `step ${failedStep} (${steps[failedStep]?.op}) failed`;
    super(
      {
        code: serverCodeName(serverCode),
        serverCode,
        outcome: 'rejected',
        operation: 'multi',
        path: steps[failedStep]?.path,
        xid,
        host,
      },
      detail,
    );
    this.name = 'TransactionError';
    this.failedStep = failedStep;
    this.stepCodes = stepCodes;
  }
}

export function encodeMulti(pipeline: Pipeline, steps: readonly TransactionStep[]): void {
  if (!Array.isArray(steps)) throw badArgument('multi', undefined, 'the steps must be a list');
  if (steps.length > STEPS_MAX) {
    throw badArgument('multi', undefined, `${steps.length} steps, at most ${STEPS_MAX}`);
  }
  const operations = steps.map(operationOf);
  writeMultiRequest(pipeline.begin(OP.multi, null), operations);
}

/** Results of a transaction of `steps` steps: one each, and what a correct server never leaves null is there. */
export function readTransaction(reader: JuteReader, steps: number): readonly MultiResult[] {
  const results = readMultiResponse(reader);
  if (results.length !== steps) {
    reader.fail('BAD_MULTI', `${results.length} results for ${steps} steps`);
  }
  for (const result of results) {
    if ('path' in result && result.path === null) {
      reader.fail('UNEXPECTED_NULL', 'the path of a created node is null');
    }
  }
  return results;
}

/** Results as the caller sees them, or why there are none. */
export function transactionOutcome(
  steps: readonly TransactionStep[],
  results: readonly MultiResult[],
  xid: number,
  host: string,
): TransactionResult[] | TransactionError {
  const failure = multiFailure(results);
  if (failure.index < 0) return results.map(resultOf);
  const codes = results.map((result) => (result.op === OP.error ? result.err : 0));
  return new TransactionError(steps, codes, failure.index, xid, host);
}

function operationOf(step: TransactionStep): MultiOperation {
  if (typeof step !== 'object' || step === null) {
    throw badArgument('multi', undefined, `a step must be an object, not ${step}`);
  }
  if (step.op === 'create') return createOperation(step);
  const { path } = step;
  checkPath(path, 'multi');
  switch (step.op) {
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
    default: {
      const { op } = step as { op: unknown };
      throw badArgument('multi', path, `unknown step ${JSON.stringify(op)}`);
    }
  }
}

function createOperation(step: TransactionStep & { readonly op: 'create' }): MultiOperation {
  const { path } = step;
  const wire = createWire(step, true);
  if (typeof wire === 'string') throw badArgument('multi', path, wire);
  checkPath(path, 'multi', wire.sequential);
  const data = bytesOf(step.data ?? null, 'multi', path);
  const acl = step.acl ?? OPEN_ACL;
  checkAcl(acl, 'multi', path);
  return wire.op === OP.createTTL
    ? { op: wire.op, path, data, acl, flags: wire.flags, ttl: wire.ttlMs }
    : { op: wire.op, path, data, acl, flags: wire.flags };
}

function resultOf(result: MultiResult): TransactionResult {
  switch (result.op) {
    case OP.create:
      return { op: 'create', path: result.path as string, stat: null };
    case OP.create2:
      return { op: 'create', path: result.path as string, stat: result.stat };
    case OP.setData:
      return { op: 'set', stat: result.stat };
    case OP.delete:
      return { op: 'delete' };
    default:
      return { op: 'check' };
  }
}
