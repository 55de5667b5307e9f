import { type ACL, JuteReader, type JuteWriter, OP } from '../../codec/index.ts';
import { OPEN_ACL_UNSAFE } from '../tree/acl-table.ts';
import type {
  CreateContainerTxn,
  CreateTtlTxn,
  CreateTxn,
  PlainTxn,
  SetDataTxn,
  Txn,
} from '../tree/txn.ts';
import { readAclList, writeAclList } from './acl-list.ts';

/** An operation that no transaction log has, or none of those that are known. */
class UnknownTxnType extends Error {
  override readonly name = 'UnknownTxnType';

  constructor(type: number) {
    super(`a transaction of type ${type} is not known`);
  }
}

/** Behind the record since 3.6: version of the digest (int) and digest of the whole tree (long). */
const DIGEST_BYTES = 12;
const DIGEST_VERSION = 2;

/** A transaction of a multi has its type and the length of its record at least. */
const STEP_BYTES_MIN = 8;

const NO_BYTES = Buffer.alloc(0);

/**
 * Reads what is behind the record of a transaction, up to the end: the digest of the tree with it, or null where
 * there is none, or one of another version. Throws a WireError.
 */
export function readDigest(reader: JuteReader): bigint | null {
  if (reader.remaining === 0) return null;
  if (reader.remaining !== DIGEST_BYTES) {
    reader.fail('BAD_LENGTH', `${reader.remaining} bytes too many`);
  }
  const version = reader.int();
  const digest = reader.long();
  return version === DIGEST_VERSION ? digest : null;
}

/**
 * Reads the record behind a transaction's header; `readDigest` reads what is behind it. Data are copied. Throws a
 * WireError or an UnknownTxnType.
 */
export function readTxn(type: number, reader: JuteReader): Txn {
  switch (type) {
    case OP.createSession:
      return { type, timeoutMs: reader.int() };
    case OP.closeSession:
      return { type, paths: readClosedPaths(reader) };
    case OP.multi:
      return { type, txns: readSteps(reader) };
    default:
      return readPlain(type, reader);
  }
}

function readPlain(type: number, reader: JuteReader): PlainTxn {
  switch (type) {
    case OP.create:
    case OP.create2:
      return readCreate(type, reader);
    case OP.createContainer:
      return readCreateContainer(type, reader);
    case OP.createTTL:
      return readCreateTtl(type, reader);
    case OP.delete:
    case OP.deleteContainer:
      return { type, path: readPath(reader) };
    case OP.setData:
    case OP.reconfig:
      return readSetData(type, reader);
    case OP.setACL:
      return { type, path: readPath(reader), acl: readAcl(reader), version: reader.int() };
    case OP.check:
      return { type, path: readPath(reader), version: reader.int() };
    case OP.error:
      return { type, code: reader.int() };
    default:
      throw new UnknownTxnType(type);
  }
}

function readCreate(type: CreateTxn['type'], reader: JuteReader): CreateTxn {
  const path = readPath(reader);
  const data = readData(reader);
  const acl = readAcl(reader);
  const ephemeral = reader.bool();
  // Before 3.4 nothing followed, and nothing had a digest.
  const parentCversion = reader.remaining === 0 ? -1 : reader.int();
  return { type, path, data, acl, ephemeral, parentCversion };
}

function readCreateContainer(
  type: CreateContainerTxn['type'],
  reader: JuteReader,
): CreateContainerTxn {
  const path = readPath(reader);
  const data = readData(reader);
  const acl = readAcl(reader);
  return { type, path, data, acl, parentCversion: reader.int() };
}

function readCreateTtl(type: CreateTtlTxn['type'], reader: JuteReader): CreateTtlTxn {
  const path = readPath(reader);
  const data = readData(reader);
  const acl = readAcl(reader);
  const parentCversion = reader.int();
  return { type, path, data, acl, parentCversion, ttlMs: Number(reader.long()) };
}

function readSetData(type: SetDataTxn['type'], reader: JuteReader): SetDataTxn {
  return { type, path: readPath(reader), data: readData(reader), version: reader.int() };
}

function readSteps(reader: JuteReader): PlainTxn[] {
  const txns: PlainTxn[] = [];
  for (let left = reader.count(STEP_BYTES_MIN); left > 0; left--) {
    const type = reader.int();
    const step = JuteReader.over(reader.buffer() ?? NO_BYTES);
    txns.push(readPlain(type, step));
    if (step.remaining > 0) step.fail('BAD_LENGTH', `${step.remaining} bytes too many in a step`);
  }
  return txns;
}

/** Servers of before 3.6 wrote nothing; where there is a digest then, it must not be read as paths. */
function readClosedPaths(reader: JuteReader): string[] | null {
  const { remaining, view, offset } = reader;
  if (remaining === 0) return null;
  // Two paths would take more than the eight bytes that are left behind the count.
  if (remaining === DIGEST_BYTES && view.getInt32(offset) === DIGEST_VERSION) return null;
  const count = reader.count(4);
  if (count < 0) return null;
  return Array.from({ length: count }, () => readPath(reader));
}

function readPath(reader: JuteReader): string {
  const path = reader.ustring();
  if (path === null) reader.fail('UNEXPECTED_NULL', 'a path is null');
  return path;
}

/** A copy: what is read lies in a window of the file. */
function readData(reader: JuteReader): Buffer | null {
  const bytes = reader.buffer();
  return bytes === null ? null : Buffer.from(bytes);
}

/** A real server takes no list for everybody and everything. */
function readAcl(reader: JuteReader): readonly ACL[] {
  return readAclList(reader) ?? OPEN_ACL_UNSAFE;
}

/** Writes the record of `txn`, without its type. */
export function writeTxn(writer: JuteWriter, txn: Txn): void {
  switch (txn.type) {
    case OP.createSession:
      writer.int(txn.timeoutMs);
      return;
    case OP.closeSession:
      if (txn.paths === null) return;
      writer.count(txn.paths.length);
      for (const path of txn.paths) writer.ustring(path);
      return;
    case OP.multi:
      writer.count(txn.txns.length);
      for (const step of txn.txns) writeStep(writer, step);
      return;
    case OP.error:
      writer.int(txn.code);
      return;
    default:
      writer.ustring(txn.path);
      writeBehindPath(writer, txn);
  }
}

type TxnOfPath = Exclude<PlainTxn, { readonly type: typeof OP.error }>;

function writeBehindPath(writer: JuteWriter, txn: TxnOfPath): void {
  switch (txn.type) {
    case OP.create:
    case OP.create2:
    case OP.createContainer:
    case OP.createTTL:
      writeCreate(writer, txn);
      return;
    case OP.setData:
    case OP.reconfig:
      writer.buffer(txn.data);
      writer.int(txn.version);
      return;
    case OP.setACL:
      writeAclList(writer, txn.acl);
      writer.int(txn.version);
      return;
    case OP.check:
      writer.int(txn.version);
  }
}

function writeCreate(writer: JuteWriter, txn: CreateTxn | CreateContainerTxn | CreateTtlTxn): void {
  writer.buffer(txn.data);
  writeAclList(writer, txn.acl);
  if ('ephemeral' in txn) writer.bool(txn.ephemeral);
  writer.int(txn.parentCversion);
  if (txn.type === OP.createTTL) writer.long(BigInt(txn.ttlMs));
}

function writeStep(writer: JuteWriter, step: PlainTxn): void {
  writer.int(step.type);
  const at = writer.reserve(4);
  // Offsets count from the beginning of the writer's memory, wherever that moves.
  writeTxn(writer, step);
  writer.view.setInt32(at, writer.offset - at - 4);
}
