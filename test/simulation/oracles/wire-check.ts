import type { ConnectHandshake } from '../../../src/codec/connect.ts';
import { JuteReader } from '../../../src/codec/jute-reader.ts';
import { OP } from '../../../src/codec/operations.ts';
import { readSetWatches } from '../../../src/codec/records.gen.ts';
import { XID_AUTH, XID_SET_WATCHES } from '../../../src/codec/xids.ts';
import type { SentFrame } from '../network/frame-tap.ts';
import type { SimSocket } from '../network/sim-socket.ts';

/** What the client whose frames are checked has been told and asked. */
export interface WireContext {
  /** Session that it has by what it told; 0n: none. */
  readonly sessionId: () => bigint;
  readonly readOnly: boolean;
  /** It was asked to end its session. */
  readonly closing: () => boolean;
  /** It logs in with SASL. */
  readonly sasl: boolean;
  /** Credentials that it has to send on every connection. */
  readonly credentials: () => number;
  readonly fault: (oracle: string, text: string) => void;
}

/** Frames that no caller asked for. */
const OWN_OPERATIONS: ReadonlySet<number> = new Set([
  OP.ping,
  OP.auth,
  OP.sasl,
  OP.setWatches,
  OP.setWatches2,
  OP.closeSession,
]);

/** Most bytes of a setWatches request. */
const SET_WATCHES_BYTES_MAX = 128 * 1024;

/** Xids above this may be followed by 1. */
const XID_WRAP = 0x7fff_ff00;

/** Checks what a client sends of its own accord: handshakes, credentials, watches; and xids and zxids. */
export class WireCheck {
  readonly #context: WireContext;
  #lastXid = 0;
  /** Bounds of the highest zxid in ordinary replies: reads that ended a connection may have been looked at in part. */
  readonly #zxidSeen = { least: 0, most: 0 };

  constructor(context: WireContext) {
    this.#context = context;
  }

  handshake({ lastZxidSeen, sessionId, readOnly }: ConnectHandshake): void {
    const { fault } = this.#context;
    const zxid = Number(lastZxidSeen);
    const { least, most } = this.#zxidSeen;
    if (zxid < least || zxid > most) {
      fault('P4', `lastZxidSeen is ${zxid}, seen were ${least} to ${most}`);
    }
    const told = this.#context.sessionId();
    // Granted on a connection whose login came to nothing, it was not told, and is kept.
    const isKept = this.#context.sasl && told === 0n;
    if (sessionId !== told && !isKept)
      fault('P15', `asks for session ${sessionId}, the session is ${told}`);
    if (readOnly !== this.#context.readOnly) fault('P15', 'wrong readOnly');
  }

  /** Checks a frame. True: it belongs to a request that somebody made. */
  sent(socket: SimSocket, frame: SentFrame): boolean {
    const { fault } = this.#context;
    if (socket.grantedSession === 0n || socket.offeredBytes === 0) {
      fault('P10', `op ${frame.op} left before the session was granted`);
    }
    const { xid } = frame;
    if (this.#context.sasl && !socket.loggedIn && frame.op !== OP.sasl && frame.op !== OP.ping) {
      fault('P10', `op ${frame.op} left before the login`);
    }
    if (isOwn(frame)) {
      this.#own(socket, frame);
      return false;
    }
    if (xid <= 0 || (xid <= this.#lastXid && this.#lastXid < XID_WRAP)) {
      fault('xid', `${xid} after ${this.#lastXid}`);
    }
    this.#lastXid = xid;
    if (requestsOn(socket) === 1) this.#checkCredentials(socket);
    return true;
  }

  /** Counting goes on behind the last xid of another client's, whose session this one resumes. */
  resume(lastXid: number, lastZxidSeen: bigint): void {
    this.#lastXid = lastXid;
    this.#zxidSeen.least = Number(lastZxidSeen);
    this.#zxidSeen.most = Number(lastZxidSeen);
  }

  /** Zxid that the session was surely shown. */
  get seenZxid(): number {
    return this.#zxidSeen.least;
  }

  /** The session has expired: nothing was seen of the next one. */
  forgetZxid(): void {
    this.#zxidSeen.least = 0;
    this.#zxidSeen.most = 0;
  }

  /** The client has been given bytes; `ended`: the connection did not survive them. */
  read(socket: SimSocket, ended: boolean): void {
    for (const { kind, zxid } of socket.newlyRead()) {
      if (zxid <= 0) continue;
      if (kind === 'reply') this.#saw(zxid, !ended);
      // What a broken frame says of the zxid may be believed or not.
      else if (kind === 'set-watches' || kind === 'garbage') this.#saw(zxid, false);
    }
  }

  #saw(zxid: number, surely: boolean): void {
    const seen = this.#zxidSeen;
    seen.most = Math.max(seen.most, zxid);
    if (surely) seen.least = Math.max(seen.least, zxid);
  }

  #own(socket: SimSocket, { xid, op, body }: SentFrame): void {
    const { fault } = this.#context;
    if (op === OP.auth && xid === XID_AUTH) {
      const watches = socket.sent.some((frame) => frame.xid === XID_SET_WATCHES);
      const many = authsOn(socket) > this.#context.credentials();
      if (watches && requestsOn(socket) === 0 && !many) fault('P10', 'auth after setWatches');
    } else if (op === OP.closeSession) {
      if (!this.#context.closing()) fault('close', 'closeSession that nobody asked for');
      this.#lastXid = xid;
    } else if (op === OP.sasl) {
      this.#lastXid = xid;
    } else if (xid === XID_SET_WATCHES) {
      this.#checkSetWatches(socket, body);
    }
  }

  /** The first request of a connection: every credential is before it. */
  #checkCredentials(socket: SimSocket): void {
    const wanted = this.#context.credentials();
    const count = authsOn(socket);
    if (count < wanted) this.#context.fault('P10', `${count} of ${wanted} credentials were sent`);
  }

  #checkSetWatches(socket: SimSocket, body: Buffer): void {
    const { fault } = this.#context;
    const { relativeZxid } = readSetWatches(JuteReader.over(body));
    const { handshake } = socket;
    const { least } = this.#zxidSeen;
    const most = Math.max(this.#zxidSeen.most, socket.offeredZxid());
    if (Number(relativeZxid) < least || Number(relativeZxid) > most) {
      fault('P10', `relativeZxid ${relativeZxid}, seen were ${least} to ${most}`);
    }
    // Later ones set the watches of one path that has lost another.
    const first = requestsOn(socket) === 0;
    if (first && handshake?.sessionId !== 0n && relativeZxid !== handshake?.lastZxidSeen) {
      fault('P10', `relativeZxid ${relativeZxid}, not ${handshake?.lastZxidSeen}`);
    }
    if (body.length > SET_WATCHES_BYTES_MAX) fault('P10', `setWatches of ${body.length} bytes`);
  }
}

function requestsOn(socket: SimSocket): number {
  return socket.sent.filter((frame) => !isOwn(frame)).length;
}

/** Both modes of one path are asked for with a setWatches2 that takes its turn among the requests. */
function isOwn({ op, xid }: SentFrame): boolean {
  return OWN_OPERATIONS.has(op) && !(op === OP.setWatches2 && xid !== XID_SET_WATCHES);
}

function authsOn(socket: SimSocket): number {
  return socket.sent.filter(({ op }) => op === OP.auth).length;
}
