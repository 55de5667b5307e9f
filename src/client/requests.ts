import {
  type ACL,
  OP,
  pathFault,
  writeCreateRequest,
  writeCreateTTLRequest,
  writeDeleteRequest,
  writeExistsRequest,
  writeGetChildren2Request,
  writeGetChildrenRequest,
  writeGetDataRequest,
  writeSetDataRequest,
  writeSyncRequest,
} from '../codec/index.ts';
import { RequestError, type RequestErrorCode } from '../errors.ts';
import type { Pipeline } from '../pipeline/index.ts';
import type { CreateWire } from './create-kind.ts';
import type { NodeData } from './types.ts';

/**
 * One function an operation: checks the arguments and encodes the request into the pipeline's open
 * slab. The caller commits it, with a promise or with a callback. All throw RequestError `not-sent`.
 */

/** `world:anyone` with all permissions: the ACL of a node when the caller names none. */
export const OPEN_ACL: readonly ACL[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }];

export function encodeGet(pipeline: Pipeline, path: string): void {
  checkPath(path, 'getData');
  writeGetDataRequest(pipeline.begin(OP.getData, path), path, false);
}

export function encodeSet(pipeline: Pipeline, path: string, data: NodeData, version: number): void {
  checkPath(path, 'setData');
  checkVersion(version, 'setData', path);
  const bytes = bytesOf(data, 'setData', path);
  writeSetDataRequest(pipeline.begin(OP.setData, path), path, bytes, version);
}

export function encodeExists(pipeline: Pipeline, path: string): void {
  checkPath(path, 'exists');
  writeExistsRequest(pipeline.begin(OP.exists, path), path, false);
}

export function encodeDelete(pipeline: Pipeline, path: string, version: number): void {
  checkPath(path, 'delete');
  checkVersion(version, 'delete', path);
  writeDeleteRequest(pipeline.begin(OP.delete, path), path, version);
}

export function encodeGetChildren(pipeline: Pipeline, path: string): void {
  checkPath(path, 'getChildren');
  writeGetChildrenRequest(pipeline.begin(OP.getChildren, path), path, false);
}

export function encodeGetChildren2(pipeline: Pipeline, path: string): void {
  checkPath(path, 'getChildren2');
  writeGetChildren2Request(pipeline.begin(OP.getChildren2, path), path, false);
}

export function encodeSync(pipeline: Pipeline, path: string): void {
  checkPath(path, 'sync');
  writeSyncRequest(pipeline.begin(OP.sync, path), path);
}

export function encodeCreate(
  pipeline: Pipeline,
  path: string,
  data: NodeData,
  acl: readonly ACL[],
  wire: CreateWire | string,
): void {
  if (typeof wire === 'string') throw badArgument('create', path, wire);
  checkPath(path, 'create', wire.sequential);
  checkAcl(acl, 'create', path);
  const bytes = bytesOf(data, 'create', path);
  const writer = pipeline.begin(wire.op, path);
  if (wire.op === OP.createTTL) {
    writeCreateTTLRequest(writer, path, bytes, acl, wire.flags, wire.ttlMs);
  } else {
    writeCreateRequest(writer, path, bytes, acl, wire.flags);
  }
}

export function checkPath(path: string, operation: string, sequential = false): void {
  const fault = pathFault(path, sequential);
  if (fault !== null) throw badArgument(operation, path, fault);
}

export function checkVersion(version: number, operation: string, path: string): void {
  if (Number.isInteger(version) && version >= -1 && version <= 0x7fffffff) return;
  throw badArgument(operation, path, `version ${version} is not -1 (any) or 0..2^31-1`);
}

export function checkAcl(acl: readonly ACL[], operation: string, path: string): void {
  if (acl === OPEN_ACL) return;
  if (Array.isArray(acl) && acl.every(isAclEntry)) return;
  throw badArgument(operation, path, 'acl must be a list of { perms, id: { scheme, id } }');
}

function isAclEntry(entry: Partial<ACL> | null | undefined): boolean {
  return (
    Number.isInteger(entry?.perms) &&
    typeof entry?.id?.scheme === 'string' &&
    typeof entry.id.id === 'string'
  );
}

/** Bytes of node data. Anything else than bytes, a string or null is refused, never stringified. */
export function bytesOf(data: NodeData, operation: string, path: string): Uint8Array | null {
  if (data === null || data instanceof Uint8Array) return data;
  if (typeof data === 'string') return Buffer.from(data);
  throw badArgument(operation, path, `data must be bytes, a string or null, not ${typeof data}`);
}

export function badArgument(operation: string, path: unknown, detail: string): RequestError {
  const code: RequestErrorCode = 'BAD_ARGUMENT';
  const shown = typeof path === 'string' ? path : undefined;
  return new RequestError({ code, outcome: 'not-sent', operation, path: shown }, detail);
}
