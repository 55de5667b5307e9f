import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer, connect as dial, isIP } from 'node:net';
import { type ConnectionOptions, connect as dialTls, TLSSocket } from 'node:tls';
import { resetSocket } from '../reset-socket.ts';
import type { CaptureDirection, CaptureRecord } from './session-capture.ts';
import { isTlsHello } from './tls-hello.ts';

/**
 * Recorded bytes kept at most when the caller names no limit: all of them are held in memory. Their hex digits, and
 * some 60 characters around those of each read, must fit into one string of 512 MiB for who reads the capture.
 */
export const RECORDED_BYTES_MAX: number = 64 * 1024 * 1024;

/** Where the proxy listens, where it connects to, and how much it records. */
export interface RecordingProxyOptions {
  targetHost: string;
  targetPort: number;
  /** Speaks TLS to the target, with these options; what is recorded is in clear. Default: TCP. */
  targetTls?: ConnectionOptions | undefined;
  /** Default `127.0.0.1`. */
  listenHost?: string;
  /** Default 0: any free port. */
  listenPort?: number;
  /** Recording stops before the record that would exceed this; forwarding goes on. Default 64 MiB. */
  recordedBytesMax?: number;
  /** Milliseconds from any fixed moment; default `performance.now`. */
  nowMs?: () => number;
  /** Called after each record (not after the limit was reached). */
  onRecord?: () => void;
  /** Called once, when `recordedBytesMax` was reached. */
  onLimit?: () => void;
  /** Called when the first bytes of a client are those of TLS, which hides what it says. */
  onTlsClient?: (conn: number) => void;
  /** Called when a connection has ended on both sides; `error` if the target could not be reached, or refused TLS. */
  onConnectionEnd?: (conn: number, error: Error | undefined) => void;
}

interface KeptRecord {
  readonly conn: number;
  readonly dir: CaptureDirection;
  readonly atMs: number;
  readonly bytes: Buffer;
}

interface Pair {
  readonly conn: number;
  readonly client: Socket;
  readonly server: Socket;
  reached: boolean;
  dialError: Error | undefined;
}

/**
 * A TCP proxy that keeps every read of either side as a record. It knows nothing of the protocol,
 * forwards bytes as they come, holds back the faster side, and passes on half-closed connections
 * and resets as what they are.
 */
export class RecordingProxy {
  readonly #options: RecordingProxyOptions;
  readonly #server: Server;
  readonly #nowMs: () => number;
  readonly #recordedBytesMax: number;
  readonly #pairs = new Set<Pair>();
  readonly #records: KeptRecord[] = [];
  /** Clients accepted while held; undefined when not held. */
  #waiting: Socket[] | undefined;
  #startedMs: number;
  #accepted = 0;
  #ended = 0;
  #recordedBytes = 0;
  #limitReached = false;

  private constructor(options: RecordingProxyOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#recordedBytesMax = options.recordedBytesMax ?? RECORDED_BYTES_MAX;
    this.#startedMs = this.#nowMs();
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      if (this.#waiting === undefined) this.#accept(client);
      else this.#waiting.push(client.on('error', () => undefined));
    });
  }

  /** Listens, then resolves. Rejects with the socket's error if the address cannot be listened on. */
  static async start(options: RecordingProxyOptions): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(options.listenPort ?? 0, options.listenHost ?? '127.0.0.1', () => {
        proxy.#server.off('error', reject);
        resolve();
      });
    });
    proxy.#startedMs = proxy.#nowMs();
    return proxy;
  }

  /** `host:port` that clients connect to; an IPv6 host is in brackets. */
  get address(): string {
    const { address, port, family } = this.#server.address() as AddressInfo;
    return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
  }

  /** Connections accepted so far. */
  get acceptedConnections(): number {
    return this.#accepted;
  }

  /** Connections that have ended on both sides. */
  get endedConnections(): number {
    return this.#ended;
  }

  /** Bytes in the records, both directions. */
  get recordedBytes(): number {
    return this.#recordedBytes;
  }

  get recordCount(): number {
    return this.#records.length;
  }

  /** True when `recordedBytesMax` was reached: the records are then a beginning only. */
  get limitReached(): boolean {
    return this.#limitReached;
  }

  /** The records so far, in the order in which they were read. */
  *records(): Generator<CaptureRecord> {
    for (const { conn, dir, atMs, bytes } of this.#records) {
      yield { conn, dir, t_ms: Math.round(atMs * 10) / 10, hex: bytes.toString('hex') };
    }
  }

  /** Drops every connection on both sides, as a broken network would. New ones are accepted. */
  cut(): void {
    for (const { client, server } of [...this.#pairs]) {
      resetSocket(client);
      server.destroy();
    }
  }

  /** Cuts what is open and lets new connections wait, unread and unanswered, until `release`. */
  hold(): void {
    this.#waiting ??= [];
    this.cut();
  }

  /** Connects those that have waited since `hold`, and lets new connections through again. */
  release(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const client of waiting) if (!client.destroyed) this.#accept(client);
  }

  /** Stops listening and drops what is open. Resolves when every socket is closed. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const client of this.#waiting ?? []) client.destroy();
    for (const { client, server } of [...this.#pairs]) {
      client.destroy();
      server.destroy();
    }
    await closed;
  }

  #accept(client: Socket): void {
    const server = dialTarget(this.#options);
    const pair: Pair = {
      conn: this.#accepted++,
      client,
      server,
      reached: false,
      dialError: undefined,
    };
    this.#pairs.add(pair);
    server.once(server instanceof TLSSocket ? 'secureConnect' : 'connect', () => {
      pair.reached = true;
    });
    client.once('data', (bytes) => {
      if (isTlsHello(bytes)) this.#options.onTlsClient?.(pair.conn);
    });
    this.#forward(pair, 'c2s', client, server);
    this.#forward(pair, 's2c', server, client);
  }

  #forward(pair: Pair, dir: CaptureDirection, from: Socket, to: Socket): void {
    from.on('data', (bytes) => {
      this.#record(pair.conn, dir, bytes);
      if (!to.write(bytes)) from.pause();
    });
    to.on('drain', () => from.resume());
    from.on('end', () => to.end());
    from.on('error', (error) => {
      // A target that cannot be reached closes the client; a connection that broke is passed on as reset.
      if (from === pair.server && (!pair.reached || isTlsError(error))) pair.dialError = error;
      if (pair.reached) breakOff(to);
      else to.destroy();
    });
    from.on('close', () => {
      // What was read has been handed to `to` already: end it, unless it is gone as well.
      if (!to.destroyed && !to.writableEnded) to.end();
      if (to.destroyed) this.#endPair(pair);
      else if (!from.readableEnded) to.destroy();
    });
  }

  #endPair(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    this.#ended++;
    this.#options.onConnectionEnd?.(pair.conn, pair.dialError);
  }

  #record(conn: number, dir: CaptureDirection, bytes: Buffer): void {
    if (this.#limitReached) return;
    if (this.#recordedBytes + bytes.length > this.#recordedBytesMax) {
      this.#limitReached = true;
      this.#options.onLimit?.();
      return;
    }
    this.#recordedBytes += bytes.length;
    this.#records.push({ conn, dir, atMs: this.#nowMs() - this.#startedMs, bytes });
    this.#options.onRecord?.();
  }
}

function dialTarget({
  targetHost: host,
  targetPort: port,
  targetTls,
}: RecordingProxyOptions): Socket {
  const target = { host, port, allowHalfOpen: true, noDelay: true };
  if (targetTls === undefined) return dial(target);
  // Node names nobody by itself; an address has no name.
  const servername = targetTls.servername ?? (isIP(host) === 0 ? host : '');
  return dialTls({ ...targetTls, ...target, servername });
}

/** A server that refuses the certificate of a client says so when the connection stands already (TLS 1.3). */
function isTlsError(error: NodeJS.ErrnoException): boolean {
  return error.code?.startsWith('ERR_SSL') ?? false;
}

/** As a reset, where that can be: Node resets no TLS. */
function breakOff(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else resetSocket(socket);
}
