import { Conversation, describe, operationName, type Packet } from '../../codec/index.ts';

/** One frame of a client, as it came. */
export interface HeardFrame {
  /** The frame without its length. */
  readonly body: Buffer;
  /** When its last byte came, in ms since the server began to listen. */
  readonly atMs: number;
  /** The frame decoded, as `zkwire decode` has it. */
  readonly packet: Packet;
}

/** A request of a client. */
export interface HeardRequest extends HeardFrame {
  /** Number of the request, or a reserved one. */
  readonly xid: number;
  /** Operation, as `OP` of `zkwire/codec` has it. */
  readonly op: number;
  /** The record behind the header, by the names of Apache's jute records. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** A client's first frame. */
export interface HeardHandshake extends HeardFrame {
  /** Greatest zxid that the client has seen. */
  readonly lastZxidSeen: bigint;
  /** Time-out that is asked for, in ms. */
  readonly timeOutMs: number;
  /** 0 for a new session. */
  readonly sessionId: bigint;
  /** 16 bytes, a secret. */
  readonly passwd: Buffer | null;
  /** Undefined when the byte is absent. */
  readonly readOnly: boolean | undefined;
}

/** Decodes the frames of one connection. Frames that cannot be decoded have a `packet.error`. */
export class FrameDecoder {
  readonly #conversation: Conversation;
  #packet: Packet | null = null;

  constructor() {
    this.#conversation = new Conversation(
      (packet) => {
        this.#packet = packet;
      },
      { frameBodyBytesMax: FRAME_BODY_BYTES_TAKEN },
    );
  }

  /** `frame` is whole, with its length. */
  decode(frame: Buffer, atMs: number): HeardFrame {
    this.#conversation.push(0, 'c2s', frame);
    const packet = this.#packet;
    if (packet === null) throw new Error('a whole frame is no packet');
    return { body: frame.subarray(4), atMs, packet };
  }
}

/** Frames of clients up to this are taken, though servers refuse them from 1 MiB on: they are for the script to judge. */
export const FRAME_BODY_BYTES_TAKEN: number = 8 * 1024 * 1024;

/** The frame as a request; null when it is none that can be decoded. */
export function requestOf(frame: HeardFrame): HeardRequest | null {
  const { kind, op, header, record, error } = frame.packet;
  if (kind !== 'req' || op === undefined || header === undefined || error !== undefined)
    return null;
  return { ...frame, xid: header.xid, op, record: (record ?? {}) as Record<string, unknown> };
}

/** The frame as a handshake; null when it is none that can be decoded. */
export function handshakeOf(frame: HeardFrame): HeardHandshake | null {
  const { kind, record, readOnly, error } = frame.packet;
  if (kind !== 'creq' || error !== undefined) return null;
  const { lastZxidSeen, timeOut, sessionId, passwd } = record as Omit<
    HeardHandshake,
    keyof HeardFrame
  > & { timeOut: number };
  return { ...frame, lastZxidSeen, timeOutMs: timeOut, sessionId, passwd, readOnly };
}

/** The frame for messages, without secrets. */
export function described(frame: HeardFrame): string {
  return describe(frame.packet);
}

/** `getData or getChildren`. */
export function namesOf(ops: readonly number[]): string {
  return ops.map(operationName).join(' or ');
}
