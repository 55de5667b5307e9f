import {
  type ConnectAcceptance,
  type ConnectRefusal,
  isConnectRefusal,
  JuteReader,
  JuteWriter,
  nextXid,
  operationName,
  readConnectAnswer,
  type ServerCodeName,
  type Stat,
  writeConnectHandshake,
  XID_AUTH,
  XID_NOTIFICATION,
  XID_PING,
} from '../codec/index.ts';
import { equal } from './expect.ts';
import { fail } from './failure.ts';
import { Reply, type WireEvent } from './reply.ts';
import type { WireRequest } from './requests.ts';
import * as ask from './requests.ts';
import { hexOf, type WireConnection } from './wire-connection.ts';

/** What a connect request says; the defaults ask for a new session of 30 s. */
export interface HandshakeParts {
  /** Default 0. */
  readonly lastZxidSeen?: bigint;
  /** Session time-out asked for. Default 30,000. */
  readonly timeoutMs?: number;
  /** The session to resume. Default 0: a new one. */
  readonly sessionId?: bigint;
  /** Default 16 zero bytes. */
  readonly password?: Uint8Array | null;
  /** Default false; undefined leaves the byte out. */
  readonly readOnly?: boolean | undefined;
  /** Default 0, the only one there is. */
  readonly protocolVersion?: number;
}

/** The body of a connect request. */
export function handshakeFrame(parts: HandshakeParts = {}): Buffer {
  const writer = JuteWriter.standalone();
  writeConnectHandshake(
    writer,
    parts.lastZxidSeen ?? 0n,
    parts.timeoutMs ?? 30_000,
    parts.sessionId ?? 0n,
    parts.password === undefined ? Buffer.alloc(16) : parts.password,
    'readOnly' in parts ? parts.readOnly : false,
    parts.protocolVersion,
  );
  return writer.finished();
}

/** A session that stands on the server, by what it takes to resume it. */
export interface GrantedSession {
  readonly id: bigint;
  readonly password: Buffer;
}

const granted = new WeakMap<WireConnection, GrantedSession>();

/** The session that was granted on a connection, if there was one. */
export function grantedOn(connection: WireConnection): GrantedSession | undefined {
  return granted.get(connection);
}

/** Sends a connect request and gives the frame that answers it, or null when the server closes. */
export async function shakeHands(
  connection: WireConnection,
  parts: HandshakeParts = {},
): Promise<Buffer | null> {
  connection.sendFrame(handshakeFrame(parts));
  const frame = await connection.next();
  if (frame !== null) noteGrant(connection, frame);
  return frame;
}

/** Remembers the session that the answer to a connect request grants, if it does. */
export function noteGrant(connection: WireConnection, answer: Buffer): void {
  if (answer.length !== 36 && answer.length !== 37) return;
  const id = answer.readBigInt64BE(8);
  if (id !== 0n) granted.set(connection, { id, password: answer.subarray(20, 36) });
}

/** The answer to a connect request, decoded; fails when there is none or it is no such answer. */
export function connectAnswer(frame: Buffer | null): ConnectAcceptance | ConnectRefusal {
  if (frame === null)
    fail('expected an answer to the connect request, got the end of the connection');
  try {
    return readConnectAnswer(JuteReader.over(frame));
  } catch (error) {
    fail(`the answer to the connect request cannot be decoded: ${error}; it is ${hexOf(frame)}`);
  }
}

/** One session on one connection: requests and replies in order, watch events beside them. */
export class WireSession {
  /** The connection that it is on. */
  readonly connection: WireConnection;
  /** As the server granted it. */
  readonly id: bigint;
  /** What it takes to resume it. */
  readonly password: Buffer;
  /** As the server granted it. */
  readonly timeoutMs: number;
  readonly #events: WireEvent[] = [];
  readonly #sent: { readonly xid: number; readonly op: number }[] = [];
  #xid = 0;
  #closing = false;
  #closed = false;

  private constructor(connection: WireConnection, answer: ConnectAcceptance) {
    this.connection = connection;
    this.id = answer.sessionId;
    this.password = Buffer.from(answer.passwd ?? []);
    this.timeoutMs = answer.timeOut;
  }

  /** Opens or resumes a session; fails when the server does not grant it. */
  static async open(connection: WireConnection, parts: HandshakeParts = {}): Promise<WireSession> {
    const answer = connectAnswer(await shakeHands(connection, parts));
    if (isConnectRefusal(answer)) fail(`expected a session, got the refusal ${answer.refused}`);
    if (answer.timeOut <= 0) fail('expected a session, got the answer "no such session"');
    return new WireSession(connection, answer);
  }

  /** Whether the server has been told that the session is over, and its reply was seen. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Sends a request and does not wait. Gives its xid. */
  send(request: WireRequest, xid: number = this.#nextXid(request.op)): number {
    this.#sent.push({ xid, op: request.op });
    this.connection.sendFrame(ask.frameOf(xid, request));
    return xid;
  }

  /** Sends several requests in one write. */
  sendAll(requests: readonly WireRequest[]): void {
    const frames = requests.map((request) => {
      const xid = this.#nextXid(request.op);
      this.#sent.push({ xid, op: request.op });
      return ask.frameOf(xid, request);
    });
    this.connection.sendFrames(frames);
  }

  /** The reply to the oldest request without one. Events that come before it wait for `event()`. */
  async reply(): Promise<Reply> {
    const sent = this.#sent.shift();
    if (sent === undefined) throw new Error('no request waits for a reply');
    for (;;) {
      const frame = await this.connection.next();
      if (frame === null) {
        fail(`expected a reply to ${operationName(sent.op)}, got the end of the connection`);
      }
      if (this.#tookEvent(frame)) continue;
      const reply = new Reply(frame, sent.op);
      // A ping is answered with its own xid, whatever xid it had.
      if (sent.op === CLOSE_OP) this.#closed = true;
      equal(
        reply.xid,
        sent.op === PING_OP ? XID_PING : sent.xid,
        `xid of the reply to ${reply.name}`,
      );
      return reply;
    }
  }

  /** Sends a request and waits for its reply. */
  call(request: WireRequest): Promise<Reply> {
    this.send(request);
    return this.reply();
  }

  /** Sends a request that the server must do. */
  async ok(request: WireRequest): Promise<Reply> {
    return (await this.call(request)).ok();
  }

  /** Sends a request that the server must refuse with this code. */
  async refused(request: WireRequest, name: ServerCodeName): Promise<Reply> {
    return (await this.call(request)).refused(name);
  }

  /** The next watch event; fails when a reply comes instead, or nothing. */
  async event(): Promise<WireEvent> {
    const waiting = this.#events.shift();
    if (waiting !== undefined) return waiting;
    const frame = await this.connection.next();
    if (frame === null) fail('expected a watch event, got the end of the connection');
    if (!this.#tookEvent(frame)) fail(`expected a watch event, got the frame ${hexOf(frame)}`);
    return this.#events.shift()!;
  }

  /** Events that have come and were not taken yet. */
  takeEvents(): WireEvent[] {
    return this.#events.splice(0);
  }

  /** All events that the server has for this session by now: a ping is answered behind them. */
  async allEvents(): Promise<WireEvent[]> {
    await this.ok(ask.ping());
    return this.takeEvents();
  }

  /** Stat of a node that is there. */
  async stat(path: string): Promise<Stat> {
    return (await this.ok(ask.exists(path))).stat();
  }

  /** Makes a node and gives its path. */
  async make(path: string, parts: ask.CreateParts = {}): Promise<string> {
    return (await this.ok(ask.create(path, parts))).text() ?? '';
  }

  /** Says that no request can be sent on its connection any more: the session will be closed on another one. */
  abandon(): void {
    this.#closing = true;
  }

  /** Closes the session as a client should, if its connection still stands. Never fails; waits so long for the reply. */
  async close(timeoutMs: number = CLOSE_MS): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (!this.connection.ended) {
      const xid = this.#nextXid(0);
      this.connection.sendFrame(ask.frameOf(xid, ask.closeSession()));
      // Whatever still comes before the reply is of no interest.
      const deadline = performance.now() + timeoutMs;
      while (!this.connection.ended && performance.now() < deadline) {
        const frame = await this.connection.next(timeoutMs).catch(() => null);
        if (frame === null) break;
        this.#closed = frame.length >= 4 && frame.readInt32BE(0) === xid;
        if (this.#closed) break;
      }
    }
    this.connection.destroy();
  }

  #nextXid(op: number): number {
    if (op === PING_OP) return XID_PING;
    if (op === AUTH_OP) return XID_AUTH;
    this.#xid = nextXid(this.#xid);
    return this.#xid;
  }

  #tookEvent(frame: Buffer): boolean {
    if (frame.length < 4 || frame.readInt32BE(0) !== XID_NOTIFICATION) return false;
    const reply = new Reply(frame, 0);
    this.#events.push(
      reply.read((r) => ({ type: r.int(), state: r.int(), path: r.ustring(), zxid: reply.zxid })),
    );
    return true;
  }
}

const PING_OP = ask.ping().op;
const AUTH_OP = 100;
const CLOSE_OP = ask.closeSession().op;

/** A session that was not closed in this time goes when its time-out is over. */
const CLOSE_MS = 2_000;
