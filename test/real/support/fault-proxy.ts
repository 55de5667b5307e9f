import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { resetSocket } from '../../../src/reset-socket.ts';
import { PortPlug } from './port-plug.ts';
import { type LaneFaults, ProxyLane } from './proxy-lane.ts';

/** To the server, or to the client. */
export type ProxyDirection = 'up' | 'down';

/** What has passed since the start. */
export interface ProxyCounters {
  readonly accepted: number;
  readonly open: number;
  /** Connections that this proxy reset, cuts included. */
  readonly resets: number;
  readonly upBytes: number;
  readonly downBytes: number;
}

export interface ProxyTarget {
  readonly host: string;
  readonly port: number;
}

/** How often the freed port is tried, a few ms apart: the kernel may take a moment. */
const LISTEN_TRIES = 50;

/** A TCP proxy in front of one server that breaks connections in every way that a network does. */
export class FaultProxy implements AsyncDisposable {
  /** Faults of each direction, for all connections; may be changed at any time. */
  readonly up: LaneFaults = noFaults();
  readonly down: LaneFaults = noFaults();
  readonly host = '127.0.0.1';
  readonly port: number;
  /** When the last byte went to a client, on the clock of `performance.now()`. */
  lastDownMs = 0;
  readonly #target: ProxyTarget;
  readonly #connections = new Set<ProxiedConnection>();
  #server: Server;
  #plug: PortPlug | null = null;
  #frozen = false;
  #accepted = 0;
  #resets = 0;
  #upBytes = 0;
  #downBytes = 0;

  private constructor(target: ProxyTarget, server: Server) {
    this.#target = target;
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async listen(target: ProxyTarget): Promise<FaultProxy> {
    return new FaultProxy(target, await listenOn(0));
  }

  get connectString(): string {
    return `${this.host}:${this.port}`;
  }

  counters(): ProxyCounters {
    return {
      accepted: this.#accepted,
      open: this.#connections.size,
      resets: this.#resets,
      upBytes: this.#upBytes,
      downBytes: this.#downBytes,
    };
  }

  /** Resets (RST) every connection on both sides. */
  reset(): void {
    for (const connection of this.#connections) this.#resetOne(connection);
  }

  /** Cuts the network cable: nothing is accepted or refused, nothing forwarded, nothing closed. */
  async freeze(): Promise<void> {
    this.#frozen = true;
    for (const connection of this.#connections) connection.freeze();
    this.#server.close();
    this.#plug = await PortPlug.into(this.port);
  }

  /** Ends `freeze()`: what waits in the sockets is forwarded. */
  async thaw(): Promise<void> {
    await this.#plug?.pull();
    this.#plug = null;
    this.#server = await listenOn(this.port);
    this.#server.on('connection', (socket) => this.#accept(socket));
    this.#frozen = false;
    for (const connection of this.#connections) connection.thaw();
  }

  /** Holds what is there, but goes on accepting: a server whose kernel is alive and whose process is not. */
  hang(): void {
    this.#frozen = true;
    for (const connection of this.#connections) connection.freeze();
  }

  /** Ends `hang()`. */
  unhang(): void {
    this.#frozen = false;
    for (const connection of this.#connections) connection.thaw();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.drop();
    this.#server.close();
    await this.#plug?.pull();
  }

  #accept(near: Socket): void {
    this.#accepted++;
    const { host, port } = this.#target;
    const far = connect({ host, port, allowHalfOpen: true, noDelay: true });
    near.setNoDelay(true);
    const connection: ProxiedConnection = new ProxiedConnection(
      near,
      far,
      this.#lane(far, near, 'down', () => connection),
      this.#lane(near, far, 'up', () => connection),
      () => this.#connections.delete(connection),
    );
    this.#connections.add(connection);
    if (this.#frozen) connection.freeze();
  }

  #lane(
    source: Socket,
    sink: Socket,
    direction: ProxyDirection,
    connection: () => ProxiedConnection,
  ): ProxyLane {
    return new ProxyLane(source, sink, this[direction], {
      forwarded: (bytes) => this.#count(direction, bytes),
      cut: () => this.#resetOne(connection()),
    });
  }

  #count(direction: ProxyDirection, bytes: number): void {
    if (direction === 'up') {
      this.#upBytes += bytes;
    } else {
      this.#downBytes += bytes;
      this.lastDownMs = performance.now();
    }
  }

  #resetOne(connection: ProxiedConnection): void {
    this.#resets++;
    connection.reset();
  }
}

/** A client's connection and the one that was made for it. */
class ProxiedConnection {
  readonly #sockets: readonly Socket[];
  readonly #lanes: readonly ProxyLane[];
  readonly #over: () => void;

  constructor(near: Socket, far: Socket, down: ProxyLane, up: ProxyLane, over: () => void) {
    this.#sockets = [near, far];
    this.#lanes = [down, up];
    this.#over = over;
    for (const socket of this.#sockets) {
      // A side that is reset resets the other; one that has ended both its halves closes it.
      socket.on('error', () => this.reset());
      socket.on('close', () => {
        if (this.#sockets.every((each) => each.closed)) this.drop();
      });
    }
  }

  freeze(): void {
    for (const lane of this.#lanes) lane.freeze();
  }

  thaw(): void {
    for (const lane of this.#lanes) lane.thaw();
  }

  reset(): void {
    for (const socket of this.#sockets) resetSocket(socket);
    this.#end();
  }

  drop(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#end();
  }

  #end(): void {
    for (const lane of this.#lanes) lane.stop();
    this.#over();
  }
}

function noFaults(): LaneFaults {
  return { delayMs: 0, sliceBytes: 0, cutAfterBytes: Number.POSITIVE_INFINITY };
}

async function listenOn(port: number): Promise<Server> {
  for (let tries = 1; ; tries++) {
    const server = createServer({ allowHalfOpen: true });
    server.listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
      return server;
    } catch (error) {
      if (tries === LISTEN_TRIES) throw error;
      await delay(5);
    }
  }
}
