/** `zkwire/codec`: bytes to records and back. No sockets, timers or promises. */
export { FRAME_INCOMPLETE, FrameCutter } from './frame-cutter.ts';
export { JuteReader } from './jute-reader.ts';
export { JuteWriter, type MakeRoom } from './jute-writer.ts';
export { OwnedBytes, viewOf } from './owned-bytes.ts';
export {
  POISON_BYTE,
  Slab,
  SlabPool,
  type SlabPoolCounters,
  type SlabPoolOptions,
} from './slab-pool.ts';
export { readText, utf8BytesMax, writeText } from './text.ts';
