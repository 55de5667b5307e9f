import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';

/** A socket on which connections are accepted. */
export interface Listener {
  /** Where it listens. */
  readonly address: AddressInfo;
  /** Accepts no more; resolves when the port is free, which it is when all sockets have closed: those of TCP are left to those who have them. */
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

/** What becomes of connections to a TLS port. */
export interface TlsAcceptance {
  /** Longest handshake. */
  readonly handshakeTimeoutMs: number;
  /** One has come, and nothing of TLS has been said. False: it is hung up on. */
  admit(socket: Socket): boolean;
  /** The handshake of one has succeeded. */
  onSocket(socket: TLSSocket): void;
}

/** Accepts TLS connections, those whose handshake succeeded. The others end with the listener at the latest. */
export async function listenTls(
  options: ListenOptions,
  tls: TlsOptions,
  { handshakeTimeoutMs, admit, onSocket }: TlsAcceptance,
): Promise<Listener> {
  const handshakeTimeout = tls.handshakeTimeout ?? handshakeTimeoutMs;
  const server = createTlsServer({ ...tls, handshakeTimeout, pauseOnConnect: true }, onSocket);
  // Whoever does not speak TLS here is hung up on by Node; there is nobody else to tell.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    if (!admit(socket)) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const listener = await listening(server, options);
  return {
    address: listener.address,
    close() {
      const closed = listener.close();
      for (const socket of sockets) socket.destroy();
      return closed;
    },
  };
}

function listening(server: Server, { port, host, backlog }: ListenOptions): Promise<Listener> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // In a worker of a cluster, too, it is one server's alone: its data are not those of the other workers'.
    server.listen({ port, host, backlog, exclusive: true }, () => {
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
