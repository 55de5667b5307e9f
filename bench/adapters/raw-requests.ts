import type { Workload } from './adapter.ts';

/** Requests made by hand, for clients that have no codec. */

const SESSION_TIMEOUT_MS = 30_000;
const GET_DATA = 4;
const SET_DATA = 5;
const CLOSE_SESSION = -11;
/** Where the xid stands in a request frame. */
export const XID_OFFSET = 4;

/** The request of a workload as a whole frame, its xid 0. */
export function premadeRequest({ operation, path, data }: Omit<Workload, 'depth'>): Buffer {
  const pathBytes = Buffer.from(path);
  const body = Buffer.alloc(12 + pathBytes.length + (operation === 'get' ? 1 : 8 + data.length));
  body.writeInt32BE(operation === 'get' ? GET_DATA : SET_DATA, 4);
  body.writeInt32BE(pathBytes.length, 8);
  const end = 12 + pathBytes.copy(body, 12);
  if (operation === 'set') {
    body.writeInt32BE(data.length, end);
    data.copy(body, end + 4);
    body.writeInt32BE(-1, end + 4 + data.length);
  }
  return framed(body);
}

export function connectRequest(): Buffer {
  const body = Buffer.alloc(45);
  body.writeInt32BE(SESSION_TIMEOUT_MS, 12);
  body.writeInt32BE(16, 24);
  return framed(body);
}

function framed(body: Buffer): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length);
  body.copy(frame, 4);
  return frame;
}

export function closeRequest(): Buffer {
  const body = Buffer.alloc(8);
  body.writeInt32BE(0x7fff_ffff);
  body.writeInt32BE(CLOSE_SESSION, 4);
  return framed(body);
}
