import type { ReplySocket } from './null-responder.ts';
import { SLAB_BYTES } from './reply-slabs.ts';

/** Where replies of any kind go, to leave in one write. */
export interface MixedReplies {
  answer(xid: number, type: number): void;
  flush(): void;
}

/**
 * For workloads in which kinds of requests take turns: a run of one kind is so short there that a write for
 * each would measure the responder. Replies are copied into one buffer instead.
 *
 * @param replyTo the whole frame for a type of request, its xid 0
 */
export function createMixedReplies(
  socket: ReplySocket,
  replyTo: (type: number) => Buffer,
): MixedReplies {
  const replies = new Map<number, Buffer>();
  /** Buffers that no write uses. */
  const free: Buffer[] = [];
  let bytes: Buffer | null = null;
  let end = 0;

  function replyOf(type: number): Buffer {
    let reply = replies.get(type);
    if (reply === undefined) {
      reply = replyTo(type);
      replies.set(type, reply);
    }
    return reply;
  }

  function flush(): void {
    if (bytes === null || end === 0) return;
    const written = bytes;
    socket.write(written.subarray(0, end), () => free.push(written));
    bytes = null;
    end = 0;
  }

  return {
    answer(xid, type) {
      const reply = replyOf(type);
      if (end + reply.length > SLAB_BYTES) flush();
      bytes ??= free.pop() ?? Buffer.alloc(SLAB_BYTES);
      reply.copy(bytes, end);
      bytes.writeInt32BE(xid, end + 4);
      end += reply.length;
    },
    flush,
  };
}
