import type { StateEvent } from '../../../src/session/session-events.ts';
import type { EventLoop } from '../event-loop.ts';
import type { SimSocket } from '../network/sim-socket.ts';

export interface TimingContext {
  readonly loop: EventLoop;
  readonly nowMs: () => number;
  /** It logs in with SASL, and is told of a session only after that. */
  readonly sasl: boolean;
  readonly fault: (oracle: string, text: string) => void;
}

/** Silence may be noticed, and told, late by so much, in ms. */
const LATE_MS = 100;

/** Between two attempts there is no longer pause than this, in ms. */
const PAUSE_MS_MAX = 1_000;

/**
 * A ping is due when nothing was sent for a third of the session time-out. It may be late by a
 * twelfth, the time between two looks, when a look came early; and timers are whole milliseconds.
 */
const PING_SHARE: number = 1 / 3 + 1 / 12;
const PING_LATE_MS = 5;

/** Checks when things happen: pings, silence, lost sessions, attempts. */
export class TimingCheck {
  readonly #context: TimingContext;
  /** Where requests go; null: nowhere. */
  #live: SimSocket | null = null;
  #timeoutMs: number = Number.POSITIVE_INFINITY;
  #heardMs: number;
  /** When a server was last heard in a login. */
  #loginMs = 0;
  #sentMs = 0;
  /** When the client was told off its connection, until it tries the next. */
  #downMs: number | null = null;
  #lostTold = false;
  #hasSession = false;

  constructor(context: TimingContext) {
    this.#context = context;
    this.#heardMs = context.nowMs();
  }

  /** The client goes on with a session of before: it need not say `lost` of it before it has it. */
  resume(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs;
  }

  /** Socket that requests go to. */
  get live(): SimSocket | null {
    return this.#live;
  }

  told(event: StateEvent, reading: SimSocket | null): void {
    const nowMs = this.#context.nowMs();
    switch (event.state) {
      case 'connecting':
        this.#checkPause(nowMs);
        break;
      case 'session':
        this.#checkLostWasTold(nowMs);
        this.#live = reading;
        this.#timeoutMs = event.sessionTimeoutMs;
        this.#heardMs = nowMs;
        this.#sentMs = nowMs;
        this.#lostTold = false;
        this.#hasSession = true;
        break;
      case 'disconnected':
        if (this.#live !== null) this.#checkReason(event.reason.code, nowMs, this.#live);
        this.#live = null;
        this.#downMs = nowMs;
        break;
      case 'lost':
        this.#checkLost(event.silentMs, nowMs);
        this.#lostTold = true;
        break;
      case 'expired':
        this.#hasSession = false;
        break;
      default:
    }
  }

  /** The client is about to be given bytes. */
  heard(socket: SimSocket, bytes: number): void {
    if (bytes === 0) return;
    const nowMs = this.#context.nowMs();
    if (socket !== this.#live) {
      // In a login the server has granted the session, and is heard.
      const granted = socket.serverFrames[0]?.endOffset ?? Number.POSITIVE_INFINITY;
      const isLogin = this.#context.sasl && granted <= socket.offeredBytes;
      if (isLogin && socket.grantedSession !== 0n) this.#loginMs = nowMs;
      return;
    }
    const silentMs = nowMs - this.#heardMs;
    const limitMs = (this.#timeoutMs * 2) / 3 + LATE_MS;
    if (silentMs > limitMs && !this.#blocked(this.#heardMs)) {
      this.#context.fault('F2', `silence of ${silentMs} ms was not noticed`);
    }
    this.#heardMs = nowMs;
  }

  /** The client has written a frame. */
  wrote(socket: SimSocket): void {
    if (socket !== this.#live) return;
    const nowMs = this.#context.nowMs();
    const gapMs = nowMs - this.#sentMs;
    if (gapMs > this.#timeoutMs * PING_SHARE + PING_LATE_MS && !this.#blocked(this.#sentMs)) {
      if (!socket.wasClogged) this.#context.fault('P14', `nothing was sent for ${gapMs} ms`);
    }
    this.#sentMs = nowMs;
  }

  #blocked(sinceMs: number): boolean {
    return this.#context.loop.wasBlocked(sinceMs);
  }

  #checkPause(nowMs: number): void {
    const downMs = this.#downMs;
    this.#downMs = null;
    if (downMs === null || nowMs - downMs <= PAUSE_MS_MAX || this.#blocked(downMs)) return;
    this.#context.fault('F30', `no attempt for ${nowMs - downMs} ms`);
  }

  #checkReason(code: string, nowMs: number, socket: SimSocket): void {
    const { fault } = this.#context;
    if (code === 'PROTOCOL_VIOLATION') {
      const garbled = socket.serverFrames.some(({ kind }) => kind === 'garbage');
      if (!garbled) fault('F6', `socket ${socket.ordinal}: the server kept to the protocol`);
    } else if (code === 'PEER_SILENT') {
      const silentMs = nowMs - this.#heardMs;
      const twoThirdsMs = (this.#timeoutMs * 2) / 3;
      if (silentMs < twoThirdsMs - 0.001)
        fault('F2', `dead after ${silentMs} of ${twoThirdsMs} ms`);
      const late = silentMs > twoThirdsMs + LATE_MS;
      if (late && !this.#blocked(this.#heardMs)) fault('F2', `dead after ${silentMs} ms only`);
      if (socket.hasUnreadBytes) fault('F20', 'dead, with bytes that were not read');
    }
  }

  #checkLost(toldMs: number, nowMs: number): void {
    const silentMs = nowMs - Math.max(this.#heardMs, this.#loginMs);
    const { fault } = this.#context;
    if (Math.abs(toldMs - silentMs) > 1) {
      fault('lost', `says ${toldMs} ms of silence, it was ${silentMs}`);
    }
    if (silentMs < this.#timeoutMs - 0.001) {
      fault('lost', `after ${silentMs} of ${this.#timeoutMs} ms`);
    }
  }

  #checkLostWasTold(nowMs: number): void {
    if (!this.#hasSession || this.#lostTold || this.#blocked(this.#heardMs)) return;
    const silentMs = nowMs - Math.max(this.#heardMs, this.#loginMs);
    if (silentMs > this.#timeoutMs + LATE_MS) {
      this.#context.fault('lost', `not told after ${silentMs} ms of silence`);
    }
  }
}
