import { JuteWriter, type Slab, type SlabPool } from '../codec/index.ts';
import { writeJavaString } from './java-string.ts';
import type { ReplyOutput, SharedFrame } from './reply-output.ts';

const XID_NOTIFICATION = -1;
/** SyncConnected: the only state that a server puts into an event. */
const STATE_SYNC_CONNECTED = 3;
const REPLY_HEADER_BYTES = 16;

/** Longer paths are not worth a place in the common slab. */
const PATH_CHARS_MAX = 1_024;
/** Prefix, header, event and the longest such path. */
const FRAME_BYTES_MAX: number = 4 + REPLY_HEADER_BYTES + 12 + 3 * PATH_CHARS_MAX;

/** What of an event differs from others. */
export interface WireEvent {
  readonly type: number;
  readonly path: string;
  readonly zxid: bigint;
}

/** Header and body of a notification, behind its length prefix. */
export function writeEvent(writer: JuteWriter, { type, path, zxid }: WireEvent): void {
  const at = writer.reserve(REPLY_HEADER_BYTES);
  writer.view.setInt32(at, XID_NOTIFICATION);
  writer.view.setBigInt64(at + 4, zxid);
  writer.view.setInt32(at + 12, 0);
  writer.int(type);
  writer.int(STATE_SYNC_CONNECTED);
  writeJavaString(writer, path);
}

/**
 * Events in a slab that all connections send from: ten thousand watchers of one znode would
 * otherwise take a slab each, for the same few bytes.
 */
export class EventFrames {
  #pool: SlabPool | null = null;
  #slab: Slab | null = null;
  #writer: JuteWriter | null = null;
  #last: (WireEvent & SharedFrame) | null = null;

  /** Hands the event over, written once for all. False: it has to be written where it is to go. */
  share(output: ReplyOutput, event: WireEvent): boolean {
    if (!output.takesShared || event.path.length > PATH_CHARS_MAX) return false;
    output.share(this.#frame(output.pool, event));
    return true;
  }

  /** Gives its memory back. */
  close(): void {
    if (this.#slab !== null) this.#pool?.release(this.#slab);
    this.#slab = null;
    this.#last = null;
  }

  #frame(pool: SlabPool, event: WireEvent): SharedFrame {
    const last = this.#last;
    const isSame =
      last !== null &&
      this.#pool === pool &&
      last.type === event.type &&
      last.zxid === event.zxid &&
      last.path === event.path;
    return isSame ? last : this.#write(pool, event);
  }

  #write(pool: SlabPool, event: WireEvent): SharedFrame {
    const { slab, writer } = this.#room(pool);
    const start = writer.offset;
    writer.beginFrame();
    writeEvent(writer, event);
    writer.endFrame();
    this.#last = { ...event, slab, start, end: writer.offset };
    return this.#last;
  }

  #room(pool: SlabPool): { slab: Slab; writer: JuteWriter } {
    const slab = this.#slab;
    const writer = this.#writer;
    if (slab !== null && writer !== null && this.#pool === pool) {
      if (slab.capacityBytes - writer.offset >= FRAME_BYTES_MAX) return { slab, writer };
    }
    this.close();
    const next = pool.acquire(FRAME_BYTES_MAX);
    this.#pool = pool;
    this.#slab = next;
    this.#writer = new JuteWriter(next.bytes, next.view, () => {
      throw new RangeError('an event is longer than it can be');
    });
    return { slab: next, writer: this.#writer };
  }
}
