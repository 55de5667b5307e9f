import net from 'node:net';
import { connectResponse, OP } from '../servers/canned-replies.ts';
import { eventIndex, eventsIn, watchedPath } from './responder-names.ts';

/**
 * The null responder for what that one cannot answer: watches and their events. The path of a sync says
 * which events come; what was made once is kept. It shares no code with zkwire's codec.
 */

const ADD_WATCH = 106;
/** ZUNIMPLEMENTED: what a server answers to an operation it does not know, before it closes. */
const UNIMPLEMENTED = -6;
/** Longest request body, as `jute.maxbuffer`. */
const FRAME_BODY_BYTES_MAX = 0xfffff;
/** A ConnectRequest body without the read-only byte; one byte more with it. */
const CONNECT_BODY_BYTES = 44;
const REQUEST_HEADER_BYTES = 8;
const REPLY_HEADER_BYTES = 16;
const STAT_BYTES = 68;
const ZXID = 0x0000_0001_0000_0042n;
const NOTIFICATION_XID = -1;
const NODE_DATA_CHANGED = 3;
const SYNC_CONNECTED = 3;
/** What is longer than this in bytes is written as it is; shorter parts are copied into one write. */
const COPIED_BYTES_MAX = 16 * 1024;

export interface GrowthResponder {
  readonly port: number;
  close(): Promise<void>;
}

export function startGrowthResponder(): Promise<GrowthResponder> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    const conversation = new Conversation(socket);
    socket.on('data', (chunk: Buffer) => conversation.received(chunk));
  });
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve({ port: (server.address() as net.AddressInfo).port, close });
    });
  });
}

/** Bursts of events that were asked for, by the path that asks. */
const bursts = new Map<string, Buffer>();

function burstOf(path: string): Buffer | null {
  const asked = eventsIn(path);
  if (asked === null) return null;
  let burst = bursts.get(path);
  if (burst === undefined) {
    burst = notifications(asked.events, asked.watched);
    bursts.set(path, burst);
  }
  return burst;
}

/** One connection: cuts requests out of what comes and answers what came together in one write. */
class Conversation {
  readonly #socket: net.Socket;
  #rest: Buffer = Buffer.alloc(0);
  #greeted = false;
  #ended = false;

  constructor(socket: net.Socket) {
    this.#socket = socket;
  }

  received(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    const parts: Buffer[] = [];
    while (!this.#ended && bytes.length - at >= 4) {
      const bodyBytes = bytes.readInt32BE(at);
      const bodyBytesMin = this.#greeted ? REQUEST_HEADER_BYTES : CONNECT_BODY_BYTES;
      if (bodyBytes < bodyBytesMin || bodyBytes > FRAME_BODY_BYTES_MAX) {
        this.#socket.destroy();
        return;
      }
      if (bytes.length - at - 4 < bodyBytes) break;
      this.#answer(bytes.subarray(at + 4, at + 4 + bodyBytes), parts);
      at += 4 + bodyBytes;
    }
    this.#rest = bytes.subarray(at);
    this.#write(parts);
  }

  #answer(body: Buffer, parts: Buffer[]): void {
    if (!this.#greeted) {
      this.#greeted = true;
      parts.push(connectResponse(body.readInt32BE(12), body.length > CONNECT_BODY_BYTES));
      return;
    }
    const type = body.readInt32BE(4);
    const path = body.length > 12 ? pathOf(body) : '';
    const burst = burstOf(path);
    if (burst !== null) parts.push(burst);
    const reply = replyBody(type, path);
    parts.push(replyHeader(body.readInt32BE(0), reply), reply ?? Buffer.alloc(0));
    this.#ended = reply === null || type === OP.closeSession;
  }

  /** Small parts together, large ones as they are, in one go. */
  #write(parts: readonly Buffer[]): void {
    this.#socket.cork();
    let small: Buffer[] = [];
    for (const part of parts) {
      if (part.length <= COPIED_BYTES_MAX) {
        small.push(part);
        continue;
      }
      this.#socket.write(Buffer.concat(small));
      this.#socket.write(part);
      small = [];
    }
    this.#socket.write(Buffer.concat(small));
    this.#socket.uncork();
    if (this.#ended) this.#socket.end();
  }
}

/** The path that most requests begin with. Those that do not have none that means anything here. */
function pathOf(body: Buffer): string {
  const length = body.readInt32BE(8);
  return length > 0 && length <= body.length - 12 ? body.toString('latin1', 12, 12 + length) : '';
}

/** Null for an operation that is not answered. */
function replyBody(type: number, path: string): Buffer | null {
  switch (type) {
    case OP.ping:
    case OP.auth:
    case OP.closeSession:
      return Buffer.alloc(0);
    case ADD_WATCH:
      return int(0);
    case OP.exists:
      return Buffer.alloc(STAT_BYTES);
    case OP.sync:
      return string(path);
    default:
      return null;
  }
}

/** All have the same length, since the paths have: they lie in one piece. */
function notifications(events: number, watched: number): Buffer {
  const first = notification(watchedPath(0));
  const frames = Buffer.alloc(events * first.length);
  const pathAt = first.length - watchedPath(0).length;
  for (let nth = 0; nth < events; nth++) {
    const at = nth * first.length;
    first.copy(frames, at);
    frames.write(watchedPath(eventIndex(nth, watched)), at + pathAt, 'latin1');
  }
  return frames;
}

function notification(path: string): Buffer {
  const body = Buffer.concat([int(NODE_DATA_CHANGED), int(SYNC_CONNECTED), string(path)]);
  const frame = Buffer.concat([replyHeader(NOTIFICATION_XID, body), body]);
  // Servers before 3.9 tell no zxid with an event.
  frame.writeBigInt64BE(-1n, 8);
  return frame;
}

/** Length prefix and header of a reply; a null body is the refusal of the operation. */
function replyHeader(xid: number, body: Buffer | null): Buffer {
  const header = Buffer.alloc(4 + REPLY_HEADER_BYTES);
  header.writeInt32BE(REPLY_HEADER_BYTES + (body?.length ?? 0));
  header.writeInt32BE(xid, 4);
  header.writeBigInt64BE(ZXID, 8);
  header.writeInt32BE(body === null ? UNIMPLEMENTED : 0, 16);
  return header;
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function string(text: string): Buffer {
  return Buffer.concat([int(text.length), Buffer.from(text, 'latin1')]);
}
