import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

/** A socket on which connections are accepted. */
export interface Listener {
  /** Where it listens. */
  readonly address: AddressInfo;
  /** Accepts no more; resolves when the port is free. Sockets that were accepted are not touched. */
  close(): Promise<void>;
}

/** Where to listen. */
export interface ListenOptions {
  /** 0: any free one. */
  readonly port: number;
  /** Undefined: all addresses. */
  readonly host: string | undefined;
  /** Undefined: Node's. */
  readonly backlog: number | undefined;
}

/** Accepts TCP connections. Rejects with the system's error when the port is not to be had. */
export function listenTcp(
  options: ListenOptions,
  onSocket: (socket: Socket) => void,
): Promise<Listener> {
  // What comes before there is a reader stays in the kernel.
  return listening(createTcpServer({ pauseOnConnect: true }, onSocket), options);
}

/** Accepts TLS connections, those whose handshake succeeded. */
export function listenTls(
  options: ListenOptions,
  tls: TlsOptions,
  onSocket: (socket: Socket) => void,
): Promise<Listener> {
  const server = createTlsServer({ ...tls, pauseOnConnect: true }, onSocket);
  // Whoever does not speak TLS here is hung up on by Node; there is nobody else to tell.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return listening(server, options);
}

function listening(server: Server, { port, host, backlog }: ListenOptions): Promise<Listener> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog }, () => {
      server.off('error', reject);
      // A failed accept (no file descriptors left) costs that connection only.
      server.on('error', () => undefined);
      resolve({ address: server.address() as AddressInfo, close: () => closing(server) });
    });
  });
}

function closing(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
