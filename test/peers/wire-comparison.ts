import { OP } from '../../src/codec/index.ts';
import { type CapturedFrame, framesOf } from '../../tools/goldens/frames.ts';
import { Masks } from '../differential/masks.ts';

/** What was recorded of a conversation: that much of a session capture. */
export type Recording = Parameters<typeof framesOf>[0];

/** What one connection of a conversation carried, in order, one line of text a frame. */
export interface ConnectionLines {
  readonly sent: string[];
  readonly answered: string[];
  /** Each different one once: how many there are depends on the time that everything else takes. */
  readonly pings: Set<string>;
}

const CONNECT = { lastZxid: 8, session: 20, password: 32 };
const GRANT = { session: 12 };
const PASSWORD_BYTES = 16;
const XID = 4;
const HEADER_ZXID = 8;
const REQUEST_BODY = 12;
/** Of an answer to a SASL token: header and length of the next token. */
const SASL_ANSWER_HEAD_BYTES = 24;

/**
 * Frames of a recorded conversation, made comparable with the same conversation on another server: zxids are
 * counted from the first that was told, xids from the first that was sent, sessions by the order in which they began;
 * times, session passwords and SASL tokens are masked. Everything else is what was on the wire, byte for byte.
 */
export function linesByConnection(recording: Recording): ConnectionLines[] {
  const frames = framesOf(recording);
  const masks = new WireMasks(frames);
  const connections: ConnectionLines[] = [];
  for (const frame of frames) {
    connections[frame.conn] ??= { sent: [], answered: [], pings: new Set() };
    const { sent, answered, pings } = connections[frame.conn]!;
    const { kind, op, direction } = frame;
    const line = `${kind}${op === null ? '' : ` ${op}`}: ${masks.masked(frame).toString('hex')}`;
    if (op === OP.ping) pings.add(line);
    else (direction === 'c2s' ? sent : answered).push(line);
  }
  for (const { sent, answered } of connections) {
    if (!isAnswered(OP.closeSession, answered)) dropLast(OP.closeSession, sent);
  }
  return connections;
}

const isAnswered = (op: number, answered: readonly string[]): boolean =>
  answered.at(-1)?.startsWith(`resp ${op}:`) ?? false;

/** Whether a client sends its farewell on a connection that the server ends is a matter of who is first. */
function dropLast(op: number, sent: string[]): void {
  if (sent.at(-1)?.startsWith(`req ${op}:`)) sent.pop();
}

class WireMasks {
  readonly #masks = new Masks();
  /** Of the first request: the C client counts from the time of day. */
  readonly #firstXid: number;
  /** The zxid before the first that was told. */
  readonly #base: bigint;
  readonly #sessions: bigint[] = [];

  constructor(frames: readonly CapturedFrame[]) {
    const buffers = frames.map(({ kind, hex }) => ({ kind, frame: Buffer.from(hex, 'hex') }));
    const replies = buffers.filter(({ kind }) => kind === 'resp');
    const zxids = replies.map(({ frame }) => frame.readBigInt64BE(HEADER_ZXID));
    const requests = buffers.filter(({ kind }) => kind === 'req');
    const xids = requests.map(({ frame }) => frame.readInt32BE(XID));
    this.#base = (zxids.find((zxid) => zxid > 0n) ?? 1n) - 1n;
    this.#firstXid = xids.find((xid) => xid > 0) ?? 0;
    this.#masks.begin(this.#base);
  }

  masked({ hex, kind, op }: CapturedFrame): Buffer {
    const frame = Buffer.from(hex, 'hex');
    switch (kind) {
      case 'creq':
        return this.#connectRequest(frame);
      case 'cresp':
        return this.#grant(frame);
      case 'req':
        return this.#request(frame, op!);
      case 'resp':
        return this.#reply(frame, op!);
    }
  }

  #connectRequest(frame: Buffer): Buffer {
    this.#countZxid(frame, CONNECT.lastZxid);
    const session = this.#sessions.indexOf(frame.readBigInt64BE(CONNECT.session));
    if (session < 0) return frame;
    frame.writeBigInt64BE(BigInt(session), CONNECT.session);
    const password = frame.subarray(CONNECT.password, CONNECT.password + PASSWORD_BYTES);
    // A wrong one, which the clients make of ones, stays.
    if (password.some((byte) => byte !== 1)) password.fill(0xaa);
    return frame;
  }

  #grant(frame: Buffer): Buffer {
    const session = frame.readBigInt64BE(GRANT.session);
    if (session !== 0n && !this.#sessions.includes(session)) {
      this.#sessions.push(session);
      this.#masks.session(session);
    }
    return this.#masks.handshake(frame);
  }

  #request(frame: Buffer, op: number): Buffer {
    this.#countXid(frame);
    if (op === OP.setWatches || op === OP.setWatches2) this.#countZxid(frame, REQUEST_BODY);
    return op === OP.sasl ? frame.subarray(XID, REQUEST_BODY) : frame;
  }

  #reply(frame: Buffer, op: number): Buffer {
    this.#countXid(frame);
    return this.#masks.reply(
      op === OP.sasl ? frame.subarray(0, SASL_ANSWER_HEAD_BYTES) : frame,
      op,
    );
  }

  #countXid(frame: Buffer): void {
    const xid = frame.readInt32BE(XID);
    if (xid > 0) frame.writeInt32BE(xid - this.#firstXid, XID);
  }

  #countZxid(frame: Buffer, at: number): void {
    const zxid = frame.readBigInt64BE(at);
    if (zxid > 0n) frame.writeBigInt64BE(zxid - this.#base, at);
  }
}
