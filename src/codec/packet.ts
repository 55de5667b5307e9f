import type { WireErrorCode } from '../errors.ts';
import type { DecodedMultiOperation } from './multi.ts';
import { MULTI_REQUEST } from './operations.ts';

/** Client to server, or server to client. */
export type Direction = 'c2s' | 's2c';

/**
 * - `creq`, `cresp`: the handshake, which has no header (a refusal is a `cresp` with a header).
 * - `req`, `resp`: everything after it, watch events included.
 * - `4lw`: a four-letter word instead of a handshake, or the text that answers it.
 * - `incomplete`: what is left after the last whole frame of a direction.
 */
export type PacketKind = 'creq' | 'cresp' | 'req' | 'resp' | '4lw' | 'incomplete';

/** In front of every request but the first frame. */
export interface RequestHeaderValue {
  /** Number of the request, or a reserved one. */
  readonly xid: number;
  /** Operation code. */
  readonly type: number;
}

/** In front of every reply and event but the first frame. */
export interface ReplyHeaderValue {
  /** Of the request that is answered, or a reserved one. */
  readonly xid: number;
  /** Of the server's last transaction; in events of the change, and -1 before 3.9. */
  readonly zxid: bigint;
  /** 0, or the server's error number. */
  readonly err: number;
}

/** Why a frame could not be decoded. `offset` counts from the length prefix. */
export interface PacketError {
  /** What was wrong. */
  readonly code: WireErrorCode;
  /** Where, in bytes from the length prefix. */
  readonly offset: number;
}

/**
 * One frame of a recorded conversation, decoded as far as possible. Names are those of Apache's
 * jute records, values are native: longs `bigint`, buffers `Buffer`, null is null.
 *
 * Which fields are there depends on the kind, see `packetToJson`.
 */
export interface Packet {
  /** Number of the connection within the conversation. */
  readonly conn: number;
  /** Who sent it. */
  readonly dir: Direction;
  /** What it is. */
  readonly kind: PacketKind;
  /** Value of the length prefix. */
  readonly bytes?: number;
  /**
   * The whole frame as it came, its length prefix included: what a proxy passes on that changes nothing. Absent
   * in the kinds `4lw` and `incomplete`, and where the length prefix is wrong.
   */
  readonly frame?: Buffer;
  /** Operation of a request, or of the request that a reply answers; 0 for a watch event. */
  readonly op?: number;
  /** Absent in a handshake, except of a refusal. */
  readonly header?: RequestHeaderValue | ReplyHeaderValue;
  /** Name of the record. Absent, like `record`, when the frame has no body. */
  readonly type?: string;
  /** Of a multi: a list of DecodedMultiOperation or MultiResult. */
  readonly record?: unknown;
  /** Of a handshake frame; absent when the byte is absent. */
  readonly readOnly?: boolean;
  /** Bytes after the record that belong to nothing. Servers and clients ignore them. */
  readonly trailing?: number;
  /** The request was not the oldest that waited for a reply. */
  readonly outOfOrder?: true;
  /** Why there is no `record`. */
  readonly error?: PacketError;
  /** Kind `4lw`: the word, or the text of the answer. */
  readonly text?: string;
  /** Kind `incomplete`: the bytes. */
  readonly rest?: Buffer;
  /** Kind `incomplete`: bytes beyond `rest` that were not kept. */
  readonly omitted?: number;
}

/** Fields in the order in which they are printed. Handshake lines name their type first. */
const HANDSHAKE_FIELDS = ['type', 'bytes', 'header', 'record', 'readOnly', 'trailing', 'error'];
const FRAME_FIELDS = ['op', 'bytes', 'header', 'type', 'record', 'trailing', 'outOfOrder', 'error'];
const OTHER_FIELDS = ['text', 'rest', 'omitted'];

/**
 * The packet as plain JSON data, with a fixed order of fields: `conn`, `dir`, `kind`, then
 * - handshake: `type`, `bytes`, `record`, `readOnly` (or `bytes`, `header` for a refusal),
 * - request or reply: `op`, `bytes`, `header`, `type`, `record`,
 * - a frame that cannot be decoded: `bytes`, `error`,
 * - `4lw`: `text`; `incomplete`: `rest`.
 * `trailing`, `outOfOrder` and `omitted` appear only when there is something to say.
 * Longs are decimal strings, buffers hex. Passwords are shown: this is a faithful copy.
 */
export function packetToJson(packet: Packet): Record<string, unknown> {
  const json: Record<string, unknown> = {
    conn: packet.conn,
    dir: packet.dir,
    kind: packet.kind,
  };
  for (const field of fieldsOf(packet.kind)) {
    const value = packet[field as keyof Packet];
    if (value !== undefined) json[field] = valueToJson(value);
  }
  if (packet.type === MULTI_REQUEST) json.record = operationsToJson(packet.record);
  return json;
}

/** In JSON the request of an operation stands by itself, as the records of Apache do. */
function operationsToJson(record: unknown): unknown {
  const operations = record as readonly DecodedMultiOperation[];
  return operations.map(({ op, ...request }) => ({ op, request: valueToJson(request) }));
}

function fieldsOf(kind: PacketKind): readonly string[] {
  if (kind === 'creq' || kind === 'cresp') return HANDSHAKE_FIELDS;
  return kind === 'req' || kind === 'resp' ? FRAME_FIELDS : OTHER_FIELDS;
}

/** Records nest three deep at most (multi, request, ACL, id), whatever the peer sends. */
function valueToJson(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (Buffer.isBuffer(value)) return value.toString('hex');
  if (Array.isArray(value)) return value.map(valueToJson);
  const json: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) json[name] = valueToJson(field);
  return json;
}
