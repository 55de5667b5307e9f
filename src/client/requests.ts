import { types } from 'node:util';
import {
  isPlainPath,
  type JuteWriter,
  OP,
  pathFault,
  REQUEST_HEADER_BYTES,
  writeCreateRequest,
  writeCreateTTLRequest,
  writeDeleteRequest,
  writeExistsRequest,
  writeGetACLRequest,
  writeGetAllChildrenNumberRequest,
  writeGetChildren2Request,
  writeGetChildrenRequest,
  writeGetDataRequest,
  writeGetEphemeralsRequest,
  writeReconfigRequest,
  writeSetACLRequest,
  writeSetDataRequest,
  writeSyncRequest,
} from '../codec/index.ts';
import { RequestError, type RequestErrorCode } from '../errors.ts';
import type { RequestPort } from '../session/index.ts';
import { acl as acls } from './acl.ts';
import { sequentialServerPath, serverPath } from './chroot.ts';
import { type CreateWire, createWire } from './create-kind.ts';
import type { ACL, AclOptions, CreateKind, NodeData, ReconfigChange } from './types.ts';
import type { WatchTarget } from './watch-queue.ts';

/**
 * One function an operation: checks the arguments and encodes the request into the open slab of the
 * port's pipeline, with the path as the server names it. The caller commits it, with a promise or
 * with a callback. All throw RequestError `not-sent`; errors name the path as the caller does.
 */

const SLASH = 0x2f;

const BUFFER: unknown = Buffer.prototype;
const UINT8_ARRAY: unknown = Uint8Array.prototype;

/** Holds the ensemble's configuration; never below a chroot. */
export const CONFIG_PATH = '/zookeeper/config';

export function encodeGet(port: RequestPort, path: string, watch: boolean): void {
  checkStart(path, 'getData');
  const writer = port.pipeline.begin(OP.getData, path);
  writeGetDataRequest(writer, serverPath(port.chroot, path), watch);
  checkWritten(writer, path, 'getData');
}

export function encodeGetConfig({ pipeline }: RequestPort, watch: boolean): void {
  writeGetDataRequest(pipeline.begin(OP.getData, CONFIG_PATH), CONFIG_PATH, watch);
}

export function encodeSet(port: RequestPort, path: string, data: NodeData, version: number): void {
  checkStart(path, 'setData');
  checkVersion(version, 'setData', path);
  const bytes = bytesOf(data, 'setData', path);
  const writer = port.pipeline.begin(OP.setData, path);
  writeSetDataRequest(writer, serverPath(port.chroot, path), bytes, version);
  checkWritten(writer, path, 'setData');
}

export function encodeExists(port: RequestPort, path: string, watch: boolean): void {
  checkStart(path, 'exists');
  const writer = port.pipeline.begin(OP.exists, path);
  writeExistsRequest(writer, serverPath(port.chroot, path), watch);
  checkWritten(writer, path, 'exists');
}

export function encodeDelete(port: RequestPort, path: string, version: number): void {
  checkStart(path, 'delete');
  checkNotRoot(path, 'delete');
  checkVersion(version, 'delete', path);
  const writer = port.pipeline.begin(OP.delete, path);
  writeDeleteRequest(writer, serverPath(port.chroot, path), version);
  checkWritten(writer, path, 'delete');
}

export function encodeGetChildren(port: RequestPort, path: string, watch: boolean): void {
  checkStart(path, 'getChildren');
  const writer = port.pipeline.begin(OP.getChildren, path);
  writeGetChildrenRequest(writer, serverPath(port.chroot, path), watch);
  checkWritten(writer, path, 'getChildren');
}

export function encodeGetChildren2(port: RequestPort, path: string, watch: boolean): void {
  checkStart(path, 'getChildren2');
  const writer = port.pipeline.begin(OP.getChildren2, path);
  writeGetChildren2Request(writer, serverPath(port.chroot, path), watch);
  checkWritten(writer, path, 'getChildren2');
}

export function encodeGetAcl(port: RequestPort, path: string): void {
  checkStart(path, 'getACL');
  const writer = port.pipeline.begin(OP.getACL, path);
  writeGetACLRequest(writer, serverPath(port.chroot, path));
  checkWritten(writer, path, 'getACL');
}

export function encodeSetAcl(
  port: RequestPort,
  path: string,
  acl: readonly ACL[],
  aversion: number,
): void {
  checkStart(path, 'setACL');
  checkVersion(aversion, 'setACL', path);
  const own = ownAcl(acl, 'setACL', path);
  const writer = port.pipeline.begin(OP.setACL, path);
  writeSetACLRequest(writer, serverPath(port.chroot, path), own, aversion);
  checkWritten(writer, path, 'setACL');
}

export function encodeSync(port: RequestPort, path: string): void {
  checkStart(path, 'sync');
  const writer = port.pipeline.begin(OP.sync, path);
  writeSyncRequest(writer, serverPath(port.chroot, path));
  checkWritten(writer, path, 'sync');
}

export function encodeGetAllChildrenNumber(port: RequestPort, path: string): void {
  checkStart(path, 'getAllChildrenNumber');
  const writer = port.pipeline.begin(OP.getAllChildrenNumber, path);
  writeGetAllChildrenNumberRequest(writer, serverPath(port.chroot, path));
  checkWritten(writer, path, 'getAllChildrenNumber');
}

/** The server compares characters, not nodes: a prefix need not be a path. */
export function encodeGetEphemerals(port: RequestPort, prefix: string): void {
  if (typeof prefix !== 'string' || !prefix.startsWith('/')) {
    throw badArgument('getEphemerals', prefix, 'a prefix must start with /');
  }
  const writer = port.pipeline.begin(OP.getEphemerals, prefix);
  writeGetEphemeralsRequest(writer, serverPath(port.chroot, prefix));
}

export function encodeWhoAmI({ pipeline }: RequestPort): void {
  pipeline.begin(OP.whoAmI, null);
}

/** Gives the wire form, which says what the reply will look like. */
export function encodeCreate(
  port: RequestPort,
  path: string,
  data: NodeData,
  options: CreateKind & AclOptions,
  withStat: boolean,
): CreateWire {
  const wire = createWire(options, withStat);
  if (typeof wire === 'string') throw badArgument('create', path, wire);
  checkPath(path, 'create', wire.sequential);
  const acl = ownAcl(options.acl ?? acls.open, 'create', path);
  const bytes = bytesOf(data, 'create', path);
  const writer = port.pipeline.begin(wire.op, path);
  const at = createServerPath(port.chroot, path, wire);
  if (wire.op === OP.createTTL) {
    writeCreateTTLRequest(writer, at, bytes, acl, wire.flags, wire.ttlMs);
  } else {
    writeCreateRequest(writer, at, bytes, acl, wire.flags);
  }
  return wire;
}

export function createServerPath(chroot: string, path: string, wire: CreateWire): string {
  return wire.sequential ? sequentialServerPath(chroot, path) : serverPath(chroot, path);
}

/** Lists go out as text with commas between the entries. */
export function encodeReconfig(
  { pipeline }: RequestPort,
  change: ReconfigChange,
  configId: bigint,
): void {
  const { joining, leaving, newMembers } = change;
  const incremental = joining !== undefined || leaving !== undefined;
  if (incremental === (newMembers !== undefined)) {
    throw badArgument('reconfig', undefined, 'either joining and leaving or newMembers');
  }
  if (typeof configId !== 'bigint' || BigInt.asIntN(64, configId) !== configId || configId < -1n) {
    throw badArgument('reconfig', undefined, `configId ${configId} is not -1n (any) or 0n..2^63-1`);
  }
  const joins = joining === undefined ? null : listOf('joining', joining, isServerText);
  const leaves = leaving === undefined ? null : listOf('leaving', leaving, isServerNumber);
  const members = newMembers === undefined ? null : listOf('newMembers', newMembers, isServerText);
  writeReconfigRequest(pipeline.begin(OP.reconfig, null), joins, leaves, members, configId);
}

function listOf<T>(name: string, list: readonly T[], isGood: (entry: unknown) => boolean): string {
  if (!Array.isArray(list) || list.length === 0 || !list.every(isGood)) {
    const entries =
      name === 'leaving' ? 'numbers of servers' : 'servers as server.1=host:2888:3888';
    throw badArgument('reconfig', undefined, `${name} must be a list of ${entries}, not empty`);
  }
  return list.join(',');
}

function isServerText(entry: unknown): boolean {
  return typeof entry === 'string' && /^[^\s,=]+=[^\s,]+$/.test(entry);
}

function isServerNumber(entry: unknown): boolean {
  return Number.isInteger(entry) && (entry as number) >= 0;
}

// Arguments.

/** What must hold before a path is made one of the server, and looked at there: see `checkWritten`. */
function checkStart(path: string, operation: string): void {
  if (typeof path !== 'string' || path.charCodeAt(0) !== SLASH) checkPath(path, operation);
}

/** Checks the path that the frame in work begins with. What throws leaves a frame that is never committed. */
function checkWritten(writer: JuteWriter, path: string, operation: string): void {
  const at = writer.frameStart + 4 + REQUEST_HEADER_BYTES;
  const start = at + 4;
  const end = start + writer.view.getInt32(at);
  if (!isPlainPath(writer.bytes, start, end)) checkPath(path, operation);
}

export function checkPath(path: string, operation: string, sequential = false): void {
  const fault = pathFault(path, sequential);
  if (fault !== null) throw badArgument(operation, path, fault);
}

/** Under a chroot the root is a node like any other on the server, and yet the ground that the client stands on. */
export function checkNotRoot(path: string, operation: string): void {
  if (path.length === 1) throw badArgument(operation, path, 'the root cannot be deleted');
}

export function checkVersion(version: number, operation: string, path: string): void {
  if (Number.isInteger(version) && version >= -1 && version <= 0x7fffffff) return;
  throw badArgument(operation, path, `version ${version} is not -1 (any) or 0..2^31-1`);
}

/**
 * A copy that is checked, and made before the request is begun: reading somebody else's objects may run
 * their code, and the caller may change them before a later request.
 */
export function ownAcl(acl: readonly ACL[], operation: string, path: string): readonly ACL[] {
  if (acl === acls.open) return acl;
  const own = Array.isArray(acl) ? Array.from(acl, ownEntry) : null;
  if (own?.every(isAclEntry) === true) return own;
  throw badArgument(operation, path, 'acl must be a list of { perms, id: { scheme, id } }');
}

function ownEntry(entry: ACL | null | undefined): ACL {
  const { perms, id } = entry ?? ({} as Partial<ACL>);
  return { perms, id: { scheme: id?.scheme, id: id?.id } } as ACL;
}

/** Permissions that servers do not know yet pass: what was read from a node can be written to another. */
function isAclEntry({ perms, id }: ACL): boolean {
  return (perms | 0) === perms && typeof id.scheme === 'string' && typeof id.id === 'string';
}

export function checkWatch(target: WatchTarget, operation: string, path: string): void {
  if (typeof target === 'function' || typeof target?.listener === 'function') return;
  throw badArgument(operation, path, 'watch must be a function or a WatchQueue');
}

/**
 * Bytes of node data. Anything else than bytes, a string or null is refused, never stringified. What is given
 * runs no code of the caller's when it is read, in the middle of a frame: a Proxy of bytes is none.
 */
export function bytesOf(data: NodeData, operation: string, path: string): Uint8Array | null {
  if (data === null) return null;
  if (types.isUint8Array(data)) return hasOwnWays(data) ? viewOf(data) : data;
  if (typeof data === 'string') return Buffer.from(data);
  throw badArgument(operation, path, `data must be bytes, a string or null, not ${typeof data}`);
}

/** A class of the caller's may have a `length` of its own. */
function hasOwnWays(data: Uint8Array): boolean {
  const prototype: unknown = Object.getPrototypeOf(data);
  return prototype !== BUFFER && prototype !== UINT8_ARRAY;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function badArgument(operation: string, path: unknown, detail: string): RequestError {
  const code: RequestErrorCode = 'BAD_ARGUMENT';
  const shown = typeof path === 'string' ? path : undefined;
  return new RequestError({ code, outcome: 'not-sent', operation, path: shown }, detail);
}
