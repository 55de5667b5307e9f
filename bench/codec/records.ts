import { cannedReply, OP } from '../servers/canned-replies.ts';

/** Records per iteration, so that reading the clock costs nothing per record. */
export const RECORDS = 100;
export const PAYLOAD_BYTES = 100;
const XID_OFFSET = 4;
/** Where the body of a reply frame begins: length prefix, then xid, zxid and err. */
export const BODY_OFFSET = 20;
const STAT_BYTES = 68;

/** Premade reply to a getData of 100 bytes. */
export const GET_DATA_REPLY: Buffer = cannedReply(OP.getData, PAYLOAD_BYTES);
export const STAT_RECORD: Buffer = GET_DATA_REPLY.subarray(-STAT_BYTES);
/** `version` of the Stat in it. */
export const STAT_VERSION: number = STAT_RECORD.readInt32BE(32);

/** One read of a socket: RECORDS whole replies with xids from 0 on. */
export function replyChunk(): Buffer {
  const chunk = Buffer.concat(Array.from({ length: RECORDS }, () => GET_DATA_REPLY));
  for (let nth = 0; nth < RECORDS; nth++) {
    chunk.writeInt32BE(nth, nth * GET_DATA_REPLY.length + XID_OFFSET);
  }
  return chunk;
}

/**
 * Where every decoded record of an iteration is put, by both sides. Of a record that is dropped at once V8 makes
 * only the fields that were read (escape analysis), which no program that wants the record gets.
 */
export const DECODED: unknown[] = new Array(RECORDS).fill(null);

/** What an iteration over such a chunk must add up to. */
export const REPLY_CHECKSUM: number = RECORDS * (STAT_VERSION + PAYLOAD_BYTES);

/**
 * One subject of the codec benchmarks. `iterate` handles RECORDS records and returns a checksum, so
 * that nothing can be optimised away and a wrong decoder cannot be fast.
 */
export interface CodecSubjectModule {
  checksum: number;
  zkwire(): Promise<() => number>;
  nodeZooKeeperClient(): Promise<() => number>;
}
