import type { Socket } from 'node:net';
import { OP, type OperationName, SERVER_CODE, type ServerCodeName } from '../../codec/index.ts';
import { resetSocket } from '../../reset-socket.ts';
import { fail } from '../failure.ts';
import type { Transcript } from '../transcript.ts';
import { hexOf } from '../wire-connection.ts';
import { ConnectionInput } from './connection-input.ts';
import { ConnectionOutput } from './connection-output.ts';
import { FrameMask } from './frame-mask.ts';
import {
  described,
  type HeardFrame,
  type HeardHandshake,
  type HeardRequest,
  handshakeOf,
  namesOf,
  requestOf,
} from './heard-frame.ts';
import {
  acceptanceFrame,
  eventFrame,
  type Grant,
  refusalFrame,
  replyFrame,
  responseBody,
} from './server-frames.ts';

/** When something is to come, counted from the call. */
export interface Bounds {
  /** At the latest, in ms. Default: the time-out of the script. */
  readonly withinMs?: number;
  /** At the earliest, in ms. Default 0. */
  readonly afterMs?: number;
}

/** How bytes are dealt out. */
export interface DripOptions {
  /** Bytes at a time. Default 1. */
  readonly pieceBytes?: number;
  /** Pause between two pieces in ms; 0 is a turn of the event loop. Default 0. */
  readonly pauseMs?: number;
}

/** What goes into the header of a reply. */
export interface ReplyParts {
  /** Default: one more than that of the last reply of the server. */
  readonly zxid?: bigint;
}

/** What a connection needs of its server. */
export interface ConnectionHost {
  readonly timeoutMs: number;
  readonly transcript: Transcript;
  /** Milliseconds since the server began to listen. */
  nowMs(): number;
  /** Zxid for a reply that names none. */
  nextZxid(): bigint;
  /** Id for a session that was asked for without one. */
  nextSessionId(): bigint;
  /** Bytes that went over the connection. */
  record(connection: number, dir: 'c2s' | 's2c', bytes: Uint8Array): void;
  /** Is shown every frame of the client. */
  readonly onFrame: ((frame: HeardFrame, connection: ScriptConnection) => void) | undefined;
}

/** Password of every session that a script grants without naming one. */
const PASSWORD: Buffer = Buffer.from('c0ffee00112233445566778899aabbcc', 'hex');

/** One connection of the client under test, in the hands of a script. */
export class ScriptConnection {
  /** From 0, in the order in which the connections came. */
  readonly number: number;
  /** Port of the server that it came to. */
  readonly port: number;
  /** When it came, in ms since the server began to listen. */
  readonly openedAtMs: number;
  /** Pings that came, the one that is waited for too. */
  readonly pings: HeardRequest[] = [];
  /** Pings are answered as they come, and `expect` does not see them. Default true. */
  answersPings = true;
  /** Zxid of those answers. Default 0. */
  pongZxid = 0n;
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  readonly #input: ConnectionInput;
  readonly #output: ConnectionOutput;

  /** @internal made by the server */
  constructor(socket: Socket, number: number, port: number, host: ConnectionHost) {
    this.number = number;
    this.port = port;
    this.openedAtMs = host.nowMs();
    this.#host = host;
    this.#socket = socket;
    this.#output = new ConnectionOutput(socket, number, host.transcript, (bytes) =>
      host.record(number, 's2c', bytes),
    );
    this.#input = new ConnectionInput(socket, {
      nowMs: () => host.nowMs(),
      onBytes: (bytes) => {
        host.transcript.push(number, 'c2s', bytes);
        host.record(number, 'c2s', bytes);
      },
      onFrame: (frame) => this.#heard(frame),
      onEnd: () => host.transcript.note(number, 'ended'),
    });
  }

  /** Whether either side has ended it. */
  get ended(): boolean {
    return this.#input.ended;
  }

  /** When it ended, in ms since the server began to listen; null while it stands. */
  get endedAtMs(): number | null {
    return this.#input.endedAtMs;
  }

  /** The next frame, whatever it is; null when the client ends the connection. Fails when neither comes in time. */
  async next(what = 'a frame', bounds: Bounds = {}): Promise<HeardFrame | null> {
    const { withinMs = this.#host.timeoutMs, afterMs = 0 } = bounds;
    const since = this.#host.nowMs();
    const came = await this.#input.next(withinMs);
    const elapsedMs = this.#host.nowMs() - since;
    if (came === 'nothing') fail(`expected ${what}, got nothing within ${ms(withinMs)}`);
    if (came === 'cut') fail(`expected ${what}, got bytes that are no frame: ${this.#input.fault}`);
    if (elapsedMs < afterMs) {
      const got = came === 'end' ? 'the end' : described(came);
      fail(
        `expected ${what} after ${afterMs} ms at the earliest, got ${got} after ${ms(elapsedMs)}`,
      );
    }
    return came === 'end' ? null : came;
  }

  /** The connect request. Fails when something else comes first, or one of these fields is another. */
  async expectHandshake(
    fields: Partial<Omit<HeardHandshake, keyof HeardFrame>> = {},
    bounds: Bounds = {},
  ): Promise<HeardHandshake> {
    const frame = await this.next('a connect request', bounds);
    if (frame === null) fail('expected a connect request, got the end of the connection');
    const handshake = handshakeOf(frame);
    if (handshake === null) fail(`expected a connect request, got ${described(frame)}`);
    for (const [name, expected] of Object.entries(fields)) {
      const actual = handshake[name as keyof HeardHandshake];
      if (String(actual) !== String(expected)) {
        fail(`expected ${name} ${expected} in the connect request, got ${actual}`);
      }
    }
    return handshake;
  }

  /** The next request, which must be one of these operations. */
  async expect(
    operations: OperationName | readonly OperationName[],
    bounds: Bounds = {},
  ): Promise<HeardRequest> {
    const ops = [operations].flat().map((name) => OP[name]) as number[];
    return this.expectWhere((request) => ops.includes(request.op), namesOf(ops), bounds);
  }

  /** The next request, of which `isRight` must hold. `what` says in words what is expected. */
  async expectWhere(
    isRight: (request: HeardRequest) => boolean,
    what: string,
    bounds: Bounds = {},
  ): Promise<HeardRequest> {
    const frame = await this.next(what, bounds);
    if (frame === null) fail(`expected ${what}, got the end of the connection`);
    const request = requestOf(frame);
    if (request === null || !isRight(request)) fail(`expected ${what}, got ${described(frame)}`);
    return request;
  }

  /** The next frame, which must be these bytes without their length: hex digits, `..` for any byte. */
  async expectBytes(mask: string, bounds: Bounds = {}): Promise<HeardFrame> {
    const expected = new FrameMask(mask);
    const frame = await this.next(`a frame of ${expected.length} bytes`, bounds);
    if (frame === null) fail(`expected ${mask}, got the end of the connection`);
    const difference = expected.difference(frame.body);
    if (difference !== null) fail(`expected ${mask}, got ${hexOf(frame.body)}: ${difference}`);
    return frame;
  }

  /** Nothing but pings may come for so long; the connection must stand. */
  async expectSilence(forMs: number): Promise<void> {
    const came = await this.#input.next(forMs);
    if (came === 'nothing') return;
    const got = typeof came === 'string' ? 'the end of the connection' : described(came);
    fail(`expected nothing for ${forMs} ms, got ${got}`);
  }

  /** The client ends the connection. Frames that come before are dropped when `dropFrames` is set. */
  async expectEnd(bounds: Bounds & { readonly dropFrames?: boolean } = {}): Promise<void> {
    const what = 'the end of the connection';
    const since = this.#host.nowMs();
    const { withinMs = this.#host.timeoutMs } = bounds;
    for (;;) {
      const leftMs = Math.max(0, withinMs - (this.#host.nowMs() - since));
      const frame = await this.next(what, { ...bounds, withinMs: leftMs, afterMs: 0 });
      if (frame === null) break;
      if (bounds.dropFrames !== true) fail(`expected ${what}, got ${described(frame)}`);
    }
    const { afterMs = 0 } = bounds;
    const elapsedMs = (this.endedAtMs ?? this.#host.nowMs()) - since;
    if (afterMs > 0 && elapsedMs < afterMs) {
      fail(`expected ${what} after ${afterMs} ms at the earliest, got it after ${ms(elapsedMs)}`);
    }
  }

  /** Grants a session: the one that was asked for, or a new one. Gives what was granted. */
  grant(handshake: HeardHandshake, grant: Partial<Grant> = {}): Grant {
    const whole = this.grantFor(handshake, grant);
    this.send(acceptanceFrame(whole));
    return whole;
  }

  /** What `grant` would send. */
  grantFor(handshake: HeardHandshake, grant: Partial<Grant> = {}): Grant {
    const { sessionId, timeOutMs, readOnly } = handshake;
    return {
      sessionId: sessionId === 0n ? this.#host.nextSessionId() : sessionId,
      timeOutMs,
      passwd: PASSWORD,
      readOnly: readOnly === undefined ? undefined : false,
      ...grant,
    };
  }

  /** Says that the session has expired, and ends the connection as servers do. */
  expire(handshake: HeardHandshake): void {
    const readOnly = handshake.readOnly === undefined ? undefined : false;
    this.send(acceptanceFrame({ timeOutMs: 0, sessionId: 0n, passwd: Buffer.alloc(16), readOnly }));
    this.end();
  }

  /** Refuses the handshake with a bare reply header. */
  refuseHandshake(err: ServerCodeName): void {
    this.send(refusalFrame(SERVER_CODE[err]));
  }

  /** Answers a request: with the fields of its response record, with raw bytes, or with a header alone. */
  reply(request: HeardRequest, body?: Uint8Array | object | null, parts: ReplyParts = {}): void {
    this.send(this.replyTo(request, body, parts));
  }

  /** What `reply` would send. */
  replyTo(
    request: HeardRequest,
    body?: Uint8Array | object | null,
    { zxid = this.#host.nextZxid() }: ReplyParts = {},
  ): Buffer {
    if (body === undefined || body === null) return replyFrame(request.xid, zxid, 0);
    const bytes = body instanceof Uint8Array ? body : responseBody(request.op, body);
    return replyFrame(request.xid, zxid, 0, bytes);
  }

  /** Answers a request with an error: a name of the server's codes, or any number. */
  refuse(request: HeardRequest, err: ServerCodeName | number, parts: ReplyParts = {}): void {
    const { zxid = this.#host.nextZxid() } = parts;
    const code = typeof err === 'number' ? err : SERVER_CODE[err];
    this.send(replyFrame(request.xid, zxid, code));
  }

  /** Sends a watch event: 1 created, 2 deleted, 3 data changed, 4 children changed. */
  notify(type: number, path: string, zxid = -1n): void {
    this.send(eventFrame(type, path, zxid));
  }

  /** Sends bytes as they are, several in one write. */
  send(...parts: readonly Uint8Array[]): void {
    this.#output.send(parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts));
  }

  /**
   * Sends pieces one after the other, each once the client has taken the one before, with a pause between them
   * (default: none). Pings that come meanwhile are answered behind the last. Ends early when the client is gone.
   */
  sendPieces(pieces: Iterable<Uint8Array>, pauseMs: number | null = null): Promise<void> {
    return this.#output.sendAll(pieces, pauseMs);
  }

  /** Deals bytes out in small pieces. Ends early when the client is gone. */
  drip(bytes: Uint8Array, { pieceBytes = 1, pauseMs = 0 }: DripOptions = {}): Promise<void> {
    return this.#output.sendAll(piecesOf(bytes, pieceBytes), pauseMs);
  }

  /** Sends bytes in pieces that begin at these offsets, `pauseMs` (default 5) between them. */
  sendSplit(bytes: Uint8Array, offsets: readonly number[], pauseMs = 5): Promise<void> {
    const cuts = [0, ...offsets, bytes.length];
    const pieces = cuts.slice(0, -1).map((start, index) => bytes.subarray(start, cuts[index + 1]));
    return this.#output.sendAll(pieces, pauseMs);
  }

  /** Reads nothing any more, until `resume()`. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Ends the connection behind what was sent. */
  end(): void {
    this.#socket.end();
  }

  /** Ends the connection with a reset; what was not sent yet is lost. */
  reset(): void {
    resetSocket(this.#socket);
  }

  /** Ends the connection without a word to the script. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** Whether the script is to see the frame. */
  #heard(frame: HeardFrame): boolean {
    this.#host.onFrame?.(frame, this);
    const request = requestOf(frame);
    if (request?.op !== OP.ping) return true;
    this.pings.push(request);
    if (!this.answersPings) return true;
    this.#output.sendAside(replyFrame(-2, this.pongZxid, 0));
    return false;
  }
}

function* piecesOf(bytes: Uint8Array, pieceBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

function ms(elapsedMs: number): string {
  return `${Math.round(elapsedMs)} ms`;
}
