import type { JuteReader } from '../../../src/codec/jute-reader.ts';
import { type DecodedMultiOperation, readMultiRequest } from '../../../src/codec/multi.ts';
import { OP } from '../../../src/codec/operations.ts';
import {
  readCreateRequest,
  readCreateTTLRequest,
  readDeleteRequest,
  readReconfigRequest,
  readSetACLRequest,
  readSetDataRequest,
} from '../../../src/codec/records.gen.ts';
import { SERVER_CODE } from '../../../src/codec/server-codes.ts';
import type { WriteRequest } from './write-request.ts';

const TTL_FLAGS: ReadonlySet<number> = new Set([5, 6]);

/** A decoded write, and the path that the log names. */
export interface DecodedWrite {
  readonly request: WriteRequest;
  readonly path: string | null;
}

/** The write in the body of a frame; null when `op` is none. */
export function readWrite(op: number, reader: JuteReader): DecodedWrite | null {
  switch (op) {
    case OP.create:
    case OP.create2:
    case OP.createContainer: {
      const { path, data, acl, flags } = readCreateRequest(reader);
      return create(op, path, data, acl, op === OP.createContainer ? 4 : flags, 0n);
    }
    case OP.createTTL: {
      const { path, data, acl, flags, ttl } = readCreateTTLRequest(reader);
      return create(op, path, data, acl, flags, ttl);
    }
    case OP.delete: {
      const { path, version } = readDeleteRequest(reader);
      return withPath({ kind: 'delete', path: text(path), version });
    }
    case OP.setData: {
      const { path, data, version } = readSetDataRequest(reader);
      return withPath({ kind: 'set', path: text(path), data: copyOf(data), version });
    }
    case OP.setACL: {
      const { path, acl, version } = readSetACLRequest(reader);
      return withPath({ kind: 'set-acl', path: text(path), acl, version });
    }
    case OP.multi: {
      const steps = readMultiRequest(reader).map(stepOf);
      return { request: { kind: 'multi', steps }, path: null };
    }
    case OP.reconfig:
      readReconfigRequest(reader);
      return { request: { kind: 'refused', err: SERVER_CODE.RECONFIGDISABLED }, path: null };
    case OP.closeSession:
      return { request: { kind: 'close-session' }, path: null };
    default:
      return null;
  }
}

function create(
  op: number,
  path: string | null,
  data: Buffer | null,
  acl: (WriteRequest & { kind: 'create' })['acl'],
  flags: number,
  ttl: bigint,
): DecodedWrite {
  const isTtl = op === OP.createTTL;
  // A mode that does not go with its opcode is one of the two requests never to send.
  if (isTtl !== TTL_FLAGS.has(flags) || flags < 0 || flags > 6 || (isTtl && ttl < 1n)) {
    return withPath({ kind: 'refused', err: SERVER_CODE.BADARGUMENTS });
  }
  const ttlMs = Number(ttl);
  return withPath({ kind: 'create', op, path: text(path), data: copyOf(data), acl, flags, ttlMs });
}

function stepOf(step: DecodedMultiOperation): WriteRequest {
  switch (step.op) {
    case OP.delete:
      return { kind: 'delete', path: text(step.path), version: step.version };
    case OP.check:
      return { kind: 'check', path: text(step.path), version: step.version };
    case OP.setData: {
      const { path, data, version } = step;
      return { kind: 'set', path: text(path), data: copyOf(data), version };
    }
    case OP.getData:
    case OP.getChildren:
      return { kind: 'refused', err: SERVER_CODE.MARSHALLINGERROR };
    case OP.createTTL:
      return create(step.op, step.path, step.data, step.acl, step.flags, step.ttl).request;
    default:
      return create(step.op, step.path, step.data, step.acl, step.flags, 0n).request;
  }
}

function withPath(request: WriteRequest): DecodedWrite {
  return { request, path: 'path' in request ? request.path : null };
}

function text(path: string | null): string {
  return path ?? '';
}

/** What is decoded is a view of bytes that are gone soon. */
function copyOf(data: Buffer | null): Buffer | null {
  return data === null ? null : Buffer.from(data);
}
