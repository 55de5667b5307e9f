/** A slab holds about this much: with 100-byte payloads some 2,000 replies, more than one read asks for. */
export const SLAB_BYTES = 512 * 1024;

/** Slabs of one operation, filled with its reply over and over, so that only xids are written. */
export interface ReplySlab {
  readonly owner: ReplySlabs;
  readonly bytes: Buffer;
  readonly view: DataView;
}

export interface ReplySlabs {
  readonly reply: Buffer;
  readonly replyBytes: number;
  readonly repliesPerSlab: number;
  /** Slabs that no write uses. */
  readonly free: ReplySlab[];
}

/** Slabs of one reply, given as a whole frame. */
export function createReplySlabs(reply: Buffer): ReplySlabs {
  const replyBytes = reply.length;
  const repliesPerSlab = Math.max(1, Math.floor(SLAB_BYTES / replyBytes));
  return { reply, replyBytes, repliesPerSlab, free: [] };
}

/** A slab that nothing is being written from, made when there is none. */
export function takeSlab(owner: ReplySlabs): ReplySlab {
  const free = owner.free.pop();
  if (free !== undefined) return free;
  const bytes = Buffer.alloc(owner.repliesPerSlab * owner.replyBytes);
  for (let at = 0; at < bytes.length; at += owner.replyBytes) {
    owner.reply.copy(bytes, at);
  }
  return { owner, bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

export function releaseSlab(slab: ReplySlab): void {
  slab.owner.free.push(slab);
}
