import { MULTI_SETS, OP } from '../servers/canned-replies.ts';
import { createdPath, type Operation, type Workload } from './adapter.ts';

/** Requests made by hand, for clients that have no codec. */

const SESSION_TIMEOUT_MS = 30_000;
/** `ZOO_SEQUENCE` of a persistent node. */
const SEQUENTIAL = 2;
const PERMISSIONS_ALL = 31;
/** Where the xid stands in a request frame. */
export const XID_OFFSET = 4;

/** The request of a workload as a whole frame, its xid 0. A mix has none of its own. */
export function premadeRequest({ operation, path, data }: Omit<Workload, 'depth'>): Buffer {
  const type = typeOf(operation);
  return framed(Buffer.concat([int(0), int(type), ...bodyOf(operation, path, data)]));
}

function typeOf(operation: Operation): number {
  switch (operation) {
    case 'get':
      return OP.getData;
    case 'set':
      return OP.setData;
    case 'mixed':
      throw new Error('a mix is made of get and set');
    default:
      return OP[operation];
  }
}

function bodyOf(operation: Operation, path: string, data: Buffer): Buffer[] {
  switch (operation) {
    case 'set':
      return setBody(path, data);
    case 'create': {
      const open = [int(1), int(PERMISSIONS_ALL), text('world'), text('anyone')];
      return [text(createdPath(path)), buffer(data), ...open, int(SEQUENTIAL)];
    }
    case 'multi':
      return multiBody(path, data);
    default:
      // The byte says that no watch is wanted.
      return [text(path), Buffer.from([0])];
  }
}

function setBody(path: string, data: Buffer): Buffer[] {
  return [text(path), buffer(data), int(-1)];
}

function multiBody(path: string, data: Buffer): Buffer[] {
  const header = Buffer.concat([int(OP.setData), Buffer.from([0]), int(-1)]);
  const end = Buffer.concat([int(-1), Buffer.from([1]), int(-1)]);
  const sets = Array.from({ length: MULTI_SETS }, () => [header, ...setBody(path, data)]);
  return [...sets.flat(), end];
}

export function connectRequest(): Buffer {
  const body = Buffer.alloc(45);
  body.writeInt32BE(SESSION_TIMEOUT_MS, 12);
  body.writeInt32BE(16, 24);
  return framed(body);
}

export function closeRequest(): Buffer {
  return framed(Buffer.concat([int(0x7fff_ffff), int(OP.closeSession)]));
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function buffer(bytes: Buffer): Buffer {
  return Buffer.concat([int(bytes.length), bytes]);
}

function text(value: string): Buffer {
  return buffer(Buffer.from(value));
}

function framed(body: Buffer): Buffer {
  return buffer(body);
}
