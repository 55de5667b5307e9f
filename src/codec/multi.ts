import { ZkwireError } from '../errors.ts';
import type { JuteReader } from './jute-reader.ts';
import type { JuteWriter } from './jute-writer.ts';
import { isTtlFlag, OP } from './operations.ts';
import {
  type ACL,
  type CheckVersionRequest,
  type CreateRequest,
  type CreateTTLRequest,
  type DeleteRequest,
  type GetChildrenRequest,
  type GetDataRequest,
  MULTI_HEADER_BYTES,
  readACL,
  readStat,
  type SetDataRequest,
  type Stat,
  writeCheckVersionRequest,
  writeCreate2Response,
  writeCreateRequest,
  writeCreateResponse,
  writeCreateTTLRequest,
  writeDeleteRequest,
  writeErrorResponse,
  writeGetChildrenRequest,
  writeGetChildrenResponse,
  writeGetDataRequest,
  writeGetDataResponse,
  writeSetDataRequest,
  writeSetDataResponse,
} from './records.gen.ts';

/**
 * Framing of multi (14) and multiRead (22), which the schema cannot say. Requests and responses
 * have the same outline:
 *
 *     (MultiHeader{int type, boolean done=false, int err} record)* MultiHeader{-1, true, -1}
 *
 * In a request `err` is -1 and the record is that of the operation. In a response `type` says what
 * follows, *not* the operation that was sent: createContainer and createTTL are answered as create2,
 * and servers up to 3.7.1 and 3.8.1 answer create2 as create, without a Stat (ZOOKEEPER-4026).
 *
 * A failed multi is no failed request: the ReplyHeader's err is 0 and every result is an error, 0
 * for operations before the one that failed, -2 (RUNTIMEINCONSISTENCY) for those after it.
 */

/** create, create2, createContainer inside a multi. `flags` is the create mode. */
export interface MultiCreate {
  /** Which create. */
  readonly op: typeof OP.create | typeof OP.create2 | typeof OP.createContainer;
  /** Of the node to make. */
  readonly path: string;
  /** Its data. */
  readonly data: Uint8Array | null;
  /** Who may use it. */
  readonly acl: readonly ACL[];
  /** Its create mode, by the flag of `CREATE_MODES`. */
  readonly flags: number;
}

/** createTTL inside a multi. */
export interface MultiCreateTTL {
  /** The operation. */
  readonly op: typeof OP.createTTL;
  /** Of the node to make. */
  readonly path: string;
  /** Its data. */
  readonly data: Uint8Array | null;
  /** Who may use it. */
  readonly acl: readonly ACL[];
  /** PERSISTENT_WITH_TTL (5) or PERSISTENT_SEQUENTIAL_WITH_TTL (6); anything else is refused. */
  readonly flags: number;
  /** 1 to 2^40-1 ms. */
  readonly ttl: bigint;
}

/** delete or check inside a multi. `version` -1 means any. */
export interface MultiVersioned {
  /** Which of the two. */
  readonly op: typeof OP.delete | typeof OP.check;
  /** Of the node. */
  readonly path: string;
  /** That it must have; -1 for any. */
  readonly version: number;
}

/** setData inside a multi. `version` -1 means any. */
export interface MultiSetData {
  /** The operation. */
  readonly op: typeof OP.setData;
  /** Of the node. */
  readonly path: string;
  /** Its new data. */
  readonly data: Uint8Array | null;
  /** That it must have; -1 for any. */
  readonly version: number;
}

/** getData or getChildren inside a multiRead. Servers ignore `watch`. */
export interface MultiReadOperation {
  /** Data and Stat, or names of the children. */
  readonly op: typeof OP.getData | typeof OP.getChildren;
  /** Of the node. */
  readonly path: string;
  /** Ignored by servers. */
  readonly watch: boolean;
}

/** What can be asked for in a multi. */
export type MultiOperation = MultiCreate | MultiCreateTTL | MultiVersioned | MultiSetData;

/** A create whose empty `acl` is shared and frozen. */
export type DecodedCreate<T extends { acl: ACL[] | null }> = Readonly<Omit<T, 'acl'>> & {
  readonly acl: readonly ACL[] | null;
};

/**
 * One operation as read from the wire: the fields of its request beside `op`. Nothing is checked,
 * null stays null, buffers are lent.
 */
export type DecodedMultiOperation =
  | ({ readonly op: MultiCreate['op'] } & DecodedCreate<CreateRequest>)
  | ({ readonly op: typeof OP.createTTL } & DecodedCreate<CreateTTLRequest>)
  | ({ readonly op: typeof OP.delete } & Readonly<DeleteRequest>)
  | ({ readonly op: typeof OP.check } & Readonly<CheckVersionRequest>)
  | ({ readonly op: typeof OP.setData } & Readonly<SetDataRequest>)
  | ({ readonly op: typeof OP.getData } & Readonly<GetDataRequest>)
  | ({ readonly op: typeof OP.getChildren } & Readonly<GetChildrenRequest>);

/** One result of a multi or multiRead, by the type that the server gave it. Buffers are lent. */
export type MultiResult =
  | { readonly op: typeof OP.create; readonly path: string | null }
  | { readonly op: typeof OP.create2; readonly path: string | null; readonly stat: Stat }
  | { readonly op: typeof OP.delete }
  | { readonly op: typeof OP.check }
  | { readonly op: typeof OP.setData; readonly stat: Stat }
  | { readonly op: typeof OP.getData; readonly data: Buffer | null; readonly stat: Stat }
  | { readonly op: typeof OP.getChildren; readonly children: (string | null)[] | null }
  | { readonly op: typeof OP.error; readonly err: number };

/** One result as a server writes it: as {@link MultiResult}, but what must be there is there. */
export type MultiAnswer =
  | { readonly op: typeof OP.create; readonly path: string }
  | { readonly op: typeof OP.create2; readonly path: string; readonly stat: Stat }
  | { readonly op: typeof OP.delete }
  | { readonly op: typeof OP.check }
  | { readonly op: typeof OP.setData; readonly stat: Stat }
  | { readonly op: typeof OP.getData; readonly data: Uint8Array | null; readonly stat: Stat }
  | { readonly op: typeof OP.getChildren; readonly children: readonly string[] }
  | { readonly op: typeof OP.error; readonly err: number };

/**
 * Shortest encodings: header, null path, version; perms and two null strings; a null string. Reads are three
 * bytes shorter: they cost so little that the list of them may grow once.
 */
const OPERATION_BYTES_MIN: number = MULTI_HEADER_BYTES + 4 + 4;
const ACL_BYTES_MIN = 12;
const TEXT_BYTES_MIN = 4;

/** Results without a body are these two objects, however many there are: nine bytes on the wire should not cost more here. */
const DELETED: MultiResult = Object.freeze({ op: OP.delete });
const CHECKED: MultiResult = Object.freeze({ op: OP.check });
/** Likewise. */
const NO_ACL: readonly ACL[] = Object.freeze([]);

/**
 * Writes the body of a multi (after the RequestHeader): every operation, then the terminator.
 * An empty list is legal. Throws BAD_ARGUMENT for createTTL with a mode that has no TTL, which
 * servers in wide use do not survive.
 */
export function writeMultiRequest(
  writer: JuteWriter,
  operations: readonly (MultiOperation | MultiReadOperation)[],
): void {
  for (const operation of operations) {
    writeMultiHeader(writer, operation.op, false, -1);
    writeOperation(writer, operation);
  }
  writeMultiHeader(writer, -1, true, -1);
}

/** Reads the body of a multi or multiRead request up to and including its terminator. Throws BAD_MULTI. */
export function readMultiRequest(reader: JuteReader): DecodedMultiOperation[] {
  return readItems(reader, OPERATION_BYTES_MIN, readOperation);
}

/** Writes the body of an answer (after the ReplyHeader): every result, then the terminator. */
export function writeMultiResponse(writer: JuteWriter, results: readonly MultiAnswer[]): void {
  for (const result of results) {
    writeMultiHeader(writer, result.op, false, result.op === OP.error ? result.err : 0);
    writeResult(writer, result);
  }
  writeMultiHeader(writer, -1, true, -1);
}

/** Reads the body of an answer up to and including its terminator. Throws BAD_MULTI. */
export function readMultiResponse(reader: JuteReader): MultiResult[] {
  return readItems(reader, MULTI_HEADER_BYTES, readResult);
}

/** Code of the operation that made a multi fail: the first result that is an error other than 0 and "not tried". 0 when it succeeded. */
export function multiFailure(results: readonly MultiResult[]): { index: number; err: number } {
  const notTried = -2;
  let failure = { index: -1, err: 0 };
  for (let index = 0; index < results.length; index++) {
    const result = results[index]!;
    if (result.op !== OP.error || result.err === 0) continue;
    if (result.err !== notTried) return { index, err: result.err };
    if (failure.err === 0) failure = { index, err: result.err };
  }
  return failure;
}

function writeMultiHeader(writer: JuteWriter, type: number, done: boolean, err: number): void {
  const at = writer.reserve(MULTI_HEADER_BYTES);
  writer.view.setInt32(at, type);
  writer.view.setUint8(at + 4, done ? 1 : 0);
  writer.view.setInt32(at + 5, err);
}

/**
 * Everything up to and including the terminator. The array starts as long as it is likely to get at most, less
 * than one byte for a byte of the frame: growing it step by step would cost up to three times as much.
 */
function readItems<T>(
  reader: JuteReader,
  itemBytesMin: number,
  readItem: (reader: JuteReader, type: number) => T,
): T[] {
  const items = new Array<T>(Math.floor(reader.remaining / itemBytesMin));
  let count = 0;
  for (let type = readMultiHeader(reader); type !== null; type = readMultiHeader(reader)) {
    items[count++] = readItem(reader, type);
  }
  items.length = count;
  return items;
}

/** The type in the next header; null for the terminator. */
function readMultiHeader(reader: JuteReader): number | null {
  if (reader.remaining < MULTI_HEADER_BYTES) {
    reader.fail('BAD_MULTI', 'the frame ends before the terminator');
  }
  const at = reader.take(MULTI_HEADER_BYTES);
  return reader.view.getUint8(at + 4) === 0 ? reader.view.getInt32(at) : null;
}

function writeOperation(writer: JuteWriter, operation: MultiOperation | MultiReadOperation): void {
  switch (operation.op) {
    case OP.create:
    case OP.create2:
    case OP.createContainer: {
      const { path, data, acl, flags } = operation;
      writeCreateRequest(writer, path, data, acl, flags);
      break;
    }
    case OP.createTTL: {
      const { path, data, acl, flags, ttl } = operation;
      if (!isTtlFlag(flags)) {
        throw new ZkwireError('BAD_ARGUMENT', `create mode ${flags} has no TTL`);
      }
      writeCreateTTLRequest(writer, path, data, acl, flags, ttl);
      break;
    }
    case OP.delete:
      writeDeleteRequest(writer, operation.path, operation.version);
      break;
    case OP.check:
      writeCheckVersionRequest(writer, operation.path, operation.version);
      break;
    case OP.setData:
      writeSetDataRequest(writer, operation.path, operation.data, operation.version);
      break;
    case OP.getData:
      writeGetDataRequest(writer, operation.path, operation.watch);
      break;
    case OP.getChildren:
      writeGetChildrenRequest(writer, operation.path, operation.watch);
      break;
    default:
      // A caller without types: a header without a record would break the rest of the frame.
      refuseOperation((operation as { op: unknown }).op);
  }
}

function refuseOperation(op: unknown): never {
  throw new ZkwireError('BAD_ARGUMENT', `operation ${op} cannot be part of a multi`);
}

/**
 * One flat object an operation, made in one go: an operation can be 17 bytes on the wire, and what
 * a hostile frame costs is bounded by a multiple of its size. For the same reason the vectors here
 * are read without the record around them.
 */
function readOperation(reader: JuteReader, op: number): DecodedMultiOperation {
  switch (op) {
    case OP.create:
    case OP.create2:
    case OP.createContainer: {
      const path = reader.ustring();
      const data = reader.buffer();
      return { op, path, data, acl: readAclVector(reader), flags: reader.int() };
    }
    case OP.createTTL: {
      const path = reader.ustring();
      const data = reader.buffer();
      const acl = readAclVector(reader);
      return { op, path, data, acl, flags: reader.int(), ttl: reader.long() };
    }
    case OP.delete:
    case OP.check:
      return { op, path: reader.ustring(), version: reader.int() };
    case OP.setData: {
      const path = reader.ustring();
      return { op, path, data: reader.buffer(), version: reader.int() };
    }
    case OP.getData:
    case OP.getChildren:
      return { op, path: reader.ustring(), watch: reader.bool() };
    default:
      return refuseType(reader, op, 'an operation');
  }
}

function readAclVector(reader: JuteReader): readonly ACL[] | null {
  const count = reader.count(ACL_BYTES_MIN);
  if (count <= 0) return count < 0 ? null : NO_ACL;
  const acl = new Array<ACL>(count);
  for (let index = 0; index < count; index++) acl[index] = readACL(reader);
  return acl;
}

function readTexts(reader: JuteReader): (string | null)[] | null {
  const count = reader.count(TEXT_BYTES_MIN);
  if (count < 0) return null;
  const texts = new Array<string | null>(count);
  for (let index = 0; index < count; index++) texts[index] = reader.ustring();
  return texts;
}

function writeResult(writer: JuteWriter, result: MultiAnswer): void {
  switch (result.op) {
    case OP.create:
      writeCreateResponse(writer, result.path);
      break;
    case OP.create2:
      writeCreate2Response(writer, result.path, result.stat);
      break;
    case OP.setData:
      writeSetDataResponse(writer, result.stat);
      break;
    case OP.getData:
      writeGetDataResponse(writer, result.data, result.stat);
      break;
    case OP.getChildren:
      writeGetChildrenResponse(writer, result.children);
      break;
    case OP.error:
      writeErrorResponse(writer, result.err);
      break;
    case OP.delete:
    case OP.check:
      break;
  }
}

function readResult(reader: JuteReader, type: number): MultiResult {
  switch (type) {
    case OP.create:
      return { op: type, path: reader.ustring() };
    case OP.create2:
      return { op: type, path: reader.ustring(), stat: readStat(reader) };
    case OP.delete:
      return DELETED;
    case OP.check:
      return CHECKED;
    case OP.setData:
      return { op: type, stat: readStat(reader) };
    case OP.getData:
      return { op: type, data: reader.buffer(), stat: readStat(reader) };
    case OP.getChildren:
      return { op: type, children: readTexts(reader) };
    case OP.error:
      return { op: type, err: reader.int() };
    default:
      return refuseType(reader, type, 'a result');
  }
}

function refuseType(reader: JuteReader, type: number, what: string): never {
  const headerAt = reader.offset - MULTI_HEADER_BYTES;
  reader.failAt(headerAt, 'BAD_MULTI', `${what} of type ${type} cannot be part of a multi`);
}
