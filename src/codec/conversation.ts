import { WireError } from '../errors.ts';
import { FRAME_BODY_BYTES_MAX } from '../limits.ts';
import { isConnectRefusal, readConnectAnswer, readConnectHandshake } from './connect.ts';
import { FRAME_INCOMPLETE, FrameCutter } from './frame-cutter.ts';
import { JuteReader } from './jute-reader.ts';
import { readMultiRequest, readMultiResponse } from './multi.ts';
import { MULTI_REQUEST, MULTI_RESPONSE, OP, operationOf } from './operations.ts';
import type { Direction, Packet, PacketKind } from './packet.ts';
import { PendingRequests } from './pending-requests.ts';
import { RECORDS } from './record-table.gen.ts';
import { REPLY_HEADER_BYTES, REQUEST_HEADER_BYTES } from './records.gen.ts';
import { StreamBuffer } from './stream-buffer.ts';
import { XID_NOTIFICATION, XID_PING } from './xids.ts';

/** Requests remembered on one connection while their replies have not been seen. */
const PENDING_REQUESTS_MAX = 1_000_000;

/** Options of a {@link Conversation}. */
export interface ConversationOptions {
  /** Largest frame body taken for one; default 0xfffff as `jute.maxbuffer`. */
  readonly frameBodyBytesMax?: number;
}

/**
 * Decodes recorded conversations: give it the bytes of any number of connections as they were
 * read, split and joined as they may be, and it gives one {@link Packet} for each whole frame, in
 * the order in which frames become whole.
 *
 * A frame that cannot be decoded becomes a packet with `error`, and decoding goes on with the next.
 * A wrong length prefix leaves no next frame: it ends that direction of that connection.
 *
 * Buffers inside packets are views of the bytes that were pushed or of memory that is never
 * written again. Memory held: one unfinished frame a direction, and the open requests,
 * until `end`.
 */
export class Conversation {
  readonly #onPacket: (packet: Packet) => void;
  readonly #cutter: FrameCutter;
  readonly #connections: Map<number, Connection> = new Map();

  /** `onPacket` is called by `push` and by `end`. */
  constructor(onPacket: (packet: Packet) => void, options: ConversationOptions = {}) {
    this.#onPacket = onPacket;
    this.#cutter = new FrameCutter(0, options.frameBodyBytesMax ?? FRAME_BODY_BYTES_MAX);
  }

  /** The next bytes that were read from one side of a connection. Keeps no reference to `bytes` that packets do not have. */
  push(conn: number, dir: Direction, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const connection = this.#connection(conn);
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const stream = connection[dir];
    if (stream.state === 'ended') this.#keepRest(stream, chunk);
    else if (dir === 's2c' && connection.askedByWord) this.#wordAnswer(connection, chunk);
    else this.#frames(connection, dir, chunk);
  }

  /**
   * Nothing more comes, of all connections or of one: gives an `incomplete` packet for each direction that has
   * bytes left, and forgets what it knew. Bytes of that number are those of a new connection from then on. What
   * runs for long, such as a proxy, ends each connection as it goes.
   */
  end(conn?: number): void {
    const all = this.#connections;
    const ended = conn === undefined ? [...all.values()] : [all.get(conn)];
    for (const connection of ended) {
      if (connection === undefined) continue;
      all.delete(connection.conn);
      this.#rest(connection, 'c2s');
      this.#rest(connection, 's2c');
    }
  }

  #rest(connection: Connection, dir: Direction): void {
    const { conn } = connection;
    const { buffer, omittedBytes } = connection[dir];
    if (buffer.length === 0) return;
    const omitted = omittedBytes > 0 ? { omitted: omittedBytes } : {};
    this.#onPacket({ conn, dir, kind: 'incomplete', rest: buffer.waiting(), ...omitted });
  }

  #connection(conn: number): Connection {
    let connection = this.#connections.get(conn);
    if (connection === undefined) {
      connection = newConnection(conn);
      this.#connections.set(conn, connection);
    }
    return connection;
  }

  #frames(connection: Connection, dir: Direction, chunk: Buffer): void {
    const stream = connection[dir];
    const bytes = stream.buffer.join(chunk);
    const reader = JuteReader.over(bytes);
    let start = 0;
    try {
      while (stream.state !== 'ended') {
        const end = this.#cut(connection, dir, reader, start);
        if (end === FRAME_INCOMPLETE) break;
        reader.frame(start, end);
        start = end;
        const frame = bytes.subarray(reader.base, end);
        const packet = { ...decodeFrame(connection, dir, reader), frame };
        stream.state = 'framed';
        this.#onPacket(packet);
      }
    } finally {
      // What `onPacket` throws costs no frame but the one that it was given.
      if (connection.askedByWord && stream.state === 'ended') start = afterWord(bytes);
      stream.buffer.keep(bytes, start);
    }
  }

  /** End of the frame at `start`, or FRAME_INCOMPLETE when there is none (any more). */
  #cut(connection: Connection, dir: Direction, reader: JuteReader, start: number): number {
    const stream = connection[dir];
    const { bytes, view } = reader;
    if (dir === 'c2s' && stream.state === 'new' && isWord(bytes)) {
      stream.state = 'ended';
      connection.askedByWord = true;
      const text = bytes.toString('latin1', 0, 4);
      this.#onPacket({ conn: connection.conn, dir, kind: '4lw', text });
      return FRAME_INCOMPLETE;
    }
    try {
      return this.#cutter.cut(view, start, bytes.length);
    } catch (error) {
      const kind = kindOf(dir, stream.state);
      stream.state = 'ended';
      this.#onPacket(undecodable(connection, dir, kind, view.getInt32(start), error));
      return FRAME_INCOMPLETE;
    }
  }

  #wordAnswer(connection: Connection, chunk: Buffer): void {
    const { conn } = connection;
    this.#onPacket({ conn, dir: 's2c', kind: '4lw', text: chunk.toString('utf8') });
  }

  #keepRest(stream: Stream, chunk: Buffer): void {
    const room = Math.max(0, this.#cutter.bodyBytesMax + 4 - stream.buffer.length);
    const kept = chunk.subarray(0, room);
    stream.omittedBytes += chunk.length - kept.length;
    if (kept.length > 0) stream.buffer.keep(stream.buffer.join(kept), 0);
  }
}

interface Stream {
  /** `new`: the handshake comes next. `ended`: a wrong length or a four-letter word, no more frames. */
  state: 'new' | 'framed' | 'ended';
  readonly buffer: StreamBuffer;
  omittedBytes: number;
}

interface Connection {
  readonly conn: number;
  readonly c2s: Stream;
  readonly s2c: Stream;
  /** The client sent a four-letter word: the server answers with text and closes. */
  askedByWord: boolean;
  readonly pending: PendingRequests;
  /** Auth packets are answered at once, past requests that still wait. */
  readonly pendingAuths: PendingRequests;
}

function newConnection(conn: number): Connection {
  return {
    conn,
    c2s: { state: 'new', buffer: new StreamBuffer(), omittedBytes: 0 },
    s2c: { state: 'new', buffer: new StreamBuffer(), omittedBytes: 0 },
    askedByWord: false,
    pending: new PendingRequests(PENDING_REQUESTS_MAX),
    pendingAuths: new PendingRequests(PENDING_REQUESTS_MAX),
  };
}

/** Four lower-case letters where a length should be: as a length they would be over 1.6 GB. */
function isWord(bytes: Buffer): boolean {
  if (bytes.length < 4) return false;
  for (let at = 0; at < 4; at++) {
    const byte = bytes[at]!;
    if (byte < 0x61 || byte > 0x7a) return false;
  }
  return true;
}

/** Where the bytes begin that follow a word and the line end that people type after it. */
function afterWord(bytes: Buffer): number {
  let at = 4;
  while (bytes[at] === 0x0a || bytes[at] === 0x0d) at++;
  return at;
}

function kindOf(dir: Direction, state: Stream['state']): PacketKind {
  if (state === 'new') return dir === 'c2s' ? 'creq' : 'cresp';
  return dir === 'c2s' ? 'req' : 'resp';
}

function undecodable(
  connection: Connection,
  dir: Direction,
  kind: PacketKind,
  bytes: number,
  error: unknown,
): Packet {
  if (!(error instanceof WireError)) throw error;
  const { code, offset } = error;
  return { conn: connection.conn, dir, kind, bytes, error: { code, offset } };
}

function decodeFrame(connection: Connection, dir: Direction, reader: JuteReader): Packet {
  const kind = kindOf(dir, connection[dir].state);
  const bytes = reader.remaining;
  try {
    if (kind === 'creq') return decodeConnectRequest(connection.conn, reader);
    if (kind === 'cresp') return decodeConnectResponse(connection.conn, reader);
    return kind === 'req' ? decodeRequest(connection, reader) : decodeReply(connection, reader);
  } catch (error) {
    return undecodable(connection, dir, kind, bytes, error);
  }
}

function decodeConnectRequest(conn: number, reader: JuteReader): Packet {
  const bytes = reader.remaining;
  const { readOnly, ...record } = readConnectHandshake(reader);
  const packet = { conn, dir: 'c2s', kind: 'creq', type: 'ConnectRequest', bytes, record } as const;
  return readOnly === undefined ? packet : { ...packet, readOnly };
}

function decodeConnectResponse(conn: number, reader: JuteReader): Packet {
  const bytes = reader.remaining;
  const answer = readConnectAnswer(reader);
  const start = { conn, dir: 's2c', kind: 'cresp', bytes } as const;
  if (isConnectRefusal(answer)) {
    return { ...start, header: { xid: 0, zxid: answer.zxid, err: answer.refused } };
  }
  const { readOnly, ...record } = answer;
  const packet = { ...start, type: 'ConnectResponse', record };
  return readOnly === undefined ? packet : { ...packet, readOnly };
}

function decodeRequest(connection: Connection, reader: JuteReader): Packet {
  const bytes = frameBytes(reader, REQUEST_HEADER_BYTES);
  const header = { xid: reader.int(), type: reader.int() };
  const op = header.type;
  // Pings are told apart by their own xid in the reply, whatever xid they had.
  if (op === OP.auth) connection.pendingAuths.add(header.xid, op);
  else if (op !== OP.ping) connection.pending.add(header.xid, op);
  const body = decodeBody(reader, op, 'request');
  return { conn: connection.conn, dir: 'c2s', kind: 'req', op, bytes, header, ...body };
}

function decodeReply(connection: Connection, reader: JuteReader): Packet {
  const bytes = frameBytes(reader, REPLY_HEADER_BYTES);
  const xidAt = reader.offset;
  const header = { xid: reader.int(), zxid: reader.long(), err: reader.int() };
  const answered = answeredBy(connection, header.xid);
  if (answered === undefined) {
    reader.failAt(xidAt, 'UNEXPECTED_XID', `no request with xid ${header.xid} waits`);
  }
  const { op } = answered;
  // An error ends the frame at its header, but a failed SASL step carries a null token all the same.
  const hasBody = header.err === 0 || (op === OP.sasl && reader.remaining > 0);
  const body = hasBody ? decodeBody(reader, op, 'response') : decodeNothing(reader);
  const packet = { conn: connection.conn, dir: 's2c', kind: 'resp', op, bytes, header } as const;
  return answered.inOrder ? { ...packet, ...body } : { ...packet, ...body, outOfOrder: true };
}

function answeredBy(
  connection: Connection,
  xid: number,
): { op: number; inOrder: boolean } | undefined {
  if (xid === XID_NOTIFICATION) return { op: OP.notification, inOrder: true };
  const auth = connection.pendingAuths.take(xid);
  if (auth !== undefined) return { op: auth.op, inOrder: true };
  const answered = connection.pending.take(xid);
  if (answered === undefined && xid === XID_PING) return { op: OP.ping, inOrder: true };
  return answered;
}

/** Body size, once it is clear that the header fits. */
function frameBytes(reader: JuteReader, headerBytes: number): number {
  const bytes = reader.remaining;
  if (bytes < headerBytes) {
    reader.failAt(reader.base, 'BAD_FRAME_LENGTH', `${bytes} bytes are too few for a header`);
  }
  return bytes;
}

interface Body {
  readonly type?: string;
  readonly record?: unknown;
  readonly trailing?: number;
}

function decodeBody(reader: JuteReader, op: number, part: 'request' | 'response'): Body {
  const operation = operationOf(op);
  if (operation === undefined && reader.remaining > 0) {
    reader.fail('UNKNOWN_OPCODE', `operation ${op} is not known`);
  }
  const type = operation?.[part] ?? null;
  if (type === null) return decodeNothing(reader);
  const record = readRecord(reader, type);
  return { type, record, ...decodeNothing(reader) };
}

function decodeNothing(reader: JuteReader): Body {
  return reader.remaining > 0 ? { trailing: reader.remaining } : {};
}

function readRecord(reader: JuteReader, type: string): unknown {
  if (type === MULTI_REQUEST) return readMultiRequest(reader);
  if (type === MULTI_RESPONSE) return readMultiResponse(reader);
  // Not in Apache's schema: only servers send it.
  if (type === 'DeleteContainerRequest') return { path: reader.ustring() };
  return RECORDS[type as keyof typeof RECORDS].read(reader);
}
