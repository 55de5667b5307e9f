import { FRAME_INCOMPLETE, FrameCutter, type Slab } from '../codec/index.ts';
import { LinkError } from '../errors.ts';
import { FRAME_BODY_BYTES_MAX, REPLY_EXTRA_BYTES } from '../limits.ts';
import type { ByteLink, LinkHandler } from '../transport/index.ts';
import { ConformanceFailure, fail } from './failure.ts';
import { refuseRuinous } from './ruinous-requests.ts';
import type { Transcript } from './transcript.ts';

/** Makes one connection to the server under test. */
export type Dialer = (signal: AbortSignal) => Promise<ByteLink>;

/** Frames that wait to be looked at: more than any check asks for at once. */
const FRAMES_MAX = 100_000;

/** What has not come by then does not come, where silence is right. */
const SILENCE_MS = 500;

/**
 * One connection to the server under test: whole frames out, whole frames in, one after the other.
 * Nothing is interpreted, so that a check can send and see anything.
 */
export class WireConnection implements LinkHandler {
  wantedBytes = 0;
  readonly #link: ByteLink;
  readonly #transcript: Transcript;
  readonly #number: number;
  readonly #timeoutMs: number;
  readonly #cutter: FrameCutter = new FrameCutter(0, FRAME_BODY_BYTES_MAX + REPLY_EXTRA_BYTES);
  readonly #frames: Buffer[] = [];
  #text: Buffer[] | null = null;
  #fault: ConformanceFailure | null = null;
  #ended = false;
  /** Those that wait: a check, and who closes its session when it is given up. */
  readonly #waiting: Set<() => void> = new Set();

  private constructor(link: ByteLink, transcript: Transcript, timeoutMs: number) {
    this.#link = link;
    this.#transcript = transcript;
    this.#number = transcript.nextConnection();
    this.#timeoutMs = timeoutMs;
    link.start(this);
  }

  /** Connects; no byte is sent. `timeoutMs` bounds this and every wait for a frame. */
  static async open(
    dialer: Dialer,
    transcript: Transcript,
    timeoutMs: number,
  ): Promise<WireConnection> {
    const signal = AbortSignal.timeout(timeoutMs);
    const link = await dialer(signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
      fail(`expected a connection, got none within ${timeoutMs} ms`);
    });
    return new WireConnection(link, transcript, timeoutMs);
  }

  /** Whether either side has ended the connection. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Sends one frame: `body` behind its length. Throws for the requests that servers do not survive. */
  sendFrame(body: Uint8Array): void {
    refuseRuinous(body);
    const frame = Buffer.allocUnsafe(4 + body.length);
    frame.writeInt32BE(body.length);
    frame.set(body, 4);
    this.sendBytes(frame);
  }

  /** Sends several frames in one write. */
  sendFrames(bodies: readonly Uint8Array[]): void {
    const parts: Uint8Array[] = [];
    for (const body of bodies) {
      refuseRuinous(body);
      const prefix = Buffer.allocUnsafe(4);
      prefix.writeInt32BE(body.length);
      parts.push(prefix, body);
    }
    this.sendBytes(Buffer.concat(parts));
  }

  /** Sends bytes that are no whole frame. */
  sendBytes(bytes: Uint8Array): void {
    this.#transcript.push(this.#number, 'c2s', bytes);
    const slab = this.#link.pool.acquire(bytes.length);
    slab.bytes.set(bytes);
    this.#link.write(slab, 0, bytes.length);
  }

  /** The next frame's body, or null when the server has ended the connection. Fails after the time limit. */
  async next(timeoutMs: number = this.#timeoutMs): Promise<Buffer | null> {
    await this.#until(() => this.#frames.length > 0, timeoutMs, 'a frame');
    const frame = this.#frames.shift();
    if (frame !== undefined) return frame;
    if (this.#fault !== null) throw this.#fault;
    return null;
  }

  /** Waits until the server ends the connection; fails when a frame comes first. */
  async expectEnd(why: string, timeoutMs: number = this.#timeoutMs): Promise<void> {
    await this.#until(
      () => this.#frames.length > 0,
      timeoutMs,
      `the end of the connection (${why})`,
    );
    const frame = this.#frames[0];
    if (frame !== undefined) {
      fail(`expected the server to end the connection (${why}), got a frame: ${hexOf(frame)}`);
    }
    if (this.#fault !== null) throw this.#fault;
  }

  /** Waits a moment: the server may end the connection or stay silent, but not answer. */
  async expectNoFrame(why: string): Promise<void> {
    const deadline = performance.now() + Math.min(SILENCE_MS, this.#timeoutMs);
    while (!this.#ended && this.#frames.length === 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const frame = this.#frames[0];
    if (frame !== undefined) fail(`expected no answer (${why}), got ${hexOf(frame)}`);
  }

  /** Sends a four-letter word and gives all that comes until the server ends the connection. */
  async ask(word: string): Promise<string> {
    this.#text = [];
    this.sendBytes(Buffer.from(word, 'latin1'));
    await this.#until(() => false, this.#timeoutMs, `the answer to ${word} and the end behind it`);
    return Buffer.concat(this.#text).toString('utf8');
  }

  /** Ends the connection from this side. */
  destroy(): void {
    this.#link.destroy(new LinkError('LINK_DESTROYED', this.#link.host));
  }

  onBytes(slab: Slab, start: number, end: number): number {
    if (this.#text !== null) {
      const bytes = Buffer.from(slab.bytes.subarray(start, end));
      this.#transcript.push(this.#number, 's2c', bytes);
      this.#text.push(bytes);
      return end;
    }
    let at = start;
    try {
      for (;;) {
        const frameEnd = this.#cutter.cut(slab.view, at, end);
        if (frameEnd === FRAME_INCOMPLETE) break;
        this.#take(Buffer.from(slab.bytes.subarray(at, frameEnd)));
        at = frameEnd;
      }
    } catch (error) {
      this.#fault = new ConformanceFailure(`the server's frame cannot be cut: ${error}`);
      this.destroy();
      at = end;
    }
    this.wantedBytes = this.#cutter.wantedBytes;
    this.#wake();
    return at;
  }

  onDrain(): void {}

  onEnd(error: LinkError): void {
    this.#ended = true;
    if (error.code !== 'LINK_DESTROYED') this.#transcript.note(this.#number, 'ended by the server');
    this.#wake();
  }

  #take(frame: Buffer): void {
    this.#transcript.push(this.#number, 's2c', frame);
    if (this.#frames.length >= FRAMES_MAX) fail(`over ${FRAMES_MAX} frames came unasked`);
    this.#frames.push(frame.subarray(4));
  }

  /** Resolves when `there()`, or the connection has ended; fails when neither happens in time. */
  async #until(there: () => boolean, timeoutMs: number, what: string): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!there() && !this.#ended) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) fail(`expected ${what}, got nothing within ${timeoutMs} ms`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, Math.ceil(leftMs));
        this.#waiting.add(wake);
      });
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

/** The first bytes of a frame, for messages. */
export function hexOf(bytes: Uint8Array, bytesMax = 96): string {
  const shown = Buffer.from(bytes.subarray(0, bytesMax)).toString('hex');
  const more = bytes.length - bytesMax;
  return more > 0 ? `${shown}… (${more} more bytes)` : shown || '(empty)';
}
