import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { Transcript } from '../transcript.ts';

/** Frames that wait for the end of a sequence of pieces: answers to pings. */
const ASIDE_MAX = 1_000;

/** Longer writes stand in the transcript as a number of bytes: decoding them would take longer than sending them. */
const TRANSCRIPT_BYTES_MAX = 2 * 1024 * 1024;

/** Everything that a script writes to one connection. */
export class ConnectionOutput {
  readonly #socket: Socket;
  readonly #number: number;
  readonly #transcript: Transcript;
  readonly #record: (bytes: Uint8Array) => void;
  readonly #late: Uint8Array[] = [];
  #sequences = 0;

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

  /**
   * Writes one piece after the other, each once the client has taken the one before and `pauseMs` have gone by
   * (0: a turn of the event loop; null: at once). Ends early when the client is gone.
   */
  async sendAll(pieces: Iterable<Uint8Array>, pauseMs: number | null): Promise<void> {
    this.#sequences++;
    try {
      let isFirst = true;
      for (const piece of pieces) {
        if (!isFirst && pauseMs !== null) await (pauseMs === 0 ? nextTurn() : delay(pauseMs));
        isFirst = false;
        if (!this.#socket.writable) return;
        this.send(piece);
        await this.drained();
      }
    } finally {
      this.#sequences--;
      if (this.#sequences === 0) for (const frame of this.#late.splice(0)) this.send(frame);
    }
  }

  /** Writes a frame that stands by itself: now, or behind the pieces that are under way. */
  sendAside(frame: Uint8Array): void {
    if (this.#sequences === 0) this.send(frame);
    else if (this.#late.length < ASIDE_MAX) this.#late.push(frame);
  }
}
