import net from 'node:net';
import { systemMs } from './system-time.ts';

/** When a fault began and when it was complete, in ms on the clock of `systemMs`. */
export interface FaultTimes {
  readonly startMs: number;
  readonly doneMs: number;
}

/** A TCP proxy with several addresses for one server, as if it were an ensemble, and one way to break. */
export class ResetProxy {
  readonly #servers: readonly net.Server[];
  readonly #sockets = new Set<net.Socket>();

  private constructor(servers: readonly net.Server[], target: net.TcpNetConnectOpts) {
    this.#servers = servers;
    for (const server of servers) {
      server.on('connection', (near) => this.#join(near, net.connect(target)));
    }
  }

  /** Listens on `addresses` free ports of 127.0.0.1; `target` is one `host:port`. */
  static async listen(target: string, addresses: number): Promise<ResetProxy> {
    const [host = '', port = ''] = target.split(':');
    const servers = await Promise.all(Array.from({ length: addresses }, () => listening()));
    return new ResetProxy(servers, { host, port: Number(port) });
  }

  get connectString(): string {
    return this.#servers
      .map((server) => `127.0.0.1:${(server.address() as net.AddressInfo).port}`)
      .join(',');
  }

  /** Resets every connection on both sides; new ones are accepted as before. */
  reset(): FaultTimes {
    const startMs = systemMs();
    for (const socket of this.#sockets) {
      // One whose own end is under way is about to go: libuv refuses to reset it, and Node would leave it open.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
    return { startMs, doneMs: systemMs() };
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(near: net.Socket, far: net.Socket): void {
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}

function listening(): Promise<net.Server> {
  const server = net.createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
