/**
 * The replies of the null responder, premade. Written by hand and not with zkwire's codec: the
 * yardstick must not share code with what it measures.
 */

/** Operation codes that the null responder answers (`ZooDefs.OpCode`). */
export const OP = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  multi: 14,
  auth: 100,
  setWatches: 101,
  closeSession: -11,
} as const;

const ANSWERED: ReadonlySet<number> = new Set(Object.values(OP));

/** ZUNIMPLEMENTED: what a server answers to an operation it does not know, before it closes. */
const UNIMPLEMENTED = -6;

const PATH = Buffer.from('/zkwire-bench-create-100/n-0000000042', 'latin1');
/** A transaction of the benchmarks writes so many times. */
export const MULTI_SETS = 10;
/** Any plausible zxid; the same in every reply. */
const ZXID = 0x0000_0001_0000_0042n;
const SESSION_ID = 0x0100_00aa_bbcc_0001n;
const STAT_BYTES = 68;

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

function buffer(bytes: Buffer): Buffer {
  return Buffer.concat([int(bytes.length), bytes]);
}

function frame(...parts: Buffer[]): Buffer {
  return buffer(Buffer.concat(parts));
}

/** Field order of `Stat`: four longs, three ints, ephemeralOwner, two ints, pzxid. */
function stat(dataLength: number): Buffer {
  const bytes = Buffer.alloc(STAT_BYTES);
  bytes.writeBigInt64BE(ZXID - 1n, 0);
  bytes.writeBigInt64BE(ZXID, 8);
  bytes.writeBigInt64BE(1_700_000_000_000n, 16);
  bytes.writeBigInt64BE(1_700_000_000_500n, 24);
  bytes.writeInt32BE(7, 32);
  bytes.writeInt32BE(dataLength, 52);
  bytes.writeBigInt64BE(ZXID - 1n, 60);
  return bytes;
}

function reply(err: number, ...body: Buffer[]): Buffer {
  return frame(int(0), long(ZXID), int(err), ...body);
}

/** The payload that every server of a benchmark holds: `byteLength` bytes that are no valid UTF-8. */
export function payloadOf(byteLength: number): Buffer {
  const bytes = Buffer.alloc(byteLength);
  for (let at = 0; at < byteLength; at++) bytes[at] = (at * 7 + 0x80) & 0xff;
  return bytes;
}

/**
 * ConnectResponse frame: protocol version, negotiated time-out (ms), session id, password, and the
 * read-only byte for those clients that sent one.
 */
export function connectResponse(timeoutMs: number, withReadOnly: boolean): Buffer {
  const password = buffer(Buffer.alloc(16, 0x5a));
  const parts = [int(0), int(timeoutMs), long(SESSION_ID), password];
  return frame(...parts, ...(withReadOnly ? [Buffer.from([0])] : []));
}

/** What a getChildren finds: the same names on every server of a benchmark. */
export function childNames(count: number): string[] {
  return Array.from({ length: count }, (_, nth) => `child-${String(nth).padStart(6, '0')}`);
}

function names(count: number): Buffer {
  return Buffer.concat([int(count), ...childNames(count).map((name) => buffer(Buffer.from(name)))]);
}

/** `MultiHeader`: type of the result that follows, or -1 at the end; the error is 0 or unused. */
function multiHeader(type: number, done: boolean): Buffer {
  return Buffer.concat([int(type), Buffer.from([done ? 1 : 0]), int(done ? -1 : 0)]);
}

function multiResults(payloadBytes: number): Buffer {
  const one = Buffer.concat([multiHeader(OP.setData, false), stat(payloadBytes)]);
  const all = Array.from({ length: MULTI_SETS }, () => one);
  return Buffer.concat([...all, multiHeader(-1, true)]);
}

/** Whole reply frame to a request of that type, with xid 0 at byte 4 to be overwritten. */
export function cannedReply(type: number, payloadBytes: number, childCount = 0): Buffer {
  switch (type) {
    case OP.getData:
      return reply(0, buffer(payloadOf(payloadBytes)), stat(payloadBytes));
    case OP.exists:
    case OP.setData:
      return reply(0, stat(payloadBytes));
    case OP.create:
    case OP.sync:
      return reply(0, buffer(PATH));
    case OP.getChildren:
      return reply(0, names(childCount));
    case OP.getChildren2:
      return reply(0, names(childCount), stat(payloadBytes));
    case OP.multi:
      return reply(0, multiResults(payloadBytes));
    case OP.delete:
    case OP.ping:
    case OP.auth:
    case OP.setWatches:
    case OP.closeSession:
      return reply(0);
    default:
      return reply(UNIMPLEMENTED);
  }
}

/** Does a reply of that type end the connection? */
export function endsConnection(type: number): boolean {
  return type === OP.closeSession || !ANSWERED.has(type);
}
