import { getEventListeners } from 'node:events';
import type { CallOptions, WatchEvent, ZooKeeperClient } from '../../src/client/index.ts';
import type { ConnectHandshake } from '../../src/codec/connect.ts';
import { JuteReader } from '../../src/codec/jute-reader.ts';
import { OP } from '../../src/codec/operations.ts';
import { readSetWatches } from '../../src/codec/records.gen.ts';
import type { SlabPool } from '../../src/codec/slab-pool.ts';
import { XID_AUTH, XID_SET_WATCHES } from '../../src/codec/xids.ts';
import { RequestError } from '../../src/errors.ts';
import type { StateEvent } from '../../src/session/session-events.ts';
import type { EventLoop } from './event-loop.ts';
import type { SentFrame } from './network/frame-tap.ts';
import type { NetworkClient, SimSocket } from './network/sim-socket.ts';
import type { ClientSetup } from './options.ts';
import type { Invocation } from './oracles/invocation.ts';
import { StateGrammar } from './oracles/state-grammar.ts';
import type { Violations } from './oracles/violations.ts';
import type { WatchRecord } from './oracles/watch-record.ts';
import type { Trace } from './trace.ts';
import type { Operation } from './workload/operation.ts';
import type { OperationKind } from './workload/operation-kinds.ts';

/** What the handles of one simulation share. */
export interface HandleContext {
  readonly trace: Trace;
  readonly violations: Violations;
  readonly nowMs: () => number;
  /** The next place in the order of everything that callers are told. */
  readonly nextOrder: () => number;
  /** Socket that the client reads from in this step. */
  readonly reading: () => SimSocket | null;
  /** The network is whole: silence means something. */
  readonly callbackThrows: () => boolean;
}

/** Frames that no caller asked for. */
const OWN_OPERATIONS: ReadonlySet<number> = new Set([
  OP.ping,
  OP.auth,
  OP.setWatches,
  OP.setWatches2,
  OP.closeSession,
]);

/** Frames that a client may send of its own accord to keep watches right. */
const ASIDE_OPERATIONS: ReadonlySet<number> = new Set([
  OP.removeWatches,
  OP.setWatches2,
  OP.addWatch,
]);

/** Most bytes of a setWatches request. */
const SET_WATCHES_BYTES_MAX = 128 * 1024;

/** One client from `connect` to its end: what was asked of it, what it sent, what it told. */
export class ClientHandle implements NetworkClient {
  readonly index: number;
  readonly loop: EventLoop;
  readonly pool: SlabPool;
  readonly setup: ClientSetup;
  readonly grammar: StateGrammar;
  readonly invocations: Invocation[] = [];
  /** When sessions were told, and on which socket. */
  readonly sessions: { order: number; socket: SimSocket | null; resumed: boolean }[] = [];
  readonly sockets: SimSocket[] = [];
  zk: ZooKeeperClient | null = null;
  closed = false;
  /** What the user's callbacks threw, and what was reported of it. */
  thrown = 0;
  reported = 0;
  readonly #context: HandleContext;
  /** Where requests go; null: nowhere, they are parked. */
  #live: SimSocket | null = null;
  /** Requests that have not left begin here. */
  #toLeave = 0;
  readonly #left: [SimSocket, SentFrame][] = [];
  #closing = false;
  #lastXid = 0;
  #heardMs: number;
  /** Bounds of the highest zxid in ordinary replies: reads that ended a connection may have been looked at in part. */
  #zxidSeen = { least: 0, most: 0 };

  constructor(
    index: number,
    loop: EventLoop,
    pool: SlabPool,
    setup: ClientSetup,
    context: HandleContext,
  ) {
    this.index = index;
    this.loop = loop;
    this.pool = pool;
    this.setup = setup;
    this.#context = context;
    this.#heardMs = context.nowMs();
    this.grammar = new StateGrammar((text) => this.#violation('states', text));
  }

  /** Watches that were asked for. */
  get watches(): WatchRecord[] {
    return this.invocations.flatMap(({ operation }) => operation.watch ?? []);
  }

  /** Lasting watches that stand. */
  standingWatches(): WatchRecord[] {
    return this.watches.filter(({ watch }) => watch?.ended === false);
  }

  /** A watch tells something; the user's listener may throw. */
  hear(record: WatchRecord, event: WatchEvent): void {
    const { trace, nowMs, nextOrder, reading, callbackThrows } = this.#context;
    trace.note('hear', this.index, record.wish, record.path, event.type, event.path);
    record.heard.push({ event, atMs: nowMs(), order: nextOrder(), reading: reading() });
    if (!record.byLoop && callbackThrows()) {
      this.thrown++;
      throw new Error('thrown by the user');
    }
  }

  // Requests.

  /** Makes a request. */
  invoke(
    kind: OperationKind,
    operation: Operation,
    limits: { timeoutMs?: number; signal?: AbortSignal },
    onSettled: () => void,
  ): Invocation {
    const { nowMs, trace } = this.#context;
    const invocation: Invocation = {
      id: this.invocations.length,
      kind,
      operation,
      atMs: nowMs(),
      timeoutMs: limits.timeoutMs,
      signal: limits.signal,
      abortedMs: null,
      settled: null,
      frame: null,
      socket: null,
    };
    this.invocations.push(invocation);
    trace.note('invoke', this.index, invocation.id, kind, operation.path ?? '');
    const settle = (value: unknown, error: unknown): void => {
      if (invocation.settled !== null) this.#violation('O1', `${shown(invocation)} settled twice`);
      const order = this.#context.nextOrder();
      const reading = this.#context.reading();
      const live = this.#live;
      invocation.settled = { value, error, atMs: nowMs(), order, reading, live };
      trace.note('settle', this.index, invocation.id, errorText(error));
      onSettled();
    };
    try {
      operation.call(this.zk as ZooKeeperClient, limits as CallOptions).then(
        (value) => settle(value, null),
        (error: unknown) => settle(undefined, error),
      );
    } catch (error) {
      settle(undefined, error);
    }
    return invocation;
  }

  get unsettled(): Invocation[] {
    return this.invocations.filter(({ settled }) => settled === null);
  }

  close(): Promise<void> {
    this.#closing = true;
    return (this.zk as ZooKeeperClient).close();
  }

  /** Marks that `close` or `detach` was called by somebody else. */
  ending(): void {
    this.#closing = true;
  }

  // What the client tells.

  readonly onState = (event: StateEvent): void => {
    const { trace, callbackThrows, nowMs } = this.#context;
    const host = 'host' in event ? event.host : '';
    trace.note('state', this.index, event.state, host, stateDetail(event));
    const before = this.grammar.sessionId;
    const hadLost = this.grammar.lostTold;
    this.grammar.told(event);
    const silentMs = nowMs() - this.#heardMs;
    if (event.state === 'lost') this.#checkLost(event.silentMs, silentMs);
    const timeoutMs = this.zk?.sessionTimeoutMs ?? Number.POSITIVE_INFINITY;
    if (
      event.state === 'session' &&
      before !== 0n &&
      !hadLost &&
      !this.loop.wasBlocked(this.#heardMs)
    ) {
      if (silentMs > timeoutMs + LOST_LATE_MS) {
        this.#violation('lost', `not told after ${silentMs} ms of silence`);
      }
    }
    if (event.state === 'session') {
      this.#heardMs = nowMs();
      this.#live = this.#context.reading();
      const order = this.#context.nextOrder();
      this.sessions.push({ order, socket: this.#live, resumed: event.resumed });
    }
    if (event.state === 'disconnected') this.#live = null;
    if (event.state === 'expired') this.#zxidSeen = { least: 0, most: 0 };
    if (event.state === 'closed') this.closed = true;
    if (callbackThrows()) {
      this.thrown++;
      throw new Error('thrown by the user');
    }
  };

  readonly onCallbackError = (error: unknown): void => {
    this.reported++;
    if ((error as Error).message !== 'thrown by the user') {
      this.#violation('callbacks', `reported ${String(error)}`);
    }
  };

  #checkLost(toldMs: number, silentMs: number): void {
    const timeoutMs = this.zk?.sessionTimeoutMs ?? 0;
    if (Math.abs(toldMs - silentMs) > 1) {
      this.#violation('lost', `says ${toldMs} ms of silence, it was ${silentMs}`);
    }
    if (silentMs < timeoutMs - 0.001)
      this.#violation('lost', `after ${silentMs} of ${timeoutMs} ms`);
  }

  // What passes on the wire.

  handshake(socket: SimSocket, request: ConnectHandshake): void {
    this.sockets.push(socket);
    const { lastZxidSeen, sessionId } = request;
    this.#context.trace.note('handshake', this.index, socket.ordinal, sessionId, lastZxidSeen);
    const zxid = Number(lastZxidSeen);
    const { least, most } = this.#zxidSeen;
    if (zxid < least || zxid > most) {
      this.#violation('P4', `lastZxidSeen is ${zxid}, seen were ${least} to ${most}`);
    }
    if (sessionId !== this.grammar.sessionId) {
      const told = this.grammar.sessionId;
      this.#violation('P15', `asks for session ${sessionId}, the session is ${told}`);
    }
    if (request.readOnly !== this.setup.readOnly) this.#violation('P15', 'wrong readOnly');
  }

  sent(socket: SimSocket, frame: SentFrame): void {
    const { trace } = this.#context;
    trace.note('send', this.index, socket.ordinal, frame.xid, frame.op, frame.path ?? '');
    if (socket.grantedSession === 0n || socket.offeredBytes === 0) {
      this.#violation('P10', `op ${frame.op} left before the session was granted`);
    }
    if (this.#isOwn(socket, frame)) return;
    if (frame.xid <= 0 || (frame.xid <= this.#lastXid && this.#lastXid < 0x7fff_ff00)) {
      this.#violation('xid', `${frame.xid} after ${this.#lastXid}`);
    }
    this.#lastXid = frame.xid;
    this.#left.push([socket, frame]);
  }

  /**
   * The step is over. Only now it is known which requests were refused when they were made: their
   * callers hear of it after the others have left.
   */
  stepDone(): void {
    for (const [socket, frame] of this.#left.splice(0)) this.#match(socket, frame);
  }

  #match(socket: SimSocket, frame: SentFrame): void {
    const next = this.#peek(socket);
    if (ASIDE_OPERATIONS.has(frame.op) && !isFrameOf(next, frame)) return;
    const invocation = this.#nextToLeave(socket);
    if (invocation === null || !isFrameOf(invocation, frame)) {
      const expected = invocation === null ? 'nothing' : shown(invocation);
      this.#violation('O2', `op ${frame.op} ${frame.path} left, next in turn was ${expected}`);
      return;
    }
    invocation.frame = frame;
    invocation.socket = socket;
  }

  /**
   * The oldest request that may leave. Those that were told `not-sent` may not; those whose caller
   * has gone may leave on the connection that they were made for only.
   */
  #nextToLeave(socket: SimSocket): Invocation | null {
    const invocation = this.#peek(socket);
    if (invocation !== null) this.#toLeave++;
    return invocation;
  }

  #peek(socket: SimSocket): Invocation | null {
    for (; this.#toLeave < this.invocations.length; this.#toLeave++) {
      const invocation = this.invocations[this.#toLeave] as Invocation;
      const { settled, operation } = invocation;
      const gone = settled !== null && settled.live !== socket;
      const notSent = settled !== null && outcomeOf(settled.error) === 'not-sent';
      if (operation.aside !== true && !gone && !notSent) return invocation;
    }
    return null;
  }

  #isOwn(socket: SimSocket, { xid, op, body }: SentFrame): boolean {
    const isRequest = op === OP.setWatches2 && xid !== XID_SET_WATCHES;
    if (!OWN_OPERATIONS.has(op) || isRequest) return false;
    if (op === OP.auth && xid === XID_AUTH) {
      if (this.#userFrames(socket) > 0) this.#violation('P10', 'auth after requests');
    } else if (op === OP.closeSession) {
      if (!this.#closing) this.#violation('close', 'closeSession that nobody asked for');
      this.#lastXid = xid;
    } else if (xid === XID_SET_WATCHES) {
      this.#checkSetWatches(socket, body);
    }
    return true;
  }

  #checkSetWatches(socket: SimSocket, body: Buffer): void {
    const { relativeZxid } = readSetWatches(JuteReader.over(body));
    const { handshake } = socket;
    const { least } = this.#zxidSeen;
    const most = Math.max(this.#zxidSeen.most, socket.offeredZxid());
    if (Number(relativeZxid) < least || Number(relativeZxid) > most) {
      this.#violation('P10', `relativeZxid ${relativeZxid}, seen were ${least} to ${most}`);
    }
    // Later ones set the watches of one path that has lost another.
    const first = this.#userFrames(socket) === 0;
    if (first && handshake?.sessionId !== 0n && relativeZxid !== handshake?.lastZxidSeen) {
      this.#violation('P10', `relativeZxid ${relativeZxid}, not ${handshake?.lastZxidSeen}`);
    }
    if (body.length > SET_WATCHES_BYTES_MAX) {
      this.#violation('P10', `setWatches of ${body.length} bytes`);
    }
  }

  #userFrames(socket: SimSocket): number {
    return socket.sent.filter(({ op }) => !OWN_OPERATIONS.has(op)).length;
  }

  /** The client is about to be given bytes. */
  heard(socket: SimSocket, bytes: number): void {
    if (bytes > 0 && socket === this.#live) this.#heardMs = this.#context.nowMs();
  }

  /** The client has been given bytes; `ended`: the connection did not survive them. */
  read(socket: SimSocket, ended: boolean): void {
    for (const frame of socket.newlyRead()) {
      if (frame.zxid <= 0) continue;
      if (frame.kind === 'reply') this.#saw(frame.zxid, !ended);
      // What a broken frame says of the zxid may be believed or not.
      else if (frame.kind === 'set-watches' || frame.kind === 'garbage') {
        this.#saw(frame.zxid, false);
      }
    }
  }

  #saw(zxid: number, surely: boolean): void {
    const seen = this.#zxidSeen;
    seen.most = Math.max(seen.most, zxid);
    if (surely) seen.least = Math.max(seen.least, zxid);
  }

  /** Nothing may be left of a client that is closed. */
  checkLeft(): void {
    for (const socket of this.sockets) {
      if (!socket.ended) this.#violation('leak', `socket ${socket.ordinal} is still open`);
    }
    if (this.thrown !== this.reported) {
      this.#violation('callbacks', `${this.thrown} thrown, ${this.reported} reported`);
    }
    for (const { signal, id } of this.invocations) {
      if (signal !== undefined && getEventListeners(signal, 'abort').length > 0) {
        this.#violation('leak', `a listener on the signal of request ${id}`);
      }
    }
  }

  #violation(oracle: string, text: string): void {
    this.#context.violations.add(oracle, `client ${this.index}: ${text}`);
  }
}

/** The loss of a session may be told late by so much. */
const LOST_LATE_MS = 100;

function isFrameOf(invocation: Invocation | null, { op, path, xid }: SentFrame): boolean {
  if (invocation === null) return false;
  const { operation } = invocation;
  // Where a persistent and a recursive watch meet, both are asked for together.
  if (operation.op === OP.addWatch && op === OP.setWatches2) return xid > 0;
  return operation.op === op && operation.path === path;
}

export function outcomeOf(error: unknown): string | null {
  if (error === null || error === undefined) return null;
  return error instanceof RequestError ? error.outcome : 'none';
}

export function shown({ id, kind, operation, frame }: Invocation): string {
  const xid = frame === null ? 'never left' : `xid ${frame.xid}`;
  return `request ${id} (${kind} ${operation.path ?? ''}, ${xid})`;
}

function errorText(error: unknown): string {
  if (error === null) return 'ok';
  if (error instanceof RequestError) return `${error.code} ${error.outcome}`;
  return String(error);
}

function stateDetail(event: StateEvent): string {
  switch (event.state) {
    case 'session':
      return `${event.sessionId} ${event.resumed} ${event.readOnly}`;
    case 'disconnected':
      return event.reason.code;
    case 'lost':
      return `${event.silentMs}`;
    case 'closed':
      return event.reason?.code ?? '';
    default:
      return '';
  }
}
