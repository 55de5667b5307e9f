import { utf8BytesMax, writeText } from './text.ts';

/** Makes room: afterwards `writer.capacity - writer.offset >= neededBytes`. May move the unfinished frame. */
export type MakeRoom = (writer: JuteWriter, neededBytes: number) => void;

/**
 * Writes jute values into a slab. When the slab is full, `makeRoom` moves the unfinished frame to
 * a larger place, so `view` and `bytes` must be read again after every `reserve`.
 */
export class JuteWriter {
  /** The slab. Another one after the frame has moved. */
  bytes: Buffer;
  /** Over `bytes`. */
  view: DataView;
  /** Where the next byte goes. */
  offset = 0;
  /** First byte that may not be written. */
  capacity: number;
  /** Where the length prefix of the frame in work stands. */
  frameStart = 0;
  readonly #makeRoom: MakeRoom;

  /** Over `bytes` and a `view` of the same memory; `standalone` makes one that needs no more. */
  constructor(bytes: Buffer, view: DataView, makeRoom: MakeRoom) {
    this.bytes = bytes;
    this.view = view;
    this.capacity = bytes.length;
    this.#makeRoom = makeRoom;
  }

  /** A writer with memory of its own that grows as needed, for fixtures, tests and tools. */
  static standalone(capacityBytes = 256): JuteWriter {
    const bytes = Buffer.alloc(capacityBytes);
    return new JuteWriter(bytes, viewOver(bytes), growStandalone);
  }

  /** What a standalone writer has written so far, as a copy. */
  finished(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.offset));
  }

  /** Steps over `count` bytes, after making room for them, and gives the offset of the first. */
  reserve(count: number): number {
    if (this.offset + count > this.capacity) this.#makeRoom(this, count);
    const at = this.offset;
    this.offset = at + count;
    return at;
  }

  /** Starts a frame: leaves room for its length. */
  beginFrame(): void {
    const at = this.reserve(4);
    this.frameStart = at;
  }

  /** Ends the frame: patches its length, which it returns (prefix not counted). */
  endFrame(): number {
    const length = this.offset - this.frameStart - 4;
    this.view.setInt32(this.frameStart, length);
    return length;
  }

  /** Takes back everything since `beginFrame`. */
  abandonFrame(): void {
    this.offset = this.frameStart;
  }

  /** Four bytes, signed. */
  int(value: number): void {
    const at = this.reserve(4);
    this.view.setInt32(at, value);
  }

  /** Eight bytes, signed; of a larger number the lower 64 bits. */
  long(value: bigint): void {
    const at = this.reserve(8);
    this.view.setBigInt64(at, value);
  }

  /** One byte, 1 or 0. */
  bool(value: boolean): void {
    const at = this.reserve(1);
    this.view.setUint8(at, value ? 1 : 0);
  }

  /**
   * Null is length -1, empty is length 0. Asks for room for three bytes a character; a string of V8
   * has less than 2^29 characters, so that is always a valid length.
   */
  ustring(value: string | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    const at = this.reserve(4 + utf8BytesMax(value.length));
    const written = writeText(this.bytes, at + 4, value);
    this.view.setInt32(at, written);
    this.offset = at + 4 + written;
  }

  /** Null is length -1, empty is length 0. Copies `value`: it may be changed as soon as this returns. */
  buffer(value: Uint8Array | null): void {
    if (value === null) {
      this.int(-1);
      return;
    }
    const length = value.length;
    const at = this.reserve(4 + length);
    this.view.setInt32(at, length);
    this.bytes.set(value, at + 4);
  }

  /** A vector's count; -1 for null. */
  count(value: number): void {
    this.int(value);
  }
}

function viewOver(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function growStandalone(writer: JuteWriter, neededBytes: number): void {
  const grown = Buffer.alloc(Math.max(writer.capacity * 2, writer.offset + neededBytes));
  writer.bytes.copy(grown, 0, 0, writer.offset);
  writer.bytes = grown;
  writer.view = viewOver(grown);
  writer.capacity = grown.length;
}
