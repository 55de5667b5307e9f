import type { Socket } from 'node:net';
import { FRAME_INCOMPLETE, FrameCutter } from '../../codec/index.ts';
import { FRAME_BODY_BYTES_TAKEN, FrameDecoder, type HeardFrame } from './heard-frame.ts';

/** Frames that wait for the script: more than a client should send unanswered in a test. */
const FRAMES_MAX = 200_000;

/** What is told of what comes. */
export interface InputEvents {
  nowMs(): number;
  onBytes(bytes: Buffer): void;
  /** Gives whether the frame is kept for the script. */
  onFrame(frame: HeardFrame): boolean;
  onEnd(): void;
}

/** What came: a frame, the end, bytes that are no frame (`cut`), or nothing in time. */
export type Came = HeardFrame | 'end' | 'cut' | 'nothing';

/** What a client says on one connection, frame by frame. */
export class ConnectionInput {
  /** Why nothing more is read: the bytes were no frame. */
  fault: string | null = null;
  /** When the connection ended; null while it stands. */
  endedAtMs: number | null = null;
  readonly #events: InputEvents;
  readonly #cutter: FrameCutter = new FrameCutter(0, FRAME_BODY_BYTES_TAKEN);
  readonly #decoder: FrameDecoder = new FrameDecoder();
  readonly #frames: HeardFrame[] = [];
  #parts: Buffer[] = [];
  #partBytes = 0;
  #wake: (() => void) | null = null;

  constructor(socket: Socket, events: InputEvents) {
    this.#events = events;
    socket.on('data', (bytes) => this.#take(bytes));
    // A reset is an end like another; the script sees that it came.
    socket.on('error', () => {});
    socket.on('end', () => this.#end());
    socket.on('close', () => this.#end());
  }

  get ended(): boolean {
    return this.endedAtMs !== null;
  }

  /** Frames that came before the end are given first. */
  async next(withinMs: number): Promise<Came> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      if (this.fault !== null) return 'cut';
      if (this.ended) return 'end';
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return 'nothing';
      await this.#wait(leftMs);
    }
  }

  #wait(leftMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.ceil(leftMs));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #take(bytes: Buffer): void {
    if (this.fault !== null) return;
    this.#events.onBytes(bytes);
    this.#parts.push(bytes);
    this.#partBytes += bytes.length;
    // A frame of a megabyte comes in many reads: joined once it is whole, not at each of them.
    if (this.#partBytes < this.#cutter.wantedBytes) return;
    const rest = this.#cutAll(Buffer.concat(this.#parts));
    this.#parts = rest.length > 0 ? [rest] : [];
    this.#partBytes = rest.length;
    this.#wake?.();
  }

  #cutAll(bytes: Buffer): Buffer {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = 0;
    try {
      for (;;) {
        const end = this.#cutter.cut(view, at, bytes.length);
        if (end === FRAME_INCOMPLETE) return bytes.subarray(at);
        this.#keep(this.#decoder.decode(bytes.subarray(at, end), this.#events.nowMs()));
        this.#cutter.wantedBytes = 0;
        at = end;
      }
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
      return Buffer.alloc(0);
    }
  }

  #keep(frame: HeardFrame): void {
    if (!this.#events.onFrame(frame)) return;
    if (this.#frames.length >= FRAMES_MAX) throw new Error(`over ${FRAMES_MAX} frames wait`);
    this.#frames.push(frame);
  }

  #end(): void {
    if (this.ended) return;
    this.endedAtMs = this.#events.nowMs();
    this.#events.onEnd();
    this.#wake?.();
  }
}
