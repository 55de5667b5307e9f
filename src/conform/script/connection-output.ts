import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Transcript } from '../transcript.ts';

/** How bytes are dealt out. */
export interface DripOptions {
  /** Bytes at a time. Default 1. */
  readonly pieceBytes?: number;
  /** Pause between two pieces in ms; 0 is a turn of the event loop. Default 0. */
  readonly pauseMs?: number;
}

/** Longer writes stand in the transcript as a number of bytes: decoding them would take longer than sending them. */
const TRANSCRIPT_BYTES_MAX = 2 * 1024 * 1024;

/** Everything that a script writes to one connection. */
export class ConnectionOutput {
  readonly #socket: Socket;
  readonly #number: number;
  readonly #transcript: Transcript;
  readonly #record: (bytes: Uint8Array) => void;

  constructor(
    socket: Socket,
    number: number,
    transcript: Transcript,
    record: (bytes: Uint8Array) => void,
  ) {
    this.#socket = socket;
    this.#number = number;
    this.#transcript = transcript;
    this.#record = record;
  }

  /** Writes bytes as they are. */
  send(bytes: Uint8Array): void {
    if (!this.#socket.writable) return;
    if (bytes.length > TRANSCRIPT_BYTES_MAX) {
      this.#transcript.note(this.#number, `< ${bytes.length} bytes at once`);
    } else {
      this.#transcript.push(this.#number, 's2c', bytes);
      this.#record(bytes);
    }
    this.#socket.write(bytes);
  }

  /** Resolves when the client has taken enough for more to be written, or the connection is over. */
  async drained(): Promise<void> {
    if (!this.#socket.writableNeedDrain || this.#socket.destroyed) return;
    const over = new AbortController();
    const { signal } = over;
    await Promise.race([
      once(this.#socket, 'drain', { signal }),
      once(this.#socket, 'close', { signal }),
    ]).catch(() => undefined);
    over.abort();
  }

  /** Deals bytes out in small pieces. Ends early when the client is gone. */
  async drip(bytes: Uint8Array, { pieceBytes = 1, pauseMs = 0 }: DripOptions = {}): Promise<void> {
    for (let at = 0; at < bytes.length && this.#socket.writable; at += pieceBytes) {
      this.send(bytes.subarray(at, at + pieceBytes));
      await this.drained();
      await delay(pauseMs);
    }
  }

  /** Writes bytes in pieces that begin at these offsets, with a pause between them. */
  async split(bytes: Uint8Array, offsets: readonly number[], pauseMs: number): Promise<void> {
    const cuts = [0, ...offsets, bytes.length];
    for (const [index, start] of cuts.slice(0, -1).entries()) {
      if (index > 0) await delay(pauseMs);
      this.send(bytes.subarray(start, cuts[index + 1]));
    }
  }
}
