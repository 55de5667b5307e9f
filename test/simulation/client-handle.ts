import { getEventListeners } from 'node:events';
import type {
  CallOptions,
  SessionTicket,
  WatchEvent,
  ZooKeeperClient,
} from '../../src/client/index.ts';
import type { ConnectHandshake } from '../../src/codec/connect.ts';
import type { SlabPool } from '../../src/codec/slab-pool.ts';
import { RequestError } from '../../src/errors.ts';
import type { StateEvent } from '../../src/session/session-events.ts';
import type { EventLoop } from './event-loop.ts';
import type { SentFrame } from './network/frame-tap.ts';
import type { NetworkClient, SimSocket } from './network/sim-socket.ts';
import { type ClientSetup, saslUser } from './options.ts';
import { FrameMatch } from './oracles/frame-match.ts';
import { type Invocation, shown } from './oracles/invocation.ts';
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
  /** It was told that it has a session of before. */
  readonly resumed: (sessionId: bigint, grantedLines: number) => void;
}

export interface ClientHandleOptions {
  /** Of the user. */
  readonly index: number;
  /** Of the client among those of its user, from 1 on. */
  readonly ordinal: number;
  readonly loop: EventLoop;
  readonly pool: SlabPool;
  readonly setup: ClientSetup;
  readonly context: HandleContext;
}

/** One client from `connect` to its end: what was asked of it, what it sent, what it told. */
export class ClientHandle implements NetworkClient {
  readonly index: number;
  readonly ordinal: number;
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
    readonly readOnly: boolean;
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
  readonly #frames: FrameMatch;
  /** How it was asked to end. */
  #ending: 'close' | 'detach' | null = null;
  #closeAsked = false;
  /** Credentials that it had when the connection began. */
  #toSend = 0;
  /** What the session has become in this step: nothing that was parked before may go on waiting. */
  #refused: { state: 'lost' | 'expired'; before: number } | null = null;
  readonly #wire: WireCheck;
  readonly #timing: TimingCheck;

  constructor({ index, ordinal, loop, pool, setup, context }: ClientHandleOptions) {
    this.index = index;
    this.ordinal = ordinal;
    this.loop = loop;
    this.pool = pool;
    this.setup = setup;
    this.credentials = setup.credentials;
    this.#context = context;
    const fault = (oracle: string, text: string): void => this.#violation(oracle, text);
    this.grammar = new StateGrammar((text) => fault('states', text));
    this.#timing = new TimingCheck({ loop, nowMs: context.nowMs, sasl: setup.sasl, fault });
    const { invocations } = this;
    this.#frames = new FrameMatch({ invocations, chroot: setup.chroot, fault });
    this.#wire = new WireCheck({
      sessionId: () => this.grammar.sessionId,
      readOnly: setup.readOnly,
      // A session that was left is another's.
      closing: () => this.#ending === 'close',
      sasl: setup.sasl,
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

  /** What servers have to know it by, as `scheme:user`. */
  get identities(): readonly string[] {
    const digests = Array.from({ length: this.credentials }, (_, nth) => {
      return `digest:user${this.index}.${nth}`;
    });
    return this.setup.sasl ? [`sasl:${saslUser(this.index)}`, ...digests] : digests;
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
      order: this.#context.nextOrder(),
      seenZxid: this.#wire.seenZxid,
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
      const session = this.zk?.sessionId ?? 0n;
      invocation.settled = { value, error, atMs: nowMs(), order, reading, live, session };
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
    this.#closeAsked = true;
    this.#ending ??= 'close';
    return (this.zk as ZooKeeperClient).close();
  }

  detach(): Promise<SessionTicket> {
    this.#ending ??= 'detach';
    return (this.zk as ZooKeeperClient).detach();
  }

  /** What was to end it failed. */
  goesOn(): void {
    this.#ending = this.#closeAsked ? 'close' : null;
  }

  /** It was asked to end, or gave up. */
  get isEnding(): boolean {
    return this.#ending !== null || this.closed;
  }

  /** Marks that it was never opened, and will be closed by itself. */
  ending(): void {
    this.#ending ??= 'close';
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
      const { resumed, readOnly } = event;
      this.sessions.push({ order, heardOrder: order, socket, resumed, readOnly });
      // A server that is cut off does not know whether the session lives.
      const lines = this.sockets.at(-1)!.grantedLines;
      if (resumed && !readOnly) this.#context.resumed(event.sessionId, lines);
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
    this.#frames.sent(socket, frame);
    this.#context.touched(this);
  }

  /** Requests of helpers and recipes. */
  get helperFrames(): readonly SentFrame[] {
    return this.#frames.ofHelpers;
  }

  /** The step is over. */
  stepDone(): void {
    this.#frames.stepDone();
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
