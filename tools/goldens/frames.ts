import type { CaptureDirection, SessionCapture } from '#cli/session-capture';

/** What a frame is: a handshake request or response, a request, a response (or watch event). */
export type FrameKind = 'creq' | 'cresp' | 'req' | 'resp';

/** One whole frame of a capture. */
export interface CapturedFrame {
  /** Number of the frame within the capture, from 0 in the order in which frames complete. */
  frame: number;
  conn: number;
  direction: CaptureDirection;
  kind: FrameKind;
  /** Of the request that it is or answers, 0 for a watch event, null for a handshake. */
  op: number | null;
  /** The whole frame, length prefix included. */
  hex: string;
}

interface Side {
  rest: Buffer;
  frames: number;
}

interface Conversation {
  c2s: Side;
  s2c: Side;
  /** Requests without an answer so far, oldest first. */
  pending: { xid: number; op: number }[];
}

const NOTIFICATION = { xid: -1, op: 0 };
const PING = { xid: -2, op: 11 };
const AUTH = { xid: -4, op: 100 };
/** Answered outside the order of requests, so never pending. */
const BESIDE = [NOTIFICATION, PING, AUTH];

function operationOf(talk: Conversation, direction: CaptureDirection, frame: Buffer): number {
  const xid = frame.readInt32BE(4);
  const beside = BESIDE.find((one) => one.xid === xid);
  if (direction === 'c2s') {
    const op = frame.readInt32BE(8);
    if (beside === undefined) talk.pending.push({ xid, op });
    return op;
  }
  if (beside !== undefined) return beside.op;
  const at = talk.pending.findIndex((one) => one.xid === xid);
  const [request] = talk.pending.splice(at, at < 0 ? 0 : 1);
  if (request === undefined) throw new Error(`a reply with xid ${xid} answers no request`);
  return request.op;
}

function kindOf(direction: CaptureDirection, number: number): FrameKind {
  if (number === 0) return direction === 'c2s' ? 'creq' : 'cresp';
  return direction === 'c2s' ? 'req' : 'resp';
}

/**
 * Cuts a capture into frames and says what each is, from lengths, xids and opcodes alone: it shares
 * nothing with zkwire's codec, which is what the goldens test. A frame that was cut off is left out.
 */
export function framesOf(capture: Pick<SessionCapture, 'records'>): CapturedFrame[] {
  const frames: CapturedFrame[] = [];
  const talks = new Map<number, Conversation>();
  for (const { conn, dir: direction, hex } of capture.records) {
    const empty = (): Side => ({ rest: Buffer.alloc(0), frames: 0 });
    const talk = talks.get(conn) ?? { c2s: empty(), s2c: empty(), pending: [] };
    talks.set(conn, talk);
    const side = talk[direction];
    side.rest = Buffer.concat([side.rest, Buffer.from(hex, 'hex')]);
    while (side.rest.length >= 4 && side.rest.length >= 4 + side.rest.readInt32BE(0)) {
      const bytes = side.rest.subarray(0, 4 + side.rest.readInt32BE(0));
      side.rest = side.rest.subarray(bytes.length);
      const kind = kindOf(direction, side.frames++);
      const op = kind === 'req' || kind === 'resp' ? operationOf(talk, direction, bytes) : null;
      const frame = frames.length;
      frames.push({ frame, conn, direction, kind, op, hex: bytes.toString('hex') });
    }
  }
  return frames;
}
