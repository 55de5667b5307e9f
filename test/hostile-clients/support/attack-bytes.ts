/** Requests made by hand: what no codec of ours would write. */

export function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

export function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt.asIntN(64, value));
  return bytes;
}

/** A string or a buffer with its length; null has -1. */
export function lengthed(content: string | Buffer | null): Buffer {
  if (content === null) return int(-1);
  const bytes = Buffer.from(content as string);
  return Buffer.concat([int(bytes.length), bytes]);
}

/** The length prefix and the parts behind it. */
export function frame(...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([int(body.length), body]);
}

export function request(xid: number, op: number, ...body: readonly Buffer[]): Buffer {
  return frame(int(xid), int(op), ...body);
}

/** What a first frame asks for. */
export interface Wish {
  readonly sessionId?: bigint;
  readonly password?: Buffer | null;
  readonly timeoutMs?: number;
  readonly lastZxidSeen?: bigint;
}

export function connectRequest(wish: Wish = {}): Buffer {
  const {
    sessionId = 0n,
    password = Buffer.alloc(16),
    timeoutMs = 1_000,
    lastZxidSeen = 0n,
  } = wish;
  const parts = [int(0), long(lastZxidSeen), int(timeoutMs), long(sessionId)];
  return frame(...parts, lengthed(password), Buffer.alloc(1));
}

/** One operation of a multi: its header and its record. */
export function operation(op: number, ...record: readonly Buffer[]): Buffer {
  return Buffer.concat([int(op), Buffer.from([0]), int(-1), ...record]);
}

/** Behind the last operation of a multi. */
export const END_OF_MULTI: Buffer = Buffer.concat([int(-1), Buffer.from([1]), int(-1)]);

/** ACL `world:anyone`, everything allowed. */
export const OPEN_ACL: Buffer = Buffer.concat([
  int(1),
  int(31),
  lengthed('world'),
  lengthed('anyone'),
]);
