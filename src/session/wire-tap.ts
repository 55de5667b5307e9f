import { callGuarded, tellCallbackError } from '../callback-failures.ts';
import { Conversation, type Direction, describe } from '../codec/index.ts';
import type { LinkError } from '../errors.ts';
import { FRAME_BODY_BYTES_CEILING, FRAME_BODY_BYTES_MAX, REPLY_EXTRA_BYTES } from '../limits.ts';
import type { ByteLink } from '../transport/byte-link.ts';
import type { Dialer } from './session-options.ts';
import { TappedLink, type TapWatcher } from './tapped-link.ts';

/** Bytes as they were read or written: a record of a session capture, which `zkwire decode` reads. */
export interface WireRecord {
  /** Number of the connection, from 0. */
  readonly conn: number;
  /** `c2s`: written by the client, `s2c`: by the server. */
  readonly dir: Direction;
  /** Milliseconds since the tap was made, to a tenth. */
  readonly t_ms: number;
  /** The bytes. */
  readonly hex: string;
}

/** Options of a {@link WireTap}; it shows what it is given a function for. */
export interface WireTapOptions {
  /**
   * Given one line for each frame, and one for the end of each connection. Session passwords,
   * credentials, SASL tokens and hashes in digest ACLs are not shown; of node data the first 16 bytes are.
   */
  readonly onLine?: ((line: string) => void) | undefined;
  /** Given every byte, secrets and node data among them. */
  readonly onRecord?: ((record: WireRecord) => void) | undefined;
  /** Monotonic clock in ms. */
  readonly nowMs: () => number;
  /** Largest body of a request, as the pipeline has it; replies may be 64 KiB longer. Default 0xfffff. */
  readonly frameBytesMax?: number | undefined;
  /** `onLine` or `onRecord` threw. Told the first time only; both are called on. */
  readonly onCallbackError: (error: unknown, where: string) => void;
}

/**
 * Shows what passes over links and changes nothing of it:
 *
 *     12.3ms 127.0.0.1:2181 c0 > #1 getData path="/a" watch=false
 *     13.1ms 127.0.0.1:2181 c0 < #1 getData zxid=0x2 NONODE(-101)
 *     90.0ms 127.0.0.1:2181 c0 ended LINK_CLOSED
 *
 * A line says when, to which server, on which connection, in which direction, and what. What is
 * received is shown before anybody acts on it, what is sent when it is handed to the link.
 *
 * Held in memory: the unfinished frames of a connection, and of its requests in flight xid and operation.
 */
export class WireTap {
  readonly #options: WireTapOptions;
  readonly #lines: TapSink<string> | null;
  readonly #records: TapSink<WireRecord> | null;
  readonly #startMs: number;
  #connections = 0;

  /** Its clock starts now. */
  constructor(options: WireTapOptions) {
    const { onLine, onRecord } = options;
    const report = (where: string) => (error: unknown) => this.#report(error, where);
    this.#options = options;
    this.#lines = onLine ? new TapSink(onLine, report('wireTap')) : null;
    this.#records = onRecord ? new TapSink(onRecord, report('wireCapture')) : null;
    this.#startMs = options.nowMs();
  }

  /** A dialer whose links are tapped. */
  dialer(dialer: Dialer): Dialer {
    return async (endpoint, signal) => this.tap(await dialer(endpoint, signal));
  }

  /** `link`, tapped; to be used in its place from before its start. */
  tap(link: ByteLink): ByteLink {
    const conn = this.#connections++;
    const { frameBytesMax = FRAME_BODY_BYTES_MAX } = this.#options;
    const nowMs = (): number => this.#options.nowMs() - this.#startMs;
    const watchers: TapWatcher[] = [];
    if (this.#records !== null) watchers.push(new Recorder(conn, nowMs, this.#records));
    if (this.#lines !== null) {
      watchers.push(new Narrator(conn, link.host, nowMs, frameBytesMax, this.#lines));
    }
    return new TappedLink(link, watchers, (error) => this.#report(error, 'wireTap'));
  }

  #report(error: unknown, where: string): void {
    const { onCallbackError } = this.#options;
    tellCallbackError(onCallbackError, error, where);
  }
}

/** Gives records. */
class Recorder implements TapWatcher {
  readonly #conn: number;
  readonly #nowMs: () => number;
  readonly #records: TapSink<WireRecord>;

  constructor(conn: number, nowMs: () => number, records: TapSink<WireRecord>) {
    this.#conn = conn;
    this.#nowMs = nowMs;
    this.#records = records;
  }

  passed(dir: Direction, bytes: Buffer): void {
    const t_ms = Math.round(this.#nowMs() * 10) / 10;
    this.#records.push({ conn: this.#conn, dir, t_ms, hex: bytes.toString('hex') });
    this.#records.tell();
  }

  ended(): void {}
}

/** Gives lines. */
class Narrator implements TapWatcher {
  readonly #conn: number;
  readonly #host: string;
  readonly #nowMs: () => number;
  readonly #lines: TapSink<string>;
  readonly #conversation: Conversation;

  constructor(
    conn: number,
    host: string,
    nowMs: () => number,
    frameBytesMax: number,
    lines: TapSink<string>,
  ) {
    this.#conn = conn;
    this.#host = host;
    this.#nowMs = nowMs;
    this.#lines = lines;
    this.#conversation = new Conversation((packet) => this.#say(describe(packet)), {
      frameBodyBytesMax: Math.min(frameBytesMax + REPLY_EXTRA_BYTES, FRAME_BODY_BYTES_CEILING),
    });
  }

  passed(dir: Direction, bytes: Buffer): void {
    this.#conversation.push(this.#conn, dir, bytes);
    this.#lines.tell();
  }

  ended(error: LinkError): void {
    this.#conversation.end();
    this.#say(`c${this.#conn} ended ${error.code}`);
    this.#lines.tell();
  }

  #say(what: string): void {
    this.#lines.push(`${this.#nowMs().toFixed(1)}ms ${this.#host} ${what}`);
  }
}

/**
 * Brings values to a user's function: in order even when the function sets off more of them, and
 * whatever it throws.
 */
class TapSink<T> {
  readonly #give: (value: T) => unknown;
  readonly #onError: (error: unknown) => void;
  readonly #values: T[] = [];
  #telling = false;
  #reported = false;

  constructor(give: (value: T) => unknown, onError: (error: unknown) => void) {
    this.#give = give;
    this.#onError = onError;
  }

  /** To be told with the next `tell`: the function must not run in the middle of decoding. */
  push(value: T): void {
    this.#values.push(value);
  }

  tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    while (this.#values.length > 0) {
      for (const value of this.#values.splice(0)) {
        callGuarded(
          () => this.#give(value),
          (error) => this.#report(error),
        );
      }
    }
    this.#telling = false;
  }

  #report(error: unknown): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#onError(error);
  }
}
