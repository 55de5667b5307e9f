import { getEventListeners } from 'node:events';
import type {
  CallOptions,
  SessionTicket,
  WatchEvent,
  ZooKeeperClient,
} from '../../src/client/index.ts';
import type { ConnectHandshake } from '../../src/codec/connect.ts';
import { OP } from '../../src/codec/operations.ts';
import type { SlabPool } from '../../src/codec/slab-pool.ts';
import { RequestError } from '../../src/errors.ts';
import type { StateEvent } from '../../src/session/session-events.ts';
import type { EventLoop } from './event-loop.ts';
import type { SentFrame } from './network/frame-tap.ts';
import type { NetworkClient, SimSocket } from './network/sim-socket.ts';
import type { ClientSetup } from './options.ts';
import type { Invocation } from './oracles/invocation.ts';
import { StateGrammar } from './oracles/state-grammar.ts';
import { TimingCheck } from './oracles/timing-check.ts';
import type { Violations } from './oracles/violations.ts';
import type { WatchRecord } from './oracles/watch-record.ts';
import { WireCheck } from './oracles/wire-check.ts';
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
  /** Whether the user's callback throws this time. */
  readonly callbackThrows: () => boolean;
  /** `stepDone` is wanted. */
  readonly touched: (handle: ClientHandle) => void;
}

/** Frames that a client may send of its own accord to keep watches right. */
const ASIDE_OPERATIONS: ReadonlySet<number> = new Set([
  OP.removeWatches,
  OP.setWatches2,
  OP.addWatch,
]);

/** One client from `connect` to its end: what was asked of it, what it sent, what it told. */
export class ClientHandle implements NetworkClient {
  readonly index: number;
  readonly loop: EventLoop;
  readonly pool: SlabPool;
  readonly setup: ClientSetup;
  readonly grammar: StateGrammar;
  readonly invocations: Invocation[] = [];
  /** Sessions that were told: `order` when, `heardOrder` when the user's callback had returned. */
  readonly sessions: {
    readonly order: number;
    heardOrder: number;
    readonly socket: SimSocket | null;
    readonly resumed: boolean;
  }[] = [];
  readonly sockets: SimSocket[] = [];
  zk: ZooKeeperClient | null = null;
  closed = false;
  /** Identities that it was given. */
  credentials: number;
  /** Called by each callback of the user's that the client called in its read path, or told a state. */
  calledBack: () => void = () => {};
  /** What the user's callbacks threw, and what was reported of it. */
  thrown = 0;
  reported = 0;
  readonly #context: HandleContext;
  /** Requests that have not left begin here. */
  #toLeave = 0;
  readonly #left: [SimSocket, SentFrame][] = [];
  #closing = false;
  /** Credentials that it had when the connection began. */
  #toSend = 0;
  /** What the session has become in this step: nothing that was parked before may go on waiting. */
  #refused: { state: 'lost' | 'expired'; before: number } | null = null;
  readonly #wire: WireCheck;
  readonly #timing: TimingCheck;

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
    this.credentials = setup.credentials;
    this.#context = context;
    const fault = (oracle: string, text: string): void => this.#violation(oracle, text);
    this.grammar = new StateGrammar((text) => fault('states', text));
    this.#timing = new TimingCheck({ loop, nowMs: context.nowMs, fault });
    this.#wire = new WireCheck({
      sessionId: () => this.grammar.sessionId,
      readOnly: setup.readOnly,
      closing: () => this.#closing,
      credentials: () => this.#toSend,
      fault,
    });
  }

  /** It goes on with the session of another. */
  resume(ticket: SessionTicket): void {
    this.grammar.resume(ticket.sessionId);
    this.#timing.resume(ticket.sessionTimeoutMs);
    this.#wire.resume(ticket.lastXid, ticket.lastZxidSeen);
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
    if (record.byLoop) return;
    // Another watch may be closed before the mark of the same gap is told to it: nothing to be checked.
    if (event.type !== 'Resync') this.calledBack();
    if (callbackThrows()) {
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
      const { live } = this.#timing;
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

  detach(): Promise<SessionTicket> {
    this.#closing = true;
    return (this.zk as ZooKeeperClient).detach();
  }

  /** What was to end it failed. */
  goesOn(): void {
    this.#closing = false;
  }

  /** It was asked to end, or gave up. */
  get isEnding(): boolean {
    return this.#closing || this.closed;
  }

  /** Marks that `close` or `detach` was called by somebody else. */
  ending(): void {
    this.#closing = true;
  }

  // What the client tells.

  readonly onState = (event: StateEvent): void => {
    const { trace, callbackThrows } = this.#context;
    const host = 'host' in event ? event.host : '';
    trace.note('state', this.index, event.state, host, stateDetail(event));
    this.grammar.told(event);
    this.#timing.told(event, this.#context.reading());
    if (event.state === 'session') {
      this.#toSend = this.credentials;
      const order = this.#context.nextOrder();
      const socket = this.#context.reading();
      this.sessions.push({ order, heardOrder: order, socket, resumed: event.resumed });
    }
    if (event.state === 'expired') this.#wire.forgetZxid();
    if (event.state === 'lost' || event.state === 'expired') {
      this.#refused = { state: event.state, before: this.invocations.length };
      this.#context.touched(this);
    }
    if (event.state === 'closed') this.closed = true;
    this.calledBack();
    const told = event.state === 'session' ? this.sessions.at(-1) : undefined;
    if (told !== undefined) told.heardOrder = this.#context.nextOrder();
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

  // What passes on the wire.

  handshake(socket: SimSocket, request: ConnectHandshake): void {
    this.sockets.push(socket);
    const { lastZxidSeen, sessionId } = request;
    this.#context.trace.note('handshake', this.index, socket.ordinal, sessionId, lastZxidSeen);
    this.#wire.handshake(request);
  }

  sent(socket: SimSocket, frame: SentFrame): void {
    const { trace } = this.#context;
    trace.note('send', this.index, socket.ordinal, frame.xid, frame.op, frame.path ?? '');
    this.#timing.wrote(socket);
    if (!this.#wire.sent(socket, frame)) return;
    this.#left.push([socket, frame]);
    this.#context.touched(this);
  }

  /**
   * The step is over. Only now it is known which requests were refused when they were made: their
   * callers hear of it after the others have left.
   */
  stepDone(): void {
    for (const [socket, frame] of this.#left.splice(0)) this.#match(socket, frame);
    if (this.#refused === null) return;
    const { state, before } = this.#refused;
    const waiting = this.invocations.slice(0, before).filter((each) => {
      return each.settled === null && each.frame === null;
    });
    const aside = waiting.filter(({ operation }) => operation.aside === true);
    if (waiting.length > aside.length) {
      const [first] = waiting;
      this.#violation('O1', `${state}, and ${shown(first as Invocation)} still waits`);
    }
    this.#refused = null;
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

  /** The client is about to be given bytes. */
  heard(socket: SimSocket, bytes: number): void {
    this.#timing.heard(socket, bytes);
  }

  /** The client has been given bytes; `ended`: the connection did not survive them. */
  read(socket: SimSocket, ended: boolean): void {
    this.#wire.read(socket, ended);
  }

  /** Nothing may be left of a client that is closed. */
  checkLeft(): void {
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
