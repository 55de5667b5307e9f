import { connect as connectTcp, type Socket, type TcpSocketConnectOpts } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { SlabPool } from '../codec/slab-pool.ts';
import { LinkError } from '../errors.ts';
import { LINK_HIGH_WATER_BYTES } from '../limits.ts';
import type { ByteLink } from './byte-link.ts';
import { ReceiveWindow } from './receive-window.ts';
import { SocketLink } from './socket-link.ts';

export interface DialOptions {
  /** Name or address; names are resolved at each call. IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** TLS with these options of `node:tls` (`ca`, `cert`, `key`, `servername`, ...); absent: plain TCP. */
  readonly tls?: ConnectionOptions | undefined;
  /** Where slabs come from; default: a pool of its own. */
  readonly pool?: SlabPool | undefined;
  /** Ends the attempt; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes queued in the socket above which `write` answers false; default 1 MiB. */
  readonly highWaterBytes?: number | undefined;
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatHost(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Makes a TCP or TLS connection whose socket reads straight into slabs. Rejects with a LinkError. */
export function dial(options: DialOptions): Promise<ByteLink> {
  const host = formatHost(options.host, options.port);
  const pool = options.pool ?? new SlabPool();
  const window = new ReceiveWindow(pool);
  let link: SocketLink | null = null;
  const socketOptions = {
    host: options.host,
    port: options.port,
    noDelay: true,
    writableHighWaterMark: options.highWaterBytes ?? LINK_HIGH_WATER_BYTES,
    // Node asks for memory before every read, and once before there is a link.
    onread: {
      buffer: () => (link === null ? window.room(0) : link.room()),
      callback: (count: number) => (link === null ? true : link.received(count)),
    },
  } as TcpSocketConnectOpts;
  const { signal, tls } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const socket: Socket =
      tls === undefined
        ? connectTcp(socketOptions)
        : connectTls({ ...tls, ...socketOptions } as ConnectionOptions);
    link = new SocketLink(socket, host, pool, window);
    const settled = (): void => {
      signal?.removeEventListener('abort', aborted);
      socket.off(readyEvent, ready);
      socket.off('error', failed);
      socket.off('close', closed);
    };
    const ready = (): void => {
      settled();
      resolve(link as SocketLink);
    };
    const failed = (cause: Error): void => {
      settled();
      reject(new LinkError('LINK_FAILED', host, cause));
    };
    const closed = (): void => {
      settled();
      reject(new LinkError('LINK_CLOSED', host));
    };
    const aborted = (): void => {
      settled();
      socket.destroy();
      reject(signal?.reason);
    };
    const readyEvent = tls === undefined ? 'connect' : 'secureConnect';
    socket.once(readyEvent, ready);
    socket.once('error', failed);
    socket.once('close', closed);
    signal?.addEventListener('abort', aborted, { once: true });
  });
}

/**
 * A link over a socket that somebody else made (a server's accepted socket, say). Its chunks are
 * copied into slabs: `onread` can only be given when a socket is made.
 */
export function linkOverSocket(socket: Socket, pool: SlabPool = new SlabPool()): ByteLink {
  const host = formatHost(socket.remoteAddress ?? 'unknown', socket.remotePort ?? 0);
  const link = new SocketLink(socket, host, pool, new ReceiveWindow(pool));
  socket.pause();
  socket.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      const room = link.room();
      const count = chunk.copy(room, 0, at);
      at += count;
      link.received(count);
    }
  });
  return link;
}
