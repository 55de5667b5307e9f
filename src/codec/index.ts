/// <reference types="node" preserve="true" />
/** `zkwire/codec`: bytes to records and back. No sockets, timers or promises. */
export * from './connect.ts';
export { Conversation, type ConversationOptions } from './conversation.ts';
export { describe } from './describe.ts';
export { encodePacket } from './encode-packet.ts';
export { FRAME_INCOMPLETE, FRAME_OVERSIZED, FrameCutter } from './frame-cutter.ts';
// Named here, these take the place of the generated ones below.
export {
  RECORDS,
  type TtlFlags,
  writeCreateTTLRequest,
  writeRequestHeader,
} from './guarded-writers.ts';
export { JuteReader } from './jute-reader.ts';
export { JuteWriter, type MakeRoom } from './jute-writer.ts';
export * from './multi.ts';
export * from './operations.ts';
export { OwnedBytes, viewOf } from './owned-bytes.ts';
export {
  type Direction,
  type Packet,
  type PacketError,
  type PacketKind,
  packetToJson,
  type ReplyHeaderValue,
  type RequestHeaderValue,
} from './packet.ts';
export { isPlainPath, pathFault } from './paths.ts';
export type {
  RecordCodec,
  RecordField,
  RecordName,
  Records,
} from './record-table.gen.ts';
export * from './records.gen.ts';
export * from './server-codes.ts';
export {
  POISON_BYTE,
  Slab,
  SlabPool,
  type SlabPoolCounters,
  type SlabPoolOptions,
} from './slab-pool.ts';
export { readText, utf8BytesMax, writeText } from './text.ts';
export { ADD_WATCH_MODE, EVENT_TYPE, KEEPER_STATE, WATCHER_TYPE } from './watch-names.ts';
export * from './xids.ts';
