import { type ACL, JuteReader, OP, readACL } from 'zkwire/codec';

/** One change, as the servers wrote it down. Nulls are as they are in the log. */
type TxnChange =
  | {
      readonly type: 'create' | 'create2' | 'createContainer' | 'createTTL';
      readonly path: string;
      readonly data: Buffer | null;
      readonly acl: readonly ACL[] | null;
      readonly ephemeral: boolean;
      /** The parent's cversion after it; null in logs of before 3.4. */
      readonly parentCVersion: number | null;
      /** Only of `createTTL`, in ms. */
      readonly ttlMs: bigint | null;
    }
  | { readonly type: 'delete' | 'deleteContainer'; readonly path: string }
  | {
      readonly type: 'setData' | 'reconfig';
      readonly path: string;
      readonly data: Buffer | null;
      /** The node's version after it. */
      readonly version: number;
    }
  | {
      readonly type: 'setACL';
      readonly path: string;
      readonly acl: readonly ACL[] | null;
      /** The node's aversion after it. */
      readonly version: number;
    }
  /** A step of a multi that changes nothing. The servers write down the version that a change would lead to: one more than the client asked for. */
  | { readonly type: 'check'; readonly path: string; readonly version: number };

/** What one transaction is. */
export type TxnBody =
  | TxnChange
  | { readonly type: 'createSession'; readonly timeoutMs: number }
  /** `paths` are the ephemeral nodes that go with it; null in logs of before 3.6. */
  | { readonly type: 'closeSession'; readonly paths: readonly string[] | null }
  /** A request that was refused after it had got its zxid. */
  | { readonly type: 'error'; readonly serverCode: number }
  | {
      readonly type: 'multi';
      readonly steps: readonly TxnStep[];
      /**
       * False: a step was refused, so none was applied, although those before the refused one stand
       * in the log as if they had been.
       */
      readonly applied: boolean;
    };

export type TxnStep = TxnChange | { readonly type: 'error'; readonly serverCode: number };

/** An operation that no transaction log has, or none of those that are known. */
class UnknownTxnType extends Error {
  override readonly name = 'UnknownTxnType';

  constructor(type: number) {
    super(`a transaction of type ${type} is not known`);
  }
}

/** Behind the record since 3.7: version of the digest (int) and digest of the whole tree (long). */
const DIGEST_BYTES = 12;
const DIGEST_VERSION = 2;

/** Steps of one multi: more would not fit into the largest packet that servers take. */
const STEP_BYTES_MIN = 8;

/**
 * Reads the record behind a transaction's header and steps over the digest behind it. The reader is
 * at the end then, or something threw: a WireError, an UnknownTxnType.
 */
export function readTxnBody(type: number, reader: JuteReader): TxnBody {
  const body = readBody(type, reader);
  if (reader.remaining === DIGEST_BYTES) reader.take(DIGEST_BYTES);
  if (reader.remaining > 0) reader.fail('BAD_LENGTH', `${reader.remaining} bytes too many`);
  return body;
}

function readBody(type: number, reader: JuteReader): TxnBody {
  switch (type) {
    case OP.createSession:
      return { type: 'createSession', timeoutMs: reader.int() };
    case OP.closeSession:
      return { type: 'closeSession', paths: readClosedPaths(reader) };
    case OP.multi:
      return readMulti(reader);
    default:
      return readStep(type, reader);
  }
}

function readStep(type: number, reader: JuteReader): TxnStep {
  if (type === OP.error) return { type: 'error', serverCode: reader.int() };
  if (type === OP.create || type === OP.create2) {
    return readCreate(type === OP.create ? 'create' : 'create2', reader);
  }
  switch (type) {
    case OP.createContainer:
      return readCreate('createContainer', reader);
    case OP.createTTL:
      return readCreate('createTTL', reader);
    case OP.delete:
      return { type: 'delete', path: readPath(reader) };
    case OP.deleteContainer:
      return { type: 'deleteContainer', path: readPath(reader) };
    case OP.setData:
      return readSetData('setData', reader);
    case OP.reconfig:
      return readSetData('reconfig', reader);
    case OP.setACL:
      return {
        type: 'setACL',
        path: readPath(reader),
        acl: readAcl(reader),
        version: reader.int(),
      };
    case OP.check:
      return { type: 'check', path: readPath(reader), version: reader.int() };
    default:
      throw new UnknownTxnType(type);
  }
}

type CreateType = 'create' | 'create2' | 'createContainer' | 'createTTL';

function readCreate(type: CreateType, reader: JuteReader): TxnChange {
  const path = readPath(reader);
  const data = reader.buffer();
  const acl = readAcl(reader);
  const plain = type === 'create' || type === 'create2';
  const ephemeral = plain && reader.bool();
  // Before 3.4 nothing followed, and nothing had a digest.
  const parentCVersion = plain && reader.remaining === 0 ? null : reader.int();
  const ttlMs = type === 'createTTL' ? reader.long() : null;
  return { type, path, data, acl, ephemeral, parentCVersion, ttlMs };
}

function readSetData(type: 'setData' | 'reconfig', reader: JuteReader): TxnChange {
  return { type, path: readPath(reader), data: reader.buffer(), version: reader.int() };
}

function readMulti(reader: JuteReader): TxnBody {
  const count = reader.count(STEP_BYTES_MIN);
  const steps: TxnStep[] = [];
  for (let left = count; left > 0; left--) {
    const type = reader.int();
    const bytes = reader.buffer();
    const step = JuteReader.over(bytes ?? Buffer.alloc(0));
    steps.push(readStep(type, step));
    if (step.remaining > 0) step.fail('BAD_LENGTH', `${step.remaining} bytes too many in a step`);
  }
  return { type: 'multi', steps, applied: steps.every((step) => step.type !== 'error') };
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

function readAcl(reader: JuteReader): ACL[] | null {
  const count = reader.count(12);
  if (count < 0) return null;
  return Array.from({ length: count }, () => readACL(reader));
}
