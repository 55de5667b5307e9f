import net from 'node:net';
import { acceptReading, type ByteSink } from './accept-reading.ts';
import { cannedReply, connectResponse, endsConnection, OP } from './canned-replies.ts';
import { createMixedReplies } from './mixed-replies.ts';
import {
  createReplySlabs,
  type ReplySlab,
  type ReplySlabs,
  releaseSlab,
  takeSlab,
} from './reply-slabs.ts';

/** One read takes at most this much: more does not make it faster, and less fits the caches better. */
const READ_BYTES = 64 * 1024;
/** Room for an unfinished frame of any length that is accepted, and one read behind it. */
const RECEIVE_BYTES = 2 * 1024 * 1024;
/** Longest request body, as `jute.maxbuffer`. */
const FRAME_BODY_BYTES_MAX = 0xfffff;
/** A ConnectRequest body without the read-only byte; one byte more with it. */
const CONNECT_BODY_BYTES = 44;
const REQUEST_HEADER_BYTES = 8;

export interface NullResponderOptions {
  /** Length of the data in every getData reply, in bytes. */
  payloadBytes: number;
  /** Names in every getChildren reply. Default 0. */
  childCount?: number;
  /** Set: replies of any kind leave in one write a read, at the price of a copy of each. */
  mixed?: boolean;
  /** Set: only handshake, ping and closeSession are answered; all else is read and dropped. */
  silent?: boolean;
}

export interface NullResponder {
  port: number;
  close(): Promise<void>;
}

/**
 * A ZooKeeper server without a ZooKeeper: it answers every request at once with a premade reply in
 * which only the xid is its own. What is measured against it is the client, and the kernel.
 */
export function startNullResponder(options: NullResponderOptions): Promise<NullResponder> {
  const sockets = new Set<net.Socket>();
  const slabs: SlabsByType = new Map();
  const server = net.createServer({ noDelay: true, pauseOnConnect: true }, (accepted) => {
    const socket = acceptReading(accepted, (reply) => createConnection(reply, options, slabs));
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      resolve({ port, close: () => closeServer(server, sockets) });
    });
  });
}

function closeServer(server: net.Server, sockets: Set<net.Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** What a connection needs from its socket. */
export interface ReplySocket {
  write(bytes: Buffer, written: () => void): void;
  end(): void;
  destroy(): void;
}

/** What all connections of a responder write from: with a thousand of them, slabs of its own are half a gigabyte. */
export type SlabsByType = Map<number, ReplySlabs>;

/** Cuts requests out of what was read and answers them, one write for each run of one operation. */
export function createConnection(
  socket: ReplySocket,
  options: NullResponderOptions,
  slabsByType: SlabsByType,
): ByteSink {
  const { payloadBytes, childCount = 0, silent = false } = options;
  const replyTo = (type: number): Buffer => cannedReply(type, payloadBytes, childCount);
  const mixed = options.mixed ? createMixedReplies(socket, replyTo) : null;
  const bytes = Buffer.alloc(RECEIVE_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let start = 0;
  let end = 0;
  let greeted = false;
  let ended = false;
  /** The run at hand: replies put into `slab` and not yet written. */
  let slab: ReplySlab | null = null;
  let runType = 0;
  let runReplies = 0;

  function flush(): void {
    mixed?.flush();
    if (slab === null || runReplies === 0) return;
    const written = slab;
    socket.write(written.bytes.subarray(0, runReplies * written.owner.replyBytes), () => {
      releaseSlab(written);
    });
    slab = null;
    runReplies = 0;
  }

  function slabsOf(type: number): ReplySlabs {
    let slabs = slabsByType.get(type);
    if (slabs === undefined) {
      slabs = createReplySlabs(replyTo(type));
      slabsByType.set(type, slabs);
    }
    return slabs;
  }

  function answer(xid: number, type: number): void {
    if (type !== runType || slab === null || runReplies === slab.owner.repliesPerSlab) {
      if (mixed !== null) {
        mixed.answer(xid, type);
        return;
      }
      flush();
      runType = type;
      slab = takeSlab(slabsOf(type));
    }
    slab.view.setInt32(runReplies * slab.owner.replyBytes + 4, xid);
    runReplies++;
  }

  function greet(at: number, bodyBytes: number): void {
    greeted = true;
    const timeoutMs = view.getInt32(at + 12);
    const withReadOnly = bodyBytes > CONNECT_BODY_BYTES;
    socket.write(connectResponse(timeoutMs, withReadOnly), () => {});
  }

  function request(at: number): void {
    const xid = view.getInt32(at);
    const type = view.getInt32(at + 4);
    if (silent && type !== OP.ping && type !== OP.closeSession) return;
    const known = type === runType && slab !== null;
    answer(xid, type);
    if (known || !endsConnection(type)) return;
    flush();
    ended = true;
    socket.end();
  }

  /** Answers every whole frame in [start, end). False: the peer does not speak the protocol. */
  function walk(): boolean {
    while (!ended && end - start >= 4) {
      const bodyBytes = view.getInt32(start);
      const bodyBytesMin = greeted ? REQUEST_HEADER_BYTES : CONNECT_BODY_BYTES;
      if (bodyBytes < bodyBytesMin || bodyBytes > FRAME_BODY_BYTES_MAX) return false;
      if (end - start - 4 < bodyBytes) break;
      if (greeted) request(start + 4);
      else greet(start + 4, bodyBytes);
      start += 4 + bodyBytes;
    }
    return true;
  }

  return {
    room(): Uint8Array {
      if (start === end) {
        start = 0;
        end = 0;
      } else if (RECEIVE_BYTES - end < READ_BYTES) {
        bytes.copyWithin(0, start, end);
        end -= start;
        start = 0;
      }
      return bytes.subarray(end, end + READ_BYTES);
    },
    received(count: number): void {
      end += count;
      if (!walk()) {
        socket.destroy();
        return;
      }
      flush();
    },
  };
}
