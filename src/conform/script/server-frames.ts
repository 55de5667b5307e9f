import {
  JuteWriter,
  operationName,
  operationOf,
  RECORDS,
  type Stat,
  writeConnectAcceptance,
  writeConnectRefusal,
  writeReplyHeader,
  writeWatcherEvent,
} from '../../codec/index.ts';

/** Frames of a server, whole with their lengths. */

/** What a server grants. */
export interface Grant {
  /** Session time-out in ms. 0: the session has expired. */
  readonly timeOutMs: number;
  /** Id of the session. */
  readonly sessionId: bigint;
  /** 16 bytes. */
  readonly passwd: Uint8Array;
  /** The last byte; undefined leaves it out (36 bytes instead of 37). */
  readonly readOnly: boolean | undefined;
}

function frame(write: (writer: JuteWriter) => void): Buffer {
  const writer = JuteWriter.standalone();
  writer.beginFrame();
  write(writer);
  writer.endFrame();
  return writer.finished();
}

/** The answer to a handshake. */
export function acceptanceFrame({ timeOutMs, sessionId, passwd, readOnly }: Grant): Buffer {
  return frame((writer) => writeConnectAcceptance(writer, timeOutMs, sessionId, passwd, readOnly));
}

/** The answer of a read-only server that has no local sessions: 16 bytes where 36 or 37 should be. */
export function refusalFrame(err: number): Buffer {
  return frame((writer) => writeConnectRefusal(writer, err));
}

/** Header of a reply, and the bytes behind it. */
export function replyFrame(xid: number, zxid: bigint, err: number, body?: Uint8Array): Buffer {
  return frame((writer) => {
    writeReplyHeader(writer, xid, zxid, err);
    if (body === undefined) return;
    const at = writer.reserve(body.length);
    writer.bytes.set(body, at);
  });
}

/** A watch event; `type` is 1 to 4. */
export function eventFrame(type: number, path: string, zxid: bigint): Buffer {
  return frame((writer) => {
    writeReplyHeader(writer, -1, zxid, 0);
    writeWatcherEvent(writer, type, 3, path);
  });
}

/** The record that answers `op`, with these fields. Throws when the operation is answered with none. */
export function responseBody(op: number, fields: object): Buffer {
  const name = operationOf(op)?.response ?? null;
  const record = RECORDS[name as keyof typeof RECORDS];
  if (record === undefined) throw new RangeError(`${operationName(op)} has no record of its own`);
  const writer = JuteWriter.standalone();
  (record.write as (w: JuteWriter, value: unknown) => void)(writer, fields);
  return writer.finished();
}

/** A Stat with these fields, and plausible others. */
export function statWith(fields: Partial<Stat> = {}): Stat {
  return {
    czxid: 2n,
    mzxid: 2n,
    ctime: 1_700_000_000_000n,
    mtime: 1_700_000_000_000n,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: 0n,
    dataLength: 0,
    numChildren: 0,
    pzxid: 2n,
    ...fields,
  };
}
