import { describe, type Packet, packetToJson } from '../../codec/index.ts';
import {
  type Difference,
  firstDifference,
  MaskedConversation,
} from '../../conform/masked-conversation.ts';
import { FRAME_BODY_BYTES_CEILING, TIMER_MS_MAX } from '../../limits.ts';
import type { ByteLink } from '../../transport/index.ts';
import { ReplayConnection } from './replay-connection.ts';
import { ReplayLink } from './replay-link.ts';
import type { ReplayScript, ReplayStep } from './replay-script.ts';
import { SessionMap } from './session-map.ts';

/** When the next frame is sent: as recorded, when all earlier answers have come, or at once. */
export type Pace = 'recorded' | 'replies' | 'none';

/** How a recorded conversation is played. */
export interface ReplayOptions {
  readonly dial: (signal: AbortSignal) => Promise<ByteLink>;
  readonly pace: Pace;
  /** Compare everything, times and ids too. */
  readonly strict: boolean;
  /** Longest silence of the server while something is expected of it. */
  readonly timeoutMs: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
  readonly onDifference: (difference: ReplayDifference) => void;
  /** What else people should know. */
  readonly onNote: (text: string) => void;
  /** After each step. */
  readonly onStep?: (steps: number) => void;
}

/**
 * - `answer`: a field is another. `order`: an answer came before its turn (strict only).
 * - `missing`: none came in time. `ended`: the server ended the connection, or there was none to be had.
 * - `unexpected`: nothing of the kind was recorded. `text`: the answer to a four-letter word.
 */
export interface ReplayDifference {
  readonly kind: 'answer' | 'order' | 'missing' | 'ended' | 'unexpected' | 'text';
  readonly conn: number;
  /** Place of the recorded answer in the conversation; null when there is none. */
  readonly frame: number | null;
  readonly field: Difference | null;
  /** The recorded answer, and the one that came; null when there is none. */
  readonly recorded: string | null;
  readonly came: string | null;
}

/** What came of it. */
export interface ReplaySummary {
  readonly connections: number;
  readonly sent: number;
  /** Because their connection had ended. */
  readonly notSent: number;
  readonly compared: number;
  readonly differences: number;
  readonly durationMs: number;
  readonly interrupted: boolean;
}

/** No connection at all could be made. */
export class NoServer extends Error {}

/** What comes unasked comes within this time. */
const LINGER_MS = 200;

/** Plays the client's side of a recorded conversation once. */
export class Replayer {
  readonly #script: ReplayScript;
  readonly #options: ReplayOptions;
  readonly #actual: MaskedConversation;
  readonly #sessions = new SessionMap();
  readonly #connections: Map<number, ReplayConnection> = new Map();
  readonly #count = { connections: 0, sent: 0, notSent: 0, compared: 0, differences: 0 };
  readonly #startedMs: number = performance.now();
  /** Grows with everything that the server does. */
  #heard = 0;
  #wake: () => void = () => {};

  constructor(script: ReplayScript, options: ReplayOptions) {
    this.#script = script;
    this.#options = options;
    this.#actual = new MaskedConversation({
      ...script.masks,
      frameBodyBytesMax: FRAME_BODY_BYTES_CEILING,
    });
    for (const step of script.steps) {
      const connection = this.#connections.get(step.conn) ?? new ReplayConnection(step.conn);
      this.#connections.set(step.conn, connection);
      connection.add(step);
    }
  }

  /** Resolves when everything is played. Rejects with NoServer. */
  async run(): Promise<ReplaySummary> {
    const { signal, pace, onStep } = this.#options;
    const onAbort = (): void => this.#wake();
    signal.addEventListener('abort', onAbort);
    try {
      for (const step of this.#script.steps) {
        if (signal.aborted) break;
        const connection = this.#connections.get(step.conn)!;
        if (step.dir === 'c2s') await this.#play(step, connection);
        if (connection.isLast(step)) {
          if (pace === 'replies') await this.#answered(step.index + 1);
          connection.isPlayed = true;
        }
        onStep?.(step.index + 1);
      }
      await this.#answered(this.#script.steps.length);
      await this.#quiet(LINGER_MS, () => [...this.#connections.values()].every(isOver));
    } finally {
      signal.removeEventListener('abort', onAbort);
      for (const connection of this.#connections.values()) drop(connection);
    }
    const durationMs = performance.now() - this.#startedMs;
    return { ...this.#count, durationMs, interrupted: signal.aborted };
  }

  async #play(step: ReplayStep, connection: ReplayConnection): Promise<void> {
    await this.#turn(step);
    for (const each of this.#connections.values()) {
      // In the recording it was gone by now: what it would be told now was told to nobody.
      if (each.isPlayed && each.owed === null && each !== connection) drop(each);
    }
    if (!connection.isOver && connection.link === null) await this.#open(connection);
    const { link } = connection;
    if (connection.isOver || link === null) {
      this.#count.notSent++;
      return;
    }
    this.#count.sent++;
    const { conn, dir, packet } = step;
    if (packet === null) return await link.sendRaw(step.body, connection.isWord);
    const body = this.#sessions.translated(step.body, packet, this.#asksAnew(packet, connection));
    this.#actual.push({ conn, dir, body });
    await link.sendFrame(body);
  }

  /** Waits until a step is due. */
  async #turn({ index, tMs, packet }: ReplayStep): Promise<void> {
    const { pace } = this.#options;
    if (pace === 'replies') return await this.#answered(index);
    if (pace === 'recorded') {
      const firstMs = this.#script.steps[0]?.tMs ?? 0;
      const leftMs = this.#startedMs + (tMs ?? 0) - firstMs - performance.now();
      await this.#quiet(leftMs, () => false);
    }
    // Who goes on with a session needs its password, and what it has seen.
    const isResume = packet?.type === 'ConnectRequest' && recordedSession(packet) !== 0n;
    if (isResume) await this.#answered(index);
  }

  async #open(connection: ReplayConnection): Promise<void> {
    const { dial, signal, timeoutMs } = this.#options;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const link = await dial(limit);
      connection.link = new ReplayLink(link, this.#script.answerBytesMax, {
        onFrame: (body) => this.#frame(connection, body),
        onText: (bytes) => connection.addText(bytes),
        onEnd: () => this.#ended(connection),
      });
      this.#count.connections++;
    } catch (error) {
      if (this.#count.connections === 0 && !signal.aborted) throw new NoServer(reasonOf(error));
      connection.isOver = true;
      if (!signal.aborted) this.#differ('ended', connection, connection.owed, null);
    }
  }

  /** A session from before the recording cannot be gone on with: a new one takes its place. */
  #asksAnew(packet: Packet, connection: ReplayConnection): boolean {
    if (packet.type !== 'ConnectRequest' || !this.#sessions.isStranger(packet)) return false;
    const answer = connection.owed?.packet;
    const isGranted = answer?.type === 'ConnectResponse' && recordedSession(answer) !== 0n;
    if (isGranted) {
      this.#options.onNote(
        `connection ${connection.conn} goes on with a session from before the recording: it gets a new one`,
      );
    }
    return isGranted;
  }

  #frame(connection: ReplayConnection, body: Buffer): void {
    const { strict } = this.#options;
    const actual = this.#actual.push({ conn: connection.conn, dir: 's2c', body });
    const taken = connection.take(actual);
    if (taken === null) {
      this.#differ('unexpected', connection, null, actual);
    } else {
      const { step, inTurn } = taken;
      this.#count.compared++;
      if (!inTurn && strict) this.#differ('order', connection, step, actual);
      this.#compare(connection, step, actual, body);
    }
    this.#noteProgress();
  }

  #compare(
    connection: ReplayConnection,
    step: ReplayStep,
    actual: Packet,
    actualBody: Buffer,
  ): void {
    const { recorded } = this.#script;
    const { strict } = this.#options;
    const recordedPacket = step.packet!;
    const data = (side: MaskedConversation, packet: Packet, body: Buffer): object => {
      const json = strict ? packetToJson(packet) : side.masked(packet);
      return packet.error === undefined ? json : { ...json, body: body.toString('hex') };
    };
    const field = firstDifference(
      data(recorded, recordedPacket, step.body),
      data(this.#actual, actual, actualBody),
    );
    if (field !== null) this.#differ('answer', connection, step, actual, field);
    this.#sessions.learn(recordedPacket, actual);
  }

  #ended(connection: ReplayConnection): void {
    const { owed } = connection;
    connection.isOver = true;
    if (connection.isWord) this.#compareTexts(connection);
    else if (owed !== null) this.#differ('ended', connection, owed, null);
    this.#noteProgress();
  }

  /** What words tell changes from moment to moment: that there is an answer is all. */
  #compareTexts(connection: ReplayConnection): void {
    const { owed } = connection;
    const { actual, recorded } = connection.texts();
    this.#count.compared++;
    const isSame = this.#options.strict
      ? actual === recorded
      : (actual === '') === (recorded === '');
    if (isSame) return;
    const field = { at: 'text', expected: recorded, actual };
    this.#differ('text', connection, owed, null, field);
  }

  #differ(
    kind: ReplayDifference['kind'],
    { conn }: ReplayConnection,
    step: ReplayStep | null,
    actual: Packet | null,
    field: Difference | null = null,
  ): void {
    this.#count.differences++;
    this.#options.onDifference({
      kind,
      conn,
      frame: step?.index ?? null,
      field,
      recorded: step?.packet ? describe(step.packet) : null,
      came: actual === null ? null : describe(actual),
    });
  }

  /** Waits for every answer that was recorded before this place; gives connections up that owe a reply and stay silent. */
  async #answered(beforeIndex: number): Promise<void> {
    const { timeoutMs, signal } = this.#options;
    const silent = (): ReplayConnection[] =>
      [...this.#connections.values()].filter((connection) => connection.owes(beforeIndex));
    while (!(await this.#quiet(timeoutMs, () => silent().length === 0, true))) {
      if (signal.aborted) return;
      for (const connection of silent()) {
        this.#differ('missing', connection, connection.owed, null);
        if (!connection.forgetEvent()) drop(connection);
      }
    }
  }

  /** Waits until `done()` or for a time, which begins anew with what is heard if `anew`. Gives whether it is done. */
  async #quiet(waitMs: number, done: () => boolean, anew = false): Promise<boolean> {
    let deadline = performance.now() + waitMs;
    while (!done() && !this.#options.signal.aborted) {
      const heard = this.#heard;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(Math.ceil(leftMs), TIMER_MS_MAX));
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (anew && this.#heard !== heard) deadline = performance.now() + waitMs;
    }
    return done();
  }

  #noteProgress(): void {
    this.#heard++;
    this.#wake();
  }
}

function recordedSession(packet: Packet): bigint {
  return (packet.record as { sessionId: bigint } | undefined)?.sessionId ?? 0n;
}

function isOver({ isOver, link }: ReplayConnection): boolean {
  return isOver || link === null;
}

function drop(connection: ReplayConnection): void {
  connection.isOver = true;
  connection.link?.destroy();
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
