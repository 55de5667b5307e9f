import {
  type JuteReader,
  type MultiReadOperation,
  type MultiResult,
  OP,
  operationName,
  readMultiResponse,
  type Stat,
  serverCodeName,
  writeMultiRequest,
} from '../codec/index.ts';
import type { RequestError } from '../errors.ts';
import type { ReplyOrigin, WaitLimits } from '../pipeline/index.ts';
import { errorWithoutFrames } from '../pipeline/request-failure.ts';
import type { RequestPort } from '../session/index.ts';
import { serverPath } from './chroot.ts';
import { textsOf } from './replies.ts';
import { badArgument, checkPath } from './requests.ts';
import { checkSteps } from './transaction.ts';
import type { ReadStep } from './types.ts';

/** What a step of a multiRead gave, when it gave something. */
export type ReadResult =
  | { readonly op: 'get'; readonly data: Buffer | null; readonly stat: Stat }
  | { readonly op: 'getChildren'; readonly children: string[] };

/** Results of steps, each at its place when the places are known: a result, or why there is none. */
export type ReadResults<Steps extends readonly ReadStep[]> = {
  -readonly [Index in keyof Steps]:
    | Extract<ReadResult, { readonly op: Steps[Index]['op'] }>
    | RequestError;
};

/** Several reads in one request. */
export function multiRead(
  port: RequestPort,
  steps: readonly ReadStep[],
  limits: WaitLimits | undefined,
): Promise<(ReadResult | RequestError)[]> {
  const { pipeline, chroot } = port;
  checkSteps(steps, 'multiRead');
  // The caller may change its list while the request is under way.
  const asked = steps.map(({ op, path }) => ({ op, path }));
  const operations = asked.map((step) => operationOf(step, chroot));
  writeMultiRequest(pipeline.begin(OP.multiRead, null), operations);
  return pipeline.promise((reader, origin) => readResults(reader, asked, origin), limits);
}

function operationOf({ op, path }: ReadStep, chroot: string): MultiReadOperation {
  const code = readCode(op);
  if (code === undefined) {
    throw badArgument('multiRead', path, `unknown step ${JSON.stringify(op)}`);
  }
  checkPath(path, 'multiRead');
  return { op: code, path: serverPath(chroot, path), watch: false };
}

function readCode(op: ReadStep['op']): MultiReadOperation['op'] | undefined {
  if (op === 'get') return OP.getData;
  return op === 'getChildren' ? OP.getChildren : undefined;
}

function readResults(
  reader: JuteReader,
  steps: readonly ReadStep[],
  origin: ReplyOrigin,
): (ReadResult | RequestError)[] {
  const results = readMultiResponse(reader);
  if (results.length !== steps.length) {
    reader.fail('BAD_MULTI', `${results.length} results for ${steps.length} steps`);
  }
  return results.map((result, index) => resultOf(reader, steps[index]!, result, origin));
}

function resultOf(
  reader: JuteReader,
  { op, path }: ReadStep,
  result: MultiResult,
  origin: ReplyOrigin,
): ReadResult | RequestError {
  if (op === 'get' && result.op === OP.getData) {
    return { op, data: result.data, stat: result.stat };
  }
  if (op === 'getChildren' && result.op === OP.getChildren) {
    return { op, children: textsOf(reader, reader.offset, result.children, 'name of a child') };
  }
  if (result.op !== OP.error || result.err === 0) {
    return reader.fail('BAD_MULTI', `${op} is answered by ${operationName(result.op)}`);
  }
  return errorWithoutFrames({
    code: serverCodeName(result.err),
    serverCode: result.err,
    outcome: 'rejected',
    operation: op === 'get' ? 'getData' : 'getChildren',
    path,
    xid: origin.settledXid,
    host: origin.host,
  });
}
