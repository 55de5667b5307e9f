import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { SlabPool, type SlabPoolCounters } from '../codec/index.ts';
import { formatHost, linkOverSocket, listenInMemory, MEMORY_PREFIX } from '../transport/index.ts';
import { javaAddress } from './auth/ip-address.ts';
import type { ResolvedServerOptions } from './config/resolve-options.ts';
import type { ServerTimer } from './config/server-clock.ts';
import { ServerConnection } from './connection.ts';
import { ContainerSweeper } from './container-sweeper.ts';
import { ServerFaults } from './faults/server-faults.ts';
import { type Listener, listenTcp, listenTls } from './listener.ts';
import type { ServerCore } from './server-core.ts';
import { afterReads } from './sessions/after-reads.ts';

/** Slabs kept for reuse: with thousands of connections many are out at a time. */
const SLABS_FREE_MAX = 256;

/** Servers of this process so far: each gets a name of its own. */
let serversMade = 0;

/**
 * A whole ZooKeeper on one node, for tests and development; `createServer` makes one. Where one
 * machine is not enough, its data directory can be moved to an Apache ZooKeeper ensemble.
 */
export class EmbeddedServer {
  readonly #core: ServerCore;
  readonly #options: ResolvedServerOptions;
  readonly #pool = new SlabPool({ freeMax: SLABS_FREE_MAX });
  readonly #sweeper: ContainerSweeper;
  readonly #byAddress: Map<string, number> = new Map();
  /** Sockets, those included whose TLS handshake is not over. */
  #open = 0;
  readonly #memoryName: string;
  #leaveMemory: () => void = () => undefined;
  #tcp: Listener | null = null;
  #tls: Listener | null = null;
  #closed: Promise<void> | null = null;
  #timer: ServerTimer = null;
  #ended: (failure: Error | null) => void = () => undefined;
  /**
   * Resolves when the server has ended: with null after `close`, or with the StorageError of a disk
   * that failed. Nothing is acknowledged after such a failure; everybody is hung up on.
   */
  readonly ended: Promise<Error | null>;
  /** Faults on purpose, for tests of clients. */
  readonly faults: ServerFaults;

  /** @internal `createServer` makes and starts one. */
  constructor(core: ServerCore) {
    this.#core = core;
    this.#options = core.options;
    this.#sweeper = new ContainerSweeper(core);
    this.faults = new ServerFaults(core);
    this.#memoryName = `server-${++serversMade}`;
    this.ended = new Promise((resolve) => {
      this.#ended = resolve;
    });
  }

  /** @internal Listens, and begins what runs by time. */
  async listen(): Promise<void> {
    const { port, host, securePort, secureHost, tls, listenBacklog: backlog } = this.#options;
    this.#leaveMemory = listenInMemory(this.#memoryName, (link) => {
      const peer = { address: '127.0.0.1', name: link.host, secure: false, certificate: null };
      this.#serve(new ServerConnection(link, peer, this.#core));
    });
    if (port !== undefined) {
      this.#tcp = await listenTcp({ port, host, backlog }, (socket) => {
        if (this.#admit(socket)) this.#accept(socket, null);
        else socket.destroy();
      });
    }
    if (securePort !== undefined) {
      const where = { port: securePort, host: secureHost, backlog };
      this.#tls = await listenTls(where, tls ?? {}, {
        handshakeTimeoutMs: this.#options.sessionlessTimeoutMs,
        admit: (socket) => this.#admit(socket),
        onSocket: (socket) => this.#accept(socket, socket),
      });
    }
    this.#core.ports = { port: this.port, securePort: this.securePort };
    this.#sweeper.start();
    this.#dropOverdueLater();
  }

  /** What `connect` takes: `127.0.0.1:PORT`, or `memory:NAME` when no port was asked for. */
  get connectString(): string {
    const address = this.#tcp?.address;
    if (address === undefined) return this.memoryConnectString;
    return formatHost(reachable(address), address.port);
  }

  /** What `connect` takes within this process, without TCP. */
  get memoryConnectString(): string {
    return MEMORY_PREFIX + this.#memoryName;
  }

  /** The same for TLS; null without. */
  get secureConnectString(): string | null {
    const address = this.#tls?.address;
    return address === undefined ? null : formatHost(reachable(address), address.port);
  }

  /** TCP port; null without. */
  get port(): number | null {
    return this.#tcp?.address.port ?? null;
  }

  /** TLS port; null without. */
  get securePort(): number | null {
    return this.#tls?.address.port ?? null;
  }

  /** @internal Memory of its TCP and TLS connections. */
  get slabs(): SlabPoolCounters {
    return this.#pool.counters();
  }

  /** Hangs up on everybody, and keeps what is to be kept. Sessions go on when the server comes back. Calling it again gives the same promise. */
  close(): Promise<void> {
    this.#closed ??= this.#close().finally(() => this.#ended(null));
    return this.#closed;
  }

  /** `await using server = await createServer(...)`: the same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal The disk has failed. */
  fail(error: Error): void {
    this.#ended(error);
    this.close().catch(() => undefined);
  }

  async #close(): Promise<void> {
    this.#leaveMemory();
    this.#sweeper.stop();
    this.#options.clock.clearTimer(this.#timer);
    const listeners = [this.#tcp?.close(), this.#tls?.close()];
    for (const connection of [...this.#core.connections]) connection.drop('the server is closing');
    await Promise.all(listeners);
    await this.#core.close();
  }

  /** Whether there is room for one more. It counts from its first packet on, whatever TLS makes of it. */
  #admit(socket: Socket): boolean {
    this.#core.accepted++;
    const address = javaAddress(socket.remoteAddress ?? '');
    const { maxClientConnections, maxConnections } = this.#options;
    const count = this.#byAddress.get(address) ?? 0;
    const isFull =
      (maxClientConnections > 0 && count >= maxClientConnections) ||
      (maxConnections > 0 && Math.max(this.#open, this.#core.connections.size) >= maxConnections);
    if (isFull) this.#core.statistics.counts.connection_rejected++;
    if (isFull || this.#closed !== null) return false;
    this.#open++;
    this.#byAddress.set(address, count + 1);
    socket.once('close', () => this.#left(address));
    return true;
  }

  /** `tls`: the socket itself, if it came by TLS. */
  #accept(socket: Socket, tls: TLSSocket | null): void {
    const address = javaAddress(socket.remoteAddress ?? '');
    const link = linkOverSocket(socket, { pool: this.#pool });
    const secure = tls !== null;
    const certificate = tls?.getPeerX509Certificate() ?? null;
    // With `rejectUnauthorized: false` TLS lets anything pass; nobody becomes somebody by it.
    if (certificate !== null && tls?.authorized !== true) {
      socket.destroy();
      return;
    }
    const peer = { address, name: link.host, secure, certificate };
    this.#serve(new ServerConnection(link, peer, this.#core));
  }

  /** Whoever connects and says nothing, or is hung up on and stays, costs a socket. */
  #dropOverdueLater(): void {
    const { clock, sessionlessTimeoutMs } = this.#options;
    this.#timer = clock.setTimer(
      () => afterReads(this.#dropOverdue, () => this.#core.accepted),
      Math.ceil(sessionlessTimeoutMs / 2),
    );
  }

  readonly #dropOverdue = (): void => {
    if (this.#closed !== null) return;
    const { clock, sessionlessTimeoutMs } = this.#options;
    const nowMs = clock.nowMs();
    for (const connection of this.#core.connections) {
      // Of those who are not read from nobody knows what they have said.
      if (this.#core.heldBack || !connection.isOverdue(nowMs, sessionlessTimeoutMs)) continue;
      this.#core.statistics.counts.sessionless_connections_expired++;
      connection.drop('it says nothing');
    }
    this.#dropOverdueLater();
  };

  #left(address: string): void {
    this.#open--;
    const count = (this.#byAddress.get(address) ?? 1) - 1;
    if (count === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, count);
  }

  #serve(connection: ServerConnection): void {
    if (!connection.isAcceptable) {
      connection.drop('its certificate cannot be read');
      return;
    }
    this.#core.connections.add(connection);
    this.#core.whenThawed(() => connection.start());
  }
}

/** Whoever listens everywhere is reached at home. */
function reachable({ address }: AddressInfo): string {
  if (address === '::') return '::1';
  return address === '0.0.0.0' ? '127.0.0.1' : address;
}
