import { connect as connectTcp, isIP, type OnReadOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { SlabPool } from '../codec/slab-pool.ts';
import { LinkError, type LinkErrorCode } from '../errors.ts';
import { LINK_HIGH_WATER_BYTES } from '../limits.ts';
import type { ByteLink } from './byte-link.ts';
import { LinkReceiver } from './link-receiver.ts';
import { SocketLink } from './socket-link.ts';

/** Options of {@link dial}. */
export interface DialOptions {
  /** Name or address; names are resolved at each call. IPv6 without brackets. */
  readonly host: string;
  /** 1 to 65,535. */
  readonly port: number;
  /**
   * TLS with these options of `node:tls` (`ca`, `cert`, `key`, `servername`, ...); absent: plain TCP.
   * The certificate must be valid for `servername`, by default for `host`, as it was written.
   */
  readonly tls?: ConnectionOptions | undefined;
  /** Where slabs come from; default: a pool of its own. */
  readonly pool?: SlabPool | undefined;
  /** Ends the attempt; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes queued in the socket from which on `write` answers false; default 1 MiB. */
  readonly highWaterBytes?: number | undefined;
}

/** Options of {@link linkOverSocket}. */
export interface SocketLinkOptions {
  /** Where slabs come from; default: a pool of its own. */
  readonly pool?: SlabPool | undefined;
  /** Bytes queued in the socket from which on `write` answers false; default 1 MiB. */
  readonly highWaterBytes?: number | undefined;
}

/** `host:port`, with brackets around an IPv6 address; the host alone where there is no port: `memory:NAME`. */
export function formatHost(host: string, port: number): string {
  if (port === 0) return host;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Makes a TCP or TLS connection whose socket reads straight into slabs.
 *
 * Rejects with a LinkError `LINK_FAILED`, or `TLS_FAILED` when TCP had connected, whose `cause` is the
 * system's error, or with the signal's reason. By then the socket is closed and its slabs are back in the pool.
 */
export function dial(options: DialOptions): Promise<ByteLink> {
  const { signal } = options;
  if (signal?.aborted) return Promise.reject(signal.reason);
  const host = formatHost(options.host, options.port);
  const pool = options.pool ?? new SlabPool();
  const receiver = new LinkReceiver(pool, (cause) => link.broken(cause));
  let link: SocketLink;
  const onread: OnReadOpts = {
    // Node asks for memory when it makes the socket's handle and after every read, in which it calls back.
    buffer: () => receiver.room(),
    callback: (count: number) => link.received(count),
  };
  let socket: Socket;
  try {
    socket = openSocket(options, onread);
  } catch (cause) {
    receiver.drop();
    return Promise.reject(new LinkError('LINK_FAILED', host, cause));
  }
  const highWaterBytes = options.highWaterBytes ?? LINK_HIGH_WATER_BYTES;
  link = new SocketLink(socket, host, receiver, pool, highWaterBytes);
  return whenReady(link, socket, options.tls === undefined ? 'connect' : 'secureConnect', signal);
}

function openSocket(options: DialOptions, onread: OnReadOpts): Socket {
  const { host, port, tls } = options;
  // Checked here because Node throws it only when the socket has a handle, which would stay open.
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) {
    throw new RangeError(`a port is a number from 1 to 65535, not ${port}`);
  }
  if (tls === undefined) return connectTcp({ host, port, onread });
  const target = { ...tls, servername: tls.servername ?? nameOf(host), host, port, onread };
  return connectTls(target as ConnectionOptions);
}

/**
 * Name to ask the server for, and to find in its certificate: Node names none by itself. It is the one
 * that was written, never one that an address was looked up to. An address has none.
 */
function nameOf(host: string): string {
  return isIP(host) === 0 ? host : '';
}

/** Settles once: with the link when the socket is ready, or after it has closed with the reason. */
function whenReady(
  link: SocketLink,
  socket: Socket,
  readyEvent: 'connect' | 'secureConnect',
  signal: AbortSignal | undefined,
): Promise<ByteLink> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      socket.destroy();
    };
    let failure: LinkErrorCode = 'LINK_FAILED';
    const closed = (): void => {
      signal?.removeEventListener('abort', aborted);
      if (signal?.aborted) reject(signal.reason);
      else reject(new LinkError(failure, link.host, link.reason.cause ?? link.reason));
    };
    socket.once('close', closed);
    socket.once('connect', () => {
      failure = 'TLS_FAILED';
    });
    socket.once(readyEvent, () => {
      signal?.removeEventListener('abort', aborted);
      socket.off('close', closed);
      resolve(link);
    });
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

/**
 * A link over a socket that somebody else made (a server's accepted socket, say). Its chunks are
 * copied into slabs: `onread` can only be given when a socket is made.
 */
export function linkOverSocket(socket: Socket, options: SocketLinkOptions = {}): ByteLink {
  const host = formatHost(socket.remoteAddress ?? 'unknown', socket.remotePort ?? 0);
  const pool = options.pool ?? new SlabPool();
  const receiver = new LinkReceiver(pool, (cause) => link.broken(cause));
  const highWaterBytes = options.highWaterBytes ?? LINK_HIGH_WATER_BYTES;
  const link: SocketLink = new SocketLink(socket, host, receiver, pool, highWaterBytes);
  socket.pause();
  socket.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length && !socket.destroyed; ) {
      const count = chunk.copy(receiver.room(), 0, at);
      at += count;
      link.received(count);
    }
    // A server has thousands of these, most of them idle.
    receiver.rest();
  });
  return link;
}
