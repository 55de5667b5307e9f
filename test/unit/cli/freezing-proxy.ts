import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands before a server, and can play one that hangs: it accepts connections and is silent on all. */
export class FreezingProxy {
  readonly #server: Server;
  readonly #sockets: Socket[] = [];
  #isFrozen = false;

  constructor(port: number) {
    this.#server = createServer((client) => {
      this.#keep(client);
      if (this.#isFrozen) return;
      const target = this.#keep(connect(port, '127.0.0.1'));
      client.pipe(target).pipe(client);
    });
  }

  /** Gives its `host:port`. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  freeze(): void {
    this.#isFrozen = true;
    for (const socket of this.#sockets) socket.unpipe().pause();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #keep(socket: Socket): Socket {
    this.#sockets.push(socket.on('error', () => {}));
    return socket;
  }
}
