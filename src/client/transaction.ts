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
import { marked } from '../error-mark.ts';
import { RequestError } from '../errors.ts';
import type { ReplyOrigin, WaitLimits } from '../pipeline/index.ts';
import type { RequestPort } from '../session/index.ts';
import { acl as acls } from './acl.ts';
import { clientPath, serverPath } from './chroot.ts';
import { createWire } from './create-kind.ts';
import {
  badArgument,
  bytesOf,
  checkNotRoot,
  checkPath,
  checkVersion,
  createServerPath,
  ownAcl,
} from './requests.ts';
import type { TransactionResult, TransactionStep } from './types.ts';

/** Steps of one request at most: what a frame of the default limit can hold is below this. */
const STEPS_MAX = 65_536;

/** A transaction that the server refused as a whole. Nothing of it was applied. */
export class TransactionError extends RequestError {
  /** Whether `value` is one, of this copy of the package or another. */
  static override readonly is: (value: unknown) => value is TransactionError = marked(
    TransactionError,
    'TransactionError',
  );
  /** Index of the step that failed. */
  readonly failedStep: number;
  /** Server's number for every step: 0 before the one that failed, its own, -2 (not tried) after it. */
  readonly stepCodes: readonly number[];

  /** @internal made of a server's answer */
  constructor(
    steps: readonly TransactionStep[],
    stepCodes: readonly number[],
    failedStep: number,
    origin: ReplyOrigin,
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
        xid: origin.settledXid,
        host: origin.host,
      },
      detail,
    );
    this.name = 'TransactionError';
    // Once the text of the stack is made, V8 keeps no object of the connection for it.
    void this.stack;
    this.failedStep = failedStep;
    this.stepCodes = stepCodes;
  }
}

/** All steps or none. */
export function multi(
  port: RequestPort,
  steps: readonly TransactionStep[],
  limits: WaitLimits | undefined,
): Promise<TransactionResult[]> {
  const { pipeline, chroot } = port;
  checkSteps(steps, 'multi');
  // The caller may change its list while the request is under way.
  const asked = steps.slice();
  return new Promise((resolve, reject) => {
    const operations = asked.map((step) => operationOf(step, chroot));
    writeMultiRequest(pipeline.begin(OP.multi, null), operations);
    const decode = (reader: JuteReader, origin: ReplyOrigin) =>
      transactionOutcome(asked, readTransaction(reader, asked.length), chroot, origin);
    const settle = (outcome: TransactionResult[] | TransactionError): void => {
      if (outcome instanceof TransactionError) reject(outcome);
      else resolve(outcome);
    };
    pipeline.settle(decode, settle, reject, limits);
  });
}

export function checkSteps(steps: readonly unknown[], operation: string): void {
  if (!Array.isArray(steps)) throw badArgument(operation, undefined, 'the steps must be a list');
  if (steps.length > STEPS_MAX) {
    throw badArgument(operation, undefined, `${steps.length} steps, at most ${STEPS_MAX}`);
  }
  // Visits the holes of a list too, as `every` does not.
  const odd = steps.findIndex((step) => typeof step !== 'object' || step === null);
  if (odd >= 0) {
    throw badArgument(operation, undefined, `step ${odd} must be an object, not ${steps[odd]}`);
  }
}

/** Results of `steps` steps: one each, and what a correct server never leaves null is there. */
function readTransaction(reader: JuteReader, steps: number): readonly MultiResult[] {
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
function transactionOutcome(
  steps: readonly TransactionStep[],
  results: readonly MultiResult[],
  chroot: string,
  origin: ReplyOrigin,
): TransactionResult[] | TransactionError {
  const failure = multiFailure(results);
  if (failure.index < 0) return results.map((result) => resultOf(result, chroot));
  const codes = results.map((result) => (result.op === OP.error ? result.err : 0));
  return new TransactionError(steps, codes, failure.index, origin);
}

function operationOf(step: TransactionStep, chroot: string): MultiOperation {
  if (step.op === 'create') return createOperation(step, chroot);
  checkPath(step.path, 'multi');
  const path = serverPath(chroot, step.path);
  switch (step.op) {
    case 'set': {
      const version = step.version ?? -1;
      checkVersion(version, 'multi', step.path);
      return { op: OP.setData, path, data: bytesOf(step.data, 'multi', step.path), version };
    }
    case 'delete': {
      const version = step.version ?? -1;
      checkNotRoot(step.path, 'multi');
      checkVersion(version, 'multi', step.path);
      return { op: OP.delete, path, version };
    }
    case 'check':
      checkVersion(step.version, 'multi', step.path);
      return { op: OP.check, path, version: step.version };
    default: {
      const { op, path: named } = step as { op: unknown; path: string };
      throw badArgument('multi', named, `unknown step ${JSON.stringify(op)}`);
    }
  }
}

function createOperation(
  step: TransactionStep & { readonly op: 'create' },
  chroot: string,
): MultiOperation {
  const wire = createWire(step, true);
  if (typeof wire === 'string') throw badArgument('multi', step.path, wire);
  checkPath(step.path, 'multi', wire.sequential);
  const path = createServerPath(chroot, step.path, wire);
  const data = bytesOf(step.data ?? null, 'multi', step.path);
  const acl = ownAcl(step.acl ?? acls.open, 'multi', step.path);
  return wire.op === OP.createTTL
    ? { op: wire.op, path, data, acl, flags: wire.flags, ttl: wire.ttlMs }
    : { op: wire.op, path, data, acl, flags: wire.flags };
}

function resultOf(result: MultiResult, chroot: string): TransactionResult {
  switch (result.op) {
    case OP.create:
      return { op: 'create', path: clientPath(chroot, result.path as string), stat: null };
    case OP.create2:
      return { op: 'create', path: clientPath(chroot, result.path as string), stat: result.stat };
    case OP.setData:
      return { op: 'set', stat: result.stat };
    case OP.delete:
      return { op: 'delete' };
    default:
      return { op: 'check' };
  }
}
