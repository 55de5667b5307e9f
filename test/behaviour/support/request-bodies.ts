import { framed, text } from './raw-socket.ts';

/** Operations of raw requests. */
export const CREATE = 1;
export const GET_DATA = 4;

/** A create of op 1: open to everybody, of no special kind. */
export function createBody(path: string, data: Buffer): Buffer {
  const acl = Buffer.concat([
    Buffer.from([0, 0, 0, 1, 0, 0, 0, 31]),
    text('world'),
    text('anyone'),
  ]);
  return Buffer.concat([text(path), framed(data), acl, Buffer.alloc(4)]);
}

/** A getData of op 4, without a watch. */
export const getBody = (path: string): Buffer => Buffer.concat([text(path), Buffer.from([0])]);
