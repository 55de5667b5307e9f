import { readGetDataResponse, type Stat } from '../codec/index.ts';
import type { RequestError } from '../errors.ts';
import type { WaitLimits } from '../pipeline/index.ts';
import type { RequestPort } from '../session/index.ts';
import { type BatchKind, batch } from './batch.ts';
import { readChildren, readJustStat } from './replies.ts';
import { badArgument, encodeExists, encodeGet, encodeGetChildren } from './requests.ts';
import type { GetResult } from './types.ts';

/** Reads of many nodes. What is wrong with one of them is its result and no matter of the others. */

const GET: BatchKind<GetResult> = {
  operation: 'getData',
  encode: (port, path) => encodeGet(port, path, false),
  decode: readGetDataResponse,
};

const EXISTS: BatchKind<Stat | null> = {
  operation: 'exists',
  encode: (port, path) => encodeExists(port, path, false),
  decode: readJustStat,
  failed: (error) => (error.code === 'NONODE' ? null : error),
};

const GET_CHILDREN: BatchKind<string[]> = {
  operation: 'getChildren',
  encode: (port, path) => encodeGetChildren(port, path, false),
  decode: readChildren,
};

export function getMany(
  port: RequestPort,
  paths: readonly string[],
  limits: WaitLimits | undefined,
): Promise<(GetResult | RequestError)[]> {
  checkList(paths, 'getData');
  return batch(port, paths, GET, limits);
}

export function existsMany(
  port: RequestPort,
  paths: readonly string[],
  limits: WaitLimits | undefined,
): Promise<(Stat | null | RequestError)[]> {
  checkList(paths, 'exists');
  return batch(port, paths, EXISTS, limits);
}

export function getChildrenMany(
  port: RequestPort,
  paths: readonly string[],
  limits: WaitLimits | undefined,
): Promise<(string[] | RequestError)[]> {
  checkList(paths, 'getChildren');
  return batch(port, paths, GET_CHILDREN, limits);
}

function checkList(paths: readonly string[], operation: string): void {
  if (!Array.isArray(paths)) throw badArgument(operation, undefined, 'the paths must be a list');
}
