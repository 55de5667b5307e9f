import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { fail } from '../failure.ts';
import { Transcript } from '../transcript.ts';
import type { HeardFrame } from './heard-frame.ts';
import { type Bounds, type ConnectionHost, ScriptConnection } from './script-connection.ts';

/** One read or write of a connection, as in session captures. */
export interface CapturedBytes {
  /** Number of the connection. */
  readonly conn: number;
  /** From the client, or to it. */
  readonly dir: 'c2s' | 's2c';
  /** Milliseconds since the server began to listen. */
  readonly t_ms: number;
  /** The bytes. */
  readonly hex: string;
}

/** What went over the connections of a script, in the format that `zkwire decode` reads. */
export interface ScriptCapture {
  /** `script`. */
  readonly name: string;
  /** `unknown`. */
  readonly client: string;
  /** Empty. */
  readonly client_version: string;
  /** That it is no real server. */
  readonly server_version: string;
  /** As given. */
  readonly description: string;
  /** One for each read and write, in their order. */
  readonly records: readonly CapturedBytes[];
}

/** Options of a script. */
export interface ScriptOptions {
  /** Longest wait for one thing, in ms. Default 5,000. */
  readonly timeoutMs?: number;
  /** How many ports it listens on: as many servers to the client. Default 1. */
  readonly ports?: number;
  /** Is shown every frame of the client as it comes, pings too. */
  readonly onFrame?: (frame: HeardFrame, connection: ScriptConnection) => void;
}

/** What to do with a client. Throwing ends it. */
export type Script = (server: ScriptedServer) => Promise<void>;

const TIMEOUT_MS = 5_000;

const PORTS_MAX = 16;

/** Connections of one script, those that nobody waits for too; more are turned away. */
const CONNECTIONS_MAX = 10_000;

/** Bytes that are kept for the capture; later ones are left out of it. */
const CAPTURE_BYTES_MAX = 64 * 1024 * 1024;

const FIRST_SESSION_ID = 0x0100_5c21_0000_0001n;

/** Plays a script to whoever connects: see {@link playScript}. */
export class ScriptedServer implements AsyncDisposable {
  /** Last lines of what was said, decoded and without secrets. */
  readonly transcript: Transcript = new Transcript();
  /** @internal the script's end; `playScript` sets it */
  played: Promise<void> = Promise.resolve();
  readonly #options: ScriptOptions;
  readonly #servers: Server[] = [];
  readonly #connections: ScriptConnection[] = [];
  readonly #records: CapturedBytes[] = [];
  readonly #startedAtMs: number = performance.now();
  #accepted = 0;
  #recordedBytes = 0;
  #zxid = 1n;
  #sessionId: bigint = FIRST_SESSION_ID;
  #wake: (() => void) | null = null;
  #closed = false;

  private constructor(options: ScriptOptions) {
    this.#options = options;
  }

  /** Listens on free ports of 127.0.0.1. */
  static async listen(options: ScriptOptions = {}): Promise<ScriptedServer> {
    const { ports = 1 } = options;
    if (!(ports >= 1 && ports <= PORTS_MAX)) throw new RangeError(`1 to ${PORTS_MAX} ports`);
    const scripted = new ScriptedServer(options);
    for (let index = 0; index < ports; index++) {
      const server = createServer({ allowHalfOpen: false, noDelay: true });
      server.on('connection', (socket) => scripted.#serve(server, socket));
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      scripted.#servers.push(server);
    }
    return scripted;
  }

  /** `127.0.0.1:PORT`, with commas between several. */
  get connectString(): string {
    return this.#servers.map((server) => `127.0.0.1:${portOf(server)}`).join(',');
  }

  /** Longest wait for one thing, in ms. */
  get timeoutMs(): number {
    return this.#options.timeoutMs ?? TIMEOUT_MS;
  }

  /** Milliseconds since it began to listen. */
  nowMs(): number {
    return performance.now() - this.#startedAtMs;
  }

  /** Resolves when the script has come to its end; rejects with what it threw, such as a ConformanceFailure. */
  get finished(): Promise<void> {
    return this.played;
  }

  /** Connections so far, those too that the script has not accepted. */
  get connectionCount(): number {
    return this.#connections.length;
  }

  /** The next connection, in the order in which they came. Fails when none comes in time. */
  async accept(bounds: Bounds = {}): Promise<ScriptConnection> {
    const { withinMs = this.timeoutMs, afterMs = 0 } = bounds;
    const since = this.nowMs();
    while (this.#accepted >= this.#connections.length) {
      const leftMs = withinMs - (this.nowMs() - since);
      if (leftMs <= 0) fail(`expected a connection, got none within ${withinMs} ms`);
      if (this.#closed) fail('expected a connection, and the script was ended');
      await this.#wait(leftMs);
    }
    const connection = this.#connections[this.#accepted++] as ScriptConnection;
    const elapsedMs = connection.openedAtMs - since;
    if (elapsedMs < afterMs) {
      fail(
        `expected no connection before ${afterMs} ms, got one after ${Math.round(elapsedMs)} ms`,
      );
    }
    return connection;
  }

  /** No connection may come for so long. */
  async expectNoConnection(forMs: number): Promise<void> {
    if (this.#accepted >= this.#connections.length) await this.#wait(forMs);
    if (this.#accepted < this.#connections.length) {
      fail(`expected no connection for ${forMs} ms, got one`);
    }
  }

  /** Everything that went over the wire, **secrets too**: write it to a file for `zkwire decode`. */
  capture(description = 'a scripted server'): ScriptCapture {
    return {
      name: 'script',
      client: 'unknown',
      client_version: '',
      server_version: 'zkwire scripted server',
      description,
      records: [...this.#records],
    };
  }

  /** Ends every connection and listens no more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    for (const connection of this.#connections) connection.destroy();
    const closing = this.#servers
      .filter((server) => server.listening)
      .map((server) => {
        const closed = once(server, 'close');
        server.close();
        return closed;
      });
    await Promise.all(closing);
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
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

  #serve(server: Server, socket: Socket): void {
    if (this.#closed || this.#connections.length >= CONNECTIONS_MAX) {
      socket.destroy();
      return;
    }
    const number = this.transcript.nextConnection();
    this.#connections.push(new ScriptConnection(socket, number, portOf(server), this.#host()));
    this.#wake?.();
  }

  #host(): ConnectionHost {
    return {
      timeoutMs: this.timeoutMs,
      transcript: this.transcript,
      nowMs: () => this.nowMs(),
      nextZxid: () => ++this.#zxid,
      nextSessionId: () => this.#sessionId++,
      record: (conn, dir, bytes) => this.#record(conn, dir, bytes),
      onFrame: this.#options.onFrame,
    };
  }

  #record(conn: number, dir: 'c2s' | 's2c', bytes: Uint8Array): void {
    this.#recordedBytes += bytes.length;
    if (this.#recordedBytes > CAPTURE_BYTES_MAX) return;
    const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
    this.#records.push({ conn, dir, t_ms: Math.round(this.nowMs() * 10) / 10, hex });
  }
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
